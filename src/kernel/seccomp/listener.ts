// The descriptor that SECCOMP_FILTER_FLAG_NEW_LISTENER gives: another process is asked about calls for which the filter
// answers SECCOMP_RET_USER_NOTIF, and answers in the task's place. seccomp_unotify(2)
import { ENOENT, ENOSYS, ERESTARTSYS, type Errno } from "../../abi/errno.ts";
import { POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/flags.ts";
import { SECCOMP_USER_NOTIF_FLAG_CONTINUE } from "../../abi/seccomp.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import type { SyscallResult } from "../syscalls/table.ts";
import type { Task } from "../task/task.ts";
import type { Filter } from "./filter.ts";
import { answerOf } from "./gate.ts";

/** A call that waits for an answer. */
export interface Notification {
  readonly id: bigint;
  readonly task: Task;
  /** struct seccomp_data. */
  readonly data: Uint8Array;
  state: "init" | "sent" | "replied";
  value: bigint;
  error: number;
  flags: number;
  /** The task waits here. */
  readonly answered: WaitQueue;
}

export class Listener {
  readonly filter: Filter;
  private readonly notifications: Notification[] = [];
  /** Told of new calls, of answers that are due, and of the filter's end. */
  readonly queue = new WaitQueue();
  private nextId: bigint;
  /** Calls that no receiver was woken for yet. */
  private requests = 0;

  constructor(filter: Filter, firstId: bigint) {
    this.filter = filter;
    this.nextId = firstId;
  }
  /** Nobody is left whose calls could be asked about. */
  orphaned(): void {
    this.queue.wakeAll(POLLHUP);
  }
  find(id: bigint): Notification | undefined {
    return this.notifications.find((each) => each.id === id);
  }

  /** A task's call waits for what the listener says; `proceed` makes it after all. */
  ask(task: Task, data: Uint8Array, proceed: () => SyscallResult): Wait<number> {
    const notification: Notification = {
      id: this.nextId,
      task,
      data,
      state: "init",
      value: 0n,
      error: 0,
      flags: 0,
      answered: new WaitQueue(),
    };
    this.nextId = BigInt.asUintN(64, this.nextId + 1n);
    this.notifications.push(notification);
    this.requests++;
    this.queue.wakeAll(POLLIN | POLLRDNORM);
    return this.await(notification, proceed);
  }
  private await(notification: Notification, proceed: () => SyscallResult): Wait<number> {
    const retry = (): number | Wait<number> => {
      if (notification.state !== "replied") return this.await(notification, proceed);
      this.forget(notification);
      const { flags, error, value } = notification;
      const result =
        (flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) !== 0 ? proceed() : error !== 0 ? answerOf(error) : value;
      // The scheduler hands on whatever a call answers.
      return result as number | Wait<number>;
    };
    return waitOn<number>(notification.answered, retry, {
      killable: this.filter.waitKillable && notification.state === "sent",
      interrupt: () => {
        this.forget(notification);
        return ERESTARTSYS;
      },
    });
  }
  forget(notification: Notification): void {
    const index = this.notifications.indexOf(notification);
    if (index >= 0) this.notifications.splice(index, 1);
  }

  /** The next call to be answered, once there is one. Errors: ENOENT when it has gone, or nobody is left to ask. */
  receive(): Notification | Errno | Wait<Notification> {
    if (this.requests === 0 && this.filter.users > 0) return waitOn(this.queue, () => this.receive());
    if (this.requests > 0) this.requests--;
    const next = this.notifications.find(({ state }) => state === "init");
    if (!next) return ENOENT;
    next.state = "sent";
    this.queue.wakeAll(POLLOUT | POLLWRNORM);
    return next;
  }
  /** The receiver could not be told after all: the call is there for the next one. */
  takeBack(notification: Notification): void {
    if (notification.state !== "sent") return;
    notification.state = "init";
    this.requests++;
    this.queue.wakeAll(POLLIN | POLLRDNORM);
  }
  reply(notification: Notification, value: bigint, error: number, flags: number): void {
    notification.state = "replied";
    notification.value = value;
    notification.error = error;
    notification.flags = flags;
    notification.answered.wakeAll();
  }
  /** The descriptor is closed: nobody will answer. */
  close(): void {
    this.filter.listener = undefined;
    for (const each of [...this.notifications]) if (each.state !== "replied") this.reply(each, 0n, ENOSYS, 0);
  }
  poll(): number {
    let events = this.filter.users === 0 ? POLLHUP : 0;
    for (const { state } of this.notifications) {
      if (state === "init") events |= POLLIN | POLLRDNORM;
      if (state === "sent") events |= POLLOUT | POLLWRNORM;
    }
    return events;
  }
}
