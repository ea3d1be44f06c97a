// perf stat: counts of a run, or of several, in the layouts of perf-stat(1): for people, with -x for tools, as JSON.
import type { Account } from "../account.ts";
import { baseName, type Event, parseEvents, systemCallOf } from "./events.ts";
import { MixAccount } from "./mix.ts";

/** Values of one run by event; times in nanoseconds. */
export interface Counts {
  readonly values: ReadonlyMap<string, number>;
  readonly elapsed: number;
  readonly user: number;
  readonly system: number;
}

/** Events that are shown unless -e asks for others. */
export const standardEvents: readonly Event[] = parseEvents(
  "task-clock,context-switches,cpu-migrations,page-faults,instructions:u,raw_syscalls:sys_enter",
);

/** Events that come to what the account counts anyway. */
const figures: Readonly<Record<string, (account: Account) => number>> = {
  user_time: ({ user }) => user,
  system_time: ({ kernelTime }) => kernelTime,
  duration_time: ({ elapsed }) => elapsed,
  "offcpu-time": ({ waited }) => waited,
  "context-switches": ({ voluntary, involuntary }) => voluntary + involuntary,
  "sched:sched_switch": ({ voluntary, involuntary }) => voluntary + involuntary,
  "sched:sched_wakeup": ({ wakeups }) => wakeups,
  "sched:sched_process_fork": ({ forks, threads }) => forks + threads,
  "sched:sched_process_exec": ({ execs }) => execs,
  "sched:sched_process_exit": ({ exits }) => exits,
  "signal:signal_generate": ({ signalsSent }) => signalsSent,
  "signal:signal_deliver": ({ signals }) => signals,
  "page-faults": ({ minorFaults, majorFaults }) => minorFaults + majorFaults,
  "minor-faults": ({ minorFaults }) => minorFaults,
  "major-faults": ({ majorFaults }) => majorFaults,
  "exceptions:page_fault_user": ({ faults }) => faults,
  instructions: ({ instructions }) => instructions,
  "raw_syscalls:sys_enter": ({ systemCalls }) => systemCalls,
  "branch-instructions": (account) => (account instanceof MixAccount ? account.branches : 0),
  "L1-dcache-loads": (account) => (account instanceof MixAccount ? account.loads : 0),
  "L1-dcache-stores": (account) => (account instanceof MixAccount ? account.stores : 0),
};

function countOf(account: Account, event: Event): number {
  const name = baseName(event);
  const call = systemCallOf(name);
  if (call !== undefined) return account.calls.get(call)?.calls ?? 0;
  if (name === "task-clock" || name === "cpu-clock") {
    return (event.side === "k" ? 0 : account.user) + (event.side === "u" ? 0 : account.kernelTime);
  }
  return figures[name]?.(account) ?? 0;
}

export function countsOf(account: Account, events: readonly Event[]): Counts {
  const { user, kernelTime, elapsed } = account;
  return {
    values: new Map(events.map((event) => [event.name, countOf(account, event)])),
    elapsed,
    user,
    system: kernelTime,
  };
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
    if (/^(task|cpu)-clock/.test(event)) {
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
    if (/[_-]time$/.test(event)) {
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

/** perf's table for people. `what`: "'ls -l'", "process id '12'". */
export function statText(what: string, runs: readonly Counts[]): string {
  const repeated = runs.length > 1;
  const text = ["", ` Performance counter stats for ${what}${repeated ? ` (${runs.length} runs)` : ""}:`, ""];
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
