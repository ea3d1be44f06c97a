// An IPC namespace: System V IPC by key, POSIX message queues by name. svipc(7), mq_overview(7), ipc_namespaces(7)
import { Namespace, type Ownership } from "../namespace/namespace.ts";
import type { Sysctl } from "../sysctl.ts";
import { Messages } from "./messages.ts";
import { Mqueues } from "./mqueue.ts";
import { Semaphores } from "./semaphores.ts";
import { SharedMemory } from "./shared-memory.ts";

export class Ipc extends Namespace {
  readonly kind = "ipc";
  /** kernel.msg*, sem, shm* and fs.mqueue.* of this namespace. */
  readonly sysctl: Sysctl;
  readonly semaphores = new Semaphores(this.userNamespace);
  readonly messages = new Messages(this.userNamespace);
  readonly memory = new SharedMemory(this.userNamespace);
  readonly mqueues: Mqueues;

  constructor(sysctl: Sysctl, ownership?: Ownership) {
    super(ownership);
    this.sysctl = sysctl;
    this.mqueues = new Mqueues(sysctl);
  }

  protected override release(): void {
    for (const segment of [...this.memory.segments.all]) this.memory.remove(segment);
    for (const [name, queue] of [...this.mqueues.byName]) this.mqueues.unlink(name, queue);
  }
  /** A process ended, or left the namespace: what it wanted undone is. `owner` is its thread group. */
  exit(owner: object, pid: number): void {
    if (this.semaphores.sets.count > 0) this.semaphores.exit(owner, pid);
  }
}
