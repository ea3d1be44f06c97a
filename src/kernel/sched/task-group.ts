// A group of tasks that share what one weight gets them (cgroup/cpu.ts): it competes in its parent's queue as a task does,
// and whoever is first in its own queue runs. Linux's task_group, for one processor. The walk is runqueue.ts's.
import type { Task } from "../task/task.ts";
import type { Bandwidth } from "./bandwidth.ts";
import { Entity } from "./entity.ts";
import { FairQueue, NICE_0 } from "./fair-queue.ts";

export class TaskGroup {
  /** undefined for the root's. */
  readonly parent: TaskGroup | undefined;
  readonly depth: number;
  readonly entity = new Entity();
  readonly queue = new FairQueue<Task | TaskGroup>();
  /** Tasks that wait to run in it and below it, those left out that a throttled group keeps from it. */
  count = 0;
  /** One of its tasks has the processor. */
  running = false;
  /** It has used up its quota: it is not in its parent's queue, whoever waits in it. */
  throttled = false;
  /** cpu.max; undefined for the root. */
  bandwidth: Bandwidth | undefined;
  /** cpu.idle: it gives way to whatever is not idle. */
  idle = false;

  constructor(parent: TaskGroup | undefined) {
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
    this.entity.shares = NICE_0;
    this.entity.group = parent;
  }
}
