// strace: an observer that writes a line for each system call, signal and end of a task, as strace(1) does. What the
// lines say comes from the rows of the system call table (pieces.ts); what stands before them is in lead.ts; this file
// knows when they are written.
import { SIGKILL } from "../../abi/signal.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { SignalAction } from "../../kernel/signal/handlers.ts";
import type { SignalInfo } from "../../kernel/signal/pending.ts";
import { NO_RESULT, type Row, type SyscallResult } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import { ThreadGroup } from "../../kernel/task/thread-group.ts";
import type { Observer } from "../../kernel/trace.ts";
import { Call, isError } from "./call.ts";
import { dump } from "./dump.ts";
import { executedName } from "./executed.ts";
import { type Format, Formats } from "./formats.ts";
import { Injector } from "./inject.ts";
import { fraction, Lead } from "./lead.ts";
import { Line } from "./line.ts";
import type { Quiet, Status, StraceOptions } from "./options.ts";
import { touches } from "./path-match.ts";
import { dependent, type Piece, putPieces } from "./pieces.ts";
import { resultText } from "./result.ts";
import { siginfo, signalName } from "./signals.ts";
import { Summary } from "./summary.ts";

export { defaults, type StraceOptions } from "./options.ts";

/** Where bytes go: one stream, or one for each task (-ff). */
export interface LineSink {
  /** The bytes are the caller's again afterwards. */
  write(bytes: Uint8Array): void;
  /** Each line is wanted at once. */
  readonly eager: boolean;
  /** Told that something waits to be written, which `deliver` does: when nobody runs, or when there is time. */
  later?(deliver: () => void): void;
  /** Nothing more will come. */
  end?(): void;
}

interface Stream {
  readonly sink: LineSink;
  readonly line: Line;
  /** The task whose line is not finished. */
  open: Traced | undefined;
  /** The task that is in a call of which nothing is written yet: most end at once, and are written in one go. */
  deferred: Traced | undefined;
  readonly eager: boolean;
  asked: boolean;
  readonly deliver: () => void;
}

interface Traced {
  readonly task: Task;
  tid: number;
  readonly stream: Stream;
  readonly call: Call;
  /** It is in a call that is shown. */
  active: boolean;
  format: Format | undefined;
  pieces: readonly Piece[];
  /** Pieces that have been written. */
  told: number;
  /** Something stands behind the bracket, so that a comma comes before what follows. */
  comma: boolean;
  /** -z and its like: the line until it is known whether it is wanted. */
  staged: Line | undefined;
  note: string;
  began: number;
  waited: number;
  waitsSince: number;
  /** Columns of the line so far. */
  columns: number;
  ignored: SignalInfo[];
  attached: boolean;
  /** Its stop has been told of. */
  stopTold: boolean;
}

const NEWLINE = 10;
/** sendfile, clone, sched_setattr, clone3 */
const COMMA_LATE = new Set([71, 220, 274, 435]);

export class Strace implements Observer {
  readonly summary = new Summary();
  private readonly kernel: Kernel;
  private readonly options: StraceOptions;
  private readonly sinkFor: (tid: number) => LineSink;
  private readonly traced = new Map<Task, Traced>();
  private readonly streams = new Map<LineSink, Stream>();
  private readonly formats: Formats;
  private readonly lead: Lead;
  private readonly injector: Injector | undefined;
  private readonly timed: boolean;
  private readonly late: boolean;
  /** Nothing stands behind an answer. */
  private readonly simple: boolean;
  private readonly filtered: boolean;
  private last: Traced | undefined;
  private root = false;
  private left: number;
  /** Told when nothing is traced any more. */
  onEmpty: (() => void) | undefined;

  constructor(kernel: Kernel, options: StraceOptions, sinkFor: (tid: number) => LineSink) {
    this.kernel = kernel;
    this.options = options;
    this.sinkFor = sinkFor;
    this.formats = new Formats(options);
    this.lead = new Lead(kernel, options);
    this.late = options.statuses !== undefined;
    this.left = options.most;
    this.timed = options.spent !== undefined || options.summary > 0;
    this.filtered = options.touching.length > 0 || options.touchingFds !== undefined;
    this.simple =
      !this.timed &&
      !this.late &&
      !options.dumpRead &&
      !options.dumpWrite &&
      options.stack === 0 &&
      !Number.isFinite(options.most);
    if (options.injections.length > 0) {
      this.injector = new Injector(options.injections, kernel);
      this.syscallInject = this.injecting;
    }
    if (options.summary > 0) this.schedBlock = this.blocking;
    else if (this.simple) {
      this.schedBlock = (task) => {
        const stream = this.traced.get(task)?.stream;
        if (stream?.deferred?.task === task) this.undefer(stream);
      };
    }
  }

