// System V semaphores: sets whose operations are atomic and may be undone when a process ends. semop(2)
import { EAGAIN, EFBIG, EIDRM, EINTR, EINVAL, ENOSPC, ERANGE, type Errno } from "../../abi/errno.ts";
import type { UserNamespace } from "../namespace/user.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { IPC_NOWAIT, type IpcObject, type IpcPermissions, IpcTable } from "./table.ts";

export const SEMMSL = 32000;
export const SEMMNS = 1024000000;
export const SEMMNI = 32000;
export const SEMOPM = 500;
export const SEMVMX = 32767;
export const SEM_UNDO = 0x1000;

export interface SemaphoreOperation {
  number: number;
  change: number;
  flags: number;
}

interface Semaphore {
  value: number;
  /** The process that changed it last. */
  pid: number;
}

/** What is to be taken back when a process ends: by semaphore. */
type Adjustments = number[];

/** A semop that could not be done at once. Whoever makes it possible does it, in the order of arrival. */
class Pending {
  readonly operations: readonly SemaphoreOperation[];
  readonly pid: number;
  readonly owner: object;
  readonly queue = new WaitQueue();
  result: 0 | Errno | undefined;
  /** The operation that it waits for. */
  blocker: SemaphoreOperation;
  constructor(operations: readonly SemaphoreOperation[], pid: number, owner: object, blocker: SemaphoreOperation) {
    this.operations = operations;
    this.pid = pid;
    this.owner = owner;
    this.blocker = blocker;
  }
}

export class SemaphoreSet implements IpcObject {
  readonly permissions: IpcPermissions;
  readonly semaphores: Semaphore[] = [];
  private pending: Pending[] = [];
  /** By process. */
  private readonly undo = new Map<object, Adjustments>();
  /** Seconds since 1970. */
  otime = 0;
  ctime: number;
  private readonly now: () => number;

  constructor(permissions: IpcPermissions, count: number, now: () => number) {
    this.permissions = permissions;
    this.now = now;
    this.ctime = now();
    for (let i = 0; i < count; i++) this.semaphores.push({ value: 0, pid: 0 });
  }

