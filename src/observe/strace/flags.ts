// strace(1)'s command line: its short flags, as getopt(3) reads them, its long ones, and -e in all its forms.
import type { Row } from "../../kernel/syscalls/table.ts";
import type { FdDetail } from "./call.ts";
import { parseMembers, parseSet } from "./classes.ts";
import { duration, parseInjection } from "./inject.ts";
import { defaults, type Precision, type Quiet, type Status, type StraceOptions } from "./options.ts";
import { signalNumber } from "./signals.ts";
import type { SummaryColumn, SummaryKey } from "./summary.ts";

/** What the command line says beside the options of the trace. */
export interface StraceCommand {
  readonly options: StraceOptions;
  readonly output: string | undefined;
  readonly append: boolean;
  /** -p */
  readonly pids: readonly number[];
  /** -E: "name=value", or "name" to take it away. */
  readonly environment: readonly string[];
  readonly user: string | undefined;
  readonly version: boolean;
  readonly help: boolean;
  /** What stands behind the flags. */
  readonly operands: readonly string[];
  /** Long flags that are the caller's own, with their values. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

const WITH_VALUE = "abeEIoOpPsSuUX";
const WITHOUT = "AcCdDfFhiknqrtTvVwxyYzZ";

/** Long flags by their short ones; "?" behind one whose value may be left out. */
const LONG: Readonly<Record<string, string>> = {
  columns: "a",
  "output-append-mode": "A",
  "detach-on": "b",
  "summary-only": "c",
  summary: "C",
  debug: "d",
  env: "E",
  help: "h",
  "instruction-pointer": "i",
  interruptible: "I",
  "stack-trace": "k?",
  "stack-traces": "k?",
  "syscall-number": "n",
  output: "o",
  "summary-syscall-overhead": "O",
  attach: "p",
  "trace-path": "P",
  "string-limit": "s",
  "summary-sort-by": "S",
  user: "u",
  "summary-columns": "U",
  "no-abbrev": "v",
  version: "V",
  "summary-wall-clock": "w",
  "const-print-style": "X",
  "successful-only": "z",
  "failed-only": "Z",
  "failing-only": "Z",
  "follow-forks": "f",
  "seccomp-bpf": "",
  "kill-on-exit": "",
  "pidns-translation": "",
};
const EXPRESSIONS = new Set(
  "trace trace-fds abbrev verbose raw signals status read write fault inject kvm quiet silent silence decode-fds decode-pids secontext".split(
    " ",
  ),
);

const SORTS: Readonly<Record<string, SummaryColumn | "none">> = Object.fromEntries(
  (
    [
      ["time", "time time_percent"],
      ["total", "time_total total_time"],
      ["shortest", "min_time shortest time_min"],
      ["longest", "longest max_time time_max"],
      ["average", "avg_time time_avg"],
      ["calls", "calls count"],
      ["errors", "error errors"],
      ["name", "name syscall syscall_name"],
      ["none", "none nothing"],
    ] as const
  ).flatMap(([column, names]) =>
    names.split(" ").flatMap((name) => [name, name.replace("_", "-")].map((each) => [each, column])),
  ),
);

const PRECISIONS: Readonly<Record<string, Precision>> = { s: 0, ms: 3, us: 6, ns: 9 };
const STATUSES: readonly Status[] = ["successful", "failed", "unfinished", "unavailable", "detached"];
const DETAILS: readonly FdDetail[] = ["path", "socket", "dev", "eventfd", "pidfd", "signalfd"];
const QUIETS: Readonly<Record<string, Quiet>> = {
  attach: "attach",
  exit: "exit",
  exits: "exit",
  "path-resolution": "path-resolution",
  personality: "personality",
  superseded: "thread-execve",
  "thread-execve": "thread-execve",
};

const subset = <T extends string>(all: readonly T[], test: (member: T) => boolean): ReadonlySet<T> =>
  new Set(all.filter(test));

/** Parses a command line. `known`: the kernel's calls. `own`: long flags of the caller that take a value (true) or none.
 *  Throws a RangeError with one plain line. */
export function parseFlags(
  args: readonly string[],
  known: readonly (Row | undefined)[],
  own: Readonly<Record<string, boolean>> = {},
): StraceCommand {
  const parser = new Parser(known);
  const others = new Map<string, string[]>();
  let i = 0;
  for (; i < args.length; i++) {
    const word = args[i]!;
    if (word === "--" || word === "-" || !word.startsWith("-")) break;
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
      let value = equals < 0 ? undefined : word.slice(equals + 1);
      const needed = own[name] ?? needsValue(name);
      if (needed === undefined) throw new RangeError(`unrecognized option '${word}'`);
      if (needed && value === undefined) {
        value = args[++i];
        if (value === undefined) throw new RangeError(`option '${word}' requires an argument`);
      }
      if (name in own) others.set(name, [...(others.get(name) ?? []), value ?? ""]);
      else parser.long(name, value);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      if (WITHOUT.includes(letter)) parser.short(letter, "");
      else if (WITH_VALUE.includes(letter)) {
        const value = at + 1 < word.length ? word.slice(at + 1) : args[++i];
        if (value === undefined) throw new RangeError(`option requires an argument -- '${letter}'`);
        parser.short(letter, value);
        break;
      } else throw new RangeError(`invalid option -- '${letter}'`);
    }
  }
  return parser.finish(args.slice(i), others);
}

