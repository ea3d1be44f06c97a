// `airside doctor --host`: the same questions to a real machine. Its own strace tells the calls, its perf the counts, and
// /proc what remains; where one is missing or forbidden the others go on, and the report says what it could not see.
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { Facts } from "../../../../src/observe/doctor/facts.ts";
import { StraceLines } from "../../../../src/observe/doctor/host/strace-lines.ts";
import type { Model } from "../../../../src/observe/doctor/model.ts";
import { type Answer, answerOf } from "../../../../src/observe/doctor/report.ts";
import { readText } from "./proc-files.ts";
import { Sampler } from "./sampler.ts";

const straceFlags = ["-f", "-ttt", "-T", "-y", "-s", "256", "-q"];

/** Does a tool run here at all? A container may have it, and forbid what it needs. */
const runs = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore", timeout: 5000 }).status === 0;

/** Is there such a program, by PATH? */
function found(name: string): boolean {
  const places = name.includes("/") ? [""] : (process.env.PATH ?? "").split(":");
  return places.some((folder) => fs.statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() ?? false);
}

export interface HostOptions {
  /** "auto", or only this collector. */
  collector: "auto" | "strace" | "proc";
  /** How long -p looks, in seconds. */
  seconds: number;
}

function linuxOnly(): void {
  if (process.platform !== "linux") throw new RangeError("--host needs Linux: there is no /proc here");
}

/** Runs a command on this machine. */
export async function examineHost(command: readonly string[], model: Model, options: HostOptions): Promise<Answer> {
  linuxOnly();
  if (!found(command[0] ?? "")) throw new RangeError(`can't run ${command[0]}: not found`);
  const folder = fs.mkdtempSync(join(os.tmpdir(), "airside-doctor-"));
  try {
    const straced = options.collector !== "proc" && runs("strace", "-o", join(folder, "probe"), "true");
    if (!straced && options.collector === "strace") throw new RangeError("strace is missing here, or may not trace");
    return straced ? await underStrace(command, model, folder) : await besideProc(command, model, folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** With -D strace is no parent of the command: its times are the command's own. */
async function underStrace(command: readonly string[], model: Model, folder: string): Promise<Answer> {
  const [lines, times] = [join(folder, "strace"), join(folder, "times")];
  const facts = new Facts("strace");
  const traced = ["strace", "-D", ...straceFlags, "-o", lines, "--", ...command];
  const timed = runs("bash", "-c", "true");
  // bash's own `time` counts milliseconds of all that the command waited for.
  const script = 'TIMEFORMAT="%3U %3S"; exec 4>&2; file=$1; shift; { time "$@" 2>&4 4>&-; } 2>"$file"';
  const argv = timed ? ["bash", "-c", script, "airside", times, ...traced] : traced;
  const { code } = await started(argv, facts, false);
  await settled(lines);
  const [user = 0, kernel = 0] = (readText(times) ?? "")
    .trim()
    .split(" ")
    .map((text) => Number(text) * 1e9);
  await parse(lines, facts, model, basename(command[0] ?? ""));
  facts.user = user;
  facts.kernelTime = kernel;
  if (!timed) facts.notSeen.push("processor time: that needs bash.");
  facts.notSeen.push("who holds a lock, and which function made a call (strace tells neither).");
  return answerOf(facts, command, model, code);
}

/** /proc alone, with perf's counts where it may count. */
async function besideProc(command: readonly string[], model: Model, folder: string): Promise<Answer> {
  const facts = new Facts("proc");
  const counts = join(folder, "perf");
  const perf = runs("perf", "stat", "-o", join(folder, "probe"), "true");
  const events = "page-faults,major-faults,context-switches,instructions:u";
  const argv = perf ? ["perf", "stat", "-x,", "-e", events, "-o", counts, "--", ...command] : [...command];
  const { code } = await started(argv, facts, true);
  if (perf) perfCounts(facts, readText(counts) ?? "");
  unseenBeside(facts, perf);
  return answerOf(facts, command, model, code);
}

function unseenBeside(facts: Facts, perf: boolean): void {
  facts.notSeen.push("single calls, their errors, paths and sizes: strace is missing here, or may not trace.");
  if (!perf) facts.notSeen.push("what processes did that lived for less than a hundredth of a second.");
}

/** perf stat -x, : value,unit,event,… */
export function perfCounts(facts: Facts, text: string): void {
  for (const line of text.split("\n")) {
    const [value = "", , event = ""] = line.split(",");
    const figure = Number(value);
    if (value === "" || !Number.isFinite(figure)) continue;
    if (event.startsWith("page-faults")) facts.faults = figure;
    else if (event.startsWith("major-faults")) facts.majorFaults = figure;
    else if (event.startsWith("instructions")) facts.instructions = figure;
    else if (event.startsWith("context-switches")) {
      // perf does not tell which kind; /proc's samples do, in part.
      facts.voluntary = Math.max(0, figure - facts.involuntary);
    }
  }
}

async function started(argv: readonly string[], facts: Facts, alone: boolean): Promise<{ code: number }> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: "inherit" });
  const failed = new Promise<never>((_, reject) =>
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(new RangeError(`can't run ${program}: ${error.code ?? error.message}`)),
    ),
  );
  const ended = new Promise<number>((resolve) =>
    child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? os.constants.signals[signal] : 0))),
  );
  // The command gets it, too; the report is made of what there is.
  const ignore = (): void => undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, ignore);
  const sampler = child.pid === undefined ? undefined : new Sampler(facts, child.pid, { attached: false, alone });
  try {
    return { code: await Promise.race([ended, failed]) };
  } finally {
    sampler?.stop();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, ignore);
  }
}

