// Runs a command: from the start of the host's process to its end.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scratch, warmCache } from "./sides.ts";
import { Absent, type Outcome, type Sample } from "./workload.ts";

export interface Finished {
  ms: number;
  /** Nothing, or what went wrong. */
  failed: string | undefined;
  output: string;
  errors: string;
}

export interface RunOptions {
  /** A file in the scratch folder as standard input. */
  input?: string;
  env?: Record<string, string>;
  /** Milliseconds. */
  timeout?: number;
  /** What of the output must be the same on all sides. */
  normalise?: (output: string) => string;
}

export const environment = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  HOME: process.env.HOME ?? "/",
  LC_ALL: "C.UTF-8",
  ...warmCache,
  ...more,
});

/** Runs a command to its end. Its output goes to a file, so that reading it costs the run nothing. */
export function timed(argv: readonly string[], options: RunOptions = {}): Finished {
  const [program = "", ...args] = argv;
  const path = join(scratch, "output");
  const output = openSync(path, "w");
  const input = options.input === undefined ? "ignore" : openSync(join(scratch, options.input), "r");
  const env = environment(options.env);
  const start = performance.now();
  const { status, signal, stderr, error } = spawnSync(program, args, {
    cwd: scratch,
    stdio: [input, output, "pipe"],
    timeout: options.timeout ?? 120_000,
    killSignal: "SIGKILL",
    env,
  });
  const ms = performance.now() - start;
  closeSync(output);
  if (typeof input === "number") closeSync(input);
  const errors = String(stderr);
  const last = errors.trim().split("\n").at(-1)?.slice(0, 100) ?? "";
  const failed = status === 0 ? undefined : (error?.message ?? signal ?? `exit code ${status}: ${last}`);
  return { ms, failed, output: readFileSync(path, "latin1"), errors };
}

/** A run as a sample: whole process in ms; the output is named by its hash when it is long. */
export function wholeProcess(argv: string[] | Absent, options: RunOptions = {}): Outcome {
  if (argv instanceof Absent) return argv;
  const { ms, failed, output } = timed(argv, options);
  if (failed !== undefined) return new Absent(failed);
  return { value: ms, output: digest(options.normalise?.(output) ?? output) } satisfies Sample;
}

const digest = (text: string): string =>
  text.length <= 64 ? text : `${text.length} bytes, sha256 ${createHash("sha256").update(text).digest("hex")}`;
