// Futexes: queues of waiters by the identity of a word in memory. A private word is an address in an address space; a
// shared one is an offset in what backs it, so that processes that map it elsewhere meet. futex(2)
import { EAGAIN, EFAULT, EINVAL, type Errno, ETIMEDOUT } from "../../abi/errno.ts";
import { MAP_SHARED } from "../../abi/flags.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { WRITE } from "../mm/fault.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import { Wait, WaitQueue } from "./wait-queue.ts";

export const MATCH_ANY = 0xffffffff;

/** A waiter; requeueing moves it to another word's queue without waking it. */
export interface FutexWaiter {
  readonly queue: WaitQueue;
  bitset: number;
  woken: boolean;
  list: FutexList;
  /** Index of the word it was woken for, in futex_waitv. */
  index?: number;
  group?: FutexWaiter[];
  /** A waiter for a PI futex or to be requeued to one. */
  tid?: number;
}

export interface FutexList {
  readonly owner: FutexWords;
  readonly offset: number;
  /** In the order in which they came. */
  readonly waiters: FutexWaiter[];
}

/** A call that sleeps until its waiter is woken. */
export class FutexSleep extends Wait<number> {
  readonly waiter: FutexWaiter;
  constructor(waiter: FutexWaiter, retry: () => number | Errno | Wait<number>) {
    super([waiter.queue], retry);
    this.waiter = waiter;
  }
}

/** Lists without a waiter that are kept: a word that was waited for is soon waited for again. */
const KEPT = 64;
const RECENT = 8;

/** The words of an address space, or of what backs shared memory, by their offsets. */
export class FutexWords {
  private readonly lists = new Map<number, FutexList>();
  /** The lists asked for last, by the low bits of their offsets. */
  private readonly recent: (FutexList | undefined)[] = new Array<FutexList | undefined>(RECENT).fill(undefined);

  find(offset: number): FutexList {
    const place = (offset >>> 2) & (RECENT - 1);
    const recent = this.recent[place];
    if (recent !== undefined && recent.offset === offset) return recent;
    let list = this.lists.get(offset);
    if (!list) this.lists.set(offset, (list = { owner: this, offset, waiters: [] }));
    this.recent[place] = list;
    return list;
  }
  /** The list has lost a waiter, or got none. */
  tidy(list: FutexList): void {
    if (list.waiters.length > 0 || this.lists.size <= KEPT) return;
    this.lists.delete(list.offset);
    const place = (list.offset >>> 2) & (RECENT - 1);
    if (this.recent[place] === list) this.recent[place] = undefined;
  }
}

/** What a task is called in the words of PI and robust futexes: its number in its own PID namespace. */
export const futexTid = (task: Task): number => task.pidNamespace.of(task.tid);

export class Futexes {
  /** By what backs shared memory; and by address space, for words in private memory that are asked for as shared ones:
   *  they don't meet the private ones, which the address space keeps itself. */
  private readonly shared = new WeakMap<object, FutexWords>();

  /** The word's list. Errors: EINVAL (not aligned), EFAULT. */
  find(mm: AddressSpace, address: UserAddress, isPrivate: boolean): FutexList | Errno {
    if ((address & 3) !== 0) return EINVAL;
    if (isPrivate) return (mm.futexWords ??= new FutexWords()).find(address);
    const vma = mm.areas.find(address);
    // The page itself is the key: it must be there to be read.
    if (!vma || mm.readU32(address) === undefined) return EFAULT;
    const shared = vma.pages && (vma.flags & MAP_SHARED) !== 0;
    const space: object = shared ? vma.pages! : mm;
    let words = this.shared.get(space);
    if (!words) this.shared.set(space, (words = new FutexWords()));
    return words.find(shared ? vma.offset + address - vma.start : address);
  }
  enqueue(list: FutexList, waiter: FutexWaiter): void {
    // The list may have been tidied away in between.
    if (list.waiters.length === 0) list = list.owner.find(list.offset);
    waiter.list = list;
    list.waiters.push(waiter);
  }
  dequeue(waiter: FutexWaiter): void {
    this.takeOut(waiter);
    waiter.list.owner.tidy(waiter.list);
  }
  private takeOut(waiter: FutexWaiter): void {
    const { waiters } = waiter.list;
    if (waiters.length === 1 && waiters[0] === waiter) {
      waiters.pop();
      return;
    }
    const index = waiters.indexOf(waiter);
    if (index >= 0) waiters.splice(index, 1);
  }