/** Looks at a process that runs already, for a while or until Ctrl-C. */
export async function examineProcess(pid: number, model: Model, options: HostOptions): Promise<Answer> {
  linuxOnly();
  if (readText(`/proc/${pid}/stat`) === undefined) throw new RangeError(`no such process: ${pid}`);
  const command = (readText(`/proc/${pid}/cmdline`) ?? "").split("\0").filter((word) => word !== "");
  const named = command.length > 0 ? command : [`process ${pid}`];
  const folder = fs.mkdtempSync(join(os.tmpdir(), "airside-doctor-"));
  try {
    const answer = options.collector === "proc" ? undefined : await attach(pid, named, model, options, folder);
    if (answer) return answer;
    if (options.collector === "strace") throw new RangeError(`strace is missing here, or may not attach to ${pid}`);
    const facts = new Facts("proc");
    const sampler = new Sampler(facts, pid, { attached: true, alone: true });
    await passed(options.seconds, () => readText(`/proc/${pid}/stat`) !== undefined);
    sampler.stop();
    unseenBeside(facts, false);
    return answerOf(facts, named, model);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Undefined where strace can't. */
async function attach(
  pid: number,
  command: readonly string[],
  model: Model,
  { seconds }: HostOptions,
  folder: string,
): Promise<Answer | undefined> {
  const lines = join(folder, "strace");
  const strace = spawn("strace", [...straceFlags, "-o", lines, "-p", String(pid)], { stdio: "ignore" });
  let over = false;
  const ended = new Promise<void>((resolve) => {
    for (const event of ["exit", "error"] as const)
      strace.on(event, () => {
        over = true;
        resolve();
      });
  });
  const facts = new Facts("strace");
  const times = new Facts("proc");
  const sampler = new Sampler(times, pid, { attached: true, alone: true });
  await passed(seconds, () => !over);
  sampler.stop();
  const cut = over && readText(lines) === undefined;
  if (!over) strace.kill("SIGINT");
  await ended;
  const refused =
    cut || ((readText(lines) ?? "") === "" && readText(`/proc/${pid}/stat`) !== undefined && strace.exitCode === 1);
  if (refused) return undefined;
  await parse(lines, facts, model, basename(command[0] ?? ""));
  for (const line of times.surroundings) facts.surroundings.push(line);
  facts.group = times.group;
  facts.posture = times.posture;
  facts.user = times.user;
  facts.kernelTime = times.kernelTime;
  facts.faults = times.faults;
  facts.majorFaults = times.majorFaults;
  // A wait that began before, or goes on, has no line of its own.
  facts.idle = Math.max(facts.idle, times.idle);
  const told = [...facts.calls.values()].reduce((sum, call) => sum + call.idle, 0);
  if (told < facts.idle * 0.5) for (const call of times.calls.values()) facts.call(call.name).idle = call.idle;
  facts.notSeen.push("who holds a lock, and which function made a call (strace tells neither).");
  return answerOf(facts, command, model);
}

/** `seconds`, or less when `going` says so or Ctrl-C comes. */
async function passed(seconds: number, going: () => boolean): Promise<void> {
  let stopped = false;
  const stop = (): void => void (stopped = true);
  process.on("SIGINT", stop);
  const until = Date.now() + seconds * 1000;
  while (!stopped && going() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("SIGINT", stop);
}

/** strace writes on after the command has ended: until its file grows no more. */
async function settled(path: string): Promise<void> {
  let size = -1;
  for (let tries = 0; tries < 100; tries++) {
    const now = fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (now === size && now > 0) return;
    size = now;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function parse(path: string, facts: Facts, model: Model, program: string): Promise<void> {
  const lines = new StraceLines(facts, model, program.slice(0, 15));
  if (fs.existsSync(path)) {
    const input = createInterface({ input: fs.createReadStream(path, "latin1") });
    for await (const line of input) lines.line(line);
  }
  lines.finish();
}
