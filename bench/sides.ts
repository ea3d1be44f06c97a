// How a command runs on each side, timed as a whole process: from the start of the host's process to its end.
// Programs of the bench's own are built for both processors from one source; Debian's come from debian.ts.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { extractImage, IMAGE, nativeCommand, nativeEnvironment, qemuCommand, unpackNative } from "./debian.ts";
import { Absent, type Sample, type Side } from "./workload.ts";

export const root = join(import.meta.dirname, "..");
export const QEMU = process.env.AIRSIDE_QEMU ?? "qemu-riscv64-static";

/** Where programs and their input are: the working directory on all sides, inside the machine as /bench. */
export const scratch = mkdtempSync(join(tmpdir(), "airside-bench-"));
export const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });

export const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

const built = new Set<string>();

/** Compiles a program of the bench's own for both processors: `scratch`/native/NAME and `scratch`/riscv64/NAME. */
export function compile(source: string, flags: readonly string[]): void {
  const name = basename(source, ".c");
  if (built.has(name)) return;
  built.add(name);
  for (const [folder, compiler] of [
    ["native", "gcc"],
    ["riscv64", "riscv64-linux-gnu-gcc"],
  ] as const) {
    if (!has(compiler)) continue;
    mkdirSync(join(scratch, folder), { recursive: true });
    execFileSync(compiler, ["-O2", "-static", ...flags, source, "-o", join(scratch, folder, name)], {
      stdio: "inherit",
    });
  }
}

/** The command that runs a program that `compile` made. */
export function ownCommand(side: Side, name: string, args: readonly string[]): string[] | Absent {
  const path = side === "native" ? `native/${name}` : `riscv64/${name}`;
  if (!existsSync(join(scratch, path))) return new Absent("no compiler");
  if (side === "native") return [join(scratch, path), ...args];
  if (side === "qemu") return has(QEMU) ? [QEMU, join(scratch, path), ...args] : new Absent("no qemu");
  return airsideCommand(IMAGE, [`/bench/${path}`, ...args]);
}

interface Roots {
  /** Debian's amd64 files; undefined when they can't be had. */
  readonly native: string | undefined;
  readonly qemu: string;
}
let roots: Roots | undefined;

/** Unpacks Debian's programs for the host and for qemu; says what can't be had. */
export async function prepareDebian(): Promise<string[]> {
  const qemu = extractImage(join(root, "dist/cli.js"));
  const native = await unpackNative();
  if (native instanceof Absent) {
    roots = { native: undefined, qemu };
    return [`native is left out for Debian's programs: ${native.reason}`];
  }
  roots = { native, qemu };
  return [];
}

export const debianRoots = (): Roots => {
  if (!roots) throw new Error("Debian's programs have not been made ready");
  return roots;
};

/** The command that runs a program of Debian's. */
export function debianCommand(side: Side, argv: readonly string[], input = false): string[] | Absent {
  if (side === "airside") return airsideCommand(IMAGE, argv, input ? ["-i"] : []);
  const { native, qemu } = debianRoots();
  if (side === "qemu") return qemuCommand(QEMU, qemu, argv);
  if (native === undefined) return new Absent("no amd64 packages");
  const env = Object.entries(nativeEnvironment(native)).map(([name, value]) => `${name}=${value}`);
  return ["/usr/bin/env", ...env, ...nativeCommand(native, argv)];
}

export const airsideCommand = (image: string, argv: readonly string[], flags: readonly string[] = []): string[] => [
  process.execPath,
  join(root, "dist/cli.js"),
  "run",
  "-v",
  `${scratch}:/bench`,
  "-e",
  "LC_ALL=C.UTF-8",
  "-w",
  "/bench",
  ...flags,
  image,
  ...argv,
];

export interface Finished {
  ms: number;
  /** 0, or what went wrong. */
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

/** Runs a command to its end. Its output goes to a file, so that reading it costs the run nothing. */
export function timed(argv: readonly string[], options: RunOptions = {}): Finished {
  const [program = "", ...args] = argv;
  const path = join(scratch, "output");
  const output = openSync(path, "w");
  const input = options.input === undefined ? "ignore" : openSync(join(scratch, options.input), "r");
  const start = performance.now();
  const { status, signal, stderr, error } = spawnSync(program, args, {
    cwd: scratch,
    stdio: [input, output, "pipe"],
    timeout: options.timeout ?? 300_000,
    killSignal: "SIGKILL",
    env: {
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      HOME: process.env.HOME ?? "/",
      LC_ALL: "C.UTF-8",
      ...options.env,
    },
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
export function wholeProcess(argv: string[] | Absent, options: RunOptions = {}) {
  if (argv instanceof Absent) return argv;
  const { ms, failed, output } = timed(argv, options);
  if (failed !== undefined) return new Absent(failed);
  return { value: ms, output: digest(options.normalise?.(output) ?? output) } satisfies Sample;
}

export const digest = (text: string): string =>
  text.length <= 64 ? text : `${text.length} bytes, sha256 ${createHash("sha256").update(text).digest("hex")}`;
