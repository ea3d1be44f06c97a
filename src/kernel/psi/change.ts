// Tells a task's groups what it does: it could run, it runs, it waits for input and output or for memory. Tasks of the root
// group, which may be all that there are, are counted only while they wait for the rarer two.
import type { Cgroup } from "../cgroup/cgroup.ts";
import type { Task } from "../task/task.ts";

export const RUNNING = 1;
export const ON_PROCESSOR = 2;
export const IO_WAIT = 4;
export const MEMORY_STALL = 8;
const RARE = IO_WAIT | MEMORY_STALL;

/** Puts the bits that are set, and takes away those that are clear. */
export function changePressure(task: Task, clear: number, set: number): void {
  const before = task.pressure;
  const after = (before & ~clear) | set;
  if (after === before) return;
  task.pressure = after;
  tell(task.cgroup, task.kernel.clock.recent, before, after);
}

function tell(cgroup: Cgroup, now: number, before: number, after: number): void {
  for (let at: Cgroup | undefined = cgroup; at; at = at.parent) {
    const { pressure } = at;
    if (at.parent) {
      pressure.advance(now);
      pressure.running += (after & RUNNING) - (before & RUNNING);
      pressure.onProcessor += ((after & ON_PROCESSOR) - (before & ON_PROCESSOR)) / ON_PROCESSOR;
      const both = RUNNING | MEMORY_STALL;
      pressure.memoryRunning += Number((after & both) === both) - Number((before & both) === both);
    } else if (((before | after) & RARE) === 0) return;
    else pressure.advance(now);
    pressure.inputOutput += ((after & IO_WAIT) - (before & IO_WAIT)) / IO_WAIT;
    pressure.memory += ((after & MEMORY_STALL) - (before & MEMORY_STALL)) / MEMORY_STALL;
    pressure.watch();
  }
}

/** It leaves its group; what it does is told to the next one by `enterPressure`. Returns that. */
export function leavePressure(task: Task): number {
  const { pressure } = task;
  changePressure(task, pressure, 0);
  return pressure;
}

/** It has come to another group. Of the root's tasks it was not known that they could run. */
export function enterPressure(task: Task, before: number): void {
  const runs = task.state === "R" && task.cgroup.parent !== undefined;
  const onProcessor = runs && task === task.kernel.current ? ON_PROCESSOR : 0;
  changePressure(task, RUNNING | ON_PROCESSOR, (before & RARE) | (runs ? RUNNING | onProcessor : 0));
}

/** A task spent so many nanoseconds on reclaiming memory, on the processor: all others could not go on meanwhile. */
export function reclaimStall(task: Task, nanoseconds: number): void {
  const others = task.kernel.scheduler.queue.length > 0;
  for (let at: Cgroup | undefined = task.cgroup; at; at = at.parent) {
    const alone = at.parent ? at.pressure.running <= 1 : !others;
    at.pressure.reclaimed(nanoseconds, alone);
  }
}