  syscallInject: Observer["syscallInject"];
  schedBlock: Observer["schedBlock"];

  /** Begins to trace a task that runs already (-p), with -f its threads too. Answers how many. */
  attach(task: Task): number {
    this.root = true;
    const tasks = this.options.follow ? [...task.group.threads] : [task];
    const added = tasks.filter((each) => !each.exiting && !this.traced.has(each)).map((each) => this.add(each));
    const count = added.length;
    const threads = count > 1 ? ` with ${count} threads` : "";
    this.notice("attach", `Process ${task.tid} attached${threads}`);
    for (const traced of added) {
      traced.attached = true;
      if (traced.task.syscall >= 0) this.joinCall(traced);
    }
    return count;
  }

  /** Lets all tasks go on unseen. */
  detach(): void {
    for (const traced of [...this.traced.values()]) this.drop(traced);
    this.flush();
  }

  /** Writes down what waits to be written. */
  flush(): void {
    for (const stream of this.streams.values()) stream.deliver();
  }

  syscallEnter(task: Task, row: Row | undefined, number: number): void {
    const traced = this.find(task);
    if (!traced) return;
    traced.active = false;
    const format = this.formats.of(row, number);
    if (!format.wanted) return;
    const { call } = traced;
    call.begin(row, number, format.options);
    if (this.filtered && !touches(call, this.options)) return;
    traced.active = true;
    traced.format = format;
    traced.note = "";
    if (this.timed) {
      traced.waited = 0;
      traced.began = this.kernel.clock.monotonic();
    }
    if (this.simple && format.deferrable) {
      const { stream } = traced;
      if (stream.deferred) this.undefer(stream);
      stream.deferred = traced;
      return;
    }
    if (this.options.summary === 1) return;
    this.begin(traced, format);
  }

  syscallExit(task: Task, row: Row | undefined, result: SyscallResult): void {
    const traced = this.find(task);
    if (!traced) return;
    // A killed task does not see its call's end.
    if (task.attention && (task.group.exiting || task.pending.has(SIGKILL) || task.group.pending.has(SIGKILL))) return;
    if (traced.active) {
      traced.call.result =
        typeof result === "number" || typeof result === "bigint" ? result : answer(task, row, result);
      traced.active = false;
      this.finish(traced, traced.format!);
      if (this.options.detachOnExec && row?.name.startsWith("execve") && traced.call.result === 0) this.drop(traced);
    }
    if (traced.ignored.length > 0) for (const info of traced.ignored.splice(0)) this.signal(traced, info);
  }

  taskFork(parent: Task, child: Task): void {
    if (!this.options.follow || !this.traced.has(parent)) return;
    this.add(child);
    this.notice("attach", `Process ${child.tid} attached`);
  }

