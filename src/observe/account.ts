// Exact accounts of a run: where time went (user space, kernel space by system call, waiting and on what), instructions,
// faults, switches, bytes. The clock is read at each crossing, and only while such an account listens.
import { systemCallName } from "../abi/system-call-names.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Wait } from "../kernel/sched/wait-queue.ts";
import type { Row, SyscallResult } from "../kernel/syscalls/table.ts";
import type { Task } from "../kernel/task/task.ts";
import type { ThreadGroup } from "../kernel/task/thread-group.ts";
import type { Observer } from "../kernel/trace.ts";

/** One kind of system call, over all tasks. */
export interface CallAccount {
  readonly name: string;
  calls: number;
  errors: number;
  /** Calls that had to wait. */
  blocked: number;
  /** Nanoseconds in kernel space, waiting not counted. */
  time: number;
  /** Nanoseconds that tasks waited in it; other tasks may have run meanwhile. */
  waited: number;
  /** Nanoseconds in which nothing ran at all and this call's answer ended it. */
  idle: number;
}

/** What a task does now. */
type Mode = "user" | "kernel" | "fault" | "none";

export class Account implements Observer {
  /** Nanoseconds. */
  user = 0;
  kernelTime = 0;
  faultTime = 0;
  /** Nothing was runnable. */
  idle = 0;
  instructions = 0;
  faults = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntary = 0;
  involuntary = 0;
  forks = 0;
  threads = 0;
  execs = 0;
  exits = 0;
  wakeups = 0;
  /** Signals sent, and signals taken. */
  signalsSent = 0;
  signals = 0;
  crossings = 0;
  readonly calls = new Map<string, CallAccount>();
  readonly programs = new Set<string>();
  readonly begun: number;
  protected readonly kernel: Kernel;
  private mode: Mode = "none";
  private last: number;
  private idleSeen: number;
  private current: CallAccount | undefined;
  /** Gave the processor back although it could have gone on; the next one decides whether that was a switch. */
  private preempted: Task | undefined;
  private readonly waiting = new Map<Task, { account: CallAccount; since: number }>();
  private readonly counted = new WeakSet<Task>();
  /** What tasks had done before it began to listen. */
  private readonly before = new Map<Task, { instructions: number; minorFaults: number; majorFaults: number }>();
  private readonly followed: Set<Task> | undefined;

  /** `tasks`: only these, and what they start. */
  constructor(kernel: Kernel, tasks?: Iterable<Task>) {
    this.kernel = kernel;
    this.followed = tasks && new Set(tasks);
    for (const task of kernel.tasks.all) {
      const { instructions, minorFaults, majorFaults } = task;
      this.before.set(task, { instructions, minorFaults, majorFaults });
    }
    this.begun = this.last = kernel.clock.monotonic();
    this.idleSeen = kernel.scheduler.idleUntil(this.begun);
  }

  /** Nanoseconds since it began to listen. */
  get elapsed(): number {
    return this.last - this.begun;
  }
  get systemCalls(): number {
    let sum = 0;
    for (const call of this.calls.values()) sum += call.calls;
    return sum;
  }

  follows(task: Task): boolean {
    return this.followed === undefined || this.followed.has(task);
  }
  /** Nothing that it follows lives any more. */
  get empty(): boolean {
    return this.followed !== undefined && [...this.followed].every((task) => task.exiting);
  }

  /** Nanoseconds that tasks waited. */
  get waited(): number {
    let sum = 0;
    for (const call of this.calls.values()) sum += call.waited;
    return sum;
  }

  call(name: string): CallAccount {
    let account = this.calls.get(name);
    if (!account) {
      account = { name, calls: 0, errors: 0, blocked: 0, time: 0, waited: 0, idle: 0 };
      this.calls.set(name, account);
    }
    return account;
  }

