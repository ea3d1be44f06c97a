// PID namespaces. The kernel knows a task by the number that it has in the first one; each namespace below keeps what the
// tasks in it are called there. A number stands for a process, its group or its session, so one table serves all three.
// pid_namespaces(7)
import { EAGAIN, type Errno } from "../../abi/errno.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import { Namespace, type Ownership } from "./namespace.ts";

/** Stands for a number that nobody has: above every kernel.pid_max. */
export const NOBODY = 0x7fffffff;
export const MAX_PID_LEVEL = 32;
/** Lower ids are given out once. */
const RESERVED_PIDS = 300;

export class PidNamespace extends Namespace {
  readonly kind = "pid";
  /** undefined for the first one, whose numbers are the kernel's. */
  readonly parent: PidNamespace | undefined;
  readonly level: number;
  /** Process 1 of the namespace: it adopts orphans, and with it all others end. */
  init: ThreadGroup | undefined;
  /** Process 1 has ended: nobody comes in any more. */
  ended = false;
  /** The last number that was given out; /proc/sys/kernel/ns_last_pid. */
  last = 0;
  private readonly inner = new Map<number, number>();
  private readonly outer = new Map<number, number>();

  constructor(parent?: PidNamespace, ownership?: Ownership) {
    super(ownership);
    this.parent = parent?.ref();
    this.level = parent ? parent.level + 1 : 0;
  }
  protected override release(): void {
    this.parent?.unref();
  }
  /** What a task, a group or a session is called here; 0 when it is not to be seen. */
  of(pid: number): number {
    return this.parent === undefined ? pid : (this.inner.get(pid) ?? 0);
  }
  /** The kernel's number of what is called `pid` here; NOBODY when nothing is. */
  find(pid: number): number {
    return this.parent === undefined ? pid : (this.outer.get(pid) ?? NOBODY);
  }
  /** Is `other` this one, or below? */
  contains(other: PidNamespace): boolean {
    let at: PidNamespace | undefined = other;
    while (at && at.level > this.level) at = at.parent;
    return at === this;
  }
  /** A number for what the kernel calls `pid`. `wanted` is free. Errors: EAGAIN when all below `end` are taken. */
  assign(pid: number, end: number, wanted?: number): 0 | Errno {
    let number = wanted;
    if (number === undefined) {
      for (let tries = 0; number === undefined && tries < end; tries++) {
        this.last = this.last >= end - 1 ? RESERVED_PIDS : this.last + 1;
        if (!this.outer.has(this.last)) number = this.last;
      }
      if (number === undefined) return EAGAIN;
    }
    this.inner.set(pid, number);
    this.outer.set(number, pid);
    return 0;
  }
  /** The number is no task's, group's or session's any more. */
  free(pid: number): void {
    const number = this.inner.get(pid);
    if (number === undefined) return;
    this.inner.delete(pid);
    this.outer.delete(number);
  }
  has(number: number): boolean {
    return this.outer.has(number);
  }
}

/** What each namespace from `top` down to a process's own calls it, the outermost first: NSpid in /proc/PID/status. */
export function numbersOf(own: PidNamespace, pid: number, top: PidNamespace): number[] {
  const numbers: number[] = [];
  for (let at: PidNamespace | undefined = own; at && at.level >= top.level; at = at.parent) numbers.unshift(at.of(pid));
  return numbers;
}
