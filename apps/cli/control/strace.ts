// `airside strace -p PID` on the machine's side: attaches, and sends the lines.
import type { Machine } from "../../../src/index.ts";
import { parseFlags } from "../../../src/observe/strace/flags.ts";
import { type LineSink, Strace } from "../../../src/observe/strace/strace.ts";
import type { Channel } from "./frames.ts";

export function serveStrace(machine: Machine, channel: Channel, flags: readonly string[]): void {
  const { kernel } = machine;
  let strace: Strace;
  let over = false;
  const fail = (line: string): void => {
    channel.sendText("error", line);
    channel.sendJson("end", { code: 1 });
    channel.end();
  };
  try {
    const { options, pids } = parseFlags(flags, kernel.syscalls);
    const sinks = new Map<number, LineSink>();
    const sinkFor = (tid: number): LineSink => {
      const key = options.separate ? tid : 0;
      let sink = sinks.get(key);
      if (!sink) {
        sink = {
          eager: false,
          write: (bytes) => void channel.send("trace", bytes, key),
          later: (deliver) => void setImmediate(deliver),
        };
        sinks.set(key, sink);
      }
      return sink;
    };
    strace = new Strace(kernel, { ...options, notice: (line) => channel.sendText("diagnostics", line) }, sinkFor);
    const stop = kernel.trace.listen(strace);
    const finish = (): void => {
      if (over) return;
      over = true;
      stop();
      strace.flush();
      const table = options.summary > 0 ? strace.summary.text(options.sort, options.columns) : "";
      if (table !== "") channel.send("trace", Buffer.from(table, "latin1"), 0);
      channel.sendJson("end", { code: 0 });
      channel.end();
    };
    const { onClose } = channel;
    channel.onClose = () => {
      onClose?.();
      if (over) return;
      over = true;
      stop();
    };
    channel.onFrame = (type) => {
      if (type === "stop") strace.detach();
    };
    let attached = 0;
    for (const pid of pids) {
      const task = kernel.tasks.task(pid);
      if (!task || task.exiting || task.group === kernel.tasks.init) {
        channel.sendText("diagnostics", `strace: attach: ptrace(PTRACE_SEIZE, ${pid}): No such process`);
      } else attached += strace.attach(task);
    }
    if (attached === 0) {
      stop();
      over = true;
      channel.sendJson("end", { code: 1 });
      channel.end();
    } else strace.onEmpty = () => setImmediate(finish);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    fail(error.message);
  }
}
