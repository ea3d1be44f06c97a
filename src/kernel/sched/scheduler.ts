// The scheduler: who runs next, time-outs of blocked calls, preemption. sched(7)
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";

export class Scheduler {
  readonly kernel: Kernel;
  /** Load averages of 1, 5 and 15 minutes. */
  readonly load: [number, number, number] = [0, 0, 0];
  /** Switches since boot, and nanoseconds with nothing to run. */
  switches = 0;
  idleTime = 0;
  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  /** Makes a sleeping task runnable. Returns false if it was not sleeping. */
  wake(_task: Task): boolean {
    return false;
  }
}
