// Wait queues: who is to be told when something changes. A blocked system call is data (a Wait), not a stack: what to
// wait for, how to try again, until when, and what an interruption means. The scheduler (scheduler.ts) owns time-outs,
// signals and restarts; a handler only says what it waits for.
import { ERESTARTSYS, type Errno } from "../../abi/errno.ts";

/** Someone who waits on a queue: a blocked task, an epoll entry. `mask` carries the POLL* bits of the event. */
export interface Waiter {
  /** Called for each wake-up. Returns false when it did not take the wake-up (an exclusive one then passes on). */
  wake(mask: number): boolean;
  /** At most one exclusive waiter is woken by `wakeOne`. */
  readonly exclusive?: boolean;
}

export const ALL_EVENTS = 0xffffffff | 0;

/** Most queues have no waiter most of the time, and one at times: only more than one need a set. */
export class WaitQueue {
  /** The one that waits, as most often, while there are no more. */
  private sole: Waiter | undefined;
  private several: Set<Waiter> | undefined;

  get empty(): boolean {
    return this.sole === undefined && (this.several === undefined || this.several.size === 0);
  }
  add(waiter: Waiter): void {
    const { sole, several } = this;
    if (several !== undefined && several.size > 0) several.add(waiter);
    else if (sole === undefined) this.sole = waiter;
    else if (sole !== waiter) {
      this.sole = undefined;
      this.several = (several ?? new Set()).add(sole).add(waiter);
    }
  }
  has(waiter: Waiter): boolean {
    return this.sole === waiter || this.several?.has(waiter) === true;
  }
  remove(waiter: Waiter): void {
    if (this.sole === waiter) this.sole = undefined;
    else this.several?.delete(waiter);
  }
  /** Wakes every waiter. One that is told may leave the queue, but does not come back before the others are told. */
  wakeAll(mask: number = ALL_EVENTS): void {
    const { sole, several } = this;
    if (sole !== undefined) sole.wake(mask);
    else if (several !== undefined) for (const waiter of several) waiter.wake(mask);
  }
  /** Wakes all waiters that are not exclusive and, in order, `count` of those that are. */
  wakeOne(mask: number = ALL_EVENTS, count = 1): void {
    const { sole, several } = this;
    if (sole !== undefined) {
      if (!sole.exclusive || count > 0) sole.wake(mask);
      return;
    }
    if (several === undefined) return;
    for (const waiter of several) {
      if (waiter.exclusive && count === 0) continue;
      if (waiter.wake(mask) && waiter.exclusive) count--;
    }
  }
}

const zero = (): number => 0;

/** What a handler answers when it can't go on. */
export class Wait<T = number> {
  readonly queues: readonly WaitQueue[];
  readonly retry: () => T | Errno | Wait<T>;
  /** CLOCK_MONOTONIC in nanoseconds; undefined waits for ever. */
  deadline: number | undefined;
  /** The result once the deadline has passed and `retry` still waits. */
  onTimeout: () => T | Errno;
  /** The result when a signal ends the wait: ERESTARTSYS unless the call says otherwise. */
  interrupt: Errno | (() => T | Errno) = ERESTARTSYS;
  /** Only a fatal signal ends it (Linux: TASK_KILLABLE). */
  killable = false;
  /** It waits for input or output (psi/). */
  io = false;
  /** Queued as an exclusive waiter (accept, epoll with EPOLLEXCLUSIVE, flock). */
  exclusive = false;

  constructor(queues: readonly WaitQueue[], retry: () => T | Errno | Wait<T>) {
    this.queues = queues;
    this.retry = retry;
    this.deadline = undefined;
    this.onTimeout = zero as () => T & 0;
  }
}

/** Waits on one queue, then tries again. */
export function waitOn<T = number>(
  queue: WaitQueue | readonly WaitQueue[],
  retry: () => T | Errno | Wait<T>,
  options?: Partial<Pick<Wait<T>, "deadline" | "onTimeout" | "interrupt" | "killable" | "exclusive" | "io">>,
): Wait<T> {
  const wait = new Wait<T>(queue instanceof WaitQueue ? [queue] : queue, retry);
  if (options === undefined) return wait;
  if (options.deadline !== undefined) wait.deadline = options.deadline;
  if (options.onTimeout !== undefined) wait.onTimeout = options.onTimeout;
  if (options.interrupt !== undefined) wait.interrupt = options.interrupt;
  if (options.killable !== undefined) wait.killable = options.killable;
  if (options.io !== undefined) wait.io = options.io;
  if (options.exclusive !== undefined) wait.exclusive = options.exclusive;
  return wait;
}

/** Applies `then` to the result of an operation that may have to wait, now or when it is done. Errors pass through. */
export function andThen<T, U>(
  result: T | Errno | Wait<T>,
  then: (value: T) => U | Errno | Wait<U>,
): U | Errno | Wait<U> {
  if (result instanceof Wait) {
    const wait = new Wait<U>(result.queues, () => andThen(result.retry(), then));
    wait.deadline = result.deadline;
    wait.killable = result.killable;
    wait.io = result.io;
    wait.exclusive = result.exclusive;
    const { interrupt } = result;
    wait.onTimeout = () => afterWait(result.onTimeout(), then);
    wait.interrupt = typeof interrupt === "function" ? () => afterWait(interrupt(), then) : interrupt;
    return wait;
  }
  if (typeof result === "number" && result < 0) return result as Errno;
  return then(result as T);
}

function afterWait<T, U>(value: T | Errno, then: (value: T) => U | Errno | Wait<U>): U | Errno {
  if (typeof value === "number" && value < 0) return value as Errno;
  const next = then(value as T);
  return next instanceof Wait ? next.onTimeout() : next;
}
