// futex(2) with all its operations, futex_waitv(2) and the futex2 calls.
import { EAGAIN, EDEADLK, EFAULT, EINVAL, ENOSYS, EPERM, type Errno, ESRCH, ETIMEDOUT } from "../../abi/errno.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { machineTime } from "../namespace/time.ts";
import { CLOCK_MONOTONIC } from "../sched/cpu-clock.ts";
import { type FutexList, type FutexWaiter, futexTid, MATCH_ANY } from "../sched/futex.ts";
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS } from "../sched/robust-list.ts";
import { type Wait, WaitQueue } from "../sched/wait-queue.ts";
import type { Task } from "../task/task.ts";
import { Address, Bits, Flags, In, InOut, Int, type Row, type SyscallResult, syscall, UInt, ULong } from "./table.ts";

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
const FUTEX_REQUEUE = 3;
const FUTEX_CMP_REQUEUE = 4;
const FUTEX_WAKE_OP = 5;
const FUTEX_LOCK_PI = 6;
const FUTEX_UNLOCK_PI = 7;
const FUTEX_TRYLOCK_PI = 8;
const FUTEX_WAIT_BITSET = 9;
const FUTEX_WAKE_BITSET = 10;
const FUTEX_WAIT_REQUEUE_PI = 11;
const FUTEX_CMP_REQUEUE_PI = 12;
const FUTEX_LOCK_PI2 = 13;
const FUTEX_PRIVATE_FLAG = 128;
const FUTEX_CLOCK_REALTIME = 256;

/** Reads a timespec as a deadline on CLOCK_MONOTONIC. */
function deadlineAt(
  task: Task,
  address: UserAddress,
  relative: boolean,
  realtime: boolean,
): number | undefined | Errno {
  if (address === 0) return undefined;
  const bytes = task.mm.read(address, 16);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer);
  const seconds = Number(view.getBigInt64(0, true));
  const nanoseconds = Number(view.getBigInt64(8, true));
  if (seconds < 0 || nanoseconds < 0 || nanoseconds >= 1e9) return EINVAL;
  const { clock } = task.kernel;
  if (relative) return clock.monotonic() + seconds * 1e9 + nanoseconds;
  if (!realtime) return machineTime(task, CLOCK_MONOTONIC, seconds * 1e9 + nanoseconds);
  return Math.max(0, Number(view.getBigInt64(0, true) * 1_000_000_000n + BigInt(nanoseconds) - clock.offset));
}

/** The two that are called all the time, without their rarer kin. */
function futex(
  task: Task,
  address: UserAddress,
  operation: number,
  value: number,
  timeout: UserAddress,
  address2: UserAddress,
  value3: number,
): SyscallResult {
  const command = operation & ~FUTEX_PRIVATE_FLAG;
  const { futexes } = task.kernel;
  if (command === FUTEX_WAIT && timeout === 0) {
    return futexes.wait(task.mm, address, value, operation !== command, MATCH_ANY, undefined);
  }
  if (command === FUTEX_WAKE) {
    const list = futexes.find(task.mm, address, operation !== command);
    return typeof list === "number" ? list : futexes.wake(list, Math.max(1, value));
  }
  return otherFutex(task, address, operation, value, timeout, address2, value3);
}

