// POSIX message queues: by name, with priorities, of fixed size. mq_overview(7). System calls are in syscalls/mqueue.ts.
import { EAGAIN, EBUSY, EMSGSIZE, type Errno, ETIMEDOUT } from "../../abi/errno.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/flags.ts";
import { SI_MESGQ } from "../../abi/signal.ts";
import { toBytes } from "../../lib/byte-string.ts";
import { putAll } from "../mm/user.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { sendToGroup } from "../signal/send.ts";
import type { Sysctl } from "../sysctl.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import type { Inode } from "../vfs/inode.ts";

export interface QueueMessage {
  readonly priority: number;
  readonly text: Uint8Array;
}

/** Who is told when a message comes to an empty queue: once. mq_notify(3) */
export interface Notification {
  readonly group: ThreadGroup;
  /** 0 for SIGEV_NONE. */
  readonly signal: number;
  readonly value: bigint;
  readonly silent: boolean;
  /** SIGEV_THREAD: the library's thread waits at a socket, for its cookie with what became of it at the end. */
  readonly wake?: (outcome: number) => void;
}

/** Outcomes that `wake` tells. */
const NOTIFY_WOKENUP = 1;
const NOTIFY_REMOVED = 2;

export class Mqueue {
  readonly inode: Inode;
  readonly maxMessages: number;
  readonly messageSize: number;
  /** What it takes of its owner's RLIMIT_MSGQUEUE. */
  readonly cost: number;
  readonly owner: number;
  /** Highest priority first, oldest first within one. */
  readonly messages: QueueMessage[] = [];
  bytes = 0;
  opens = 0;
  unlinked = false;
  notification: Notification | undefined;
  private readonly senders = new WaitQueue();
  private readonly receivers = new WaitQueue();
  private readonly pollers = new WaitQueue();
  readonly pollQueues: readonly WaitQueue[] = [this.pollers];

  constructor(inode: Inode, maxMessages: number, messageSize: number, owner: number) {
    this.inode = inode;
    this.maxMessages = maxMessages;
    this.messageSize = messageSize;
    this.cost = queueCost(maxMessages, messageSize);
    this.owner = owner;
  }
  /** Errors: EMSGSIZE, EAGAIN, ETIMEDOUT. */
  send(task: Task, message: QueueMessage, nonblocking: boolean, deadline: number | undefined): number | Errno | Wait {
    if (message.text.length > this.messageSize) return EMSGSIZE;
    if (this.messages.length >= this.maxMessages) {
      if (nonblocking) return EAGAIN;
      const wait = waitOn<number>(this.senders, () => this.send(task, message, false, deadline), {
        exclusive: true,
        onTimeout: () => ETIMEDOUT,
      });
      wait.deadline = deadline;
      return wait;
    }
    const at = this.messages.findIndex((other) => other.priority < message.priority);
    this.messages.splice(at < 0 ? this.messages.length : at, 0, message);
    this.bytes += message.text.length;
    if (this.messages.length === 1 && this.receivers.empty) this.notify(task);
    this.receivers.wakeOne();
    this.pollers.wakeAll(POLLIN | POLLRDNORM);
    return 0;
  }
  /** Errors: EMSGSIZE, EAGAIN, ETIMEDOUT. */
  receive(room: number, nonblocking: boolean, deadline: number | undefined): QueueMessage | Errno | Wait<QueueMessage> {
    if (room < this.messageSize) return EMSGSIZE;
    const message = this.messages.shift();
    if (!message) {
      if (nonblocking) return EAGAIN;
      const wait = waitOn<QueueMessage>(this.receivers, () => this.receive(room, false, deadline), {
        exclusive: true,
        onTimeout: () => ETIMEDOUT,
      });
      wait.deadline = deadline;
      return wait;
    }
    this.bytes -= message.text.length;
    this.senders.wakeOne();
    this.pollers.wakeAll(POLLOUT | POLLWRNORM);
    return message;
  }
  /** Registers `who`, or with undefined takes `group`'s registration back. Errors: EBUSY. */
  register(group: ThreadGroup, who: Notification | undefined): 0 | Errno {
    if (!who) {
      const { notification } = this;
      if (notification?.group !== group) return 0;
      this.notification = undefined;
      notification.wake?.(NOTIFY_REMOVED);
      return 0;
    }
    if (this.notification) return EBUSY;
    this.notification = who;
    return 0;
  }
  private notify(sender: Task): void {
    const { notification } = this;
    if (!notification) return;
    this.notification = undefined;
    const { group, signal, value, silent, wake } = notification;
    if (wake) {
      wake(NOTIFY_WOKENUP);
      return;
    }
    if (silent || signal === 0 || group.zombie) return;
    sendToGroup(group, { signal, code: SI_MESGQ, pid: sender.pid, uid: sender.cred.uid, value });
  }
  /** What a read of the descriptor shows. */
  describe(): string {
    const { notification } = this;
    const pid = notification?.group.pid ?? 0;
    const kind = notification?.wake ? 2 : notification?.silent ? 1 : 0;
    const column = (value: number, width: number): string => String(value).padEnd(width);
    return (
      `QSIZE:${column(this.bytes, 10)} NOTIFY:${column(kind, 5)} SIGNO:${column(notification?.signal ?? 0, 5)} ` +
      `NOTIFY_PID:${column(pid, 6)}\n`
    );
  }
}