  /** FUTEX_WAIT. Errors: EAGAIN when the word has changed, ETIMEDOUT, EFAULT, EINTR through the wait. */
  wait(
    mm: AddressSpace,
    address: UserAddress,
    expected: number,
    isPrivate: boolean,
    bitset: number,
    deadline: number | undefined,
  ): number | Errno | Wait {
    if (bitset === 0) return EINVAL;
    const list = this.find(mm, address, isPrivate);
    if (typeof list === "number") return list;
    const value = mm.readU32(address);
    if (value === undefined) return EFAULT;
    if (value !== expected >>> 0) {
      list.owner.tidy(list);
      return EAGAIN;
    }
    // A task sleeps once at a time: what stands for its sleep is made once.
    const task = mm.kernel.current;
    const sleep = task?.futexSleep ?? this.sleep({ queue: new WaitQueue(), bitset, woken: false, list }, deadline);
    if (task) task.futexSleep = sleep;
    const { waiter } = sleep;
    waiter.bitset = bitset;
    waiter.woken = false;
    this.enqueue(list, waiter);
    sleep.deadline = deadline;
    return sleep;
  }
  /** The wait of a queued waiter, up to its wake-up. */
  sleep(waiter: FutexWaiter, deadline: number | undefined): FutexSleep {
    const wait: FutexSleep = new FutexSleep(waiter, () => (waiter.woken ? 0 : wait));
    wait.deadline = deadline;
    wait.onTimeout = () => this.ended(waiter, ETIMEDOUT);
    wait.interrupt = () => this.ended(waiter, this.interrupted(wait.deadline));
    return wait;
  }
  /** The wait is over without a wake-up, unless one came at the last moment. */
  private ended(waiter: FutexWaiter, result: Errno): number | Errno {
    if (waiter.woken) return 0;
    this.dequeue(waiter);
    return result;
  }
  /** A relative time-out would start anew if the call were made again: it ends with EINTR's restart instead. */
  private interrupted(deadline: number | undefined): Errno {
    return (deadline === undefined ? -512 : -516) as Errno;
  }

  /** Wakes up to `count` waiters that share a bit with `bitset`; the number woken. */
  wake(list: FutexList, count: number, bitset = MATCH_ANY): number {
    let woken = 0;
    const { waiters } = list;
    if (waiters.length === 0) return 0;
    for (let i = 0; i < waiters.length && woken < count; ) {
      const waiter = waiters[i]!;
      if ((waiter.bitset & bitset) === 0) {
        i++;
        continue;
      }
      this.release(waiter);
      woken++;
    }
    list.owner.tidy(list);
    return woken;
  }
  /** Wakes one waiter. */
  release(waiter: FutexWaiter): void {
    this.takeOut(waiter);
    waiter.woken = true;
    if (waiter.group) for (const other of waiter.group) if (other !== waiter) this.dequeue(other);
    waiter.queue.wakeAll();
  }
  /** For the kernel's own wake-ups (clear_child_tid, robust lists): shared and private waiters of the word. */
  wakeAddress(mm: AddressSpace, address: UserAddress, count: number): void {
    for (const isPrivate of [true, false]) {
      const list = this.find(mm, address, isPrivate);
      if (typeof list !== "number") this.wake(list, count);
    }
  }
  /** The owner of a PI futex died: its first waiter has the lock, and is told how. False when there is none. */
  inherit(mm: AddressSpace, address: UserAddress, died: number, more: number): boolean {
    for (const isPrivate of [true, false]) {
      const list = this.find(mm, address, isPrivate);
      if (typeof list === "number") continue;
      const [waiter] = list.waiters;
      if (waiter?.tid === undefined) {
        list.owner.tidy(list);
        continue;
      }
      if (mm.writeU32(address, (waiter.tid | died | (list.waiters.length > 1 ? more : 0)) >>> 0) < 0) return false;
      this.release(waiter);
      return true;
    }
    return false;
  }
  /** Moves up to `count` waiters to another word. */
  requeue(from: FutexList, to: FutexList, count: number): number {
    let moved = 0;
    for (const waiter of [...from.waiters]) {
      if (moved >= count) break;
      this.takeOut(waiter);
      this.enqueue(to, waiter);
      moved++;
    }
    from.owner.tidy(from);
    return moved;
  }
  /** Faults the word in for writing, as an atomic operation of the kernel needs it. */
  writable(mm: AddressSpace, address: UserAddress): boolean {
    return mm.translate(address, WRITE) !== 0;
  }
}