function otherFutex(
  task: Task,
  address: UserAddress,
  operation: number,
  value: number,
  timeout: UserAddress,
  address2: UserAddress,
  value3: number,
): SyscallResult {
  const { futexes } = task.kernel;
  const { mm } = task;
  const command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  const isPrivate = (operation & FUTEX_PRIVATE_FLAG) !== 0;
  const realtime = (operation & FUTEX_CLOCK_REALTIME) !== 0;
  if (realtime && ![FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI, FUTEX_LOCK_PI2].includes(command))
    return ENOSYS;
  const word = (where: UserAddress): FutexList | Errno => futexes.find(mm, where, isPrivate);
  switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET: {
      const relative = command === FUTEX_WAIT;
      const deadline = deadlineAt(task, timeout, relative, realtime);
      if (deadline !== undefined && deadline < 0) return deadline as Errno;
      const bitset = relative ? MATCH_ANY : value3;
      const wait = () => futexes.wait(mm, address, value, isPrivate, bitset, deadline);
      if (deadline !== undefined) task.restart = wait;
      return wait();
    }
    case FUTEX_WAKE_BITSET: {
      if (value3 === 0) return EINVAL;
      const list = word(address);
      return typeof list === "number" ? list : futexes.wake(list, Math.max(1, value), value3);
    }
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI: {
      const limit = timeout | 0;
      if ((value | 0) < 0 || limit < 0) return EINVAL;
      const from = word(address);
      const to = word(address2);
      if (typeof from === "number") return from;
      if (typeof to === "number") return to;
      if (command !== FUTEX_REQUEUE) {
        const now = mm.readU32(address);
        if (now === undefined) return EFAULT;
        if (now !== value3) return EAGAIN;
      }
      if (command === FUTEX_CMP_REQUEUE_PI) {
        if (value !== 1 || from === to) return EINVAL;
        return requeuePi(task, from, to, address2, limit);
      }
      const woken = futexes.wake(from, value);
      return woken + (from === to ? 0 : futexes.requeue(from, to, limit));
    }
    case FUTEX_WAKE_OP:
      return wakeOp(task, word, address, value, timeout | 0, address2, value3);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2: {
      const deadline = deadlineAt(task, timeout, false, command === FUTEX_LOCK_PI || realtime);
      if (deadline !== undefined && deadline < 0) return deadline as Errno;
      return lockPi(task, address, isPrivate, deadline);
    }
    case FUTEX_TRYLOCK_PI: {
      const taken = tryLockPi(task, address);
      return taken === undefined ? EAGAIN : taken;
    }
    case FUTEX_UNLOCK_PI:
      return unlockPi(task, address, isPrivate);
    case FUTEX_WAIT_REQUEUE_PI: {
      const deadline = deadlineAt(task, timeout, false, realtime);
      if (deadline !== undefined && deadline < 0) return deadline as Errno;
      const list = word(address);
      if (typeof list === "number") return list;
      if (address === address2) return EINVAL;
      const now = mm.readU32(address);
      if (now === undefined) return EFAULT;
      if (now !== value) return EAGAIN;
      const waiter: FutexWaiter = {
        queue: new WaitQueue(),
        bitset: MATCH_ANY,
        woken: false,
        list,
        tid: futexTid(task),
      };
      futexes.enqueue(list, waiter);
      return futexes.sleep(waiter, deadline);
    }
    default:
      return ENOSYS;
  }
}

/** FUTEX_WAKE_OP: changes the second word as `encoded` says, wakes on the first, and on the second if the old value fits. */
function wakeOp(
  task: Task,
  word: (address: UserAddress) => FutexList | Errno,
  address: UserAddress,
  count: number,
  count2: number,
  address2: UserAddress,
  encoded: number,
): SyscallResult {
  const { futexes } = task.kernel;
  const first = word(address);
  const second = word(address2);
  if (typeof first === "number") return first;
  if (typeof second === "number") return second;
  const operation = (encoded >>> 28) & 7;
  const comparison = (encoded >>> 24) & 15;
  let argument = (encoded << 8) >> 20;
  const against = (encoded << 20) >> 20;
  if ((encoded & 0x80000000) !== 0) argument = 1 << (argument & 31);
  if (!futexes.writable(task.mm, address2)) return EFAULT;
  const old = task.mm.readU32(address2);
  if (old === undefined) return EFAULT;
  const results = [argument, old + argument, old | argument, old & ~argument, old ^ argument];
  const changed = results[operation];
  if (changed === undefined) return ENOSYS;
  if (task.mm.writeU32(address2, changed >>> 0) < 0) return EFAULT;
  const value = old | 0;
  const tests = [
    value === against,
    value !== against,
    value < against,
    value <= against,
    value > against,
    value >= against,
  ];
  const test = tests[comparison];
  if (test === undefined) return ENOSYS;
  return futexes.wake(first, Math.max(1, count)) + (test ? futexes.wake(second, Math.max(1, count2)) : 0);
}

