// Shows where the lines of this machine's strace and of Airside's differ: the tool for mending strace.
//
//   STRACE=strace node tests/strace/compare.ts [NAME]…
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { binaries, build, comparable, programs } from "./lines.ts";
import { tracing } from "./trace.ts";

const chosen = process.argv.slice(2);
build("host");
build("riscv64");
const machine = await tracing();
let same = 0;
let lines = 0;
let differing = 0;
const wanted = programs().filter(({ name }) => chosen.length === 0 || chosen.includes(name));
for (const program of wanted) {
  const cwd = "/tmp/strace";
  const log = `/tmp/${program.name}.strace`;
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd);
  const argv = ["-o", log, ...program.flags, join(binaries, "host", program.name)];
  spawnSync(process.env.STRACE ?? "strace", argv, { cwd, stdio: ["ignore", "pipe", "ignore"] });
  const theirs = comparable(readFileSync(log, "latin1"), program);
  const ours = comparable(await machine.trace(program), program);
  const all = Math.max(theirs.length, ours.length);
  lines += all;
  const wrong = Array.from({ length: all }, (_, i) => i).filter((i) => theirs[i] !== ours[i]);
  differing += wrong.length;
  if (wrong.length === 0) same++;
  else console.log(`DIFFERS ${program.name}`);
  for (const i of wrong.slice(0, 40))
    console.log(`  ${i + 1} linux   ${theirs[i] ?? ""}\n  ${i + 1} airside ${ours[i] ?? ""}`);
}
console.log(`${same} of ${wanted.length} programs; ${differing} of ${lines} lines differ`);
process.exit(same === wanted.length ? 0 : 1);
