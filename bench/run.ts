// npm run bench -- [NAME…] [--runs N] [--quick] [--peers] [--list]: the same work native, under qemu-riscv64 and in
// Airside. NAME is a row or a group. Without --peers all three must be installed; with it, what is missing is left out.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure, type RowResult } from "./measure.ts";
import { printRow, setting, write } from "./report.ts";
import { has, prepareDebian, QEMU, removeScratch, root } from "./sides.ts";
import { SIDES, type Side, type Workload } from "./workload.ts";
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
  },
});
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
  for (const { name, group, about } of chosen) console.log(`${group.padEnd(10)} ${name.padEnd(24)} ${about}`);
  process.exit();
}

const missing: string[] = [];
const sides = SIDES.filter((side) => {
  const needs: Record<Side, readonly [program: string, debianPackage: string][]> = {
    native: [["gcc", "gcc"]],
    qemu: [
      [QEMU, "qemu-user-static"],
      ["riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu"],
    ],
    airside: [["riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu"]],
  };
  const lacking = needs[side].filter(([program]) => !has(program));
  for (const [program, name] of lacking)
    missing.push(`${side} is left out: ${program} is not installed (package ${name})`);
  return lacking.length === 0;
});
for (const line of missing) console.log(line);
if (missing.length > 0 && !flags.peers) fail("install what is missing, or leave it out with --peers");

if (spawnSync(process.execPath, [join(root, "scripts/build.ts")], { stdio: "inherit" }).status !== 0) process.exit(1);
if (chosen.some(({ group }) => group === "programs" || group === "whole")) {
  for (const line of await prepareDebian()) {
    console.log(line);
    missing.push(line);
    if (!flags.peers) fail("install what is missing, or leave it out with --peers");
  }
}
const about = setting(runs, quick);
console.log(`${about.processor}, ${about.cores} cores; Node ${about.node}; ${about.qemu}`);
const rows: RowResult[] = [];
process.on("exit", removeScratch);
process.on("SIGINT", () => process.exit(130));
for (const workload of chosen) {
  const row = await measure(workload, sides, runs);
  printRow(row);
  rows.push(row);
}
write(about, rows, missing, chosen.length === all.length);

function fail(message: string): never {
  console.error(`bench: ${message}`);
  process.exit(2);
}
