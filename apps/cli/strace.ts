// `airside strace [OPTIONS] [IMAGE] -- COMMAND…`: strace's own options and output (strace(1)).
import * as fs from "node:fs";
import { Command } from "commander";
import type { Machine } from "../../src/index.ts";
import { parseTrace, type RowFilter } from "../../src/observe/strace/classes.ts";
import { type Injection, parseInjection, signalNumber } from "../../src/observe/strace/inject.ts";
import { defaults, type LineSink, Strace, type StraceOptions } from "../../src/observe/strace/strace.ts";
import type { SortKey } from "../../src/observe/strace/summary.ts";
import { guarded, observe, withRunOptions } from "./observed.ts";
import { collect, type RunFlags } from "./run.ts";

interface Flags extends Partial<RunFlags> {
  f?: boolean;
  output?: string;
  append?: boolean;
  expression: string[];
  E: string[];
  c?: boolean;
  C?: boolean;
  S: string;
  w?: boolean;
  r?: boolean;
  T?: boolean;
  v?: boolean;
  n?: boolean;
  s: string;
  a: string;
  path: string[];
  z?: boolean;
  Z?: boolean;
}

/** How often each of the options that can be repeated stands on the line. */
type Counts = Record<"f" | "t" | "x" | "y" | "q", number>;