  taskExec(task: Task): void {
    if (!this.root) {
      this.root = true;
      this.firstExec(this.add(task));
      return;
    }
    const traced = this.traced.get(task);
    if (!traced || traced.tid === task.tid) return;
    // A thread that was not the first goes on under the process's id.
    const old = traced.tid;
    traced.tid = task.tid;
    if (this.options.summary === 1 || this.options.quiet.has("thread-execve")) return;
    this.line(traced, `+++ superseded by execve in pid ${old} +++`);
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

  signalDeliver(task: Task, info: SignalInfo, _action: Readonly<SignalAction>): void {
    const traced = this.find(task);
    if (traced && info.signal !== SIGKILL) this.signal(traced, info);
  }

  /** A stop is seen when the task has given up the processor for it; threads that sleep stop where they are. */
  schedOut(task: Task): void {
    if (task.state !== "T" && task.state !== "t") return;
    for (const thread of task.group.threads) {
      const traced = this.traced.get(thread);
      if (!traced || traced.stopTold || !thread.stopped) continue;
      traced.stopTold = true;
      const { stopSignal } = task.group;
      if (this.options.summary === 1 || !this.options.signals(stopSignal)) continue;
      this.line(traced, `--- stopped by ${signalName(stopSignal)} ---`);
    }
  }

  schedIn(task: Task): void {
    const traced = this.find(task);
    if (!traced) return;
    traced.stopTold = false;
    if (traced.waitsSince === 0) return;
    traced.waited += this.kernel.clock.monotonic() - traced.waitsSince;
    traced.waitsSince = 0;
  }

  taskExit(task: Task, status: number): void {
    const traced = this.traced.get(task);
    if (!traced) return;
    const { options } = this;
    if (options.summary !== 1) {
      if (traced.active) this.unfinished(traced);
      this.ended(traced, status);
    }
    this.remove(traced);
  }

  private ended(traced: Traced, status: number): void {
    const killed = status & 0x7f;
    if (killed !== 0) {
      if (!this.options.signals(killed)) return;
      this.line(traced, `+++ killed by ${signalName(killed)} ${(status & 0x80) !== 0 ? "(core dumped) " : ""}+++`);
    } else if (!this.options.quiet.has("exit")) this.line(traced, `+++ exited with ${(status >> 8) & 0xff} +++`);
  }

  private remove(traced: Traced): void {
    const { stream } = traced;
    this.traced.delete(traced.task);
    if (this.last === traced) this.last = undefined;
    if (stream.open === traced) stream.open = undefined;
    if (stream.deferred === traced) stream.deferred = undefined;
    stream.deliver();
    if (this.options.separate) {
      this.streams.delete(stream.sink);
      stream.sink.end?.();
    }
    if (this.traced.size === 0) this.onEmpty?.();
  }

  private readonly injecting: NonNullable<Observer["syscallInject"]> = (task, row, number) => {
    const traced = this.find(task);
    if (!traced?.active) return undefined;
    const { result, note } = this.injector!.inject(task, row, number);
    traced.note = note;
    return result;
  };
  private readonly blocking: NonNullable<Observer["schedBlock"]> = (task) => {
    const traced = this.traced.get(task);
    if (traced?.active) traced.waitsSince = this.kernel.clock.monotonic();
  };

  private find(task: Task): Traced | undefined {
    const { last } = this;
    if (last?.task === task) return last;
    const traced = this.traced.get(task);
    if (traced) this.last = traced;
    return traced;
  }

  private add(task: Task): Traced {
    const traced: Traced = {
      task,
      tid: task.tid,
      stream: this.streamFor(task.tid),
      call: new Call(task, this.options),
      active: false,
      format: undefined,
      pieces: [],
      told: 0,
      comma: false,
      staged: this.late ? new Line() : undefined,
      note: "",
      began: 0,
      waited: 0,
      waitsSince: 0,
      columns: 0,
      ignored: [],
      attached: false,
      stopTold: false,
    };
    this.traced.set(task, traced);
    return traced;
  }

  private streamFor(tid: number): Stream {
    const sink = this.sinkFor(tid);
    let stream = this.streams.get(sink);
    if (!stream) {
      const made: Stream = {
        sink,
        line: new Line(),
        open: undefined,
        deferred: undefined,
        eager: sink.eager,
        asked: false,
        deliver: () => {
          made.asked = false;
          const { line } = made;
          if (line.length === 0) return;
          sink.write(line.bytes.subarray(0, line.length));
          line.clear();
        },
      };
      stream = made;
      this.streams.set(sink, stream);
    }
    return stream;
  }

  /** The program that everything begins with was put in place by the machine itself. */
  private firstExec(traced: Traced): void {
    const { task, call } = traced;
    const row = this.kernel.syscalls[221];
    if (!row) return;
    const format = this.formats.of(row, 221);
    const { argv, envp, name } = executedName(task);
    call.pretend(row, [name, argv, envp], format.options);
    const { options } = this;
    if (!format.wanted) return;
    if ((options.touching.length > 0 || options.touchingFds) && !touches(call, options)) return;
    traced.format = format;
    if (this.timed) traced.began = this.kernel.clock.monotonic();
    if (options.summary !== 1) this.begin(traced, format);
    call.result = 0;
    this.finish(traced, format);
    if (options.detachOnExec) this.drop(traced);
  }

  /** A call that was going on when the task was attached to: what is left of it is seen. */
  private joinCall(traced: Traced): void {
    const { task } = traced;
    const { syscall } = task;
    const row = this.kernel.syscalls[syscall];
    const format = this.formats.of(row, syscall);
    if (!format.wanted) return;
    traced.call.begin(row, syscall, format.options);
    traced.call.restoreFirst(task.originalLow, task.originalHigh);
    traced.active = true;
    traced.format = format;
    if (this.timed) traced.began = this.kernel.clock.monotonic();
    if (this.options.summary !== 1) {
      this.begin(traced, format);
      this.settle(traced.stream);
    }
  }

  /** Writes down what is known at entry: arguments up to the first that the kernel fills in. */
  private begin(traced: Traced, format: Format): void {
    const { stream, call } = traced;
    const line = traced.staged ?? stream.line;
    if (traced.staged) line.clear();
    else this.cutOff(stream);
    const start = line.length;
    this.lead.write(line, traced, this.traced.size);
    line.copy(format.opening);
    const pieces = format.pieces ?? dependent(call);
    traced.pieces = pieces;
    line.began = false;
    const told = putPieces(line, call, pieces, 0, false);
    traced.told = told;
    if (told < pieces.length) {
      if (format.notes) for (let i = told; i < pieces.length; i++) pieces[i]!.note?.(call);
      // What comes may belong to the argument that stands there: strace writes the comma with the next.
      if (line.began && !COMMA_LATE.has(call.number)) {
        line.comma();
        line.began = false;
      }
    }
    traced.comma = line.began;
    traced.columns = line.length - start;
    if (!traced.staged) {
      stream.open = traced;
      if (!stream.asked) this.ask(stream);
    }
  }

  private finish(traced: Traced, format: Format): void {
    const { call, stream } = traced;
    const { result } = call;
    if (stream.deferred === traced) {
      stream.deferred = undefined;
      if (typeof result === "number" && result >= 0 && traced.note === "") {
        this.whole(traced, format, result);
        return;
      }
      this.begin(traced, format);
    }
    if (this.simple && format.plainResult && typeof result === "number" && result >= 0 && traced.note === "") {
      const line = stream.open === traced ? stream.line : this.resume(traced, format);
      const start = line.length;
      if (traced.told < traced.pieces.length) {
        line.began = traced.comma;
        putPieces(line, call, traced.pieces, traced.told, true);
      }
      const columns = this.options.column - traced.columns - line.length + start;
      if (result < 10) line.closingDigit(columns, result);
      else {
        line.closing(columns);
        line.decimal(result);
        line.byte(NEWLINE);
      }
      stream.open = undefined;
      if (line.length > 65536 || stream.eager) stream.deliver();
      else if (!stream.asked) this.ask(stream);
    } else this.finishSlowly(traced, format);
  }

  /** A call that ended at once. */
  private whole(traced: Traced, format: Format, result: number): void {
    const { stream, call } = traced;
    const { line } = stream;
    if (stream.open) this.cutOff(stream);
    const start = line.length;
    this.lead.write(line, traced, this.traced.size);
    line.copy(format.opening);
    line.began = false;
    putPieces(line, call, format.pieces!, 0, true);
    const columns = this.options.column - line.length + start;
    if (result < 10) line.closingDigit(columns, result);
    else {
      line.closing(columns);
      line.decimal(result);
      line.byte(NEWLINE);
    }
    if (line.length > 65536 || stream.eager) stream.deliver();
    else if (!stream.asked) this.ask(stream);
  }

  private undefer(stream: Stream): void {
    const traced = stream.deferred;
    if (!traced) return;
    stream.deferred = undefined;
    this.begin(traced, traced.format!);
  }

  private finishSlowly(traced: Traced, format: Format): void {
    const { options } = this;
    const { call } = traced;
    const failed = isError(call);
    const wanted = this.publishes(failed ? "failed" : "successful");
    const now = this.timed ? this.kernel.clock.monotonic() : 0;
    if (options.summary > 0) {
      if (wanted) {
        const time = now - traced.began - (options.wall ? 0 : traced.waited) - options.overhead;
        this.summary.add(call.number, format.name, Math.max(0, time), failed);
      }
      if (options.summary === 1) return;
    }
    if (!wanted) return;
    const line = this.resume(traced, format);
    const start = line.length;
    if (traced.told < traced.pieces.length) {
      line.began = traced.comma;
      putPieces(line, call, traced.pieces, traced.told, true);
    }
    line.closing(options.column - traced.columns - line.length + start);
    const { result } = call;
    if (typeof result === "number" && result >= 0 && format.plainResult) line.decimal(result);
    else line.text(format.raw ? rawResult(call) : resultText(call));
    if (traced.note !== "") line.text(traced.note);
    if (options.spent !== undefined) line.text(` <${fraction(now - traced.began, options.spent)}>`);
    line.byte(NEWLINE);
    if (options.dumpRead || options.dumpWrite) dump(line, call, options);
    this.publish(traced, line);
    if (options.stack > 0) this.stack(traced);
    if (--this.left <= 0) this.detach();
  }

  private publishes(status: Status): boolean {
    return this.options.statuses?.has(status) ?? true;
  }

  private publish(traced: Traced, line: Line): void {
    const { stream } = traced;
    if (line === traced.staged) {
      this.cutOff(stream);
      stream.line.copy(line.bytes.subarray(0, line.length));
      line.clear();
    }
    stream.open = undefined;
    this.settle(stream);
  }

  /** It ends in a call. */
  private unfinished(traced: Traced): void {
    this.undefer(traced.stream);
    if (!this.publishes("unfinished")) return;
    const line = this.resume(traced, traced.format!);
    const start = line.length;
    if (traced.told < traced.pieces.length) line.text(" <unfinished ...>");
    line.closing(this.options.column - traced.columns - line.length + start);
    line.byte(63);
    line.byte(NEWLINE);
    this.publish(traced, line);
  }

  /** Goes on with a line, which another task's may have cut off. */
  private resume(traced: Traced, format: Format): Line {
    const { stream, staged } = traced;
    if (staged) return staged;
    const { line } = stream;
    if (stream.open === traced) return line;
    this.cutOff(stream);
    const start = line.length;
    this.lead.write(line, traced, this.traced.size);
    line.text(`<... ${format.name} resumed>`);
    traced.columns = line.length - start;
    return line;
  }

  private signal(traced: Traced, info: SignalInfo): void {
    if (this.options.summary === 1 || !this.options.signals(info.signal)) return;
    this.line(traced, `--- ${signalName(info.signal)} ${siginfo(info)} ---`);
    if (this.options.stack > 0) this.stack(traced);
  }

  private stack({ stream, task }: Traced): void {
    this.lead.stack(stream.line, task);
    this.settle(stream);
  }

  private line(traced: Traced, text: string): void {
    const { stream } = traced;
    const { line } = stream;
    this.cutOff(stream);
    this.lead.write(line, traced, this.traced.size);
    line.text(text);
    line.byte(NEWLINE);
    this.settle(stream);
  }

  private cutOff(stream: Stream): void {
    this.undefer(stream);
    if (!stream.open) return;
    stream.line.text(" <unfinished ...>\n");
    stream.open = undefined;
  }

  /** Something was written. */
  private settle(stream: Stream): void {
    if (stream.line.length > 65536 || (stream.eager && !stream.open)) stream.deliver();
    else if (!stream.asked) this.ask(stream);
  }
  private ask(stream: Stream): void {
    stream.asked = true;
    stream.sink.later?.(stream.deliver);
  }

  private drop(traced: Traced): void {
    const { stream } = traced;
    this.undefer(stream);
    if (stream.open === traced && this.publishes("detached")) stream.line.text(" <detached ...>\n");
    if (traced.attached) {
      stream.deliver();
      this.notice("attach", `Process ${traced.tid} detached`);
    }
    this.remove(traced);
  }

  private notice(kind: Quiet, text: string): void {
    if (this.options.quiet.has(kind)) return;
    for (const stream of this.streams.values()) {
      this.undefer(stream);
      stream.deliver();
    }
    this.options.notice(`strace: ${text}`);
  }
}

const rawResult = (call: Call): string => {
  const { result } = call;
  if (isError(call)) return resultText(call);
  const value = BigInt.asUintN(64, BigInt(result ?? 0));
  return value === 0n ? "0" : `0x${value.toString(16)}`;
};

/** A number as the call's caller will see it. */
function answer(task: Task, row: Row | undefined, result: unknown): number | bigint {
  if (result !== NO_RESULT || row?.name !== "rt_sigreturn") return 0;
  const restored = BigInt.asIntN(64, task.context.x(10));
  return restored < 0n && restored >= -4095n ? Number(restored) : restored;
}