/** Takes a free PI futex. undefined when another task holds it. */
function tryLockPi(task: Task, address: UserAddress): 0 | Errno | undefined {
  const { mm } = task;
  if (address % 4 !== 0) return EINVAL;
  const value = mm.readU32(address);
  if (value === undefined || !task.kernel.futexes.writable(mm, address)) return EFAULT;
  const owner = value & FUTEX_TID_MASK;
  if (owner === futexTid(task)) return EDEADLK;
  if (owner !== 0) {
    if ((value & FUTEX_OWNER_DIED) === 0)
      return task.kernel.tasks.task(task.pidNamespace.find(owner)) ? undefined : ESRCH;
  }
  const kept = value & (FUTEX_WAITERS | FUTEX_OWNER_DIED);
  return mm.writeU32(address, (kept | futexTid(task)) >>> 0) < 0 ? EFAULT : 0;
}

function lockPi(
  task: Task,
  address: UserAddress,
  isPrivate: boolean,
  deadline: number | undefined,
): number | Errno | Wait {
  const { futexes } = task.kernel;
  const taken = tryLockPi(task, address);
  if (taken !== undefined) return taken;
  const list = futexes.find(task.mm, address, isPrivate);
  if (typeof list === "number") return list;
  const value = task.mm.readU32(address)!;
  if (task.mm.writeU32(address, (value | FUTEX_WAITERS) >>> 0) < 0) return EFAULT;
  const waiter: FutexWaiter = { queue: new WaitQueue(), bitset: MATCH_ANY, woken: false, list, tid: futexTid(task) };
  futexes.enqueue(list, waiter);
  return futexes.sleep(waiter, deadline);
}

/** Hands the lock to `waiter`: the word becomes its tid before it runs. */
function handOver(task: Task, address: UserAddress, waiter: FutexWaiter, more: boolean, died: boolean): 0 | Errno {
  const value = (waiter.tid! | (more ? FUTEX_WAITERS : 0) | (died ? FUTEX_OWNER_DIED : 0)) >>> 0;
  if (task.mm.writeU32(address, value) < 0) return EFAULT;
  task.kernel.futexes.release(waiter);
  return 0;
}

function unlockPi(task: Task, address: UserAddress, isPrivate: boolean): SyscallResult {
  const { futexes } = task.kernel;
  const list = futexes.find(task.mm, address, isPrivate);
  if (typeof list === "number") return list;
  const value = task.mm.readU32(address);
  if (value === undefined) return EFAULT;
  if ((value & FUTEX_TID_MASK) !== futexTid(task)) return EPERM;
  const [waiter] = list.waiters;
  if (!waiter) return task.mm.writeU32(address, 0);
  if (waiter.tid === undefined) return EINVAL;
  return handOver(task, address, waiter, list.waiters.length > 1, false);
}

/** Waiters of a condition variable are moved to its mutex; the first gets it if it is free. */
function requeuePi(task: Task, from: FutexList, to: FutexList, mutex: UserAddress, count: number): SyscallResult {
  const { futexes } = task.kernel;
  const value = task.mm.readU32(mutex);
  if (value === undefined) return EFAULT;
  const [first] = from.waiters;
  if (!first) return 0;
  if (first.tid === undefined) return EINVAL;
  let done = 0;
  if ((value & FUTEX_TID_MASK) === 0) {
    const result = handOver(task, mutex, first, count > 0 && from.waiters.length > 1, false);
    if (result < 0) return result;
    done = 1;
  }
  const moved = futexes.requeue(from, to, count + 1 - done);
  if (moved > 0) {
    const now = task.mm.readU32(mutex)!;
    if (task.mm.writeU32(mutex, (now | FUTEX_WAITERS) >>> 0) < 0) return EFAULT;
  }
  return done + moved;
}

const FUTEX2_SIZE_U32 = 2;
const FUTEX2_PRIVATE = 128;
const WAITV_MAX = 128;

