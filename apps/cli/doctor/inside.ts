// The doctor on a command in a machine of ours: the run, and the runs with a change simulated.
import { boot } from "../../../src/index.ts";
import { Evidence } from "../../../src/observe/doctor/evidence.ts";
import { type Model, native } from "../../../src/observe/doctor/model.ts";
import { type Answer, answerOf, type Report } from "../../../src/observe/doctor/report.ts";
import { many, number } from "../../../src/observe/doctor/text.ts";
import { startTrial, type Trial, trialText } from "../../../src/observe/doctor/trial.ts";
import { parseEvents } from "../../../src/observe/perf/events.ts";
import type { Profile } from "../../../src/observe/perf/profile.ts";
import { Recorder } from "../../../src/observe/perf/recorder.ts";
import { completed, imageAndCommand, observe } from "../observed.ts";
import { bootOptions, type RunFlags, spawnOptions } from "../run.ts";

/** Trials at most, and milliseconds that each may take. */
const MOST_TRIALS = 3;
const TRIAL_LIMIT = 10_000;
/** A run that took longer is not repeated. */
const LONGEST = 10e9;

/** Of both sides of the gate, with the calls that led there. Instructions and nanoseconds between two samples. */
const RECORDING = { instructions: 100_000, nanoseconds: 100_000, every: 1, calls: "dwarf" } as const;

/** `drawn`: a flame graph is wanted, too. */
export async function examine(
  words: string[],
  flags: Partial<RunFlags>,
  model: Model,
  drawn: boolean,
): Promise<{ answer: Answer; profile: Profile | undefined } | undefined> {
  const { command } = imageAndCommand(words, process.argv);
  let answer: Answer | undefined;
  let profile: Profile | undefined;
  let input = 0;
  await observe(words, flags, (machine) => {
    const evidence = new Evidence(machine.kernel, model);
    const recorder = drawn
      ? new Recorder(machine.kernel, { ...RECORDING, events: parseEvents("cpu-clock") })
      : undefined;
    recorder?.start();
    const stop = machine.kernel.trace.listen(evidence);
    return (code) => {
      stop();
      profile = recorder?.finish(command);
      evidence.finish();
      input = evidence.facts.input;
      answer = answerOf(evidence.facts, command, model, code);
    };
  });
  if (answer && input > 0) answer.report.notTried = "it read from standard input, which can't be given again";
  return answer && { answer, profile };
}

/** Repeats the run with what the dearest findings would change. */
export async function tryChanges(words: string[], flags: Partial<RunFlags>, answer: Answer): Promise<void> {
  const { report, trials } = answer;
  if (trials.size === 0 || report.notTried !== undefined) return;
  const writable = (flags.volume ?? []).some((volume) => !volume.endsWith(":ro"));
  if (writable) report.notTried = "it can write to folders of this machine";
  else if (report.measured.total > LONGEST) report.notTried = "it took long";
  if (report.notTried !== undefined) return;
  for (const finding of report.findings.filter((each) => trials.has(each)).slice(0, MOST_TRIALS)) {
    const trial = trials.get(finding)!;
    finding.tried = await again(words, flags, report, trial);
  }
}

async function again(
  words: string[],
  flags: Partial<RunFlags>,
  before: Report,
  trial: Trial,
): Promise<Report["findings"][number]["tried"]> {
  const { image, command } = imageAndCommand(words, process.argv);
  const whole = completed(flags);
  const machine = await boot(bootOptions(image, whole));
  const { kernel } = machine;
  const change = startTrial(trial);
  const evidence = new Evidence(kernel, before.model);
  const stops = [kernel.trace.listen(change), kernel.trace.listen(evidence)];
  const child = await machine.spawn(command, {
    ...spawnOptions(whole, false),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  const timer = setTimeout(() => child.kill(9), TRIAL_LIMIT);
  const { code } = await child.exited;
  clearTimeout(timer);
  for (const stop of stops) stop();
  evidence.finish();
  const { facts } = evidence;
  change.settled(facts);
  const after = native(facts, before.model);
  const told: string[] = [];
  if (facts.systemCalls !== before.systemCalls)
    told.push(`${many(facts.systemCalls, "system call")} instead of ${number(before.systemCalls)}`);
  if (before.exitCode !== undefined && code !== before.exitCode)
    told.push(`exit code ${code} instead of ${before.exitCode}`);
  await machine.shutdown();
  const difference = told.join(", ");
  // The model has no price for a processor that is busy while somebody else sleeps: then the clock decides.
  if (trial.kind === "unslept" || trial.kind === "blocking")
    return { change: trialText(trial), before: before.elapsed, after: facts.elapsed, measured: true, difference };
  // What it waited for others is no part of the change, and never twice the same.
  return {
    change: trialText(trial),
    before: before.native.total - before.measured.waiting,
    after: after.total - facts.idle,
    measured: false,
    difference,
  };
}
