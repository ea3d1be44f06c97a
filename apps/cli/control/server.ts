// A machine with a name listens here for `airside ps`, `exec`, `kill`, `strace -p` and `perf -p`.
import * as fs from "node:fs";
import { createServer } from "node:net";
import type { Machine, Process } from "../../../src/index.ts";
import { serveDoctor } from "./doctor.ts";
import { serveExec } from "./exec.ts";
import { ControlError, reach, socketPath } from "./folder.ts";
import { Channel, parsed } from "./frames.ts";
import { servePerf } from "./perf.ts";
import { checkedRequest, type MachineReport, type Request } from "./requests.ts";
import { serveStrace } from "./strace.ts";

export interface Served {
  /** The command that the machine was started for. */
  main: Process | undefined;
  /** Nobody can reach it any more. */
  close(): void;
}

/** Listens under `name`. Errors: the name is taken, or is none. */
export async function serve(machine: Machine, name: string, image: string, command: string[]): Promise<Served> {
  const path = socketPath(name);
  const taken = await reach(name);
  if (taken) {
    taken.destroy();
    throw new ControlError(`the name is taken: ${name} (airside ps)`);
  }
  const started = Date.now();
  const served: Served = {
    main: undefined,
    close: () => {
      server.close();
      for (const channel of channels) channel.end();
      fs.rmSync(path, { force: true });
    },
  };
  const channels = new Set<Channel>();
  const server = createServer((socket) => {
    const channel = new Channel(socket);
    channels.add(channel);
    channel.onClose = () => channels.delete(channel);
    channel.onFrame = (type, bytes) => {
      channel.onFrame = undefined;
      const request = type === "request" ? checkedRequest(parsed(bytes)) : undefined;
      if (request) answer(machine, served, channel, request, () => report(machine, { name, image, command, started }));
      else {
        channel.sendText("error", "not understood: is the other side of another version?");
        channel.end();
      }
    };
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(new ControlError(`can't listen: ${error.code}`)));
    server.listen(path, resolve);
  });
  fs.chmodSync(path, 0o600);
  // A machine does not live on because it could be reached.
  server.unref();
  return served;
}

function answer(
  machine: Machine,
  served: Served,
  channel: Channel,
  request: Request,
  reportNow: () => MachineReport,
): void {
  switch (request.verb) {
    case "report":
      channel.sendJson("reply", reportNow());
      channel.end();
      break;
    case "kill":
      served.main?.kill(request.signal);
      channel.sendJson("reply", {});
      channel.end();
      break;
    case "exec":
      void serveExec(machine, channel, request, served.main);
      break;
    case "perf":
      servePerf(machine, channel, request);
      break;
    case "strace":
      serveStrace(machine, channel, request.flags);
      break;
    case "doctor":
      serveDoctor(machine, channel, request);
  }
}

function report(
  machine: Machine,
  known: { name: string; image: string; command: string[]; started: number },
): MachineReport {
  const { kernel } = machine;
  const processes = [...kernel.tasks.allGroups]
    .filter((group) => group !== kernel.tasks.init)
    .map((group) => {
      let time = 0;
      for (const task of group.threads) time += task.utime + task.stime;
      const { leader } = group;
      return {
        pid: group.pid,
        ppid: group.parent?.pid ?? 0,
        uid: leader.cred.euid,
        state: group.zombie ? "Z" : leader.state,
        time,
        command: commandLine(machine, group.pid) || `[${leader.comm}]`,
      };
    });
  return { ...known, host: process.pid, memory: (kernel.ram.totalFrames - kernel.ram.freeFrames) * 4096, processes };
}

/** /proc/PID/cmdline in one line. */
function commandLine(machine: Machine, pid: number): string {
  const path = `/proc/${pid}/cmdline`;
  if (!machine.fs.exists(path)) return "";
  return Buffer.from(machine.fs.read(path)).toString().split("\0").join(" ").trimEnd();
}
