// System V message queues. msgsnd(2), msgrcv(2)
import { E2BIG, EAGAIN, EIDRM, ENOMSG, ERESTARTNOHAND, type Errno } from "../../abi/errno.ts";
import type { UserNamespace } from "../namespace/user.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { IPC_NOWAIT, type IpcObject, type IpcPermissions, IpcTable } from "./table.ts";

export const MSGMNI = 32000;
export const MSGMAX = 8192;
export const MSGMNB = 16384;
export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;
export const MSG_COPY = 0o40000;

export interface Message {
  readonly type: bigint;
  readonly text: Uint8Array;
}

export class MessageQueue implements IpcObject {
  readonly permissions: IpcPermissions;
  readonly messages: Message[] = [];
  bytes = 0;
  maxBytes = MSGMNB;
  // who did what last; seconds since 1970
  sender = 0;
  receiver = 0;
  stime = 0;
  rtime = 0;
  ctime: number;
  private readonly now: () => number;
  private readonly senders = new WaitQueue();
  private readonly receivers = new WaitQueue();

  constructor(permissions: IpcPermissions, now: () => number) {
    this.permissions = permissions;
    this.now = now;
    this.ctime = now();
  }
  /** Errors: EAGAIN, EIDRM. */
  send(message: Message, flags: number, pid: number): number | Errno | Wait {
    if (this.permissions.removed) return EIDRM;
    const size = message.text.length;
    if (size + this.bytes > this.maxBytes || this.messages.length + 1 > this.maxBytes) {
      if ((flags & IPC_NOWAIT) !== 0) return EAGAIN;
      return waitOn(this.senders, () => this.send(message, flags, pid), { interrupt: ERESTARTNOHAND });
    }
    this.messages.push(message);
    this.bytes += size;
    this.sender = pid;
    this.stime = this.now();
    this.receivers.wakeAll();
    return 0;
  }
  /** Takes the message that `type` and `flags` choose. Errors: ENOMSG, E2BIG, EIDRM. */
  receive(room: number, type: bigint, flags: number, pid: number): Message | Errno | Wait<Message> {
    if (this.permissions.removed) return EIDRM;
    const index = (flags & MSG_COPY) !== 0 ? Number(type) : this.choose(type, (flags & MSG_EXCEPT) !== 0);
    const message = this.messages[index];
    if (!message) {
      if ((flags & (IPC_NOWAIT | MSG_COPY)) !== 0) return ENOMSG;
      const retry = (): Message | Errno | Wait<Message> => this.receive(room, type, flags, pid);
      return waitOn<Message>(this.receivers, retry, { interrupt: ERESTARTNOHAND });
    }
    if (message.text.length > room && (flags & MSG_NOERROR) === 0) return E2BIG;
    if ((flags & MSG_COPY) !== 0) return message;
    this.messages.splice(index, 1);
    this.bytes -= message.text.length;
    this.receiver = pid;
    this.rtime = this.now();
    this.senders.wakeAll();
    return message;
  }
  /** 0: the first; positive: the first of that type (or of any other); negative: the lowest type up to that. */
  private choose(type: bigint, except: boolean): number {
    const { messages } = this;
    if (type === 0n) return 0;
    if (type > 0n) return messages.findIndex((message) => (message.type === type) !== except);
    let best = -1;
    messages.forEach((message, i) => {
      if (message.type <= -type && (best < 0 || message.type < messages[best]!.type)) best = i;
    });
    return best;
  }
  /** Limits or permissions changed: everyone looks again. */
  changed(): void {
    this.ctime = this.now();
    this.senders.wakeAll();
    this.receivers.wakeAll();
  }
}

export class Messages {
  readonly queues: IpcTable<MessageQueue>;

  constructor(owner: UserNamespace) {
    this.queues = new IpcTable(MSGMNI, owner);
  }
  remove(queue: MessageQueue): void {
    this.queues.remove(queue);
    queue.changed();
  }
}
