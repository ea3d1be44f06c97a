// Inter-process communication by key and name: what one kernel has of it. svipc(7), mq_overview(7)
import { Messages } from "./messages.ts";
import { Mqueues } from "./mqueue.ts";
import { Semaphores } from "./semaphores.ts";

export class Ipc {
  readonly semaphores = new Semaphores();
  readonly messages = new Messages();
  readonly mqueues = new Mqueues();

  /** A process ended: what it wanted undone is. `owner` is its thread group. */
  exit(owner: object, pid: number): void {
    if (this.semaphores.sets.count > 0) this.semaphores.exit(owner, pid);
  }
}
