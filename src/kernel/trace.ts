// Tracepoints: where the kernel tells observers what crosses the gate and who runs. Free when nobody listens: a call
// through an undefined property. Observers live on a floor above (src/observe) and the kernel knows none of them.

import type { Cgroup } from "./cgroup/cgroup.ts";
import type { Wait } from "./sched/wait-queue.ts";
import type { SignalAction } from "./signal/handlers.ts";
import type { SignalInfo } from "./signal/pending.ts";
import type { Row, SyscallResult } from "./syscalls/table.ts";
import type { Task } from "./task/task.ts";
import type { ThreadGroup } from "./task/thread-group.ts";

/** Every point there is. An observer has those that it wants. */
export interface Tracepoints {
  /** Before the handler: arguments are in the registers. `row` is undefined for a call that the kernel does not have. */
  syscallEnter(task: Task, row: Row | undefined, number: number): void;
  /** The answer, before it goes to a0; also what only asks for a restart (ERESTARTSYS and its kin). */
  syscallExit(task: Task, row: Row | undefined, result: SyscallResult): void;
  /** Asked instead of the handler; undefined lets the call go on. The first observer that answers decides. */
  syscallInject(task: Task, row: Row | undefined, number: number): SyscallResult | undefined;
  taskFork(parent: Task, child: Task): void;
  /** A new program is in place: its arguments are on its stack. */
  taskExec(task: Task): void;
  /** A thread ends; a wait status, which is the process's when all of it ends. */
  taskExit(task: Task, status: number): void;
  /** A signal was sent to a thread, or to a process; not `kept` when it is ignored or waits there already. */
  signalGenerate(target: Task | ThreadGroup, info: SignalInfo, kept: boolean): void;
  /** A signal is taken: `action` says what becomes of it. */
  signalDeliver(task: Task, info: SignalInfo, action: Readonly<SignalAction>): void;
  /** An access that the page table did not permit. */
  pageFault(task: Task, address: number, access: number): void;
  /** It is dealt with: the access is tried again, a page is waited for, or a signal is under way. */
  pageFaultDone(task: Task): void;
  /** A task gets the processor. */
  schedIn(task: Task): void;
  /** It gives the processor back: blocked, gone, or preempted while it could have gone on (state "R"). */
  schedOut(task: Task): void;
  /** It starts to wait: in a system call or, with `task.faulting`, for a page. */
  schedBlock(task: Task, wait: Wait<number>): void;
  /** What it waited for has come. */
  schedWake(task: Task): void;
  /** A group has used up its quota of the processor, or may go on. */
  cgroupThrottle(cgroup: Cgroup, throttled: boolean): void;
  /** A process is killed for its memory (Linux: oom/mark_victim). */
  oomKill(victim: ThreadGroup): void;
  /** Before user space: how many of `fuel` instructions may retire until `retired` is told, at least 1. */
  budget(task: Task, fuel: number): number;
  /** After user space, before what it came to the gate for: so many instructions have retired. */
  retired(task: Task, instructions: number): void;
}

export type Observer = Partial<Tracepoints>;

type Points = { [K in keyof Tracepoints]: Tracepoints[K] | undefined };

export class Trace implements Points {
  syscallEnter: Tracepoints["syscallEnter"] | undefined = undefined;
  syscallExit: Tracepoints["syscallExit"] | undefined = undefined;
  syscallInject: Tracepoints["syscallInject"] | undefined = undefined;
  taskFork: Tracepoints["taskFork"] | undefined = undefined;
  taskExec: Tracepoints["taskExec"] | undefined = undefined;
  taskExit: Tracepoints["taskExit"] | undefined = undefined;
  signalGenerate: Tracepoints["signalGenerate"] | undefined = undefined;
  signalDeliver: Tracepoints["signalDeliver"] | undefined = undefined;
  pageFault: Tracepoints["pageFault"] | undefined = undefined;
  pageFaultDone: Tracepoints["pageFaultDone"] | undefined = undefined;
  schedIn: Tracepoints["schedIn"] | undefined = undefined;
  schedOut: Tracepoints["schedOut"] | undefined = undefined;
  schedBlock: Tracepoints["schedBlock"] | undefined = undefined;
  schedWake: Tracepoints["schedWake"] | undefined = undefined;
  cgroupThrottle: Tracepoints["cgroupThrottle"] | undefined = undefined;
  oomKill: Tracepoints["oomKill"] | undefined = undefined;
  budget: Tracepoints["budget"] | undefined = undefined;
  retired: Tracepoints["retired"] | undefined = undefined;
  private observers: readonly Observer[] = [];

  /** Adds an observer; the function that comes back takes it away again. */
  listen(observer: Observer): () => void {
    this.observers = [...this.observers, observer];
    this.connect();
    return () => {
      this.observers = this.observers.filter((other) => other !== observer);
      this.connect();
    };
  }

  private connect(): void {
    const { observers } = this;
    this.syscallEnter = joined(observers, (each) => each.syscallEnter?.bind(each));
    this.syscallExit = joined(observers, (each) => each.syscallExit?.bind(each));
    this.syscallInject = firstOf(observers);
    this.taskFork = joined(observers, (each) => each.taskFork?.bind(each));
    this.taskExec = joined(observers, (each) => each.taskExec?.bind(each));
    this.taskExit = joined(observers, (each) => each.taskExit?.bind(each));
    this.signalGenerate = joined(observers, (each) => each.signalGenerate?.bind(each));
    this.signalDeliver = joined(observers, (each) => each.signalDeliver?.bind(each));
    this.pageFault = joined(observers, (each) => each.pageFault?.bind(each));
    this.pageFaultDone = joined(observers, (each) => each.pageFaultDone?.bind(each));
    this.schedIn = joined(observers, (each) => each.schedIn?.bind(each));
    this.schedOut = joined(observers, (each) => each.schedOut?.bind(each));
    this.schedBlock = joined(observers, (each) => each.schedBlock?.bind(each));
    this.schedWake = joined(observers, (each) => each.schedWake?.bind(each));
    this.cgroupThrottle = joined(observers, (each) => each.cgroupThrottle?.bind(each));
    this.oomKill = joined(observers, (each) => each.oomKill?.bind(each));
    this.budget = leastOf(observers);
    this.retired = joined(observers, (each) => each.retired?.bind(each));
  }
}

/** One listener is called directly; several, in the order in which they came. */
function joined<A extends unknown[]>(
  observers: readonly Observer[],
  point: (observer: Observer) => ((...args: A) => void) | undefined,
): ((...args: A) => void) | undefined {
  const listeners = observers.map(point).filter((listener) => listener !== undefined);
  if (listeners.length < 2) return listeners[0];
  return (...args) => {
    for (const listener of listeners) listener(...args);
  };
}

function firstOf(observers: readonly Observer[]): Tracepoints["syscallInject"] | undefined {
  const answering = observers.filter((observer) => observer.syscallInject);
  if (answering.length === 0) return undefined;
  return (task, row, number) => {
    for (const observer of answering) {
      const result = observer.syscallInject?.(task, row, number);
      if (result !== undefined) return result;
    }
    return undefined;
  };
}

/** Who wants to look first decides. */
function leastOf(observers: readonly Observer[]): Tracepoints["budget"] | undefined {
  const asking = observers.filter((observer) => observer.budget);
  if (asking.length === 0) return undefined;
  return (task, fuel) => asking.reduce((least, observer) => observer.budget?.(task, least) ?? least, fuel);
}
