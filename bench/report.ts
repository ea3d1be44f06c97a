// What the bench says: a line on the terminal for each row, and docs/bench.md from all rows that are kept.
import { BARS, verdict } from "./bars.ts";
import { AIRSIDE, firstRatio, geometricMean, type Measured, NATIVE, ratio, type Times, V86 } from "./measure.ts";
import type { Results, Row, Setting } from "./results.ts";
import { GROUPS, type Group } from "./workload.ts";

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const times = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(2));

export function printRow(row: Measured): void {
  const cells = [...Object.entries(row.sides).map(([side, { median }]) => `${side} ${number(median)}`)];
  for (const [side, reason] of Object.entries(row.absent)) cells.push(`${side} – (${reason})`);
  const against = (["native", "qemu"] as const).map((side) => `×${side} ${times(ratio(row, side))}`);
  console.log(`${row.name.padEnd(31)} ${row.unit.padEnd(4)} ${cells.join("  ")}   ${against.join("  ")}`);
  if (row.differing) {
    console.log("  the outputs differ, so it has no time:");
    for (const [side, output] of Object.entries(row.differing)) console.log(`    ${side}: ${JSON.stringify(output)}`);
  }
}

export function printBars(rows: readonly Measured[]): void {
  console.log(`\n${"bar".padEnd(62)} ${"must".padStart(6)} ${"aim".padStart(6)} ${"is".padStart(8)}`);
  for (const bar of BARS) {
    const found = bar.value(rows);
    if (!found) continue;
    const cells = [bar.must, bar.aim, number(found.value)].map((cell, i) => String(cell).padStart(i === 2 ? 8 : 6));
    const note = found.note === undefined ? "" : ` (${found.note})`;
    console.log(`${bar.what.padEnd(62)} ${cells.join(" ")} ${bar.unit}  ${verdict(bar, found.value)}${note}`);
  }
}

const TITLES: Record<Group, string> = {
  kernels: "C kernels: programs of our own, whole process",
  programs: "Real programs: Debian's, whole process",
  crossings: "Crossings: user space to kernel space and back",
  whole: "Whole: starts, scripts, trees of files, memory",
};

export function markdown(results: Results): string {
  const order = results.settings.toSorted((a, b) => b.date.localeCompare(a.date));
  const newest = order[0];
  const lines = [
    "# Bench",
    "",
    "Written by `npm run bench` from bench/results/bench.json: the same work native, under qemu-riscv64 in user mode, and",
    "in Airside, in turn (A B C A B C); the median, in brackets the smallest and the largest. Smaller is better. Ratios are",
    "Airside's time over the other's; where there are several versions of qemu, the fastest in that row. A row whose outputs",
    "differ between the sides has no time. Airside's first run of a row finds no translations kept from before; the others do.",
    "Where all versions of qemu would only take longer to say the same, the newest runs alone.",
  ];
  if (newest) lines.push("", ...describe(newest));
  const older = order.slice(1);
  if (older.length > 0) {
    lines.push("", "Rows were last run at different times, as their last column says:", "");
    for (const one of older) lines.push(`- ${label(one)}: ${differences(one, newest!)}`);
  }
  lines.push("", "## The bars", "", "| | unit | must be at most | aim | is | |", "|---|---|--:|--:|--:|---|");
  for (const bar of BARS) {
    const found = bar.value(results.rows);
    const note = found?.note === undefined ? "" : ` (${found.note})`;
    const is = found ? number(found.value) : "–";
    lines.push(
      `| ${bar.what}${note} | ${bar.unit} | ${bar.must} | ${bar.aim} | ${is} | ${verdict(bar, found?.value)} |`,
    );
  }
  for (const group of GROUPS) lines.push(...table(group, results));
  return `${lines.join("\n")}\n`;
}

const label = ({ date, commit }: Setting): string => `${date.replace("T", " ")} UTC, commit ${commit}`;

