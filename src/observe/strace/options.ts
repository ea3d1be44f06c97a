// What a trace shows and how: what strace(1)'s flags come to. The flags themselves are parsed in flags.ts.
import type { TextOptions } from "./call.ts";
import type { RowFilter } from "./classes.ts";
import type { Injection } from "./inject.ts";
import type { SummaryColumn, SummaryKey } from "./summary.ts";

export type Status = "successful" | "failed" | "unfinished" | "unavailable" | "detached";
export type Quiet = "attach" | "exit" | "path-resolution" | "personality" | "thread-execve";
/** Digits behind the point of a second. */
export type Precision = 0 | 3 | 6 | 9;

export interface StraceOptions extends TextOptions {
  /** -f */
  follow: boolean;
  /** Each line has its pid: -o with -f, --always-show-pid. */
  alwaysPid: boolean;
  /** -o without -ff: lines of one task alone don't show a pid even when there are several. */
  toFile: boolean;
  /** -ff: streams are never shared. */
  separate: boolean;
  /** -e trace= */
  calls: RowFilter;
  /** -e abbrev=, -e verbose= and -e raw=, by call; undefined: all, all, none. */
  abbreviated: RowFilter | undefined;
  dereferenced: RowFilter | undefined;
  raw: RowFilter | undefined;
  /** -e signal= */
  signals: (signal: number) => boolean;
  /** -z, -Z and -e status=; undefined: all, which are written as they happen. */
  statuses: ReadonlySet<Status> | undefined;
  /** -P, and -e trace-fds= */
  touching: readonly string[];
  touchingFds: ((fd: number) => boolean) | undefined;
  /** -e read=, -e write=: dumps of what went through these descriptors. */
  dumpRead: ((fd: number) => boolean) | undefined;
  dumpWrite: ((fd: number) => boolean) | undefined;
  injections: readonly Injection[];
  /** -t, -tt, -ttt */
  stamp: { unix: boolean; digits: Precision } | undefined;
  /** -r */
  relative: Precision | undefined;
  /** -T */
  spent: Precision | undefined;
  /** -n, -i, -k */
  numbers: boolean;
  pointer: boolean;
  stack: number;
  /** -Y */
  names: boolean;
  /** -a */
  column: number;
  /** -q */
  quiet: ReadonlySet<Quiet>;
  /** -c: no lines (1); -C: lines too (2). */
  summary: 0 | 1 | 2;
  /** -w: the summary counts time waited. */
  wall: boolean;
  /** -S, -U, and -O in nanoseconds. */
  sort: SummaryKey | undefined;
  columns: readonly SummaryColumn[];
  overhead: number;
  /** --syscall-limit */
  most: number;
  /** -b execve */
  detachOnExec: boolean;
  /** strace's own messages, which go to standard error: a line without its end. */
  notice: (text: string) => void;
}

export const defaults: StraceOptions = {
  limit: 32,
  verbose: false,
  plain: false,
  hex: 0,
  octal: true,
  decode: new Set(),
  touching: [],
  touchingFds: undefined,
  dumpRead: undefined,
  dumpWrite: undefined,
  follow: false,
  alwaysPid: false,
  toFile: false,
  separate: false,
  calls: () => true,
  abbreviated: undefined,
  dereferenced: undefined,
  raw: undefined,
  signals: () => true,
  statuses: undefined,
  injections: [],
  stamp: undefined,
  relative: undefined,
  spent: undefined,
  numbers: false,
  pointer: false,
  stack: 0,
  names: false,
  column: 40,
  quiet: new Set(),
  summary: 0,
  wall: false,
  sort: "time",
  columns: ["time", "total", "average", "calls", "errors", "name"],
  overhead: 0,
  most: Number.POSITIVE_INFINITY,
  detachOnExec: false,
  notice: () => undefined,
};