  /** Does all operations or none. `owner` is whose end undoes them. Errors: EFBIG, ERANGE, EAGAIN, EIDRM, EINTR. */
  operate(
    operations: readonly SemaphoreOperation[],
    pid: number,
    owner: object,
    deadline: number | undefined,
  ): number | Errno | Wait {
    const tried = this.attempt(operations, pid, owner);
    if (typeof tried === "number") {
      if (tried === 0) this.settle();
      return tried;
    }
    if ((tried.flags & IPC_NOWAIT) !== 0) return EAGAIN;
    const entry = new Pending(operations, pid, owner, tried);
    this.pending.push(entry);
    const giveUp = (errno: Errno): number | Errno => {
      if (entry.result !== undefined) return entry.result;
      this.pending = this.pending.filter((other) => other !== entry);
      return errno;
    };
    const wait: Wait = waitOn<number>(entry.queue, () => entry.result ?? wait, {
      interrupt: () => giveUp(EINTR),
      onTimeout: () => giveUp(EAGAIN),
    });
    wait.deadline = deadline;
    return wait;
  }
  /** 0 when done, an errno, or the operation that has to wait. */
  private attempt(
    operations: readonly SemaphoreOperation[],
    pid: number,
    owner: object,
  ): 0 | Errno | SemaphoreOperation {
    const { semaphores } = this;
    const values = new Map<number, number>();
    const adjustments = this.undo.get(owner);
    const adjusted = new Map<number, number>();
    for (const operation of operations) {
      const { number, change, flags } = operation;
      const before = values.get(number) ?? semaphores[number]!.value;
      if (change === 0 && before !== 0) return operation;
      const after = before + change;
      if (after < 0) return operation;
      if (after > SEMVMX) return ERANGE;
      if ((flags & SEM_UNDO) !== 0) {
        const undo = (adjusted.get(number) ?? adjustments?.[number] ?? 0) - change;
        if (undo < -SEMVMX - 1 || undo > SEMVMX) return ERANGE;
        adjusted.set(number, undo);
      }
      values.set(number, after);
    }
    for (const [number, value] of values) {
      semaphores[number]!.value = value;
      semaphores[number]!.pid = pid;
    }
    if (adjusted.size > 0) {
      const kept = adjustments ?? semaphores.map(() => 0);
      for (const [number, undo] of adjusted) kept[number] = undo;
      this.undo.set(owner, kept);
    }
    this.otime = this.now();
    return 0;
  }
  /** After a change: does what has become possible, oldest first, until nothing more is. */
  private settle(): void {
    for (let i = 0; i < this.pending.length; ) {
      const entry = this.pending[i]!;
      const tried = this.attempt(entry.operations, entry.pid, entry.owner);
      if (typeof tried !== "number" && (tried.flags & IPC_NOWAIT) === 0) {
        entry.blocker = tried;
        i++;
        continue;
      }
      entry.result = typeof tried === "number" ? tried : EAGAIN;
      this.pending.splice(i, 1);
      entry.queue.wakeAll();
      if (entry.result === 0) i = 0;
    }
  }
  /** Sets values; what would have been undone on these semaphores no longer is. Errors: ERANGE. */
  set(first: number, values: readonly number[], pid: number): 0 | Errno {
    if (values.some((value) => value < 0 || value > SEMVMX)) return ERANGE;
    values.forEach((value, i) => {
      this.semaphores[first + i] = { value, pid };
      for (const adjustments of this.undo.values()) adjustments[first + i] = 0;
    });
    this.ctime = this.now();
    this.settle();
    return 0;
  }
  /** Those who wait for it to grow, or to become zero. */
  waiting(number: number, zero: boolean): number {
    return this.pending.filter(({ blocker }) => blocker.number === number && (blocker.change === 0) === zero).length;
  }
  /** A process ended. */
  undoAll(owner: object, pid: number): void {
    const adjustments = this.undo.get(owner);
    if (!adjustments) return;
    this.undo.delete(owner);
    adjustments.forEach((change, number) => {
      if (change === 0) return;
      const semaphore = this.semaphores[number]!;
      semaphore.value = Math.min(Math.max(semaphore.value + change, 0), SEMVMX);
      semaphore.pid = pid;
    });
    this.settle();
  }
  /** Removed: all who wait hear of it. */
  dispose(): void {
    for (const entry of this.pending.splice(0)) {
      entry.result = EIDRM;
      entry.queue.wakeAll();
    }
  }
}

export class Semaphores {
  readonly sets: IpcTable<SemaphoreSet>;
  /** Semaphores in all sets. */
  used = 0;

  constructor(owner: UserNamespace) {
    this.sets = new IpcTable(SEMMNI, owner);
  }
  /** semget's check and making. Errors: EINVAL, ENOSPC. */
  make(permissions: IpcPermissions, count: number, now: () => number): SemaphoreSet | Errno {
    if (count <= 0) return EINVAL;
    if (this.used + count > SEMMNS) return ENOSPC;
    this.used += count;
    return new SemaphoreSet(permissions, count, now);
  }
  remove(set: SemaphoreSet): void {
    this.sets.remove(set);
    this.used -= set.semaphores.length;
    set.dispose();
  }
  /** A process ended. */
  exit(owner: object, pid: number): void {
    for (const set of this.sets.all) set.undoAll(owner, pid);
  }
}

/** Errors: EFBIG for a semaphore that the set does not have. */
export function checkNumbers(set: SemaphoreSet, operations: readonly SemaphoreOperation[]): 0 | Errno {
  return operations.some(({ number }) => number >= set.semaphores.length) ? EFBIG : 0;
}
