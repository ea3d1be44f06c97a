// Epoll sets: many files watched at once, at a cost that grows with those that are ready. Each item waits on its file's
// queues; a wake-up puts it on the ready list; a reader of the set asks the items of that list alone. epoll(7)
import type { Errno } from "../../abi/errno.ts";
import { EBADF, EEXIST, EINVAL, ELOOP, ENOENT } from "../../abi/errno.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM } from "../../abi/flags.ts";
import { ALL_EVENTS, type Waiter, WaitQueue } from "../sched/wait-queue.ts";
import { noSeek } from "../vfs/anonymous.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import { readyEvents } from "./ready.ts";

export const EPOLLEXCLUSIVE = 1 << 28;
export const EPOLLWAKEUP = 1 << 29;
export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 1 << 31;
/** Bits that say how to report; the others say what. */
const HOW = EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE;
const EXCLUSIVE_ALLOWED = POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
const MAX_NESTS = 4;

export class EpollItem implements Waiter {
  readonly epoll: Epoll;
  readonly file: File;
  readonly fd: number;
  events: number;
  data: bigint;
  /** Queued as a waiter of which one is woken: EPOLLEXCLUSIVE. */
  readonly exclusive: boolean;
  // its place on the ready list
  listed = false;
  previous: EpollItem | undefined;
  next: EpollItem | undefined;
  private readonly queues: readonly WaitQueue[];

  constructor(epoll: Epoll, file: File, fd: number, events: number, data: bigint) {
    this.epoll = epoll;
    this.file = file;
    this.fd = fd;
    this.events = events;
    this.data = data;
    this.exclusive = (events & EPOLLEXCLUSIVE) !== 0;
    this.queues = file.ops.pollQueues?.(file) ?? [];
    for (const queue of this.queues) queue.add(this);
  }
  /** What of its events holds now. */
  ready(): number {
    return (this.events & ~HOW) === 0 ? 0 : readyEvents(this.file) & this.events;
  }
  wake(mask: number): boolean {
    const { epoll, events } = this;
    if ((events & ~HOW) === 0) return false;
    if (mask !== ALL_EVENTS && (mask & events) === 0) return false;
    // An exclusive wake-up is used up where somebody waits for this very event.
    let taken = false;
    if (this.exclusive && !epoll.waiters.empty) {
      const direction = mask === ALL_EVENTS ? 0 : mask & (POLLIN | POLLOUT);
      taken = direction === 0 || (direction !== (POLLIN | POLLOUT) && (events & direction) !== 0);
    }
    epoll.list(this);
    epoll.tell();
    return taken || !this.exclusive;
  }
  /** The file's last reference is gone: the item goes by itself. */
  fileReleased(): void {
    this.epoll.remove(this);
  }
  detach(): void {
    for (const queue of this.queues) queue.remove(this);
  }
}

/** Where ready events go. */
export interface EventSink {
  /** False when it can't take one. */
  give(events: number, data: bigint): boolean;
}

export class Epoll {
  readonly items = new Set<EpollItem>();
  /** Tasks in epoll_wait. */
  readonly waiters = new WaitQueue();
  /** Those who poll the set itself. */
  private readonly pollers = new WaitQueue();
  readonly pollQueues: readonly WaitQueue[] = [this.pollers];
  /** The set's own file, by which sets that hold it are found. */
  file: File | undefined;
  private first: EpollItem | undefined;
  private last: EpollItem | undefined;

  find(file: File, fd: number): EpollItem | undefined {
    const { epollItems } = file;
    if (!epollItems) return undefined;
    for (const item of epollItems) {
      if (item instanceof EpollItem && item.epoll === this && item.fd === fd) return item;
    }
    return undefined;
  }
  /** Errors: EEXIST; EINVAL for what EPOLLEXCLUSIVE does not allow; ELOOP for sets that hold each other or too many. */
  add(file: File, fd: number, events: number, data: bigint): 0 | Errno {
    const inner = epollOf(file);
    if ((events & EPOLLEXCLUSIVE) !== 0 && (inner || (events & ~EXCLUSIVE_ALLOWED) !== 0)) return EINVAL;
    if (inner && (inner.holds(this) || inner.depth() + 1 + this.height() > MAX_NESTS)) return ELOOP;
    if (this.find(file, fd)) return EEXIST;
    const item = new EpollItem(this, file, fd, events | POLLERR | POLLHUP, data);
    (file.epollItems ??= new Set()).add(item);
    this.items.add(item);
    this.check(item);
    return 0;
  }
  /** Errors: ENOENT; EINVAL for an item added with EPOLLEXCLUSIVE. */
  modify(file: File, fd: number, events: number, data: bigint): 0 | Errno {
    if ((events & EPOLLEXCLUSIVE) !== 0) return EINVAL;
    const item = this.find(file, fd);
    if (!item) return ENOENT;
    if (item.exclusive) return EINVAL;
    item.events = events | POLLERR | POLLHUP;
    item.data = data;
    this.check(item);
    return 0;
  }
  delete(file: File, fd: number): 0 | Errno {
    const item = this.find(file, fd);
    if (!item) return ENOENT;
    this.remove(item);
    return 0;
  }
  remove(item: EpollItem): void {
    item.detach();
    this.unlist(item);
    this.items.delete(item);
    item.file.epollItems?.delete(item);
  }
  get anyListed(): boolean {
    return this.first !== undefined;
  }

