// Advisory locks: flock(2)'s on open descriptions, fcntl(2)'s record locks of processes (POSIX) and of open descriptions
// (OFD). All hang on the inode; who waits hangs on the inode's queue.
import { EAGAIN, EDEADLK, type Errno } from "../../abi/errno.ts";
import { F_RDLCK, F_UNLCK, F_WRLCK } from "../../abi/fcntl.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { Vfs } from "./vfs.ts";

/** The end of a lock that reaches to the end of the file, however long that gets. */
export const OFFSET_MAX = 0x7fffffffffffffffn;

export interface RecordLock {
  /** The descriptor table of a process, or the open description. */
  readonly owner: object;
  type: number;
  /** First and last byte. */
  start: bigint;
  end: bigint;
  /** What F_GETLK shows: -1 for open descriptions. */
  readonly pid: number;
}
export type LockRequest = RecordLock;

class InodeLocks {
  /** An owner's locks lie together, in order of place; owners in the order in which they came, which F_GETLK shows. */
  records: RecordLock[] = [];
  /** flock(2): exclusive or shared, by open description. */
  readonly flocks = new Map<File, boolean>();
  readonly queue = new WaitQueue();
}

function locksOf(inode: Inode): InodeLocks {
  return (inode.locks ??= new InodeLocks()) as InodeLocks;
}

// record locks

/** A lock that keeps `wanted` from being had. F_UNLCK asks for the owner's own, as F_OFD_GETLK may. */
export function conflict(inode: Inode, wanted: RecordLock): RecordLock | undefined {
  const locks = inode.locks as InodeLocks | undefined;
  const own = wanted.type === F_UNLCK;
  return locks?.records.find(
    (held) =>
      (held.owner === wanted.owner) === own &&
      held.start <= wanted.end &&
      wanted.start <= held.end &&
      (own || held.type === F_WRLCK || wanted.type === F_WRLCK),
  );
}

/** Takes, changes or gives up a lock. Errors: EAGAIN; EDEADLK when waiting would never end. fcntl(2) */
export function setRecordLock(vfs: Vfs, file: File, wanted: RecordLock, wait: boolean): number | Errno | Wait {
  const { inode } = file;
  const locks = locksOf(inode);
  if (wanted.type !== F_UNLCK) {
    const held = conflict(inode, wanted);
    if (held) {
      if (!wait) return EAGAIN;
      if (deadlock(vfs, wanted.owner, held)) return EDEADLK;
      vfs.lockWaits.set(wanted.owner, held);
      const retry = (): number | Errno | Wait => {
        vfs.lockWaits.delete(wanted.owner);
        return setRecordLock(vfs, file, wanted, true);
      };
      const blocked = waitOn(locks.queue, retry);
      const restart = blocked.interrupt as Errno;
      blocked.interrupt = () => {
        vfs.lockWaits.delete(wanted.owner);
        return restart;
      };
      return blocked;
    }
  }
  if (carve(locks, wanted)) locks.queue.wakeAll();
  return 0;
}

/** Would `owner`, waiting for `held`, wait for itself? Open descriptions are not followed, as in Linux. */
function deadlock(vfs: Vfs, owner: object, held: RecordLock): boolean {
  for (let lock: RecordLock | undefined = held, steps = 0; lock && lock.pid !== -1 && steps < 10; steps++) {
    if (lock.owner === owner) return true;
    lock = vfs.lockWaits.get(lock.owner);
  }
  return false;
}

/** Replaces the owner's locks in the range by `wanted`, joining neighbours of one type. True if others may go on now. */
function carve(locks: InodeLocks, wanted: RecordLock): boolean {
  const first = locks.records.findIndex((lock) => lock.owner === wanted.owner);
  const kept: RecordLock[] = [];
  let { start, end } = wanted;
  let released = false;
  for (const lock of locks.records) {
    if (lock.owner !== wanted.owner) continue;
    if (lock.type === wanted.type && lock.start <= end + 1n && start <= lock.end + 1n) {
      if (lock.start < start) start = lock.start;
      if (lock.end > end) end = lock.end;
    } else if (lock.end < wanted.start || lock.start > wanted.end) kept.push(lock);
    else {
      released = true;
      if (lock.start < wanted.start) kept.push({ ...lock, end: wanted.start - 1n });
      if (lock.end > wanted.end) kept.push({ ...lock, start: wanted.end + 1n });
    }
  }
  if (wanted.type !== F_UNLCK) kept.push({ ...wanted, start, end });
  kept.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const others = locks.records.filter((lock) => lock.owner !== wanted.owner);
  others.splice(first < 0 ? others.length : first, 0, ...kept);
  locks.records = others;
  return released;
}

/** A process closed a descriptor of the file, or an open description is gone: its record locks go. */
export function releaseRecordLocks(inode: Inode, owner: object): void {
  const locks = inode.locks as InodeLocks | undefined;
  if (!locks?.records.some((lock) => lock.owner === owner)) return;
  locks.records = locks.records.filter((lock) => lock.owner !== owner);
  locks.queue.wakeAll();
}

// whole-file locks

/** flock(2). `exclusive` undefined unlocks. Errors: EAGAIN. */
export function setFlock(file: File, exclusive: boolean | undefined, wait: boolean): number | Errno | Wait {
  const locks = locksOf(file.inode);
  const { flocks } = locks;
  const held = flocks.get(file);
  if (exclusive === held) return 0;
  // A conversion first gives up what it has. flock(2)
  if (held !== undefined) {
    flocks.delete(file);
    if (exclusive !== true || held) locks.queue.wakeAll();
  }
  if (exclusive === undefined) return 0;
  for (const other of flocks.values()) {
    if (!other && !exclusive) continue;
    return wait ? waitOn(locks.queue, () => setFlock(file, exclusive, true)) : EAGAIN;
  }
  flocks.set(file, exclusive);
  return 0;
}

/** The open description is gone, with all that it held. */
export function releaseFileLocks(file: File): void {
  const { inode } = file;
  inode.leases?.drop(file);
  const locks = inode.locks as InodeLocks | undefined;
  if (!locks) return;
  if (locks.flocks.delete(file)) locks.queue.wakeAll();
  releaseRecordLocks(inode, file);
}

/** One line for each lock, for /proc/locks. */
export function listLocks(inode: Inode): { kind: "FLOCK" | "POSIX" | "OFDLCK"; lock: RecordLock }[] {
  const locks = inode.locks as InodeLocks | undefined;
  if (!locks) return [];
  const whole = [...locks.flocks].map(([file, exclusive]) => ({
    kind: "FLOCK" as const,
    lock: { owner: file, type: exclusive ? F_WRLCK : F_RDLCK, start: 0n, end: OFFSET_MAX, pid: -1 },
  }));
  const records = locks.records.map((lock) => ({
    kind: lock.pid === -1 ? ("OFDLCK" as const) : ("POSIX" as const),
    lock,
  }));
  return [...whole, ...records];
}
