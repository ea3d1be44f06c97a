// Leases: the holder is told before someone else opens or cuts the file, and has time to put it in order. fcntl(2),
// "Leases". They hang on the inode beside its locks (locks.ts).
import { EACCES, EAGAIN, EINVAL, type Errno } from "../../abi/errno.ts";
import { F_RDLCK, F_UNLCK, F_WRLCK } from "../../abi/fcntl.ts";
import type { Kernel } from "../kernel.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { CAP_LEASE } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { signalOwner } from "./async.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";

interface Lease {
  readonly file: File;
  /** The descriptor by which it was taken: siginfo shows it. */
  readonly fd: number;
  type: number;
  /** What someone waits for it to become, and when it will be made that (CLOCK_MONOTONIC). */
  wanted: number | undefined;
  deadline: number;
}

export class Leases {
  readonly held = new Map<File, Lease>();
  readonly queue = new WaitQueue();

  drop(file: File): void {
    if (this.held.delete(file)) this.queue.wakeAll();
  }
}

/** F_GETLEASE: the type, or what it is being broken to. */
export function leaseType(file: File): number {
  const lease = file.inode.leases?.held.get(file);
  return lease ? (lease.wanted ?? lease.type) : F_UNLCK;
}

/** F_SETLEASE. Errors: EINVAL for what is no regular file; EACCES for other people's; EAGAIN while others have it open. */
export function setLease(task: Task, file: File, fd: number, type: number): 0 | Errno {
  const { inode } = file;
  if (type !== F_RDLCK && type !== F_WRLCK && type !== F_UNLCK) return EINVAL;
  if (type === F_UNLCK) {
    if (!inode.leases?.held.has(file)) return EAGAIN;
    inode.leases.drop(file);
    return 0;
  }
  if (task.cred.fsuid !== inode.uid && !task.cred.can(CAP_LEASE)) return EACCES;
  if (!inode.isRegular) return EINVAL;
  const lease = inode.leases?.held.get(file);
  if (type === F_RDLCK ? inode.writers > 0 : inode.opens > 1 || inode.writers > (file.countsAsWriter ? 1 : 0)) {
    return EAGAIN;
  }
  inode.leases ??= new Leases();
  if (lease) {
    if (lease.wanted !== undefined && (lease.wanted === F_UNLCK || type === F_WRLCK)) return EAGAIN;
    lease.type = type;
    lease.wanted = undefined;
    inode.leases.queue.wakeAll();
    return 0;
  }
  inode.leases.held.set(file, { file, fd, type, wanted: undefined, deadline: 0 });
  file.owner = task.pid;
  file.ownerCred = task.cred;
  return 0;
}

/** Someone opens the file, or cuts it: leases in the way are broken. Errors: EAGAIN for one who will not wait. */
export function breakLeases(kernel: Kernel, inode: Inode, writes: boolean, nonblocking: boolean): 0 | Errno | Wait {
  const { leases } = inode;
  if (!leases || leases.held.size === 0) return 0;
  const wanted = writes ? F_UNLCK : F_RDLCK;
  let deadline = Number.POSITIVE_INFINITY;
  for (const lease of leases.held.values()) {
    if (!writes && lease.type === F_RDLCK) continue;
    if (lease.wanted === undefined) {
      lease.deadline = kernel.clock.monotonic() + kernel.sysctl.number("fs/lease-break-time") * 1e9;
      signalOwner(kernel, lease.file, lease.fd, POLL_MSG);
    }
    if (lease.wanted === undefined || writes) lease.wanted = wanted;
    deadline = Math.min(deadline, lease.deadline);
  }
  if (deadline === Number.POSITIVE_INFINITY) return 0;
  if (nonblocking) return EAGAIN;
  const wait = waitOn<number>(leases.queue, () => breakLeases(kernel, inode, writes, false), { deadline });
  wait.onTimeout = () => {
    expire(kernel, leases);
    return 0;
  };
  return wait;
}

/** The time is up: leases become what was asked of them. */
function expire(kernel: Kernel, leases: Leases): void {
  const now = kernel.clock.monotonic();
  for (const lease of [...leases.held.values()]) {
    if (lease.wanted === undefined || lease.deadline > now) continue;
    if (lease.wanted === F_UNLCK) leases.held.delete(lease.file);
    else {
      lease.type = lease.wanted;
      lease.wanted = undefined;
    }
  }
  leases.queue.wakeAll();
}

const POLL_MSG = 3;
