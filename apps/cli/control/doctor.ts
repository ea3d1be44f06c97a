// `airside doctor -p PID` on the machine's side: looks at the process for a while, and sends the report.
import type { Machine } from "../../../src/index.ts";
import { attach } from "../../../src/observe/doctor/attached.ts";
import { answerOf } from "../../../src/observe/doctor/report.ts";
import type { Channel } from "./frames.ts";
import type { Request } from "./requests.ts";

/** Milliseconds between two looks whether it is time to end. */
const LOOK = 50;

export function serveDoctor(
  machine: Machine,
  channel: Channel,
  { pid, seconds, model }: Request & { verb: "doctor" },
): void {
  const { kernel } = machine;
  const task = kernel.tasks.task(pid);
  if (!task || task.exiting || task.group === kernel.tasks.init) {
    channel.sendText("error", `no such process: ${pid}`);
    channel.end();
    return;
  }
  const attached = attach(kernel, task.group, model);
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    clearInterval(timer);
    const { report } = answerOf(attached.detach(), command, model);
    channel.sendJson("reply", report);
    channel.end();
  };
  const cmdline = `/proc/${pid}/cmdline`;
  const text = machine.fs.exists(cmdline) ? Buffer.from(machine.fs.read(cmdline)).toString() : "";
  const words = text.split("\0").filter((word) => word !== "");
  const command = words.length > 0 ? words : [task.comm];
  const until = Date.now() + seconds * 1000;
  const timer = setInterval(() => {
    if (attached.empty || Date.now() >= until) finish();
  }, LOOK);
  channel.onFrame = (type) => {
    if (type === "stop") finish();
  };
  const { onClose } = channel;
  channel.onClose = () => {
    onClose?.();
    if (!over) attached.detach();
    over = true;
    clearInterval(timer);
  };
}
