// The scheduler: who runs next, time-outs of blocked calls, preemption. sched(7)
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";

export class Scheduler {
  readonly kernel: Kernel;
  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  /** Makes a sleeping task runnable. Returns false if it was not sleeping. */
  wake(_task: Task): boolean {
    return false;
  }
}
