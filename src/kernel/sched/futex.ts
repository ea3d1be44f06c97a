// Futexes: queues of waiters by the identity of a word in memory. A private word is an address in an address space; a
// shared one is an offset in what backs it, so that processes that map it elsewhere meet. futex(2)
import { EAGAIN, EFAULT, EINVAL, type Errno, ETIMEDOUT } from "../../abi/errno.ts";
import { MAP_SHARED } from "../../abi/flags.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { WRITE } from "../mm/fault.ts";
import type { UserAddress } from "../mm/user.ts";
import { type Wait, WaitQueue, waitOn } from "./wait-queue.ts";

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
  readonly owner: Map<number, FutexList>;
  readonly offset: number;
  readonly waiters: Set<FutexWaiter>;
}

export class Futexes {
  private readonly spaces = new WeakMap<object, Map<number, FutexList>>();
  /** Words in private memory that are asked for as shared ones: they don't meet the private ones. */
  private readonly ownShared = new WeakMap<object, Map<number, FutexList>>();

  /** The word's list. Errors: EINVAL (not aligned), EFAULT. */
  find(mm: AddressSpace, address: UserAddress, isPrivate: boolean): FutexList | Errno {
    if (address % 4 !== 0) return EINVAL;
    let space: object = mm;
    let offset: number = address;
    let { spaces } = this;
    if (!isPrivate) {
      const vma = mm.areas.find(address);
      // The page itself is the key: it must be there to be read.
      if (!vma || mm.readU32(address) === undefined) return EFAULT;
      if (vma.pages && (vma.flags & MAP_SHARED) !== 0) {
        space = vma.pages;
        offset = vma.offset + address - vma.start;
      } else spaces = this.ownShared;
    }
    let words = spaces.get(space);
    if (!words) spaces.set(space, (words = new Map()));
    let list = words.get(offset);
    if (!list) words.set(offset, (list = { owner: words, offset, waiters: new Set() }));
    return list;
  }
  private tidy(list: FutexList): void {
    if (list.waiters.size === 0 && list.owner.get(list.offset) === list) list.owner.delete(list.offset);
  }
  enqueue(list: FutexList, waiter: FutexWaiter): void {
    // A list that was tidied away in between lives again.
    const current = list.owner.get(list.offset);
    if (current === undefined) list.owner.set(list.offset, list);
    waiter.list = current ?? list;
    waiter.list.waiters.add(waiter);
  }
  dequeue(waiter: FutexWaiter): void {
    waiter.list.waiters.delete(waiter);
    this.tidy(waiter.list);
  }

  /** FUTEX_WAIT. Errors: EAGAIN when the word has changed, ETIMEDOUT, EFAULT, EINTR through the wait. */
  wait(
    mm: AddressSpace,
    address: UserAddress,
    expected: number,
    options: { isPrivate: boolean; bitset: number; deadline: number | undefined },
  ): number | Errno | Wait {
    if (options.bitset === 0) return EINVAL;
    const list = this.find(mm, address, options.isPrivate);
    if (typeof list === "number") return list;
    const value = mm.readU32(address);
    if (value === undefined) return EFAULT;
    if (value !== expected >>> 0) {
      this.tidy(list);
      return EAGAIN;
    }
    const waiter: FutexWaiter = { queue: new WaitQueue(), bitset: options.bitset, woken: false, list };
    this.enqueue(list, waiter);
    return this.sleep(waiter, options.deadline);
  }
  /** The wait of a queued waiter, up to its wake-up. */
  sleep(waiter: FutexWaiter, deadline: number | undefined, done: () => number | Errno = () => 0): Wait {
    const sleep = (): number | Errno | Wait => (waiter.woken ? done() : this.sleep(waiter, deadline, done));
    return waitOn(waiter.queue, sleep, {
      ...(deadline === undefined ? {} : { deadline }),
      onTimeout: () => {
        if (waiter.woken) return done();
        this.dequeue(waiter);
        return ETIMEDOUT;
      },
      interrupt: () => {
        if (waiter.woken) return done();
        this.dequeue(waiter);
        return this.interrupted(deadline);
      },
    });
  }
  /** A relative time-out would start anew if the call were made again: it ends with EINTR's restart instead. */
  private interrupted(deadline: number | undefined): Errno {
    return (deadline === undefined ? -512 : -516) as Errno;
  }

  /** Wakes up to `count` waiters that share a bit with `bitset`; the number woken. */
  wake(list: FutexList, count: number, bitset = MATCH_ANY): number {
    let woken = 0;
    for (const waiter of list.waiters) {
      if (woken >= count) break;
      if ((waiter.bitset & bitset) === 0) continue;
      this.release(waiter);
      woken++;
    }
    this.tidy(list);
    return woken;
  }
  /** Wakes one waiter. */
  release(waiter: FutexWaiter): void {
    waiter.list.waiters.delete(waiter);
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
        this.tidy(list);
        continue;
      }
      if (mm.writeU32(address, (waiter.tid | died | (list.waiters.size > 1 ? more : 0)) >>> 0) < 0) return false;
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
      from.waiters.delete(waiter);
      this.enqueue(to, waiter);
      moved++;
    }
    this.tidy(from);
    return moved;
  }
  /** Faults the word in for writing, as an atomic operation of the kernel needs it. */
  writable(mm: AddressSpace, address: UserAddress): boolean {
    return mm.translate(address, WRITE) !== 0;
  }
}
