// perf stat: counts of a run, or of several, in the layouts of perf-stat(1): for people, with -x for tools, as JSON.
import type { Account } from "../account.ts";

/** Values of one run by event; times in nanoseconds. */
export interface Counts {
  readonly values: ReadonlyMap<string, number>;
  readonly elapsed: number;
  readonly user: number;
  readonly system: number;
}

/** Events that are shown unless -e asks for others. */
export const standardEvents: readonly string[] = [
  "task-clock",
  "context-switches",
  "cpu-migrations",
  "page-faults",
  "instructions:u",
  "raw_syscalls:sys_enter",
];

const aliases: Readonly<Record<string, string>> = {
  cs: "context-switches",
  faults: "page-faults",
  migrations: "cpu-migrations",
  instructions: "instructions:u",
  "cpu-clock": "task-clock",
  syscalls: "raw_syscalls:sys_enter",
};

const known = new Set([
  ...standardEvents,
  "minor-faults",
  "major-faults",
  "user_time",
  "system_time",
  "duration_time",
  "voluntary-switches",
  "involuntary-switches",
  "forks",
  "execs",
  "signals",
]);

/** Throws a RangeError with one plain line for an event that is none. */
export function parseEvents(text: string): string[] {
  return text.split(",").map((name) => {
    const event = aliases[name] ?? name;
    const plain = event.replace(/:u$/, "");
    if (known.has(event)) return event;
    if (known.has(plain)) return plain;
    if (/^syscalls:sys_enter_\w+$/.test(event)) return event;
    throw new RangeError(`event is not known: ${name}`);
  });
}

export function countsOf(account: Account, events: readonly string[]): Counts {
  const { user, kernelTime, elapsed } = account;
  const all: Record<string, number> = {
    "task-clock": user + kernelTime,
    user_time: user,
    system_time: kernelTime,
    duration_time: elapsed,
    "context-switches": account.voluntary + account.involuntary,
    "voluntary-switches": account.voluntary,
    "involuntary-switches": account.involuntary,
    "cpu-migrations": 0,
    "page-faults": account.minorFaults + account.majorFaults,
    "minor-faults": account.minorFaults,
    "major-faults": account.majorFaults,
    "instructions:u": account.instructions,
    "raw_syscalls:sys_enter": account.systemCalls,
    forks: account.forks,
    execs: account.execs,
    signals: account.signals,
  };
  const values = new Map<string, number>();
  for (const event of events) {
    const call = /^syscalls:sys_enter_(\w+)$/.exec(event)?.[1];
    values.set(event, call === undefined ? (all[event] ?? 0) : (account.calls.get(call)?.calls ?? 0));
  }
  return { values, elapsed, user, system: kernelTime };
}

interface Statistic {
  mean: number;
  /** Standard deviation of the mean, as perf has it. */
  deviation: number;
}

function statistic(values: readonly number[]): Statistic {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, deviation: 0 };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, deviation: Math.sqrt(variance / values.length) };
}

const percent = ({ mean, deviation }: Statistic): string => (mean === 0 ? 0 : (100 * deviation) / mean).toFixed(2);
const grouped = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

interface Line {
  event: string;
  statistic: Statistic;
  unit: string;
  /** The value as it is shown. */
  value: number;
  digits: number;
  metric: number | undefined;
  metricUnit: string;
}

function lines(runs: readonly Counts[]): Line[] {
  const clock = statistic(runs.map((run) => run.user + run.system)).mean;
  const elapsed = statistic(runs.map((run) => run.elapsed)).mean;
  return [...runs[0]!.values.keys()].map((event) => {
    const sample = statistic(runs.map((run) => run.values.get(event) ?? 0));
    if (event === "task-clock") {
      const metric = elapsed === 0 ? 0 : sample.mean / elapsed;
      return {
        event,
        statistic: sample,
        unit: "msec",
        value: sample.mean / 1e6,
        digits: 2,
        metric,
        metricUnit: "CPUs utilized",
      };
    }
    if (/_time$/.test(event)) {
      return { event, statistic: sample, unit: "ns", value: sample.mean, digits: 0, metric: undefined, metricUnit: "" };
    }
    const perSecond = clock === 0 ? 0 : (sample.mean * 1e9) / clock;
    const [scale, prefix] =
      perSecond >= 1e9 ? [1e9, "G"] : perSecond >= 1e6 ? [1e6, "M"] : perSecond >= 1e3 ? [1e3, "K"] : [1, ""];
    return {
      event,
      statistic: sample,
      unit: "",
      value: sample.mean,
      digits: 0,
      metric: perSecond / scale,
      metricUnit: `${prefix}/sec`,
    };
  });
}

/** perf's table for people. */
export function statText(command: readonly string[], runs: readonly Counts[]): string {
  const repeated = runs.length > 1;
  const name = command.join(" ");
  const text = ["", ` Performance counter stats for '${name}'${repeated ? ` (${runs.length} runs)` : ""}:`, ""];
  for (const line of lines(runs)) {
    const value = grouped(line.value, line.digits).padStart(18);
    let row = `${value} ${line.unit.padEnd(4)} ${line.event.padEnd(25)}`;
    if (line.metric !== undefined) row += ` # ${line.metric.toFixed(3).padStart(8)} ${line.metricUnit.padEnd(25)}`;
    if (repeated)
      row += `${line.metric === undefined ? " ".repeat(37) : ""} ( +- ${percent(line.statistic).padStart(5)}% )`;
    text.push(row.trimEnd());
  }
  const time = (value: number): string => (value / 1e9).toFixed(9).padStart(18);
  const elapsed = statistic(runs.map((run) => run.elapsed));
  text.push("");
  if (repeated) {
    text.push(
      `${time(elapsed.mean)} +- ${(elapsed.deviation / 1e9).toFixed(9)} seconds time elapsed  ( +- ${percent(elapsed).padStart(5)}% )`,
    );
  } else {
    text.push(`${time(elapsed.mean)} seconds time elapsed`, "");
    text.push(`${time(runs[0]!.user)} seconds user`, `${time(runs[0]!.system)} seconds sys`);
  }
  text.push("", "");
  return text.join("\n");
}

/** -x: one event a line, fields apart by `separator`. */
export function statFields(runs: readonly Counts[], separator: string): string {
  const clock = statistic(runs.map((run) => run.user + run.system)).mean;
  return lines(runs)
    .map((line) => {
      const fields = [line.value.toFixed(line.digits), line.unit, line.event];
      if (runs.length > 1) fields.push(`${percent(line.statistic)}%`);
      fields.push(clock.toFixed(0), "100.00");
      fields.push(line.metric === undefined ? "" : line.metric.toFixed(3), line.metricUnit);
      return `${fields.join(separator)}\n`;
    })
    .join("");
}

/** -j: one object a line. */
export function statJson(runs: readonly Counts[]): string {
  const clock = statistic(runs.map((run) => run.user + run.system)).mean;
  return lines(runs)
    .map((line) => {
      const object = {
        "counter-value": line.value.toFixed(6),
        unit: line.unit,
        event: line.event,
        ...(runs.length > 1 ? { variance: Number(percent(line.statistic)) } : {}),
        "event-runtime": Math.round(clock),
        "pcnt-running": 100,
        ...(line.metric === undefined
          ? {}
          : { "metric-value": line.metric.toFixed(6), "metric-unit": line.metricUnit }),
      };
      return `${JSON.stringify(object)}\n`;
    })
    .join("");
}
