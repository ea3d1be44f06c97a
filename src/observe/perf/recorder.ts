// perf record: samples with the calls that led there. In user space every so many instructions, exactly: the hart is given
// fuel up to the next sample. In kernel space by time: the span in which the next tick falls bears it, with the system
// call that it belongs to. Other events (faults, calls, switches) every so many of them.
import { systemCallName } from "../../abi/system-call-names.ts";
import { RELEASE } from "../../abi/version.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Row } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Observer } from "../../kernel/trace.ts";
import { toText } from "../../lib/byte-string.ts";
import { LOG_CAPACITY } from "../../machine/recording.ts";
import { type CallGraph, CallStacks } from "./call-stacks.ts";
import { baseName, type Event, systemCallOf } from "./events.ts";
import type { Profile } from "./profile.ts";
import { SampleLog, type Where } from "./sample-log.ts";

export interface RecordOptions {
  readonly events: readonly Event[];
  /** Instructions between two samples in user space. 1: all of them, by function and by the calls that led there. */
  readonly instructions: number;
  /** Nanoseconds of kernel space between two samples there. */
  readonly nanoseconds: number;
  /** Of other events, how many between two samples. */
  readonly every: number;
  readonly calls: CallGraph;
  /** Only these threads and what they start; undefined for all of the machine. */
  readonly tasks?: ReadonlySet<Task>;
}

/** An event that is counted up to its period. */
interface Counter {
  readonly index: number;
  readonly period: number;
  pending: number;
}

/** Calls after which something else may lie at an address. */
const REMAPPING = new Set(["mmap", "munmap", "mremap"]);
/** In an exact recording, instructions between two looks at the clock. */
const TICK = 10_000;

/** Calls after which the program that made them is no more. */
const LAST_CALLS = new Set(["exit", "exit_group", "execve", "execveat", "rt_sigreturn"]);

export class Recorder {
  private readonly kernel: Kernel;
  private readonly options: RecordOptions;
  private readonly callers: CallStacks;
  private readonly log: SampleLog;
  private readonly exact: boolean;
  /** Instructions until something is done, as `left` begins. */
  private readonly stride: number;
  private readonly counters = new Map<string, Counter>();
  private readonly followed: Set<Task> | undefined;
  private readonly started = Date.now();
  private readonly begun: number;

  // user space
  /** Instructions until the next sample, and the fuel of the present run. */
  private left: number;
  private fuel = 0;
  // time
  private readonly clock: Counter | undefined;
  private readonly clockUser: boolean;
  private readonly clockKernel: boolean;
  private last = 0;
  private mode: "user" | "kernel" | "none" = "none";
  /** Nanoseconds since the last sample on each side. */
  private userTime = 0;
  private kernelTime = 0;
  /** What the kernel is at: "sys_write", "page_fault". */
  private span = "";
  /** Where the program was before a call after which it is no more. */
  private before = -1;
  private beforeOf: Task | undefined;
  /** Where a thread ended last. */
  private lastEnd: Where | undefined;
  private readonly offCpu = new Map<Task, { since: number; where: Where }>();
  /** Gave the processor back although it could have gone on; the next one decides whether that was a switch. */
  private preempted: Task | undefined;
  /** Faults of each task that are counted. */
  private readonly faultsOf = new Map<Task, number>();
  private stop: (() => void) | undefined;

