// Runs a program of the host's with arguments, never through a shell.
import { type ChildProcess, spawn } from "node:child_process";
import { ImageError } from "../../../images/error.ts";

export interface Finished {
  readonly code: number;
  /** Standard output and error in the order they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Lines that the program writes to descriptor 3. */
  readonly onStatus?: (line: string) => void;
}

/** Says which program a machine lacks rather than "ENOENT". */
const missing = (program: string, cause: Error): Error =>
  (cause as NodeJS.ErrnoException).code === "ENOENT"
    ? new ImageError("no-apt", `this machine has no ${program}, which building an image from packages needs`, { cause })
    : cause;

const environment = (extra: Readonly<Record<string, string>> = {}) => ({
  ...process.env,
  LC_ALL: "C",
  LANGUAGE: "C",
  ...extra,
});

export const runProcess = (program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(program, args, {
      env: environment(options.env),
      stdio: ["ignore", "pipe", "pipe", options.onStatus ? "pipe" : "ignore"],
    });
    const pieces: Buffer[] = [];
    child.stdout?.on("data", (piece: Buffer) => pieces.push(piece));
    child.stderr?.on("data", (piece: Buffer) => pieces.push(piece));
    let held = "";
    child.stdio[3]?.on("data", (piece: Buffer) => {
      const lines = (held + piece.toString()).split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) options.onStatus?.(line);
    });
    child.on("error", (error) => reject(missing(program, error)));
    child.on("close", (code, signal) => {
      const output = Buffer.concat(pieces).toString();
      resolve({ code: code ?? 128, output: signal ? `${output}killed by ${signal}\n` : output });
    });
  });

/** A program's standard output as it comes; a failing exit is damage to what it was reading, named by `what`. */
export async function* outputOf(program: string, args: readonly string[], what: string): AsyncGenerator<Uint8Array> {
  const child = spawn(program, args, { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (piece: Buffer) => {
    complaint += piece.toString();
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", (error) => reject(missing(program, error)));
    child.on("close", (code) => resolve(code ?? 128));
  });
  // Awaited below on every way out; this keeps an early failure from counting as unhandled meanwhile.
  ended.catch(() => undefined);
  let whole = false;
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    whole = true;
  } finally {
    if (!whole) child.kill();
  }
  if ((await ended) !== 0)
    throw new ImageError("damaged", `${what} is damaged: ${complaint.trim().split("\n")[0] ?? program}`);
}
