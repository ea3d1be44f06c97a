// `airside perf stat -p` and `record -p` on the machine's side: listens to processes until the client or they have enough.
import { gzipSync } from "node:zlib";
import type { Machine } from "../../../src/index.ts";
import type { Task } from "../../../src/kernel/task/task.ts";
import { parseEvents } from "../../../src/observe/perf/events.ts";
import { accountFor } from "../../../src/observe/perf/mix.ts";
import { Recorder } from "../../../src/observe/perf/recorder.ts";
import { countsOf } from "../../../src/observe/perf/stat.ts";
import type { Channel } from "./frames.ts";
import type { PerfRequest } from "./requests.ts";

/** The threads of the processes; a message where one is missing. */
function threadsOf(machine: Machine, pids: readonly number[]): Set<Task> | string {
  const { tasks } = machine.kernel;
  const found = new Set<Task>();
  for (const pid of pids) {
    const task = tasks.task(pid);
    if (!task || task.exiting || task.group === tasks.init) return `no such process: ${pid} (airside ps)`;
    for (const thread of task.group.threads) found.add(thread);
  }
  return found;
}

export function servePerf(machine: Machine, channel: Channel, request: PerfRequest): void {
  const { kernel } = machine;
  const threads = threadsOf(machine, request.pids);
  if (typeof threads === "string") {
    channel.sendText("error", threads);
    channel.end();
    return;
  }
  const finish = begun(machine, channel, request, threads);
  if (!finish) return;
  let over = false;
  const end = (answer: boolean): void => {
    if (over) return;
    over = true;
    stop();
    finish(answer);
    if (answer) channel.end();
  };
  const alive = new Set(threads);
  const stop = kernel.trace.listen({
    taskFork: (parent, child) => void (alive.has(parent) && alive.add(child)),
    taskExit: (task) => {
      if (alive.delete(task) && alive.size === 0) setImmediate(end, true);
    },
  });
  const { onClose } = channel;
  channel.onClose = () => {
    onClose?.();
    end(false);
  };
  channel.onFrame = (type) => {
    if (type === "stop") end(true);
  };
}

/** Undefined, and the client knows why, when it can't be done. */
function begun(...[machine, channel, request, threads]: Parameters<Listen>): ReturnType<Listen> | undefined {
  try {
    return (request.record === undefined ? counting : recording)(machine, channel, request, threads);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    channel.sendText("error", error.message);
    channel.end();
    return undefined;
  }
}

type Listen = (
  machine: Machine,
  channel: Channel,
  request: PerfRequest,
  threads: Set<Task>,
) => (answer: boolean) => void;

const counting: Listen = ({ kernel }, channel, request, threads) => {
  const events = request.events.flatMap(parseEvents);
  const account = accountFor(kernel, events, threads);
  const stop = kernel.trace.listen(account);
  return (answer) => {
    stop();
    account.finish();
    const { values, ...times } = countsOf(account, events);
    if (answer) channel.sendJson("reply", { values: [...values], ...times });
  };
};

const recording: Listen = ({ kernel }, channel, request, threads) => {
  const events = request.events.flatMap(parseEvents);
  const recorder = new Recorder(kernel, { ...request.record!, events, tasks: threads });
  recorder.start();
  return (answer) => {
    const profile = recorder.finish(["-p", request.pids.join(",")]);
    if (answer) channel.send("trace", gzipSync(JSON.stringify(profile), { level: 1 }));
  };
};
