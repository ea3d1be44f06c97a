// `airside doctor [OPTIONS] [IMAGE] -- COMMAND…`: user space, kernel space or waiting, and what to change.
import * as fs from "node:fs";
import { Command } from "commander";
import { compareText } from "../../../src/observe/doctor/compare.ts";
import type { Model } from "../../../src/observe/doctor/model.ts";
import { reportText } from "../../../src/observe/doctor/plain.ts";
import { type Answer, type Report, reportJson } from "../../../src/observe/doctor/report.ts";
import { flamePage } from "../../../src/observe/perf/flame-graph.ts";
import type { Profile } from "../../../src/observe/perf/profile.ts";
import { controlled } from "../machines.ts";
import { guarded, withRunOptions } from "../observed.ts";
import { flameScript } from "../perf/flame-script.ts";
import { collect, type RunFlags } from "../run.ts";
import { examineAttached } from "./attached.ts";
import { modelNamed } from "./calibration.ts";
import { examineHost, examineProcess } from "./host/host.ts";
import { examine, tryChanges } from "./inside.ts";

interface Flags extends Partial<RunFlags> {
  json?: boolean;
  output?: string;
  html?: string;
  compare?: string;
  failOn: string[];
  try: boolean;
  model: string;
  host?: boolean;
  pid?: string;
  machine?: string;
  seconds: string;
  collector: string;
}

async function doctor(words: string[], flags: Flags): Promise<void> {
  const before = flags.compare === undefined ? undefined : earlier(flags.compare);
  const model = modelNamed(flags.model);
  const found = await answerTo(words, flags, model);
  if (!found) return;
  const { answer, profile } = found;
  if (flags.html !== undefined) {
    // Loaded when it is asked for: a start has no use for what draws.
    const { page } = await import("./page/page.ts");
    const graph = profile && drawn(profile);
    fs.writeFileSync(flags.html, page(answer.report, before, graph));
  }
  tell(answer, flags, before);
}

/** From sources, before anything was built, there is nothing that draws. */
function drawn(profile: Profile): string | undefined {
  try {
    return flamePage(profile, 0, flameScript());
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Found {
  answer: Answer;
  profile?: Profile | undefined;
}

async function answerTo(words: string[], flags: Flags, model: Model): Promise<Found | undefined> {
  const pid = flags.pid === undefined ? undefined : Number(flags.pid);
  if (pid !== undefined && !(Number.isInteger(pid) && pid > 0)) throw new RangeError(`not a process id: ${flags.pid}`);
  if (pid !== undefined && words.length > 0) throw new RangeError("-p and a command can't go together");
  const seconds = Number(flags.seconds);
  if (!(seconds > 0)) throw new RangeError(`not a time in seconds: ${flags.seconds}`);
  if (flags.host) {
    const { collector } = flags;
    if (collector !== "auto" && collector !== "strace" && collector !== "proc")
      throw new RangeError(`no such collector: ${collector} (auto, strace or proc)`);
    const options = { collector, seconds } as const;
    if (pid !== undefined) return { answer: await examineProcess(pid, model, options) };
    if (words.length === 0) throw new RangeError("no command: write it behind --, like `airside doctor --host -- ls`");
    return { answer: await examineHost(words, model, options) };
  }
  if (pid !== undefined) return { answer: await examineAttached(pid, flags.machine, model, seconds) };
  const found = await examine(words, flags, model, flags.html !== undefined);
  if (found && flags.try) await tryChanges(words, flags, found.answer);
  return found;
}

function tell({ report }: Answer, flags: Flags, before: Report | undefined): void {
  const text = flags.json ? reportJson(report) : reportText(report);
  const compared = before ? `\n${compareText(before, report)}` : "";
  if (flags.output !== undefined) fs.writeFileSync(flags.output, flags.json ? text : text + compared);
  else if (flags.json) process.stdout.write(text);
  else process.stderr.write(`\n${text}${compared}`);
  if (report.exitCode !== 0 && report.exitCode !== undefined && !flags.json)
    process.stderr.write(`\nThe command ended with exit code ${report.exitCode}.\n`);
  const wanted = flags.failOn.flatMap((list) => list.split(","));
  const failed = report.findings.filter(({ id }) => wanted.includes(id) || wanted.includes("any"));
  for (const { id, place } of failed) process.stderr.write(`airside doctor: ${id}: ${place}\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

/** A report that --json wrote. */
function earlier(path: string): Report {
  let report: Report;
  try {
    report = JSON.parse(fs.readFileSync(path, "utf8")) as Report;
  } catch (error) {
    throw new RangeError(`can't read the report ${path}: ${(error as Error).message}`);
  }
  if (typeof report?.verdict !== "string" || !Array.isArray(report.findings))
    throw new RangeError(`not a report of airside doctor --json: ${path}`);
  return report;
}

export const doctorCommand = (): Command =>
  withRunOptions(new Command("doctor"))
    .description("run a command and say whether user space, kernel space or waiting takes its time, and what to change")
    .option("--json", "the whole report as JSON, on standard output behind the command's own")
    .option("--html <file>", "the report as a page that needs no network")
    .option("-o, --output <file>", "write the report to this file")
    .option("--compare <report.json>", "before and after: beside an earlier report")
    .option(
      "--model <name>",
      "costs of native Linux: this host's, measured once (auto), measured anew (host), or published",
      "auto",
    )
    .option("-p, --pid <pid>", "look at a process that runs already")
    .option("--machine <name>", "the machine that -p means, where several run")
    .option("--seconds <time>", "how long -p looks, if not until Ctrl-C", "5")
    .option("--host", "a command or process of this machine itself, by its strace, perf and /proc")
    .option("--collector <name>", "what --host may use: auto, strace, or proc (/proc and perf)", "auto")
    .option("--no-try", "don't repeat the run with changes simulated")
    .option("--fail-on <finding>", "exit with 1 when there is this finding (or: any)", collect, [])
    .action((words: string[], flags: Flags) => guarded("doctor", () => controlled(() => doctor(words, flags))));