  constructor(kernel: Kernel, options: RecordOptions) {
    this.kernel = kernel;
    this.options = options;
    this.begun = this.last = kernel.clock.monotonic();
    this.exact = options.instructions === 1 && options.events.some((event) => baseName(event) === "instructions");
    this.callers = new CallStacks(kernel, options.calls, this.exact);
    this.stride = this.exact ? TICK : options.instructions;
    this.left = this.stride;
    this.followed = options.tasks && new Set(options.tasks);
    const events = options.events.map(({ name, unit }, index) => {
      const base = baseName(options.events[index]!);
      const period =
        base === "instructions" ? options.instructions : unit === "ns" ? options.nanoseconds : options.every;
      this.counters.set(base, { index, period, pending: 0 });
      // Each wait is a sample.
      return { name, unit, period: base === "offcpu-time" ? 1 : period, total: 0 };
    });
    this.log = new SampleLog(events);
    const clock = options.events.find((event) => /^(cpu|task)-clock/.test(event.name));
    this.clock = clock && this.counters.get(baseName(clock));
    this.clockUser = clock !== undefined && clock.side !== "k";
    this.clockKernel = clock !== undefined && clock.side !== "u";
  }

  /** Begins to listen. */
  start(): void {
    this.stop = this.kernel.trace.listen(this.observer());
  }

  /** Only what the events need: an observer that hears of every crossing has to read the clock there. */
  private observer(): Observer {
    const has = (name: string): boolean => this.counters.has(name);
    const observer: Observer = {
      taskFork: (parent, child) => this.taskFork(parent, child),
      taskExec: (task) => this.count("sched:sched_process_exec", task),
      taskExit: (task) => this.taskExit(task),
    };
    const { shadow } = this.callers;
    if (shadow) {
      observer.budget = (task, fuel) => {
        this.fuel = Math.min(fuel, LOG_CAPACITY, this.follows(task) ? this.left : fuel);
        if (this.follows(task)) shadow.enter(task);
        return this.fuel;
      };
      observer.taskFork = (parent, child) => {
        shadow.forked(parent, child);
        this.taskFork(parent, child);
      };
      observer.taskExec = (task) => {
        shadow.executed(task);
        this.count("sched:sched_process_exec", task);
      };
      observer.syscallEnter = (task, row, number) => this.syscallEnter(task, row, number);
      observer.signalDeliver = (task, _info, action) => {
        if (action.handler > 1) shadow.signalled(task);
        this.count("signal:signal_deliver", task);
      };
    } else if (has("instructions") || this.clockUser) {
      observer.budget = (task, fuel) => (this.follows(task) ? Math.min(fuel, this.left) : fuel);
    }
    if (observer.budget) observer.retired = (task, instructions) => this.retired(task, instructions);
    const calls = [...this.counters.keys()].some((name) => systemCallOf(name) !== undefined);
    if (this.clock || calls || has("raw_syscalls:sys_enter")) {
      observer.syscallEnter = (task, row, number) => this.syscallEnter(task, row, number);
    }
    if (this.clock) {
      observer.syscallExit = (task) => this.leave(task);
    }
    const faults = ["page-faults", "minor-faults", "major-faults"].some(has);
    if (this.clock || faults || has("exceptions:page_fault_user")) {
      observer.pageFault = (task) => this.enter(task, "page_fault");
      observer.pageFaultDone = (task) => {
        this.count("exceptions:page_fault_user", task);
        if (faults) this.countFaults(task);
        this.leave(task);
      };
    }
    if (faults) {
      // The kernel's own accesses to the program's memory count, too.
      for (const task of this.kernel.tasks.all) this.faultsOf.set(task, task.minorFaults + task.majorFaults);
      observer.syscallExit = (task) => {
        this.countFaults(task);
        this.leave(task);
      };
    }
    const switches = has("context-switches") || has("sched:sched_switch");
    if (this.clock || has("offcpu-time") || switches || faults) {
      observer.schedIn = (task) => this.schedIn(task);
      observer.schedOut = (task) => this.schedOut(task);
    }
    if (has("offcpu-time") || switches) observer.schedBlock = (task) => this.schedBlock(task);
    if (has("sched:sched_wakeup")) observer.schedWake = (task) => this.count("sched:sched_wakeup", task);
    if (has("signal:signal_deliver")) observer.signalDeliver ??= (task) => this.count("signal:signal_deliver", task);
    if (has("signal:signal_generate")) {
      observer.signalGenerate = (target) =>
        this.count("signal:signal_generate", "leader" in target ? target.leader : target);
    }
    return observer;
  }

