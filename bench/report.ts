// What the bench leaves: lines on the terminal while it runs, bench/results/DATE.json, and docs/bench.md.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { geometricMean, type RowResult, ratio, type Times } from "./measure.ts";
import { QEMU, root } from "./sides.ts";
import { GROUPS, type Group, SIDES, type Side } from "./workload.ts";

export interface Setting {
  readonly date: string;
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly kernel: string;
  readonly node: string;
  readonly qemu: string;
  readonly compilers: string;
  readonly runs: number;
  readonly quick: boolean;
}

const firstLine = (program: string, ...args: string[]): string => {
  const { stdout } = spawnSync(program, args, { encoding: "utf8", cwd: root });
  return stdout?.split("\n")[0] ?? "none";
};

export const setting = (runs: number, quick: boolean): Setting => ({
  date: new Date().toISOString(),
  commit: firstLine("git", "rev-parse", "--short", "HEAD"),
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  kernel: release(),
  node: process.version,
  qemu: firstLine(QEMU, "--version"),
  compilers: `${firstLine("gcc", "--version")}; ${firstLine("riscv64-linux-gnu-gcc", "--version")}`,
  runs,
  quick,
});

const number = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const cell = (times: Times | undefined, why: string | undefined): string => {
  if (!times) return why === undefined ? "–" : `– (${why.replaceAll("|", "/")})`;
  const { median, min, max, runs } = times;
  return runs.length > 1 ? `${number(median)} (${number(min)}–${number(max)})` : number(median);
};
const times = (value: number | undefined): string => (value === undefined ? "–" : value.toFixed(2));

export function printRow(row: RowResult): void {
  const cells = SIDES.map((side) => {
    const found = row.sides[side];
    return `${side} ${found ? number(found.median) : (row.absent[side] ?? "–")}`;
  });
  const against = (["native", "qemu"] as const).map((side) => `×${side} ${times(ratio(row, side))}`);
  console.log(`${row.name.padEnd(24)} ${row.unit.padEnd(4)} ${cells.join("  ")}   ${against.join("  ")}`);
  if (row.differing) {
    console.log("  the outputs differ, so it has no time:");
    for (const [side, output] of Object.entries(row.differing)) console.log(`    ${side}: ${JSON.stringify(output)}`);
  }
}

const TITLES: Record<Group, string> = {
  kernels: "Compute: small C programs, whole process",
  programs: "Compute: Debian's programs, whole process",
  crossings: "Crossings: user space to kernel space and back",
  whole: "Whole: starts, scripts, trees of files, memory",
};

export function markdown(about: Setting, rows: readonly RowResult[], missing: readonly string[]): string {
  const lines = [
    "# Bench",
    "",
    "Written by `npm run bench` (bench/run.ts): the same work native, under qemu-riscv64 in user mode, and in Airside,",
    `in turn, ${about.runs} run${about.runs === 1 ? "" : "s"} each; the median, in brackets the smallest and the largest. Smaller is better. A row whose outputs`,
    "differ between the sides has no time.",
    "",
    `- ${about.date}, commit ${about.commit}${about.quick ? ", quick: a quarter of the work" : ""}`,
    `- ${about.processor}, ${about.cores} cores, ${about.memory}, Linux ${about.kernel}`,
    `- Node ${about.node}; ${about.qemu}; ${about.compilers}`,
    ...missing.map((line) => `- ${line}`),
  ];
  for (const group of GROUPS) {
    const part = rows.filter((row) => row.group === group);
    if (part.length === 0) continue;
    lines.push("", `## ${TITLES[group]}`, "");
    lines.push("| | unit | native | qemu | Airside | Airside / native | Airside / qemu | |");
    lines.push("|---|---|--:|--:|--:|--:|--:|---|");
    for (const row of part) {
      const cells = SIDES.map((side) => cell(row.sides[side], row.absent[side]));
      const note = row.differing ? "**outputs differ**" : row.about;
      lines.push(
        `| ${row.name} | ${row.unit} | ${cells.join(" | ")} | ${times(ratio(row, "native"))} | ${times(ratio(row, "qemu"))} | ${note} |`,
      );
    }
    const mean = (side: Side) => times(geometricMean(part.map((row) => ratio(row, side))));
    lines.push(`| **geometric mean** | | | | | **${mean("native")}** | **${mean("qemu")}** | |`);
  }
  return `${lines.join("\n")}\n`;
}

/** Writes the results; docs/bench.md only when all rows were run. */
export function write(about: Setting, rows: readonly RowResult[], missing: readonly string[], all: boolean): void {
  const folder = join(root, "bench/results");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${about.date.slice(0, 19).replaceAll(":", "-")}.json`);
  writeFileSync(path, `${JSON.stringify({ ...about, missing, rows }, undefined, 1)}\n`);
  console.log(`written: ${path}`);
  if (!all) return;
  writeFileSync(join(root, "docs/bench.md"), markdown(about, rows, missing));
  console.log("written: docs/bench.md");
}
