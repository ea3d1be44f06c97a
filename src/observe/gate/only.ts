// An observer of one process: what it is told of others is dropped.

import type { Task } from "../../kernel/task/task.ts";
import type { ThreadGroup } from "../../kernel/task/thread-group.ts";
import type { Observer, Tracepoints } from "../../kernel/trace.ts";

const points = [
  "syscallEnter",
  "syscallExit",
  "taskFork",
  "taskExec",
  "taskExit",
  "signalDeliver",
  "pageFault",
  "pageFaultDone",
  "schedIn",
  "schedOut",
  "schedBlock",
  "schedWake",
] as const satisfies readonly (keyof Tracepoints)[];

export function only(group: ThreadGroup, observer: Observer): Observer {
  const filtered: Record<string, unknown> = {};
  for (const point of points) {
    const listener = (observer[point] as ((task: Task, ...rest: unknown[]) => void) | undefined)?.bind(observer);
    if (!listener) continue;
    filtered[point] = (task: Task, ...rest: unknown[]) => {
      if (task.group === group) listener(task, ...rest);
    };
  }
  return filtered as Observer;
}
