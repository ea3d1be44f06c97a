// Inter-process communication by key and name: what one kernel has of it. svipc(7), mq_overview(7)

import type { Sysctl } from "../sysctl.ts";
import { Messages } from "./messages.ts";
import { Mqueues } from "./mqueue.ts";
import { Semaphores } from "./semaphores.ts";
import { SharedMemory } from "./shared-memory.ts";

export class Ipc {
  readonly semaphores = new Semaphores();
  readonly messages = new Messages();
  readonly memory = new SharedMemory();
  readonly mqueues: Mqueues;

  constructor(sysctl: Sysctl) {
    this.mqueues = new Mqueues(sysctl);
  }

  /** A process ended: what it wanted undone is. `owner` is its thread group. */
  exit(owner: object, pid: number): void {
    if (this.semaphores.sets.count > 0) this.semaphores.exit(owner, pid);
  }
}