function futex_waitv(
  task: Task,
  vector: UserAddress,
  count: number,
  flags: number,
  timeout: UserAddress,
  clock: number,
): SyscallResult {
  if (flags !== 0 || count === 0 || count > WAITV_MAX || vector === 0) return EINVAL;
  if (timeout !== 0 && clock !== 0 && clock !== 1) return EINVAL;
  const deadline = deadlineAt(task, timeout, false, clock === 0);
  if (deadline !== undefined && deadline < 0) return deadline as Errno;
  const { futexes } = task.kernel;
  const queue = new WaitQueue();
  const waiters: FutexWaiter[] = [];
  const lists: FutexList[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = task.mm.read(at(vector, i * 24), 24);
    if (typeof bytes === "number") return bytes;
    const view = new DataView(bytes.buffer);
    const wordFlags = view.getUint32(16, true);
    if ((wordFlags & ~FUTEX2_PRIVATE) !== FUTEX2_SIZE_U32 || view.getUint32(20, true) !== 0) return EINVAL;
    const address = Number(view.getBigUint64(8, true)) as UserAddress;
    const list = futexes.find(task.mm, address, (wordFlags & FUTEX2_PRIVATE) !== 0);
    if (typeof list === "number") return list;
    const value = task.mm.readU32(address);
    if (value === undefined) return EFAULT;
    if (BigInt(value) !== view.getBigUint64(0, true)) return EAGAIN;
    lists.push(list);
  }
  for (const [index, list] of lists.entries()) {
    const waiter: FutexWaiter = { queue, bitset: MATCH_ANY, woken: false, list, index, group: waiters };
    waiters.push(waiter);
    futexes.enqueue(list, waiter);
  }
  const fired = () => waiters.find((waiter) => waiter.woken)?.index;
  const all: FutexWaiter = waiters[0]!;
  const end = (fallback: Errno): number | Errno => {
    const index = fired();
    if (index !== undefined) return index;
    for (const waiter of waiters) futexes.dequeue(waiter);
    return fallback;
  };
  const wait = futexes.sleep(all, deadline);
  const retry = (): number | Errno | Wait => {
    const index = fired();
    if (index !== undefined) return index;
    const next = futexes.sleep(all, deadline);
    return Object.assign(next, { retry, onTimeout: () => end(ETIMEDOUT), interrupt: () => end(-512 as Errno) });
  };
  return Object.assign(wait, { retry, onTimeout: () => end(ETIMEDOUT), interrupt: () => end(-512 as Errno) });
}

function futex_wake(task: Task, address: UserAddress, mask: number, count: number, flags: number): SyscallResult {
  if ((flags & ~FUTEX2_PRIVATE) !== FUTEX2_SIZE_U32 || mask === 0) return EINVAL;
  const list = task.kernel.futexes.find(task.mm, address, (flags & FUTEX2_PRIVATE) !== 0);
  if (typeof list === "number") return list;
  return task.kernel.futexes.wake(list, count, mask >>> 0);
}

function futex_wait(
  task: Task,
  address: UserAddress,
  value: bigint,
  mask: number,
  flags: number,
  timeout: UserAddress,
  clock: number,
): SyscallResult {
  if ((flags & ~FUTEX2_PRIVATE) !== FUTEX2_SIZE_U32 || mask === 0 || value > 0xffffffffn) return EINVAL;
  const deadline = deadlineAt(task, timeout, false, clock === 0);
  if (deadline !== undefined && deadline < 0) return deadline as Errno;
  const isPrivate = (flags & FUTEX2_PRIVATE) !== 0;
  return task.kernel.futexes.wait(task.mm, address, Number(value), isPrivate, mask >>> 0, deadline);
}

/** A timespec, or the number of waiters to move: that may be negative. */
const timeoutOrCount = { ...In("timeout", "timespec"), register: "signed" } as const;

export const rows: readonly Row[] = [
  syscall(
    98,
    "futex",
    [Address("uaddr"), Int("futex_op"), UInt("val"), timeoutOrCount, Address("uaddr2"), UInt("val3")],
    futex,
  ),
  syscall(
    449,
    "futex_waitv",
    [
      In("waiters", "futex_waitv"),
      UInt("nr_futexes"),
      Flags("flags"),
      In("timeout", "timespec"),
      Int("clockid", "CLOCK"),
    ],
    futex_waitv,
  ),
  syscall(454, "futex_wake", [InOut("uaddr"), ULong("mask"), Int("nr"), Flags("flags")], futex_wake),
  syscall(
    455,
    "futex_wait",
    [InOut("uaddr"), Bits("val"), ULong("mask"), Flags("flags"), In("timeout", "timespec"), Int("clockid", "CLOCK")],
    futex_wait,
  ),
];
