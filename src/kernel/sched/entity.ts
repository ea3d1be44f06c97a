// A task's place in the scheduler: policy, priority, and the virtual time that EEVDF orders by. sched(7)

import type { TaskGroup } from "./task-group.ts";

export const SCHED_OTHER = 0;
export const SCHED_FIFO = 1;
export const SCHED_RR = 2;
export const SCHED_BATCH = 3;
export const SCHED_IDLE = 5;
export const SCHED_DEADLINE = 6;
export const SCHED_RESET_ON_FORK = 0x40000000;

export class Entity {
  policy = SCHED_OTHER;
  /** 1 to 99 for SCHED_FIFO and SCHED_RR, 0 otherwise. */
  priority = 0;
  /** -20 to 19. */
  nice = 0;
  resetOnFork = false;
  /** The group that it competes in; undefined: the root's. */
  group: TaskGroup | undefined;
  /** Weight of a group; 0 for a task, whose policy and nice level say it. */
  shares = 0;
  // EEVDF: virtual run time, deadline and requested slice, all in instructions scaled by weight
  vruntime = 0;
  deadline = 0;
  /** What it was owed when it went to sleep; undefined while it runs or waits to run. */
  lag: number | undefined = 0;
  queued = false;
  /** Nanoseconds on the processor and waiting for it, and times put on it: /proc/PID/schedstat. */
  runTime = 0;
  waitTime = 0;
  timeslices = 0;
  /** Nanoseconds on the processor as a real-time task since it last slept: RLIMIT_RTTIME. */
  realTime = 0;
  affinity = 1;
  /** ioprio_set(2): class << 13 | level. */
  ioPriority = 0;
}