  /** Hands the ready items to `give`, each once and at most `limit`, in the order in which they became ready; an item
   *  that stays ready (level-triggered) goes to the end, so that none starves. One that `to` can't take
   *  stays first. Returns how many were given. */
  collect(limit: number, to: EventSink): number {
    let given = 0;
    // Those listed again while this runs lie behind this one.
    const end = this.last;
    while (given < limit && this.first) {
      const item: EpollItem = this.first;
      this.unlist(item);
      const events = item.ready();
      if (events !== 0) {
        if (!to.give(events, item.data)) {
          this.listFirst(item);
          break;
        }
        given++;
        if ((item.events & EPOLLONESHOT) !== 0) item.events &= HOW;
        else if ((item.events & EPOLLET) === 0) this.list(item);
      }
      if (item === end) break;
    }
    if (this.first) this.waiters.wakeOne(POLLIN);
    return given;
  }
  /** POLLIN when an item is ready; drops those from the list that no longer are. */
  poll(): number {
    while (this.first) {
      if (this.first.ready() !== 0) return POLLIN | POLLRDNORM;
      this.unlist(this.first);
    }
    return 0;
  }
  release(): void {
    for (const item of [...this.items]) this.remove(item);
  }

  list(item: EpollItem): void {
    if (item.listed) return;
    item.listed = true;
    item.previous = this.last;
    if (this.last) this.last.next = item;
    else this.first = item;
    this.last = item;
  }
  /** Tells those who wait that the ready list has grown. */
  tell(): void {
    this.waiters.wakeOne(POLLIN);
    this.pollers.wakeAll(POLLIN);
  }
  private listFirst(item: EpollItem): void {
    item.listed = true;
    item.next = this.first;
    if (this.first) this.first.previous = item;
    else this.last = item;
    this.first = item;
  }
  private unlist(item: EpollItem): void {
    if (!item.listed) return;
    item.listed = false;
    if (item.previous) item.previous.next = item.next;
    else this.first = item.next;
    if (item.next) item.next.previous = item.previous;
    else this.last = item.previous;
    item.previous = item.next = undefined;
  }
  /** An item that is new or changed may be ready already. */
  private check(item: EpollItem): void {
    if (item.ready() === 0 || item.listed) return;
    this.list(item);
    this.tell();
  }

  // sets in sets
  private inner(): Epoll[] {
    return [...this.items].map((item) => epollOf(item.file)).filter((epoll) => epoll !== undefined);
  }
  private holds(other: Epoll): boolean {
    return this === other || this.inner().some((epoll) => epoll.holds(other));
  }
  private depth(): number {
    return Math.max(0, ...this.inner().map((epoll) => epoll.depth() + 1));
  }
  private height(): number {
    const holders = [...(this.file?.epollItems ?? [])].filter((item) => item instanceof EpollItem);
    return Math.max(0, ...holders.map((item) => item.epoll.height() + 1));
  }
}

export const epollOperations: FileOperations = {
  stream: true,
  seek: noSeek,
  poll: (file) => (file.data as Epoll).poll(),
  pollQueues: (file) => (file.data as Epoll).pollQueues,
  release: (file) => (file.data as Epoll).release(),
  fdinfo: (file) => [...(file.data as Epoll).items].map(describe).join(""),
};

function describe({ fd, events, data, file }: EpollItem): string {
  const shown = (events >>> 0).toString(16).padStart(8);
  const { inode } = file;
  const where = `pos:${file.position} ino:${inode.ino.toString(16)} sdev:${inode.superblock.dev.toString(16)}`;
  return `tfd: ${String(fd).padStart(8)} events: ${shown} data: ${data.toString(16).padStart(16)}  ${where}\n`;
}

/** The set behind a file, if it is one. */
export function epollOf(file: File): Epoll | undefined {
  return file.data instanceof Epoll ? file.data : undefined;
}
/** Errors: EBADF; EINVAL when the file is no epoll set. */
export function requireEpoll(file: File | undefined): Epoll | Errno {
  return file ? (epollOf(file) ?? EINVAL) : EBADF;
}