  private follows(task: Task): boolean {
    return this.followed === undefined || this.followed.has(task);
  }

  // ---- where ------------------------------------------------------------------------------------------------------

  /** The node of the task's stack in user space. */
  private userStack(task: Task): number {
    return this.beforeOf === task ? this.before : this.callers.user(task);
  }
  private inUser(task: Task): Where {
    return { thread: this.log.thread(task), stack: this.userStack(task), ip: task.exiting ? 0 : task.context.pc };
  }
  private inKernel(task: Task): Where {
    const user = this.callers.deep ? this.userStack(task) : -1;
    return { thread: this.log.thread(task), stack: this.callers.inKernel(user, this.span), ip: 0 };
  }

  private sample(index: number, period: number, where: Where): void {
    this.log.add(index, this.last, period, where);
    // What taking it took is nobody's time.
    this.last = this.kernel.clock.monotonic();
  }

  // ---- instructions -----------------------------------------------------------------------------------------------

  private retired(task: Task, instructions: number): void {
    const { shadow, recording } = this.callers;
    if (!this.follows(task)) {
      recording?.clear();
      return;
    }
    if (shadow) {
      this.pass();
      shadow.leave(task, this.fuel, instructions, this.log.thread(task));
      this.last = this.kernel.clock.monotonic();
    }
    this.left -= instructions;
    if (this.left > 0) return;
    this.tick(task);
    this.left = this.stride;
  }
  private tick(task: Task): void {
    this.pass();
    const where = this.inUser(task);
    const instructions = this.counters.get("instructions");
    if (instructions && !this.exact) this.sample(instructions.index, this.stride, where);
    if (this.clock && this.clockUser && this.userTime > 0) {
      this.sample(this.clock.index, this.userTime, where);
      this.userTime = 0;
    }
  }

  // ---- time -------------------------------------------------------------------------------------------------------

  /** Charges the time since the last point to what was being done. */
  private pass(): number {
    const now = this.kernel.clock.monotonic();
    const spent = now - this.last;
    this.last = now;
    if (this.mode === "user") this.userTime += spent;
    else if (this.mode === "kernel" && this.clockKernel) this.kernelTime += spent;
    return now;
  }
  private enter(task: Task, span: string): void {
    if (!this.clock || !this.follows(task)) return;
    this.pass();
    this.mode = "kernel";
    this.span = span;
  }
  private leave(task: Task): void {
    if (!this.clock || !this.follows(task)) return;
    this.endSpan(task);
    this.mode = "user";
  }
  /** A span in the kernel is over: the tick that fell into it is its own. */
  private endSpan(task: Task): void {
    this.pass();
    if (this.mode === "kernel" && this.kernelTime >= this.options.nanoseconds) {
      this.sample(this.clock!.index, this.kernelTime, this.inKernel(task));
      this.kernelTime = 0;
    }
    this.beforeOf = undefined;
  }

  // ---- crossings --------------------------------------------------------------------------------------------------

