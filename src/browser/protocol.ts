// What a page and its machine's worker say to each other. Calls have answers; notes and events have none.

import type { FileStatus } from "../embed/files.ts";
import type { Exit } from "../embed/machine.ts";
import type { GateFrame } from "../observe/gate/frame.ts";
import type { ProcessDetails } from "../observe/gate/process.ts";

export interface BootMessage {
  /** URL of the exported folder, ending in a slash. */
  base: string;
  image: string;
  memory: number | string;
  hostname: string;
  env: Record<string, string>;
  /** Under this name what is written is kept in the browser. */
  keep: string | undefined;
  /** A layer's archive that the machine begins with; what was kept before is replaced. */
  layer: Blob | undefined;
}

/** Whether what is written outlives the page: it does; nobody asked for it; another machine has it open; this browser
 *  keeps nothing; there is no room left; the browser has taken it away. */
export type KeptState = "kept" | "off" | "busy" | "none" | "full" | "lost";

export interface TerminalSize {
  columns: number;
  rows: number;
}

export interface SpawnMessage {
  /** The page's number for the process: events name it so. */
  process: number;
  argv: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
  user?: string;
  limits?: { cpu?: number | string; memory?: number | string };
  /** All three streams are a terminal of this size; without it they are pipes. */
  tty?: TerminalSize;
}

/** What a start took: milliseconds, and chunks of the image by where they came from. */
export interface BootReport {
  milliseconds: number;
  chunks: { fetched: number; kept: number; waited: number };
  kept: KeptState;
}

/** The doctor's answer about a process. */
export interface Diagnosis {
  text: string;
  verdict: string;
}

/** A function in a flame graph, with what it called. */
export interface FlameNode {
  name: string;
  /** Nanoseconds. */
  value: number;
  side: "user" | "kernel" | "interpreted" | "thread";
  /** The module, or the source. */
  where?: string;
  children: FlameNode[];
}

/** A machine that has ended by itself: how, and after a panic what its crash report says in plain words. */
export interface MachineEnd {
  how: "panic" | "restart" | "halt" | "poweroff";
  text: string;
  report: string | undefined;
}

/** Calls by name: the argument, and what comes back. */
export interface Calls {
  boot: (message: BootMessage) => BootReport;
  spawn: (message: SpawnMessage) => number;
  readFile: (path: string) => Uint8Array;
  writeFile: (file: { path: string; data: Uint8Array; mode?: number }) => void;
  list: (path: string) => string[];
  stat: (path: string) => FileStatus;
  mkdir: (path: string) => void;
  remove: (path: string) => void;
  report: (nothing: undefined) => BootReport;
  /** Begins or ends frames of the gate. */
  watch: (on: boolean) => void;
  /** Begins the strace of a process and its children; undefined ends it. */
  strace: (pid: number | undefined) => void;
  details: (pid: number) => ProcessDetails | undefined;
  /** Watches a process for so many milliseconds. */
  diagnose: (what: { pid: number; milliseconds: number }) => Diagnosis | undefined;
  /** Samples a process for so many milliseconds: a tree of who called whom, and how long. */
  profile: (what: { pid: number; milliseconds: number }) => FlameNode | undefined;
  /** Writes down now what is kept; false when there is no room. */
  commit: (nothing: undefined) => boolean;
  /** What was written above the image, as a tar archive. */
  archive: (nothing: undefined) => Blob;
  shutdown: (nothing: undefined) => void;
}

export type CallName = keyof Calls;

export interface Call<K extends CallName = CallName> {
  call: K;
  id: number;
  argument: Parameters<Calls[K]>[0];
}

export type Answer = { id: number; value: unknown } | { id: number; error: CallError };

/** An error as it crosses: with what Airside's own errors carry beyond their line. */
export interface CallError {
  name: string;
  message: string;
  errno?: string;
  exitCode?: number;
}

/** From the page, without an answer. */
export type Note =
  | { note: "input"; process: number; bytes: Uint8Array }
  | { note: "end"; process: number }
  | { note: "resize"; process: number; columns: number; rows: number }
  | { note: "taken"; process: number; stream: "stdout" | "stderr"; count: number }
  | { note: "kill"; process: number; signal: number };

/** From the worker. */
export type Event =
  | { event: "output"; process: number; stream: "stdout" | "stderr"; bytes: Uint8Array }
  | { event: "exit"; process: number; exit: Exit }
  | { event: "log"; text: string }
  | { event: "ended"; end: MachineEnd }
  | { event: "kept"; state: KeptState }
  | { event: "gate"; frame: GateFrame }
  /** Lines of strace; `dropped` lines more were not sent. */
  | { event: "strace"; text: string; dropped: number };