const describe = (about: Setting): string[] => [
  `- ${label(about)}; ${about.runs} run${about.runs === 1 ? "" : "s"} each; load average ${about.load} at the start`,
  `- ${about.processor}, ${about.cores} cores, ${about.memory}, Linux ${about.kernel}`,
  `- Node.js ${about.node}`,
  ...about.qemus.map((version) => `- ${version}`),
  `- ${about.compilers}`,
  `- Debian's packages: ${about.programs}`,
  ...about.notes.map((line) => `- ${line}`),
];

function differences(one: Setting, newest: Setting): string {
  const lines = describe(newest);
  const [first = "", ...others] = describe(one).filter((line) => !lines.includes(line));
  const rest = others.map((line) => line.slice(2));
  return [first.split("; ").slice(1).join("; "), ...rest].join("; ");
}

function table(group: Group, { rows, settings }: Results): string[] {
  const part = rows.filter((row) => row.group === group);
  if (part.length === 0) return [];
  const compute = group === "kernels" || group === "programs";
  const names = new Set(part.flatMap((row) => [...Object.keys(row.sides), ...Object.keys(row.absent)]));
  const qemus = [...names].filter((name) => name.startsWith("qemu"));
  qemus.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const columns = [NATIVE, ...qemus, ...(names.has(V86) ? [V86] : []), AIRSIDE];
  const head = ["", "unit", ...columns, ...(compute ? ["Airside, first run"] : []), "/ native", "/ qemu", "", "run"];
  const lines = ["", `## ${TITLES[group]}`, "", `| ${head.join(" | ")} |`];
  lines.push(`|---|---|${"--:|".repeat(head.length - 4)}---|---|`);
  for (const row of part) {
    const first = row.sides[AIRSIDE]?.runs[0];
    const cells = [
      row.name.replaceAll("|", "\\|"),
      row.unit,
      ...columns.map((side) => cell(row.sides[side])),
      ...(compute ? [first === undefined ? "–" : number(first)] : []),
      times(ratio(row, "native")),
      times(ratio(row, "qemu")),
      row.differing ? "**outputs differ**" : row.about,
      run(row, settings),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  if (compute) {
    for (const [name, of] of [["geometric mean", ratio] as const, ["likewise, first runs", firstRatio] as const]) {
      const mean = (to: "native" | "qemu") => times(geometricMean(part.map((row) => of(row, to))));
      const blank = Array(columns.length + 2).fill("");
      lines.push(`| **${name}** | ${blank.join(" | ")} | **${mean("native")}** | **${mean("qemu")}** | | |`);
    }
  }
  const v86 = geometricMean(part.map((row) => ratio(row, "v86")));
  if (v86 !== undefined) {
    lines.push(
      "",
      `Airside / v86, geometric mean: **${v86.toFixed(2)}**. v86 has the same source as 32-bit x86 code in a machine`,
    );
    lines.push("that has booted before; Airside's time is that of a whole process, its machine's start included.");
  }
  return [...lines, ...absences(part)];
}

const cell = (found: Times | undefined): string => {
  if (!found) return "–";
  const { median, min, max, runs } = found;
  return runs.length > 1 ? `${number(median)} (${number(min)}–${number(max)})` : number(median);
};

const run = (row: Row, settings: readonly Setting[]): string => {
  const { date, commit } = settings[row.setting]!;
  return `${date.slice(0, 10)} ${commit}`;
};

/** Why sides have no value: one line for each reason. */
function absences(part: readonly Row[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, absent } of part) {
    for (const reason of new Set(Object.values(absent))) {
      const sides = Object.keys(absent).filter((side) => absent[side] === reason);
      reasons.set(reason, [...(reasons.get(reason) ?? []), `${name} (${sides.join(", ")})`]);
    }
  }
  const lines = [...reasons].map(([reason, rows]) => `- ${reason}: ${rows.join("; ")}`);
  return lines.length > 0 ? ["", "Without a value:", "", ...lines] : [];
}
