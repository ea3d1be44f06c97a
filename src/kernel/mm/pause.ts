// A task that went beyond its group's memory.high rests on its way back to user space (charge.ts says how long).
import { changePressure, MEMORY_STALL } from "../psi/change.ts";
import type { Task } from "../task/task.ts";

/** Lets it sleep if it is to rest. False when it goes on. */
export function rest(task: Task): boolean {
  const { clock, scheduler, timers } = task.kernel;
  timers.cancel(task.sleepTimer);
  task.sleepTimer = undefined;
  if (clock.monotonic() >= task.pausedUntil) {
    task.pausedUntil = 0;
    changePressure(task, MEMORY_STALL, 0);
    return false;
  }
  task.state = "S";
  changePressure(task, 0, MEMORY_STALL);
  task.voluntarySwitches++;
  task.sleepTimer = timers.set(task.pausedUntil, () => scheduler.wake(task));
  return true;
}