  private taskFork(parent: Task, child: Task): void {
    if (this.followed?.has(parent)) this.followed.add(child);
    this.count("sched:sched_process_fork", parent);
  }
  private syscallEnter(task: Task, row: Row | undefined, number: number): void {
    if (!this.follows(task)) return;
    const name = row?.name ?? systemCallName(number);
    if (REMAPPING.has(name)) this.callers.shadow?.remapped();
    this.enter(task, `sys_${name}`);
    this.count("raw_syscalls:sys_enter", task);
    this.count(`syscalls:sys_enter_${name}`, task);
    if (this.clock && LAST_CALLS.has(name)) {
      this.before = this.userStack(task);
      this.beforeOf = task;
      this.last = this.kernel.clock.monotonic();
    }
  }
  /** Faults since it was looked at last, minor and major. */
  private countFaults(task: Task): void {
    const before = this.faultsOf.get(task) ?? 0;
    const now = task.minorFaults + task.majorFaults;
    if (now === before) return;
    this.faultsOf.set(task, now);
    this.count("page-faults", task, now - before);
    this.count(task.faulting ? "major-faults" : "minor-faults", task, now - before);
  }
  private schedIn(task: Task): void {
    this.last = this.kernel.clock.monotonic();
    const { preempted } = this;
    this.preempted = undefined;
    if (preempted && preempted !== task) this.switched(preempted);
    if (!this.follows(task)) return;
    this.mode = task.wait ? "kernel" : "user";
    const row = this.kernel.syscalls[task.syscall];
    this.span = task.faulting ? "page_fault" : `sys_${row?.name ?? "restart_syscall"}`;
    const waited = this.offCpu.get(task);
    if (!waited) return;
    this.offCpu.delete(task);
    const { index } = this.counters.get("offcpu-time")!;
    this.sample(index, this.last - waited.since, waited.where);
  }
  private schedOut(task: Task): void {
    if (!this.follows(task)) return;
    if (this.faultsOf.size > 0) this.countFaults(task);
    if (this.clock) this.endSpan(task);
    this.mode = "none";
    if (task.state === "R") this.preempted = task;
  }
  private switched(task: Task): void {
    this.count("context-switches", task);
    this.count("sched:sched_switch", task);
  }
  private schedBlock(task: Task): void {
    if (!this.follows(task)) return;
    this.switched(task);
    if (!this.counters.has("offcpu-time")) return;
    const now = this.pass();
    this.offCpu.set(task, { since: now, where: this.inKernel(task) });
  }
  private taskExit(task: Task): void {
    this.count("sched:sched_process_exit", task);
    if (this.faultsOf.size > 0 && this.follows(task)) this.countFaults(task);
    if (this.follows(task)) {
      if (this.beforeOf !== task) this.before = this.userStack(task);
      this.beforeOf = task;
      this.lastEnd = this.inUser(task);
      this.callers.shadow?.ended(task);
    }
    if (task.group.leader === task) this.callers.modules.ended(task.group.pid);
  }

  /** An event has happened, so many times. */
  private count(name: string, task: Task, times = 1): void {
    const counter = this.counters.get(name);
    if (!counter || !this.follows(task)) return;
    counter.pending += times;
    if (counter.pending < counter.period) return;
    this.sample(counter.index, counter.pending, this.inUser(task));
    counter.pending = 0;
  }

  // ---- the end ----------------------------------------------------------------------------------------------------

  /** One sample for each thread and each way that a function was called. */
  private exactSamples(index: number): void {
    this.callers.shadow!.self.forEach((self, thread) => {
      self.forEach((instructions, node) => {
        if (instructions > 0) this.sample(index, instructions, { thread, stack: node, ip: 0 });
      });
    });
  }

  /** Stops listening. What is left since the last samples goes to where they were taken. */
  finish(command: readonly string[]): Profile {
    this.stop?.();
    this.last = this.kernel.clock.monotonic();
    const instructions = this.counters.get("instructions");
    if (instructions && this.exact) this.exactSamples(instructions.index);
    else if (instructions) instructions.pending = this.stride - this.left;
    if (this.clock) this.clock.pending = this.userTime + this.kernelTime;
    for (const { index, pending } of this.counters.values()) {
      const where = this.log.lastOf[index] ?? this.lastEnd;
      if (where && pending > 0) this.sample(index, pending, where);
    }
    const { events, threads, samples } = this.log;
    return {
      version: 1,
      command,
      hostname: toText(this.kernel.tasks.init!.leader.uts.hostname),
      release: RELEASE,
      started: this.started,
      duration: this.last - this.begun,
      calls: this.callers.deep,
      events,
      ...this.callers.finish(),
      threads,
      samples,
    };
  }
}
