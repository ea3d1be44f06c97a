// Where results are kept: bench/results/bench.json, a row for each workload that has ever been run, each with the
// setting (date, commit, machine, versions) it was run in. Running some rows again replaces those alone. Quick runs
// (a quarter of the work) have a file of their own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { Measured } from "./measure.ts";
import { root } from "./sides.ts";

export interface Setting {
  readonly date: string;
  readonly commit: string;
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly kernel: string;
  readonly node: string;
  readonly qemus: readonly string[];
  readonly compilers: string;
  /** Of Debian's packages. */
  readonly programs: string;
  readonly runs: number;
  /** How busy the machine was with other things when it began: its load average. */
  readonly load: number;
  /** What was left out, and what is not the same on all sides. */
  readonly notes: readonly string[];
}

export interface Row extends Measured {
  /** Index into the file's settings. */
  readonly setting: number;
}
export interface Results {
  readonly settings: readonly Setting[];
  readonly rows: readonly Row[];
}

const firstLine = (program: string, ...args: string[]): string =>
  spawnSync(program, args, { encoding: "utf8", cwd: root }).stdout?.split("\n")[0] ?? "none";

/** The commit, with "+" when the tree differs from it. */
export const commit = (): string => firstLine("git", "describe", "--always", "--dirty=+", "--exclude=*");

export const machine = () => ({
  processor: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  kernel: release(),
  node: process.version,
});

export const setting = (
  runs: number,
  qemus: readonly string[],
  programs: string,
  notes: readonly string[],
): Setting => ({
  date: new Date().toISOString().slice(0, 16),
  commit: commit(),
  ...machine(),
  qemus,
  compilers: `${firstLine("gcc", "--version")}; ${firstLine("riscv64-linux-gnu-gcc", "--version")}`,
  programs,
  runs,
  load: Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]),
  notes,
});

export const resultsPath = (quick: boolean): string => join(root, "bench/results", quick ? "quick.json" : "bench.json");

export function readResults(path: string): Results {
  if (!existsSync(path)) return { settings: [], rows: [] };
  return JSON.parse(readFileSync(path, "utf8")) as Results;
}

/** The new row in the place of the old one; in the order of `names` (group/name), and without rows that have left it. */
export function withRow(kept: Results, row: Measured, about: Setting, names: readonly string[]): Results {
  const key = ({ group, name }: Measured) => `${group}/${name}`;
  const all = new Map<string, { row: Measured; about: Setting }>();
  for (const one of kept.rows) all.set(key(one), { row: one, about: kept.settings[one.setting]! });
  all.set(key(row), { row, about });
  const rows = names.map((name) => all.get(name)).filter((found) => found !== undefined);
  const settings = [...new Map(rows.map((one) => [JSON.stringify(one.about), one.about])).values()];
  const index = new Map(settings.map((one, i) => [JSON.stringify(one), i]));
  return {
    settings,
    rows: rows.map((one) => ({ ...one.row, setting: index.get(JSON.stringify(one.about))! })),
  };
}

/** One line a row, so that a change of one row is a change of one line. */
export function writeResults(path: string, { settings, rows }: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  const list = (values: readonly object[]) => values.map((value) => `  ${JSON.stringify(value)}`).join(",\n");
  const text = `{\n "settings": [\n${list(settings)}\n ],\n "rows": [\n${list(rows)}\n ]\n}\n`;
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