/** A file or standard error, written in few pieces. */
class FileSink implements LineSink {
  private readonly descriptor: number;
  private readonly eager: boolean;
  private waiting = "";
  constructor(descriptor: number, eager: boolean) {
    this.descriptor = descriptor;
    this.eager = eager;
  }
  write(text: string): void {
    this.waiting += text;
    if (this.waiting.length > 65536 || (this.eager && text.endsWith("\n"))) this.flush();
  }
  flush(): void {
    if (this.waiting === "") return;
    let bytes = Buffer.from(this.waiting, "latin1");
    this.waiting = "";
    while (bytes.length > 0) {
      try {
        bytes = bytes.subarray(fs.writeSync(this.descriptor, bytes));
      } catch (error) {
        // A pipe whose reader is slow: it is asked again.
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
    }
  }
}

interface Expressions {
  calls: RowFilter;
  signals: (signal: number) => boolean;
  injections: Injection[];
  status: ((failed: boolean) => boolean) | undefined;
  quiet: boolean;
}

/** -e in all its forms. */
function expressions(list: readonly string[], machine: Machine): Expressions {
  const known = machine.kernel.syscalls;
  const found: Expressions = {
    calls: () => true,
    signals: () => true,
    injections: [],
    status: undefined,
    quiet: false,
  };
  for (const text of list) {
    const match =
      /^(trace|t|signal|signals|s|inject|fault|status|quiet|silent|silence|q|abbrev|verbose|raw|decode-fds)=(.*)$/.exec(
        text,
      );
    const [key, value] = match ? [match[1]!, match[2]!] : ["trace", text];
    switch (key) {
      case "trace":
      case "t":
        found.calls = parseTrace(value, known);
        break;
      case "signal":
      case "signals":
      case "s":
        found.signals = signalFilter(value);
        break;
      case "inject":
        found.injections.push(parseInjection(value, known));
        break;
      case "fault":
        found.injections.push(parseInjection(value, known, true));
        break;
      case "status":
        found.status = statusFilter(value);
        break;
      case "quiet":
      case "silent":
      case "silence":
      case "q":
        found.quiet = true;
        break;
      default:
        throw new RangeError(`-e ${key}= is not known here`);
    }
  }
  return found;
}

function signalFilter(text: string): (signal: number) => boolean {
  const inverted = text.startsWith("!");
  const names = (inverted ? text.slice(1) : text).split(",").filter((name) => name !== "");
  if (names.includes("all")) return () => !inverted;
  if (names.includes("none")) return () => inverted;
  const signals = new Set(names.map(signalNumber));
  return (signal) => signals.has(signal) !== inverted;
}

function statusFilter(text: string): (failed: boolean) => boolean {
  const inverted = text.startsWith("!");
  const names = (inverted ? text.slice(1) : text).split(",");
  const unknown = names.find(
    (name) => !["successful", "failed", "all", "none", "unfinished", "unavailable", "detached"].includes(name),
  );
  if (unknown !== undefined) throw new RangeError(`invalid status '${unknown}'`);
  return (failed) => (names.includes("all") || names.includes(failed ? "failed" : "successful")) !== inverted;
}

const sortKeys: Readonly<Record<string, SortKey>> = {
  time: "time",
  time_total: "time",
  total_time: "time",
  calls: "calls",
  count: "calls",
  errors: "errors",
  error: "errors",
  name: "name",
  syscall: "name",
  syscall_name: "name",
  nothing: "nothing",
  none: "nothing",
  "min-time": "min-time",
  time_min: "min-time",
  "max-time": "max-time",
  time_max: "max-time",
  "avg-time": "avg-time",
  time_avg: "avg-time",
};

function number(text: string, option: string): number {
  if (!/^\d+$/.test(text)) throw new RangeError(`invalid ${option} argument: '${text}'`);
  return Number(text);
}

/** Sinks by thread: one for all, or with -ff a file for each. */
function sinks(flags: Flags, separate: boolean): { sinkFor: (tid: number) => LineSink; flush(): void } {
  const opened: FileSink[] = [];
  const open = (name: string): FileSink => {
    const sink = new FileSink(fs.openSync(name, flags.append ? "a" : "w"), false);
    opened.push(sink);
    return sink;
  };
  const flush = (): void => {
    for (const sink of opened) sink.flush();
  };
  const { output } = flags;
  if (output !== undefined && separate) return { sinkFor: (tid) => open(`${output}.${tid}`), flush };
  const only = output === undefined ? new FileSink(2, true) : open(output);
  return { sinkFor: () => only, flush };
}

function start(machine: Machine, flags: Flags, counts: Counts): (code: number) => void {
  const found = expressions(flags.expression, machine);
  const sort = sortKeys[flags.S];
  if (!sort) throw new RangeError(`invalid sortby: '${flags.S}'`);
  const follow = counts.f > 0;
  const status =
    found.status ?? (flags.z ? (failed: boolean) => !failed : flags.Z ? (failed: boolean) => failed : undefined);
  const options: StraceOptions = {
    ...defaults,
    limit: number(flags.s, "-s"),
    column: number(flags.a, "-a"),
    verbose: flags.v ?? false,
    hex: Math.min(2, counts.x) as 0 | 1 | 2,
    paths: Math.min(2, counts.y) as 0 | 1 | 2,
    follow,
    alwaysPid: follow && counts.f < 2 && flags.output !== undefined,
    calls: found.calls,
    signals: found.signals,
    injections: found.injections,
    status: status ?? (() => true),
    late: status !== undefined,
    touching: flags.path,
    stamp: Math.min(3, counts.t) as 0 | 1 | 2 | 3,
    relative: flags.r ?? false,
    spent: flags.T ?? false,
    numbers: flags.n ?? false,
    quiet: Math.min(2, counts.q + (found.quiet ? 2 : 0)) as 0 | 1 | 2,
    summary: flags.c ? 1 : flags.C ? 2 : 0,
    wall: flags.w ?? false,
  };
  const { sinkFor, flush } = sinks(flags, counts.f > 1);
  const strace = new Strace(machine.kernel, options, sinkFor);
  machine.kernel.trace.listen(strace);
  return () => {
    if (options.summary > 0) sinkFor(0).write(strace.summary.text(sort));
    flush();
  };
}

export function straceCommand(): Command {
  const counts: Counts = { f: 0, t: 0, x: 0, y: 0, q: 0 };
  const command = withRunOptions(new Command("strace"))
    .description("run a command and show its system calls and signals")
    .option("-f", "follow the children; -ff with -o: a file for each")
    .option("-o, --output <file>", "write to this file instead of standard error")
    .option("-A, --append", "go on at the end of that file")
    .option(
      "-e, --expression <expr>",
      "trace=LIST, %file, signal=LIST, inject=SET:…, status=LIST, quiet=…",
      collect,
      [],
    )
    .option("-E <name=value>", "set an environment variable", collect, [])
    .option("-P, --path <path>", "only calls that concern this path", collect, [])
    .option("-c", "count calls, times and errors instead of showing them")
    .option("-C", "count them and show them")
    .option("-S <key>", "sort the counts: time, calls, errors, name, min-time, max-time, avg-time, nothing", "time")
    .option("-w", "count the time from a call's beginning to its end, waiting included")
    .option("-t", "time of day; -tt with microseconds, -ttt seconds since 1970")
    .option("-r", "time since the line before")
    .option("-T", "time spent in each call")
    .option("-y", "paths of descriptors; -yy devices too")
    .option("-v", "whole structures and environments")
    .option("-n", "numbers of calls")
    .option("-s <size>", "bytes of a string at most", "32")
    .option("-a <column>", "where results stand", "40")
    .option("-x", "strings that are not ASCII in hexadecimal; -xx all strings")
    .option("-z", "only calls that succeed")
    .option("-Z", "only calls that fail")
    .option("-q", "don't tell of attaching; -qq nor of exits");
  for (const letter of Object.keys(counts) as (keyof Counts)[]) command.on(`option:${letter}`, () => counts[letter]++);
  return command.action((words: string[], flags: Flags) =>
    guarded("strace", () =>
      observe(words, { ...flags, env: [...(flags.env ?? []), ...flags.E] }, (machine) => start(machine, flags, counts)),
    ),
  );
}
