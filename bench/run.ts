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
import { closeV86, prepareV86, v86Side } from "./v86/peer.ts";
import { Absent, type Side, type Workload } from "./workload.ts";
import { crossings } from "./workloads/crossings.ts";
import { compileKernelsForV86, kernels } from "./workloads/kernels.ts";
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
const debian = await prepareDebian();
missing.push(...debian.missing);
const v86 = chosen.some(({ onV86 }) => onV86) ? await prepareV86() : undefined;
if (v86 instanceof Absent) missing.push(`v86 is left out: ${v86.reason}`);
else compileKernelsForV86();
for (const line of missing) console.log(line);
if (missing.length > 0 && !flags.peers) fail("get what is missing, or leave it out with --peers");

const side = (kind: "native" | "airside", name: string): Side => ({ kind, name, program: "", version: "" });
const sides: Side[] = [side("native", NATIVE), ...qemus.sides, v86Side, side("airside", AIRSIDE)];
const takesPart = (one: Side, { oneQemu, onV86 }: Workload): boolean => {
  if (one.kind === "v86") return onV86 === true && !(v86 instanceof Absent);
  return one.kind !== "qemu" || !oneQemu || one === newest;
};
const newest = qemus.sides.at(-1);
const versions = [...qemus.sides, v86Side].map(({ version }) => version);
const notes = [...missing, ...debian.differing];
const about = setting(runs, versions, debian.all, notes);
for (const line of debian.differing) console.log(line);
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
    sides.filter((one) => takesPart(one, workload)),
    runs,
  );
  printRow(row);
  results = withRow(results, row, about, names);
  writeResults(path, results);
}
closeV86();
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
