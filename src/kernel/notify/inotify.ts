// Inotify: watches on inodes, and the queue of events that a program reads. inotify(7). The filesystem layer tells of
// events through vfs/notify.ts; the system calls are in syscalls/inotify.ts.
import { EAGAIN, EEXIST, EFAULT, EINVAL, ENOSPC, ENOTTY, type Errno } from "../../abi/errno.ts";
import { POLLIN, POLLRDNORM } from "../../abi/flags.ts";
import { toBytes } from "../../lib/byte-string.ts";
import type { IoBuffer } from "../mm/user.ts";
import { WaitQueue, waitOn } from "../sched/wait-queue.ts";
import type { Sysctl } from "../sysctl.ts";
import { noSeek } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";
import type { Inode } from "../vfs/inode.ts";
import { IN_UNMOUNT, type Watches } from "../vfs/notify.ts";
import type { Vfs } from "../vfs/vfs.ts";

export const IN_ALL_EVENTS = 0xfff;
export const IN_Q_OVERFLOW = 0x4000;
export const IN_IGNORED = 0x8000;
export const IN_ONLYDIR = 0x01000000;
export const IN_DONT_FOLLOW = 0x02000000;
export const IN_EXCL_UNLINK = 0x04000000;
export const IN_MASK_CREATE = 0x10000000;
export const IN_MASK_ADD = 0x20000000;
export const IN_ONESHOT = 0x80000000;

const FIONREAD = 0x541b;
/** struct inotify_event without its name. */
const HEADER = 16;

interface Event {
  watch: number;
  mask: number;
  cookie: number;
  name: string | undefined;
}

/** With its name: NULs behind it up to a multiple of the header's size. */
const sizeOf = ({ name }: Event): number =>
  HEADER + (name === undefined ? 0 : Math.ceil((name.length + 1) / HEADER) * HEADER);

export interface Watch {
  readonly inotify: Inotify;
  readonly descriptor: number;
  readonly inode: Inode;
  mask: number;
}

/** The watches on one inode: hangs on Inode.watches. */
class InodeWatches implements Watches {
  readonly list: Watch[] = [];

  notify(mask: number, name: string | undefined, cookie: number, _child: Inode | undefined, unlinked: boolean): void {
    for (const watch of [...this.list]) {
      if ((watch.mask & mask & IN_ALL_EVENTS) === 0) continue;
      if (unlinked && (watch.mask & IN_EXCL_UNLINK) !== 0) continue;
      watch.inotify.queue({ watch: watch.descriptor, mask, cookie, name });
      if ((watch.mask & IN_ONESHOT) !== 0) watch.inotify.remove(watch);
    }
  }
  gone(mask: number): void {
    for (const watch of [...this.list]) {
      if ((watch.mask & mask & IN_ALL_EVENTS) !== 0 || mask === IN_UNMOUNT) {
        watch.inotify.queue({ watch: watch.descriptor, mask, cookie: 0, name: undefined });
      }
      watch.inotify.remove(watch);
    }
  }
}

/** /proc/sys/fs/inotify, and what each user has. */
export class InotifyLimits {
  private readonly sysctl: Sysctl;
  readonly instances = new Map<number, number>();
  readonly watches = new Map<number, number>();

  constructor(sysctl: Sysctl) {
    this.sysctl = sysctl;
  }
  get maxQueuedEvents(): number {
    return this.sysctl.number("fs/inotify/max_queued_events");
  }
  get maxUserInstances(): number {
    return this.sysctl.number("fs/inotify/max_user_instances");
  }
  get maxUserWatches(): number {
    return this.sysctl.number("fs/inotify/max_user_watches");
  }
}

export class Inotify {
  private readonly vfs: Vfs;
  readonly limits: InotifyLimits;
  private readonly uid: number;
  private readonly watches = new Map<number, Watch>();
  private events: Event[] = [];
  private last = 0;
  private readonly waiters = new WaitQueue();
  readonly queues: readonly WaitQueue[] = [this.waiters];

  constructor(vfs: Vfs, limits: InotifyLimits, uid: number) {
    this.vfs = vfs;
    this.limits = limits;
    this.uid = uid;
    limits.instances.set(uid, (limits.instances.get(uid) ?? 0) + 1);
  }
  get readable(): boolean {
    return this.events.length > 0;
  }
  /** Bytes that a reader would get: FIONREAD. */
  get bytes(): number {
    return this.events.reduce((sum, event) => sum + sizeOf(event), 0);
  }

