// strace: an observer that writes a line for each system call, signal and end of a task, as strace(1) does. What the
// lines say comes from the rows of the system call table (pieces.ts); this file knows when they are written.
import { SIGKILL } from "../../abi/signal.ts";
import { systemCallName } from "../../abi/system-call-names.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { SignalInfo } from "../../kernel/signal/pending.ts";
import { NO_RESULT, type Row, type SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import { ThreadGroup } from "../../kernel/task/thread-group.ts";
import type { Observer } from "../../kernel/trace.ts";
import { toText } from "../../lib/byte-string.ts";
import { type Call, int, isError, peek, type TextOptions } from "./call.ts";
import type { RowFilter } from "./classes.ts";
import { descriptorPath } from "./descriptors.ts";
import { type Injection, inject } from "./inject.ts";
import { type Piece, pieces, struct } from "./pieces.ts";
import { resultText } from "./result.ts";
import { siginfo, signalName } from "./signals.ts";
import { Summary } from "./summary.ts";
import { pathBytes, string } from "./text.ts";

export interface StraceOptions extends TextOptions {
  /** -f */
  follow: boolean;
  /** -o with -f: each line has its pid. */
  alwaysPid: boolean;
  /** -e trace= */
  calls: RowFilter;
  /** -e signal= */
  signals: (signal: number) => boolean;
  /** -z, -Z and -e status=: by success. */
  status: (failed: boolean) => boolean;
  /** The status decides, so that nothing is written before it is known. */
  late: boolean;
  /** -P */
  touching: readonly string[];
  injections: readonly Injection[];
  /** -t (1), -tt (2), -ttt (3). */
  stamp: 0 | 1 | 2 | 3;
  /** -r */
  relative: boolean;
  /** -T */
  spent: boolean;
  /** -n */
  numbers: boolean;
  /** -a */
  column: number;
  /** -q: attaching; -qq: exits too. */
  quiet: 0 | 1 | 2;
  /** -c: no lines (1); -C: lines too (2). */
  summary: 0 | 1 | 2;
  /** -w: the summary counts time waited. */
  wall: boolean;
}

export const defaults: StraceOptions = {
  limit: 32,
  verbose: false,
  hex: 0,
  paths: 0,
  touching: [],
  follow: false,
  alwaysPid: false,
  calls: () => true,
  signals: () => true,
  status: () => true,
  late: false,
  injections: [],
  stamp: 0,
  relative: false,
  spent: false,
  numbers: false,
  column: 40,
  quiet: 0,
  summary: 0,
  wall: false,
};

/** Where lines go: one stream, or one for each task (-ff). Text comes in parts; a part may end within a line. */
export interface LineSink {
  write(text: string): void;
  /** A task is about to wait: what is written should be seen. */
  flush(): void;
}

interface Stream {
  readonly sink: LineSink;
  /** The task whose line is not finished. */
  open: Traced | undefined;
}

interface Traced {
  readonly task: Task;
  readonly tid: number;
  readonly stream: Stream;
  call: Call | undefined;
  pieces: readonly Piece[];
  /** Arguments that were known at entry, with the comma behind them. */
  text: string;
  /** Pieces that `text` has. */
  told: number;
  injected: string;
  shown: boolean;
  began: number;
  waited: number;
  waitsSince: number;
  /** Columns of the line so far. */
  columns: number;
  ignored: SignalInfo[];
}

export class Strace implements Observer {
  readonly summary = new Summary();
  private readonly kernel: Kernel;
  private readonly options: StraceOptions;
  private readonly sinkFor: (tid: number) => LineSink;
  private readonly traced = new Map<Task, Traced>();
  private readonly streams = new Map<LineSink, Stream>();
  private attached: number[] = [];
  private root = false;
  private lastStamp = 0;
  private readonly timed: boolean;

  constructor(kernel: Kernel, options: StraceOptions, sinkFor: (tid: number) => LineSink) {
    this.kernel = kernel;
    this.options = options;
    this.sinkFor = sinkFor;
    this.timed = options.spent || options.summary > 0 || options.stamp > 0 || options.relative;
    if (options.injections.length > 0) this.syscallInject = this.injecting;
    if (options.summary > 0) {
      this.schedBlock = this.blocking;
      this.schedIn = this.running;
    } else this.schedBlock = (task) => this.traced.get(task)?.stream.sink.flush();
  }

  syscallInject: Observer["syscallInject"];
  schedBlock: Observer["schedBlock"];
  schedIn: Observer["schedIn"];

  syscallEnter(task: Task, row: Row | undefined, number: number): void {
    const traced = this.traced.get(task);
    if (!traced) return;
    const { options } = this;
    traced.call = undefined;
    if (!options.calls(row, number)) return;
    const { context } = task;
    const args: bigint[] = [];
    const count = row ? row.arguments.length : 6;
    for (let i = 0; i < count; i++) args.push(context.x(10 + i));
    const call: Call = { task, row, number, args, result: undefined, options };
    if (options.touching.length > 0 && !this.touches(call)) return;
    traced.call = call;
    traced.injected = "";
    traced.shown = false;
    if (this.timed) traced.began = this.kernel.clock.monotonic();
    traced.waited = 0;
    if (options.summary === 1) return;
    traced.pieces = pieces(call);
    this.tellEarly(traced);
    if (!options.late) this.begin(traced);
  }

  syscallExit(task: Task, row: Row | undefined, result: SyscallResult): void {
    const traced = this.traced.get(task);
    if (!traced) return;
    const { call } = traced;
    // A killed task does not see its call's end.
    if (task.group.exiting || task.pending.has(SIGKILL) || task.group.pending.has(SIGKILL)) return;
    if (call) {
      call.result = answer(task, row, result);
      this.finish(traced, call);
    }
    traced.call = undefined;
    for (const info of traced.ignored.splice(0)) this.signal(traced, info);
    if (this.attached.length > 0) this.tellAttached(traced.stream);
  }

  taskFork(parent: Task, child: Task): void {
    if (!this.options.follow || !this.traced.has(parent)) return;
    this.add(child);
    if (this.options.quiet === 0 && !this.options.alwaysPid) this.attached.push(child.tid);
  }

  taskExec(task: Task): void {
    if (this.root) return;
    this.root = true;
    const traced = this.add(task);
    this.firstExec(traced);
  }

  signalGenerate(target: Task | ThreadGroup, info: SignalInfo, kept: boolean): void {
    if (kept || info.signal === SIGKILL) return;
    // Ignored signals are seen too: a tracer is told of them before it is known what becomes of them.
    const group = target instanceof ThreadGroup ? target : target.group;
    if (group.exiting || target.pending.has(info.signal)) return;
    const traced = this.traced.get(target instanceof ThreadGroup ? target.leader : target);
    if (!traced) return;
    if (traced.task.syscall >= 0) traced.ignored.push(info);
    else this.signal(traced, info);
  }

  signalDeliver(task: Task, info: SignalInfo): void {
    const traced = this.traced.get(task);
    if (traced && info.signal !== SIGKILL) this.signal(traced, info);
  }

  taskExit(task: Task, status: number): void {
    const traced = this.traced.get(task);
    if (!traced) return;
    this.traced.delete(task);
    const { call, stream } = traced;
    const { options } = this;
    if (options.summary === 1) return;
    if (call) {
      if (options.late) {
        if (options.status(false) === options.status(true)) this.begin(traced);
      }
      if (traced.shown || !options.late) {
        const unfinished = traced.told < traced.pieces.length && traced.text.endsWith(", ") ? " <unfinished ...>" : "";
        this.resume(traced);
        this.end(traced, `${unfinished})`, "?");
      }
    }
    if (options.quiet < 2) {
      const killed = status & 0x7f;
      const core = (status & 0x80) !== 0 ? " (core dumped)" : "";
      const text = killed === 0 ? `exited with ${(status >> 8) & 0xff}` : `killed by ${signalName(killed)}${core}`;
      this.line(traced, `+++ ${text} +++`, this.traced.size + 1);
    }
    stream.sink.flush();
  }

  private readonly injecting: NonNullable<Observer["syscallInject"]> = (task, row, number) => {
    const traced = this.traced.get(task);
    if (!traced || (this.options.touching.length > 0 && !traced.call)) return undefined;
    const { result, injected, delayed } = inject(this.options.injections, task, row, number);
    if (injected) traced.injected = " (INJECTED)";
    else if (delayed) traced.injected = " (DELAYED)";
    return result;
  };
  private readonly blocking: NonNullable<Observer["schedBlock"]> = (task) => {
    const traced = this.traced.get(task);
    if (traced?.call) traced.waitsSince = this.kernel.clock.monotonic();
  };
  private readonly running: NonNullable<Observer["schedIn"]> = (task) => {
    const traced = this.traced.get(task);
    if (!traced || traced.waitsSince === 0) return;
    traced.waited += this.kernel.clock.monotonic() - traced.waitsSince;
    traced.waitsSince = 0;
  };

  private add(task: Task): Traced {
    const sink = this.sinkFor(task.tid);
    let stream = this.streams.get(sink);
    if (!stream) {
      stream = { sink, open: undefined };
      this.streams.set(sink, stream);
    }
    const traced: Traced = {
      task,
      tid: task.tid,
      stream,
      call: undefined,
      pieces: [],
      text: "",
      told: 0,
      injected: "",
      shown: false,
      began: 0,
      waited: 0,
      waitsSince: 0,
      columns: 0,
      ignored: [],
    };
    this.traced.set(task, traced);
    return traced;
  }

  /** The program that everything begins with was put in place by the machine itself. */
  private firstExec(traced: Traced): void {
    const { task } = traced;
    const row = this.kernel.syscalls[221];
    if (this.options.summary === 1 || !row || !this.options.calls(row, 221) || !this.options.status(false)) return;
    const sp = BigInt(task.context.xn(2));
    const count = peek(task, sp, 8)?.getBigUint64(0, true) ?? 0n;
    const argv = sp + 8n;
    const envp = argv + (count + 1n) * 8n;
    const call: Call = { task, row, number: 221, args: [0n, argv, envp], result: 0, options: this.options };
    const name = executedName(call, envp);
    if (this.timed) traced.began = this.kernel.clock.monotonic();
    traced.call = call;
    traced.pieces = [];
    traced.told = 0;
    const args = [name, struct(call, "strings", argv, 1), struct(call, "environment", envp, 2)];
    traced.text = `execve(${args.join(", ")}`;
    this.begin(traced);
    this.end(traced, ")", "0");
    traced.call = undefined;
  }

  /** Writes down what is known at entry: arguments up to the first that the kernel fills in. */
  private tellEarly(traced: Traced): void {
    const { row, number } = traced.call!;
    const name = row?.name ?? systemCallName(number);
    let text = this.options.numbers ? `[${String(number).padStart(4)}] ${name}(` : `${name}(`;
    let first = true;
    let index = 0;
    for (; index < traced.pieces.length; index++) {
      const piece = traced.pieces[index]!;
      if (piece.late) break;
      const argument = piece.text();
      if (argument === undefined) continue;
      text += first ? argument : `, ${argument}`;
      first = false;
    }
    // clone(2)'s name their arguments; strace writes the comma with them.
    const named = name === "clone";
    if (index < traced.pieces.length && !first && !named) text += ", ";
    traced.text = text;
    traced.told = index;
  }

  private begin(traced: Traced): void {
    this.lead(traced, this.traced.size);
    traced.stream.sink.write(traced.text);
    traced.columns += traced.text.length;
    traced.stream.open = traced;
    traced.shown = true;
  }

  private finish(traced: Traced, call: Call): void {
    const { options } = this;
    const failed = isError(call);
    if (options.summary > 0) {
      const time = this.kernel.clock.monotonic() - traced.began - (options.wall ? 0 : traced.waited);
      this.summary.add(call.row?.name ?? systemCallName(call.number), time, failed);
      if (options.summary === 1) return;
    }
    if (options.late) {
      if (!options.status(failed)) return;
      this.begin(traced);
    }
    this.resume(traced);
    let text = "";
    let comma = call.row?.name === "clone";
    for (let i = traced.told; i < traced.pieces.length; i++) {
      const argument = traced.pieces[i]!.text();
      if (argument === undefined) continue;
      text += comma ? `, ${argument}` : argument;
      comma = true;
    }
    this.end(traced, `${text})`, resultText(call) + traced.injected);
  }

  /** Goes on with a line that another task's has cut off. */
  private resume(traced: Traced): void {
    if (traced.stream.open === traced) return;
    const { row, number } = traced.call!;
    const text = `<... ${row?.name ?? systemCallName(number)} resumed>`;
    this.lead(traced, this.traced.size);
    traced.stream.sink.write(text);
    traced.columns += text.length;
    traced.stream.open = traced;
  }

  private end(traced: Traced, text: string, result: string): void {
    const { column, spent } = this.options;
    let rest = `${text} `;
    const columns = traced.columns + rest.length;
    if (columns < column) rest += " ".repeat(column - columns);
    rest += `= ${result}`;
    if (spent && traced.call?.result !== undefined) {
      rest += ` <${seconds(this.kernel.clock.monotonic() - traced.began)}>`;
    }
    traced.stream.open = undefined;
    traced.stream.sink.write(`${rest}\n`);
  }

  private signal(traced: Traced, info: SignalInfo): void {
    if (this.options.summary === 1 || !this.options.signals(info.signal)) return;
    this.line(traced, `--- ${signalName(info.signal)} ${siginfo(info)} ---`, this.traced.size);
  }

  private line(traced: Traced, text: string, tasks: number): void {
    this.lead(traced, tasks);
    traced.stream.sink.write(`${text}\n`);
  }

  private tellAttached(stream: Stream): void {
    this.cutOff(stream);
    for (const tid of this.attached.splice(0)) stream.sink.write(`strace: Process ${tid} attached\n`);
  }

  private cutOff(stream: Stream): void {
    if (!stream.open) return;
    stream.sink.write(" <unfinished ...>\n");
    stream.open = undefined;
  }

  /** What stands before each line: pid, time. */
  private lead(traced: Traced, tasks: number): void {
    const { options } = this;
    const { stream } = traced;
    this.tellAttached(stream);
    let text = "";
    if (options.alwaysPid) text += `${String(traced.tid).padEnd(5)} `;
    else if (tasks > 1 && this.streams.size === 1) text += `[pid ${String(traced.tid).padStart(5)}] `;
    if (options.relative) {
      const now = this.kernel.clock.monotonic();
      text += `${seconds(this.lastStamp === 0 ? 0 : now - this.lastStamp).padStart(13)} `;
      this.lastStamp = now;
    }
    const { stamp } = options;
    if (stamp !== 0) text += `${clockText(this.kernel.clock.realtime(), stamp)} `;
    traced.columns = text.length;
    if (text !== "") stream.sink.write(text);
  }

  /** -P: one of its paths or descriptors is one of those. */
  private touches(call: Call): boolean {
    const { touching } = this.options;
    return (call.row?.arguments ?? []).some((argument, index) => {
      const value = call.args[index] ?? 0n;
      if (argument.kind === "path") {
        const name = pathBytes(call, value);
        return name !== undefined && touching.includes(toText(name));
      }
      if (argument.kind !== "fd" && argument.kind !== "dirfd") return false;
      const name = descriptorPath(call.task, int(value));
      return name !== undefined && touching.includes(name);
    });
  }
}

/** A number as the call's caller will see it. */
function answer(task: Task, row: Row | undefined, result: SyscallResult): number | bigint {
  if (typeof result === "number" || typeof result === "bigint") return result;
  if (result !== NO_RESULT || row?.name !== "rt_sigreturn") return 0;
  const restored = BigInt.asIntN(64, task.context.x(10));
  return restored < 0n && restored >= -4095n ? Number(restored) : restored;
}

/** AT_EXECFN of the auxiliary vector behind the environment. */
function executedName(call: Call, envp: bigint): string {
  let at = envp;
  while ((peek(call.task, at, 8)?.getBigUint64(0, true) ?? 0n) !== 0n) at += 8n;
  for (at += 8n; ; at += 16n) {
    const entry = peek(call.task, at, 16);
    const type = entry?.getBigUint64(0, true) ?? 0n;
    if (!entry || type === 0n) return '""';
    if (type === 31n)
      return string({ ...call, options: { ...call.options, limit: 4096 } }, entry.getBigUint64(8, true));
  }
}

const seconds = (nanoseconds: number): string => (nanoseconds / 1e9).toFixed(6);

/** Local time, like the clock on the wall; or seconds since 1970. */
function clockText(realtime: bigint, stamp: 1 | 2 | 3): string {
  const micro = realtime / 1000n;
  const fraction = String(micro % 1_000_000n).padStart(6, "0");
  if (stamp === 3) return `${micro / 1_000_000n}.${fraction}`;
  const date = new Date(Number(micro / 1000n));
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return stamp === 1 ? clock : `${clock}.${fraction}`;
}
