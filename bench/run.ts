// npm run bench -- [NAME…] [--runs N] [--quick] [--peers] [--list] [--page]: the same work native, under qemu-riscv64 and
// in Airside. NAME is a row or a group; its results replace that row's in bench/results/bench.json, and docs/bench.md is
// written from all of them (--page only does that). --quick does a quarter of the work once, and keeps its results apart.
// Without --peers all sides must be there; with it, what is missing is left out, and said.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AIRSIDE, measure, NATIVE } from "./measure.ts";
import { findQemus } from "./qemu.ts";
import { markdown, printBars, printRow } from "./report.ts";
import { readResults, resultsPath, setting, withRow, writeResults } from "./results.ts";
import { airsideCommand, forgetTranslations, has, prepareDebian, root } from "./sides.ts";
import { timed } from "./timed.ts";
import type { Side, Workload } from "./workload.ts";
import { crossings } from "./workloads/crossings.ts";
import { kernels } from "./workloads/kernels.ts";
import { programs } from "./workloads/programs.ts";
import { whole } from "./workloads/whole.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string" },
    quick: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    page: { type: "boolean", default: false },
  },
});
process.on("SIGINT", () => process.exit(130));
const { quick } = flags;
const runs = Number(flags.runs ?? (quick ? 1 : 3));
if (!Number.isInteger(runs) || runs < 1) fail(`not a number of runs: ${flags.runs}`);

const all: Workload[] = [...kernels(quick), ...programs(quick), ...crossings(), ...whole(quick)];
const known = new Set(all.flatMap(({ name, group }) => [name, group as string]));
for (const name of positionals) if (!known.has(name)) fail(`no row or group is called ${name} (see --list)`);
const chosen = all.filter(
  ({ name, group }) => positionals.length === 0 || positionals.includes(name) || positionals.includes(group),
);
if (flags.list) {
  for (const { name, group, about } of chosen) console.log(`${group.padEnd(10)} ${name.padEnd(31)} ${about}`);
  process.exit();
}
if (flags.page) {
  writePage();
  process.exit();
}

const missing: string[] = [];
for (const [program, name] of [
  ["gcc", "gcc"],
  ["riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu"],
] as const) {
  if (!has(program))
    missing.push(`${program} is not installed (package ${name}): rows of our own programs lack a side`);
}
const qemus = await findQemus();
missing.push(...qemus.missing);
if (spawnSync(process.execPath, [join(root, "scripts/build.ts")], { stdio: "inherit" }).status !== 0) process.exit(1);
missing.push(...(await prepareDebian()));
for (const line of missing) console.log(line);
if (missing.length > 0 && !flags.peers) fail("get what is missing, or leave it out with --peers");

const side = (kind: "native" | "airside", name: string): Side => ({ kind, name, program: "", version: "" });
const sides: Side[] = [side("native", NATIVE), ...qemus.sides, side("airside", AIRSIDE)];
const newest = qemus.sides.at(-1);
const versions = qemus.sides.map(({ version }) => version);
const about = setting(runs, versions, missing);
console.log(`${about.processor}, ${about.cores} cores, load ${about.load}; Node ${about.node}; ${versions.join("; ")}`);

const path = resultsPath(quick);
const names = all.map(({ group, name }) => `${group}/${name}`);
let results = readResults(path);
// What Node.js keeps of Airside's code is there from the first row on.
timed(airsideCommand(["true"]));
for (const workload of chosen) {
  forgetTranslations();
  const row = await measure(
    workload,
    sides.filter((one) => one.kind !== "qemu" || !workload.oneQemu || one === newest),
    runs,
  );
  printRow(row);
  results = withRow(results, row, about, names);
  writeResults(path, results);
}
printBars(results.rows);
console.log(`written: ${path}`);
if (!quick) writePage();

function writePage(): void {
  const page = join(root, "docs/bench.md");
  writeFileSync(page, markdown(readResults(resultsPath(false))));
  console.log(`written: ${page}`);
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(2);
}