/** Whether a long flag has to have a value; undefined for one that there is not. */
function needsValue(name: string): boolean | undefined {
  const short = LONG[name];
  if (short !== undefined) return short.length === 1 && WITH_VALUE.includes(short);
  if (EXPRESSIONS.has(name)) return !["quiet", "silent", "silence", "decode-fds", "secontext"].includes(name);
  if (/^(stack-trace-frame-limit|syscall-limit|argv0)$/.test(name)) return true;
  if (
    /^(daemonize|daemonised|daemonized|output-separately|relative-timestamps|absolute-timestamps|timestamps)$/.test(
      name,
    )
  )
    return false;
  return /^(syscall-times|strings-in-hex|tips|always-show-pid)$/.test(name) ? false : undefined;
}

class Parser {
  private readonly known: readonly (Row | undefined)[];
  private readonly options: StraceOptions = { ...defaults };
  private readonly counts: Record<string, number> = {};
  private output: string | undefined;
  private append = false;
  private version = false;
  private help = false;
  private user: string | undefined;
  private separate = false;
  private always = false;
  private readonly pids: number[] = [];
  private readonly environment: string[] = [];
  private readonly paths: string[] = [];
  private quiet: ReadonlySet<Quiet> | undefined;

  constructor(known: readonly (Row | undefined)[]) {
    this.known = known;
  }

