// Open file descriptions: what a descriptor refers to. What can be done with one is an object of operations that a
// filesystem, a driver, a pipe or a socket supplies; what it leaves out gets Linux's default answer (read-write.ts…).
import type { Errno } from "../../abi/errno.ts";
import type { IoDevice } from "../cgroup/io-device.ts";
import type { IoBuffer, UserAddress } from "../mm/user.ts";
import type { Vma } from "../mm/vma.ts";
import type { PidNamespace } from "../namespace/pid.ts";
import type { Wait, Waiter, WaitQueue } from "../sched/wait-queue.ts";
import type { Cred } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import type { DirectoryEntry, Inode } from "./inode.ts";
import { releaseFileLocks } from "./locks.ts";
import type { Path } from "./mount.ts";
import { IN_CLOSE_NOWRITE, IN_CLOSE_WRITE, notifyFile, notifyGone } from "./notify.ts";

export type IoResult = number | Errno | Wait;

export interface FileOperations {
  /** Reads at `offset` (the file's position, or pread's; 0 for streams). The caller advances the position. */
  read?(file: File, into: IoBuffer, offset: number): IoResult;
  /** Writes at `offset` (with O_APPEND the caller has set it to the file's end). */
  write?(file: File, from: IoBuffer, offset: number): IoResult;
  /** Ready events now: POLLIN | POLLOUT… Without it a file is always readable and writable. */
  poll?(file: File): number;
  /** The queues that are woken when `poll`'s answer may have changed. */
  pollQueues?(file: File): readonly WaitQueue[];
  ioctl?(file: File, task: Task, command: number, argument: UserAddress): IoResult;
  /** True for streams: no position. pread gives ESPIPE, lseek too unless `seek` is there. */
  stream?: boolean;
  /** Replaces the generic lseek (SEEK_SET/CUR/END over inode.size). */
  seek?(file: File, offset: number, whence: number): number | Errno;
  /** A device that can be mapped otherwise than through inode.pages. Sets up the vma, e.g. its operations. */
  mmap?(file: File, vma: Vma): 0 | Errno;
  /** Directories: all entries, "." and ".." included; taken anew at position 0. */
  entries?(file: File): readonly DirectoryEntry[] | Errno;
  fsync?(file: File, dataOnly: boolean): IoResult;
  /** A descriptor of this file was closed in `task` (POSIX locks, hostfs). */
  flush?(file: File, task: Task): 0 | Errno;
  /** The last reference is gone. */
  release?(file: File): void;
  /** Flags changed by F_SETFL (O_ASYNC, O_NONBLOCK…). */
  setFlags?(file: File, flags: number): 0 | Errno;
  /** Commands of fcntl(2) that only this kind of file knows: F_SETPIPE_SZ, F_ADD_SEALS… undefined: not one of them. */
  fcntl?(file: File, task: Task, command: number, argument: number): IoResult | undefined;
  /** Extra lines for /proc/PID/fdinfo/N, each with its newline; processes are what `pids` calls them. */
  fdinfo?(file: File, pids: PidNamespace): string;
}

export class File {
  /** Set once, when it is opened. */
  ops: FileOperations;
  /** Where it was opened; sockets, pipes and other anonymous files have a path on an internal mount (anonymous.ts). */
  readonly path: Path;
  readonly inode: Inode;
  /** The inode's type, at hand for each read and write. */
  readonly isRegular: boolean;
  /** What its transfers are counted for; undefined in memory. */
  readonly io: IoDevice | undefined;
  /** Access mode and status flags (O_*). */
  flags: number;
  position = 0;
  /** What the file's kind keeps: a pipe's end, a socket, an epoll set. */
  data: unknown;
  /** F_SETOWN and F_SETSIG. */
  owner = 0;
  signal = 0;
  /** The owner is a single thread (F_OWNER_TID). */
  ownerThread = false;
  /** Who set the owner: what it may signal. */
  ownerCred: Cred | undefined;
  /** Signals the owner while O_ASYNC is set (async.ts). */
  async: (Waiter & { readonly queues: readonly WaitQueue[] }) | undefined;
  /** The listing that getdents64 walks. */
  listing: readonly DirectoryEntry[] | undefined;
  /** Entries of epoll sets that watch it: gone with the last reference. */
  epollItems: Set<{ fileReleased(): void }> | undefined;
  /** False while it is being opened: then its end is nobody's news. */
  opened = true;
  /** O_CREAT made it, with this open. */
  created = false;
  /** Rights of Landlock (LANDLOCK_ACCESS_FS_) that it was opened without: truncating, a device's ioctls. */
  withheld = 0;
  /** Counted in inode.writers. */
  countsAsWriter = false;
  private references = 1;

  constructor(path: Path, inode: Inode, flags: number, ops: FileOperations, data?: unknown) {
    this.path = path;
    this.inode = inode;
    this.isRegular = inode.isRegular;
    this.io = this.isRegular ? inode.superblock.io : undefined;
    this.flags = flags;
    this.ops = ops;
    this.data = data;
    inode.opens++;
  }
  /** Access mode 3 allows neither: for ioctl only. open(2) */
  get readable(): boolean {
    return ((this.flags + 1) & 1) !== 0 && (this.flags & 0o10000000) === 0;
  }
  get writable(): boolean {
    return ((this.flags + 1) & 2) !== 0 && (this.flags & 0o10000000) === 0;
  }
  get nonblocking(): boolean {
    return (this.flags & 0o4000) !== 0;
  }
  stopAsync(): void {
    const { async } = this;
    if (!async) return;
    for (const queue of async.queues) queue.remove(async);
    this.async = undefined;
  }
  /** For the collector of sockets in flight (net/unix/rights.ts). */
  get referenceCount(): number {
    return this.references;
  }
  ref(): this {
    this.references++;
    return this;
  }
  /** Releases it when this was the last reference. */
  unref(): void {
    if (--this.references > 0) return;
    if (this.epollItems) for (const item of [...this.epollItems]) item.fileReleased();
    if (this.opened) notifyFile(this, this.writable ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
    releaseFileLocks(this);
    this.stopAsync();
    this.ops.release?.(this);
    const { inode } = this;
    if (this.countsAsWriter) inode.writers--;
    inode.opens--;
    if (inode.opens === 0 && inode.nlink === 0) {
      notifyGone(inode);
      inode.evict();
    }
  }
}