  /** Watches an inode, or changes its watch. Errors: EEXIST with IN_MASK_CREATE; ENOSPC. */
  watch(inode: Inode, mask: number): number | Errno {
    const own = (inode.watches ??= new InodeWatches()) as InodeWatches;
    const kept = mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT);
    const known = own.list.find((watch) => watch.inotify === this);
    if (known) {
      if ((mask & IN_MASK_CREATE) !== 0) return EEXIST;
      known.mask = (mask & IN_MASK_ADD) !== 0 ? known.mask | kept : kept;
      return known.descriptor;
    }
    const { limits, uid } = this;
    const count = limits.watches.get(uid) ?? 0;
    if (count >= limits.maxUserWatches) return ENOSPC;
    limits.watches.set(uid, count + 1);
    do this.last = this.last >= 0x7fffffff ? 1 : this.last + 1;
    while (this.watches.has(this.last));
    const watch: Watch = { inotify: this, descriptor: this.last, inode, mask: kept };
    this.watches.set(this.last, watch);
    own.list.push(watch);
    this.vfs.watched.add(inode);
    return this.last;
  }
  /** Errors: EINVAL. */
  removeWatch(descriptor: number): 0 | Errno {
    const watch = this.watches.get(descriptor);
    if (!watch) return EINVAL;
    this.remove(watch);
    return 0;
  }
  remove(watch: Watch): void {
    if (!this.detach(watch)) return;
    this.queue({ watch: watch.descriptor, mask: IN_IGNORED, cookie: 0, name: undefined });
  }
  private detach(watch: Watch): boolean {
    if (!this.watches.delete(watch.descriptor)) return false;
    const { limits, uid } = this;
    limits.watches.set(uid, (limits.watches.get(uid) ?? 1) - 1);
    const { inode } = watch;
    const { list } = inode.watches as InodeWatches;
    list.splice(list.indexOf(watch), 1);
    if (list.length === 0) {
      inode.watches = undefined;
      this.vfs.watched.delete(inode);
    }
    return true;
  }

  /** An event like the last one that waits is not told twice; when too many wait, one that says so is the last. */
  queue(event: Event): void {
    const { events } = this;
    const last = events[events.length - 1];
    if (events.length >= this.limits.maxQueuedEvents) {
      if (last?.mask === IN_Q_OVERFLOW) return;
      event = { watch: -1, mask: IN_Q_OVERFLOW, cookie: 0, name: undefined };
    } else if (
      last &&
      last.mask === event.mask &&
      last.watch === event.watch &&
      last.name === event.name &&
      last.mask !== IN_IGNORED
    ) {
      return;
    }
    events.push(event);
    this.waiters.wakeAll(POLLIN | POLLRDNORM);
  }
  /** Whole events only. Errors: EINVAL when there is no room for the first. */
  read(into: IoBuffer, nonblocking: boolean): IoResult {
    const { events } = this;
    let taken = 0;
    let done = 0;
    let failure: Errno | 0 = 0;
    for (; taken < events.length; taken++) {
      const event = events[taken]!;
      const size = sizeOf(event);
      if (size > into.length) {
        failure = EINVAL;
        break;
      }
      if (into.put(encode(event, size)) !== size) {
        failure = EFAULT;
        break;
      }
      done += size;
    }
    if (taken > 0) this.events = events.slice(taken);
    if (done > 0) return done;
    if (failure !== 0) return failure;
    if (nonblocking) return EAGAIN;
    return waitOn(this.waiters, () => this.read(into, false));
  }
  release(): void {
    for (const watch of [...this.watches.values()]) this.detach(watch);
    const { limits, uid } = this;
    limits.instances.set(uid, (limits.instances.get(uid) ?? 1) - 1);
  }
  describe(): string {
    const line = ({ descriptor, inode, mask }: Watch): string => {
      const shown = (mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT)) >>> 0;
      const where = `ino:${inode.ino.toString(16)} sdev:${inode.superblock.dev.toString(16)}`;
      return `inotify wd:${descriptor.toString(16)} ${where} mask:${shown.toString(16)} ignored_mask:0 \n`;
    };
    return [...this.watches.values()].map(line).join("");
  }
}

function encode({ watch, mask, cookie, name }: Event, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, watch, true);
  view.setUint32(4, mask, true);
  view.setUint32(8, cookie, true);
  view.setUint32(12, size - HEADER, true);
  if (name !== undefined) bytes.set(toBytes(name), HEADER);
  return bytes;
}

const inotify = (file: File): Inotify => file.data as Inotify;

export const inotifyOperations: FileOperations = {
  stream: true,
  seek: noSeek,
  read: (file, into) => inotify(file).read(into, file.nonblocking),
  poll: (file) => (inotify(file).readable ? POLLIN | POLLRDNORM : 0),
  pollQueues: (file) => inotify(file).queues,
  ioctl: (file, task, command, argument) =>
    command === FIONREAD ? task.mm.writeU32(argument, inotify(file).bytes) : ENOTTY,
  release: (file) => inotify(file).release(),
  fdinfo: (file) => inotify(file).describe(),
};
