// Before and after: two reports beside each other.
import { headline } from "./headline.ts";
import type { Report } from "./report.ts";
import { capital, milliseconds, number, percent } from "./text.ts";

export interface Change {
  what: string;
  before: number;
  after: number;
  unit: "time" | "count" | "share";
}

export interface Comparison {
  verdict: { before: string; after: string };
  changes: Change[];
  /** Findings that are gone, and new ones. */
  gone: string[];
  fresh: string[];
}

export function compare(before: Report, after: Report): Comparison {
  const time = (what: string, pick: (report: Report) => number): Change => ({
    what,
    before: pick(before),
    after: pick(after),
    unit: "time",
  });
  const figure = (what: string, pick: (report: Report) => number): Change => ({
    ...time(what, pick),
    unit: "count",
  });
  const changes = [
    time("all", (report) => report.native.total),
    time("user", (report) => report.native.user),
    time("kernel", (report) => report.native.kernel),
    time("waiting", (report) => report.native.waiting),
    figure("instructions", (report) => report.instructions),
    figure("system calls", (report) => report.systemCalls),
    figure("page faults", (report) => report.pageFaults),
    figure("switches", (report) => report.switches.voluntary + report.switches.involuntary),
    figure("processes", (report) => report.processes),
  ];
  const names = new Set([...before.calls, ...after.calls].map(({ name }) => name));
  const calls = [...names]
    .map((name) => figure(name, (report) => report.calls.find((call) => call.name === name)?.calls ?? 0))
    .filter((change) => change.before !== change.after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  const ids = (report: Report): string[] => [...new Set(report.findings.map(({ id }) => id))];
  return {
    verdict: { before: before.verdict, after: after.verdict },
    changes: [...changes, ...calls.slice(0, 8)],
    gone: ids(before).filter((id) => !ids(after).includes(id)),
    fresh: ids(after).filter((id) => !ids(before).includes(id)),
  };
}

const shown = ({ unit }: Change, value: number): string => (unit === "time" ? milliseconds(value) : number(value));

export function compareText(before: Report, after: Report): string {
  const { changes, gone, fresh, verdict } = compare(before, after);
  const text = [
    verdict.before === verdict.after
      ? `Before and after: ${verdict.after}.`
      : `Before: ${verdict.before}. After: ${verdict.after}.`,
    `  ${headline(after)}`,
    "",
    `  ${"".padEnd(18)} ${"before".padStart(12)} ${"after".padStart(12)}`,
  ];
  for (const change of changes) {
    if (change.before === 0 && change.after === 0) continue;
    const gain = change.before === 0 ? "" : gainText((change.after - change.before) / change.before);
    text.push(
      `  ${change.what.padEnd(18)} ${shown(change, change.before).padStart(12)} ${shown(change, change.after).padStart(12)} ${gain.padStart(8)}`.trimEnd(),
    );
  }
  if (gone.length > 0) text.push("", `  ${capital("gone")}: ${gone.join(", ")}`);
  if (fresh.length > 0) text.push("", `  New: ${fresh.join(", ")}`);
  return `${text.join("\n")}\n`;
}

function gainText(gain: number): string {
  if (Math.abs(gain) < 0.005) return "same";
  return `${gain < 0 ? "−" : "+"}${percent(Math.abs(gain))}`;
}
