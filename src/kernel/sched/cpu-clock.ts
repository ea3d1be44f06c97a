// Clocks by number, those of processes and threads included: clock_gettime(2), clock_getcpuclockid(3).
import { EINVAL, type Errno } from "../../abi/errno.ts";
import type { Task } from "../task/task.ts";
import { groupUsage } from "../task/usage.ts";

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_PROCESS_CPUTIME_ID = 2;
export const CLOCK_THREAD_CPUTIME_ID = 3;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_REALTIME_COARSE = 5;
export const CLOCK_MONOTONIC_COARSE = 6;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;
export const CLOCK_TAI = 11;

/** The coarse clocks' step. */
export const COARSE = 4_000_000;

/** A CPU-time clock: of a thread or of its whole process. */
export interface CpuClock {
  readonly task: Task;
  readonly thread: boolean;
}

/** A negative clock number holds a pid and a kind (CPUCLOCK_SCHED 2, per thread 4). Errors: EINVAL. */
export function cpuClock(task: Task, clock: number): CpuClock | Errno {
  if (clock === CLOCK_PROCESS_CPUTIME_ID) return { task, thread: false };
  if (clock === CLOCK_THREAD_CPUTIME_ID) return { task, thread: true };
  const kind = clock & 3;
  if (clock >= 0 || kind === 3) return EINVAL;
  const thread = (clock & 4) !== 0;
  const pid = ~(clock >> 3);
  const target = pid === 0 ? task : task.kernel.tasks.task(task.pidNamespace.find(pid));
  if (!target) return EINVAL;
  // Threads of others have clocks only for themselves; a process is named by its leader, or by oneself.
  if (thread ? target.group !== task.group : pid !== 0 && !target.isLeader && target !== task) return EINVAL;
  return { task: target, thread };
}

/** Nanoseconds used. */
export function readCpuClock({ task, thread }: CpuClock): number {
  if (thread) return Math.floor(task.utime + task.stime);
  const used = groupUsage(task.group);
  return Math.floor(used.utime + used.stime);
}

/** A clock's time in nanoseconds. Errors: EINVAL. */
export function readClock(task: Task, id: number): bigint | Errno {
  const { clock } = task.kernel;
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
      return clock.realtime();
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      return BigInt(clock.monotonic()) + task.nsproxy.time.offsetOf(id);
    case CLOCK_REALTIME_COARSE:
      return clock.now();
    case CLOCK_MONOTONIC_COARSE:
      return clock.now() - clock.offset + task.nsproxy.time.offsetOf(id);
    default: {
      const cpu = cpuClock(task, id);
      return typeof cpu === "number" ? cpu : BigInt(readCpuClock(cpu));
    }
  }
}