  schedIn(task: Task): void {
    const now = this.kernel.clock.monotonic();
    this.last = now;
    const waited = this.waiting.get(task);
    const { idleTime } = this.kernel.scheduler;
    const idle = Math.max(0, idleTime - this.idleSeen);
    this.idleSeen = idleTime;
    if (idle > 0) {
      this.idle += idle;
      if (waited) waited.account.idle += idle;
    }
    if (waited) {
      this.waiting.delete(task);
      waited.account.waited += now - waited.since;
    }
    if (this.preempted && this.preempted !== task) this.involuntary++;
    if (!this.follows(task)) {
      this.mode = "none";
      return;
    }
    this.current = waited?.account;
    this.mode = task.wait ? "kernel" : "user";
  }
  schedOut(task: Task): void {
    this.pass();
    this.mode = "none";
    this.current = undefined;
    this.preempted = task.state === "R" && this.follows(task) ? task : undefined;
  }
  schedBlock(task: Task, _wait: Wait<number>): void {
    const now = this.pass();
    if (!this.follows(task)) return;
    const account = task.faulting ? this.call("page fault") : this.current;
    if (!account) return;
    account.blocked++;
    this.voluntary++;
    this.waiting.set(task, { account, since: now });
  }
  syscallEnter(task: Task, row: Row | undefined, number: number): void {
    if (!this.follows(task)) return;
    this.pass();
    this.crossings++;
    this.current = this.call(row?.name ?? systemCallName(number));
    this.current.calls++;
    this.mode = "kernel";
  }
  syscallExit(task: Task, row: Row | undefined, result: SyscallResult): void {
    if (!this.follows(task)) return;
    if (!this.current) this.current = this.call(row?.name ?? systemCallName(task.syscall));
    this.pass();
    if (typeof result === "number" && result < 0) this.current.errors++;
    this.mode = "user";
    this.current = undefined;
  }
  pageFault(task: Task): void {
    if (!this.follows(task)) return;
    this.pass();
    this.crossings++;
    this.faults++;
    this.mode = "fault";
  }
  pageFaultDone(task: Task): void {
    if (!this.follows(task)) return;
    this.pass();
    this.mode = "user";
  }
  taskFork(parent: Task, child: Task): void {
    if (!this.follows(parent)) return;
    this.followed?.add(child);
    if (parent.group === child.group) this.threads++;
    else if (parent.group !== this.kernel.tasks.init) this.forks++;
  }
  taskExec(task: Task): void {
    if (!this.follows(task)) return;
    this.execs++;
    this.programs.add(task.comm);
  }
  schedWake(task: Task): void {
    if (this.follows(task)) this.wakeups++;
  }
  signalGenerate(target: Task | ThreadGroup): void {
    if (this.follows("leader" in target ? target.leader : target)) this.signalsSent++;
  }
  signalDeliver(task: Task): void {
    if (this.follows(task)) this.signals++;
  }
  taskExit(task: Task): void {
    if (!this.follows(task)) return;
    this.pass();
    this.exits++;
    this.sum(task);
    this.waiting.delete(task);
  }

  /** Adds the tasks that still live. */
  finish(): void {
    for (const task of this.kernel.tasks.all) if (!task.exiting) this.sum(task);
    this.last = this.kernel.clock.monotonic();
  }

  private sum(task: Task): void {
    if (this.counted.has(task) || !this.follows(task)) return;
    this.counted.add(task);
    const before = this.before.get(task);
    this.instructions += task.instructions - (before?.instructions ?? 0);
    this.minorFaults += task.minorFaults - (before?.minorFaults ?? 0);
    this.majorFaults += task.majorFaults - (before?.majorFaults ?? 0);
  }

  /** Charges the time since the last point to what was being done. */
  private pass(): number {
    const now = this.kernel.clock.monotonic();
    const spent = now - this.last;
    this.last = now;
    switch (this.mode) {
      case "user":
        this.user += spent;
        break;
      case "kernel":
        this.kernelTime += spent;
        if (this.current) this.current.time += spent;
        break;
      case "fault":
        this.kernelTime += spent;
        this.faultTime += spent;
    }
    return now;
  }
}
