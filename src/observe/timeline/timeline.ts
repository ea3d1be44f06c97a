// airside trace: what each task did when, as a file that Perfetto (https://ui.perfetto.dev) and chrome://tracing show. A
// track for the processor says whom it ran; each thread's track has its system calls, page faults and waits, one in
// another, and what happened to it. "Trace Event Format", Google.
import { errnoName, isErrno } from "../../abi/errno.ts";
import { signalName } from "../../abi/signal.ts";
import { systemCallName } from "../../abi/system-call-names.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { SignalAction } from "../../kernel/signal/handlers.ts";
import type { SignalInfo } from "../../kernel/signal/pending.ts";
import type { Row, SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Observer } from "../../kernel/trace.ts";
import { toText } from "../../lib/byte-string.ts";

interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  /** X: a span; i: a moment; M: a name; s and f: an arrow from one to the other. */
  readonly ph: "X" | "i" | "M" | "s" | "f";
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number;
  readonly s?: "t";
  readonly bp?: "e";
  readonly args?: Record<string, unknown>;
}

/** A span that goes on. */
interface Open {
  readonly name: string;
  readonly cat: string;
  readonly since: number;
}

interface Thread {
  readonly comm: string;
  call: Open | undefined;
  fault: Open | undefined;
  wait: Open | undefined;
  /** The arrow from who woke it. */
  wokenBy: number | undefined;
}

/** The processor's track. */
const CPU = 0;

export class Timeline implements Observer {
  readonly events: TraceEvent[] = [];
  private readonly kernel: Kernel;
  private readonly begun: number;
  private readonly threads = new Map<Task, Thread>();
  private readonly named = new Set<number>();
  private running: { task: Task; since: number; instructions: number } | undefined;
  private arrows = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.begun = kernel.clock.monotonic();
    this.events.push({ name: "process_name", ph: "M", pid: CPU, tid: CPU, args: { name: "processor" } });
    this.events.push({ name: "thread_name", ph: "M", pid: CPU, tid: CPU, args: { name: "cpu 0" } });
    this.events.push({ name: "process_sort_index", ph: "M", pid: CPU, tid: CPU, args: { sort_index: -1 } });
  }

  /** Microseconds since it began. */
  private now(): number {
    return (this.kernel.clock.monotonic() - this.begun) / 1000;
  }

  /** The thread's state; its names are told when they are new. */
  private thread(task: Task): Thread {
    const comm = toText(task.comm);
    const known = this.threads.get(task);
    if (known?.comm === comm) return known;
    const pid = task.group.pid;
    if (!this.named.has(pid) || task.tid === pid) {
      this.named.add(pid);
      this.events.push({ name: "process_name", ph: "M", pid, tid: pid, args: { name: comm } });
    }
    this.events.push({ name: "thread_name", ph: "M", pid, tid: task.tid, args: { name: comm } });
    const thread: Thread = known
      ? { ...known, comm }
      : { comm, call: undefined, fault: undefined, wait: undefined, wokenBy: undefined };
    this.threads.set(task, thread);
    return thread;
  }

  private span(task: Task, open: Open, until: number, args?: Record<string, unknown>): void {
    const { name, cat, since } = open;
    const place = { ts: since, dur: until - since, pid: task.group.pid, tid: task.tid };
    this.events.push({ name, cat, ph: "X", ...place, ...(args ? { args } : {}) });
  }
  private moment(task: Task, name: string, cat: string, args?: Record<string, unknown>): void {
    const place = { ts: this.now(), pid: task.group.pid, tid: task.tid, s: "t" as const };
    this.events.push({ name, cat, ph: "i", ...place, ...(args ? { args } : {}) });
  }

  syscallEnter(task: Task, row: Row | undefined, number: number): void {
    this.thread(task).call = { name: row?.name ?? systemCallName(number), cat: "syscall", since: this.now() };
  }
  syscallExit(task: Task, _row: Row | undefined, result: SyscallResult): void {
    const thread = this.thread(task);
    const { call } = thread;
    if (!call) return;
    thread.call = undefined;
    this.span(task, call, this.now(), resultOf(result));
  }
  pageFault(task: Task, address: number, access: number): void {
    const kind = ["read", "write", "execute"][access] ?? "access";
    this.thread(task).fault = { name: `fault (${kind}) 0x${address.toString(16)}`, cat: "fault", since: this.now() };
  }
  pageFaultDone(task: Task): void {
    const thread = this.thread(task);
    if (!thread.fault) return;
    this.span(task, thread.fault, this.now());
    thread.fault = undefined;
  }
  schedIn(task: Task): void {
    const since = this.now();
    this.running = { task, since, instructions: task.instructions };
    const thread = this.thread(task);
    const { wait, wokenBy } = thread;
    if (wait) this.span(task, wait, since);
    thread.wait = undefined;
    thread.wokenBy = undefined;
    if (wokenBy === undefined) return;
    const place = { pid: task.group.pid, tid: task.tid, ts: since };
    this.events.push({ name: "wakeup", cat: "sched", ph: "f", bp: "e", id: wokenBy, ...place });
  }
  schedOut(task: Task): void {
    const { running } = this;
    this.running = undefined;
    if (running?.task !== task) return;
    const args = { pid: task.group.pid, tid: task.tid, instructions: task.instructions - running.instructions };
    const { since } = running;
    const name = this.thread(task).comm;
    this.events.push({ name, cat: "sched", ph: "X", ts: since, dur: this.now() - since, pid: CPU, tid: CPU, args });
  }
  schedBlock(task: Task): void {
    const on = task.faulting ? "page" : (this.thread(task).call?.name ?? "signal");
    this.thread(task).wait = { name: `wait (${on})`, cat: "wait", since: this.now() };
  }
  schedWake(task: Task): void {
    const { current } = this.kernel;
    if (!current || current === task) return;
    const id = ++this.arrows;
    this.thread(task).wokenBy = id;
    const place = { pid: current.group.pid, tid: current.tid, ts: this.now() };
    this.events.push({ name: "wakeup", cat: "sched", ph: "s", id, ...place });
  }
  taskFork(parent: Task, child: Task): void {
    this.moment(parent, parent.group === child.group ? "thread" : "fork", "task", { child: child.tid });
  }
  taskExec(task: Task): void {
    this.thread(task);
    this.moment(task, "exec", "task", { comm: toText(task.comm) });
  }
  taskExit(task: Task, status: number): void {
    const thread = this.thread(task);
    this.moment(task, "exit", "task", { status });
    if (thread.call) this.span(task, thread.call, this.now());
    this.threads.delete(task);
  }
  signalDeliver(task: Task, info: SignalInfo, action: Readonly<SignalAction>): void {
    this.moment(task, signalName(info.signal), "signal", { from: info.pid, handled: action.handler > 1 });
  }

  /** The file's text. What still goes on ends now. */
  finish(command: readonly string[]): string {
    const now = this.now();
    for (const [task, { call, wait }] of this.threads) {
      if (wait) this.span(task, wait, now);
      if (call) this.span(task, call, now);
    }
    const lines = this.events.map((event) => JSON.stringify(event)).join(",\n");
    const about = JSON.stringify({ command: command.join(" "), creator: "airside trace" });
    return `{"displayTimeUnit":"ns","otherData":${about},"traceEvents":[\n${lines}\n]}\n`;
  }
}

function resultOf(result: SyscallResult): Record<string, unknown> | undefined {
  if (typeof result === "bigint") return { result: `0x${result.toString(16)}` };
  if (typeof result !== "number") return undefined;
  return isErrno(result) ? { result: errnoName(result) } : { result };
}