  short(letter: string, value: string): void {
    this.counts[letter] = (this.counts[letter] ?? 0) + 1;
    const { options } = this;
    switch (letter) {
      case "a":
        options.column = number(value, "-a");
        break;
      case "A":
        this.append = true;
        break;
      case "b":
        if (value !== "execve") throw new RangeError(`Syscall '${value}' for -b isn't supported`);
        options.detachOnExec = true;
        break;
      case "c":
      case "C":
        if (options.summary !== 0 && options.summary !== (letter === "c" ? 1 : 2))
          throw new RangeError("-c/--summary-only and -C/--summary are mutually exclusive");
        options.summary = letter === "c" ? 1 : 2;
        break;
      case "d":
        throw new RangeError("-d is not known here");
      case "e":
        this.expression(value);
        break;
      case "E":
        this.environment.push(value);
        break;
      case "f":
      case "F":
        options.follow = true;
        break;
      case "h":
        this.help = true;
        break;
      case "i":
        options.pointer = true;
        break;
      case "I":
        if (!/^[1-4]$/.test(value)) throw new RangeError(`invalid -I argument: '${value}'`);
        break;
      case "k":
        options.stack = 256;
        break;
      case "n":
        options.numbers = true;
        break;
      case "o":
        this.output = value;
        break;
      case "O": {
        const overhead = duration(value);
        if (overhead === undefined) throw new RangeError(`invalid -O argument: '${value}'`);
        options.overhead = overhead;
        break;
      }
      case "p":
        for (const pid of value.split(/[\s,]+/).filter((each) => each !== "")) {
          if (!/^\d+$/.test(pid) || Number(pid) === 0) throw new RangeError(`Invalid process id: '${pid}'`);
          this.pids.push(Number(pid));
        }
        break;
      case "P":
        this.paths.push(value);
        break;
      case "r":
        options.relative ??= 6;
        break;
      case "s":
        options.limit = number(value, "-s");
        break;
      case "S": {
        const column = SORTS[value];
        if (column === undefined) throw new RangeError(`invalid sortby: '${value}'`);
        options.sort = column === "none" ? undefined : column === "total" ? "time" : (column as SummaryKey);
        break;
      }
      case "T":
        options.spent ??= 6;
        break;
      case "u":
        this.user = value;
        break;
      case "U":
        options.columns = value.split(",").map((name) => {
          const column = SORTS[name];
          if (column === undefined || column === "none") throw new RangeError(`unknown column name: '${name}'`);
          return column;
        });
        break;
      case "v":
        options.verbose = true;
        break;
      case "V":
        this.version = true;
        break;
      case "w":
        options.wall = true;
        break;
      case "X":
        if (value !== "abbrev") throw new RangeError(`-X ${value} is not known here`);
        break;
      case "Y":
        options.names = true;
        break;
      case "z":
        options.statuses = new Set<Status>(["successful"]);
        break;
      case "Z":
        options.statuses = new Set<Status>(["failed"]);
    }
  }

  long(name: string, value: string | undefined): void {
    const { options } = this;
    if (EXPRESSIONS.has(name)) {
      this.expression(`${name}=${value ?? "all"}`);
      return;
    }
    const short = LONG[name];
    if (short !== undefined) {
      if (short !== "") this.short(short[0]!, value ?? "");
      return;
    }
    switch (name) {
      case "argv0":
      case "tips":
        throw new RangeError(`--${name} is not known here`);
      case "output-separately":
        this.separate = true;
        break;
      case "always-show-pid":
        this.always = true;
        break;
      case "relative-timestamps":
        options.relative = precision(value, name, 6);
        break;
      case "syscall-times":
        options.spent = precision(value, name, 6);
        break;
      case "absolute-timestamps":
      case "timestamps":
        options.stamp = stamp(value);
        break;
      case "strings-in-hex":
        if (value === "non-ascii-chars") options.octal = false;
        else options.hex = value === "non-ascii" ? 1 : value === "none" ? 0 : 2;
        break;
      case "stack-trace-frame-limit":
        options.stack = number(value ?? "", "--stack-trace-frame-limit");
        break;
      case "syscall-limit":
        options.most = number(value ?? "", "--syscall-limit");
        if (options.most === 0) throw new RangeError(`invalid --syscall-limit argument: '${value}'`);
    }
  }