/** Bytes that a queue counts for: its messages at their largest, and Linux's own book-keeping for them. */
export function queueCost(maxMessages: number, messageSize: number): number {
  return maxMessages * messageSize + maxMessages * 48 + Math.min(maxMessages, 32768) * 48;
}

/** All queues by name, and limits (/proc/sys/fs/mqueue). */
export class Mqueues {
  readonly byName = new Map<string, Mqueue>();
  private readonly sysctl: Sysctl;
  private count = 0;
  private readonly usage = new Map<number, number>();

  constructor(sysctl: Sysctl) {
    this.sysctl = sysctl;
  }
  /** "queues_max", "msg_max", "msgsize_max", "msg_default" or "msgsize_default". */
  limit(name: string): number {
    return this.sysctl.number(`fs/mqueue/${name}`);
  }

  get total(): number {
    return this.count;
  }
  bytesOf(uid: number): number {
    return this.usage.get(uid) ?? 0;
  }
  add(name: string, queue: Mqueue): void {
    this.byName.set(name, queue);
    this.count++;
    this.usage.set(queue.owner, this.bytesOf(queue.owner) + queue.cost);
  }
  /** The name goes; the queue with its last descriptor. */
  unlink(name: string, queue: Mqueue): void {
    this.byName.delete(name);
    queue.unlinked = true;
    this.drop(queue);
  }
  close(queue: Mqueue): void {
    queue.opens--;
    this.drop(queue);
  }
  private drop(queue: Mqueue): void {
    if (!queue.unlinked || queue.opens > 0) return;
    this.count--;
    this.usage.set(queue.owner, this.bytesOf(queue.owner) - queue.cost);
  }
}

export const mqueueOf = (file: File): Mqueue | undefined => (file.data instanceof Mqueue ? file.data : undefined);
const queueOf = (file: File): Mqueue => file.data as Mqueue;

export function mqueueOperations(mqueues: Mqueues): FileOperations {
  return {
    read: (file, into, offset) => putAll(into, toBytes(queueOf(file).describe()).subarray(offset)),
    poll: (file) => {
      const { messages, maxMessages } = queueOf(file);
      const readable = messages.length > 0 ? POLLIN | POLLRDNORM : 0;
      return readable | (messages.length < maxMessages ? POLLOUT | POLLWRNORM : 0);
    },
    pollQueues: (file) => queueOf(file).pollQueues,
    flush: (file, task) => queueOf(file).register(task.group, undefined),
    release: (file) => mqueues.close(queueOf(file)),
  };
}
