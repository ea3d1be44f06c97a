// `airside doctor -p PID`: a process of a machine that runs, over its control socket.
import type { Model } from "../../../src/observe/doctor/model.ts";
import type { Answer, Report } from "../../../src/observe/doctor/report.ts";
import { machines, open } from "../control/client.ts";
import { ControlError } from "../control/folder.ts";
import { parsed } from "../control/frames.ts";

export async function examineAttached(
  pid: number,
  machine: string | undefined,
  model: Model,
  seconds: number,
): Promise<Answer> {
  const name = machine ?? (await onlyMachine());
  const channel = await open(name, { verb: "doctor", pid, seconds, model });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => channel.send("stop"));
  const report = await new Promise<Report>((resolve, reject) => {
    channel.onFrame = (type, bytes) => {
      if (type === "reply") resolve(parsed(bytes) as Report);
      else if (type === "error") reject(new ControlError(bytes.toString()));
    };
    channel.onClose = () => reject(new ControlError(`${name} has ended`));
  });
  return { report, trials: new Map() };
}

async function onlyMachine(): Promise<string> {
  const all = (await machines()).map((machine) => machine.name);
  if (all.length === 1) return all[0]!;
  throw new ControlError(
    all.length === 0 ? "no machine has a name: airside run --name" : `which machine? --machine ${all.join(" | ")}`,
  );
}