  private expression(text: string): void {
    const match = /^([a-z-]+)=(.*)$/s.exec(text);
    const [key, value] = match && !match[1]!.startsWith("%") ? [match[1]!, match[2]!] : ["trace", text];
    const { options, known } = this;
    const fds = (): ((fd: number) => boolean) =>
      parseMembers(value, "descriptor", (name) => (/^\d+$/.test(name) ? Number(name) : undefined));
    switch (key) {
      case "trace":
      case "t":
        options.calls = parseSet(value, known);
        break;
      case "abbrev":
      case "a":
        options.abbreviated = parseSet(value, known);
        break;
      case "verbose":
      case "v":
        options.dereferenced = parseSet(value, known);
        break;
      case "raw":
      case "x":
        options.raw = parseSet(value, known);
        break;
      case "signal":
      case "signals":
      case "s":
        options.signals = parseMembers(value, "signal", signalNumber);
        break;
      case "status": {
        const test = parseMembers(value, "status", (name) => STATUSES.find((each) => each === name));
        const wanted = subset(STATUSES, test);
        options.statuses = wanted.size === STATUSES.length ? undefined : wanted;
        break;
      }
      case "read":
      case "reads":
      case "r":
        options.dumpRead = fds();
        break;
      case "write":
      case "writes":
      case "w":
        options.dumpWrite = fds();
        break;
      case "trace-fds":
      case "trace-fd":
      case "fds":
      case "fd":
        options.touchingFds = fds();
        break;
      case "inject":
        options.injections = [...options.injections, parseInjection(value, known)];
        break;
      case "fault":
        options.injections = [...options.injections, parseInjection(value, known, true)];
        break;
      case "quiet":
      case "silent":
      case "silence":
      case "q": {
        const test = parseMembers(value, "quiet", (name) => QUIETS[name]);
        this.quiet = subset(Object.values(QUIETS), test);
        break;
      }
      case "decode-fds":
      case "decode-fd": {
        const test = parseMembers(value, "decode-fds", (name) => DETAILS.find((each) => each === name));
        options.decode = subset(DETAILS, test);
        break;
      }
      case "decode-pids":
      case "decode-pid":
        options.names = parseMembers(value, "decode-pids", (name) =>
          name === "comm" || name === "pidns" ? name : undefined,
        )("comm");
        break;
      case "kvm":
      case "secontext":
        break;
      default:
        options.calls = parseSet(text, known);
    }
  }

  finish(operands: readonly string[], others: ReadonlyMap<string, readonly string[]>): StraceCommand {
    const { options, counts, output } = this;
    const count = (letter: string): number => counts[letter] ?? 0;
    if (count("x") > 0) options.hex = Math.min(2, count("x")) as 1 | 2;
    if (count("y") > 0) options.decode = new Set(count("y") === 1 ? ["path"] : DETAILS);
    if (count("t") > 0) options.stamp = { unix: count("t") > 2, digits: count("t") > 1 ? 6 : 0 };
    const quiet = new Set<Quiet>(this.quiet ?? []);
    if (count("q") > 0) quiet.add("attach").add("personality");
    if (count("q") > 1) quiet.add("exit");
    if (count("q") > 2) for (const each of Object.values(QUIETS)) quiet.add(each);
    options.quiet = quiet;
    if (options.wall && options.summary === 0)
      throw new RangeError("-w/--summary-wall-clock must be given with -c/--summary-only or -C/--summary");
    options.separate = output !== undefined && (count("f") > 1 || this.separate);
    if (options.summary !== 0 && options.separate)
      throw new RangeError(
        "(-c/--summary-only or -C/--summary) and -ff/--output-separately cannot be provided simultaneously",
      );
    options.toFile = output !== undefined;
    options.alwaysPid = this.always || (options.follow && output !== undefined && !options.separate);
    options.touching = this.paths;
    return {
      options,
      output,
      append: this.append,
      pids: this.pids,
      environment: this.environment,
      user: this.user,
      version: this.version,
      help: this.help,
      operands,
      others,
    };
  }
}

function number(text: string, flag: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`invalid ${flag} argument: '${text}'`);
  return Number(text);
}

function precision(text: string | undefined, flag: string, standard: Precision): Precision {
  if (text === undefined) return standard;
  const found = PRECISIONS[text];
  if (found === undefined) throw new RangeError(`invalid --${flag} argument: '${text}'`);
  return found;
}

/** --absolute-timestamps=[[format:]FORMAT[,[precision:]PRECISION]] */
function stamp(text: string | undefined): StraceOptions["stamp"] {
  let unix = false;
  let digits: Precision = 0;
  for (const part of (text ?? "time").split(",")) {
    const value = part.replace(/^(format|precision):/, "");
    if (value === "none") return undefined;
    if (value === "unix" || value === "time") unix = value === "unix";
    else digits = precision(value, "absolute-timestamps", 0);
  }
  return { unix, digits };
}
