// Shows where the lines of a real strace and of Airside's differ: the tool for mending strace.
//
//   node tests/strace/compare.ts [NAME]…                    Debian's strace inside, through ptrace
//   FLAGS="-v -yy" node tests/strace/compare.ts [NAME]…    with more flags
//   STRACE=strace node tests/strace/compare.ts [NAME]…      this machine's strace with this machine's kernel
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { binaries, build, comparable, type Program, programs } from "./lines.ts";
import { tracing } from "./trace.ts";

const chosen = process.argv.slice(2);
const native = process.env.STRACE;
if (native !== undefined) build("host");
build("riscv64");
const machine = await tracing(native === undefined ? "debian-debug" : "debian");

function nativeTrace(program: Program): string {
  const cwd = "/tmp/strace";
  const log = `/tmp/${program.name}.strace`;
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd);
  const argv = ["-o", log, ...program.flags, join(binaries, "host", program.name)];
  spawnSync(native!, argv, { cwd, stdio: ["ignore", "pipe", "ignore"] });
  return readFileSync(log, "latin1");
}

let same = 0;
let lines = 0;
let differing = 0;
const more = process.env.FLAGS?.split(" ") ?? [];
const wanted = programs()
  .map((program) => ({ ...program, flags: [...program.flags, ...more] }))
  .filter(({ name }) => chosen.length === 0 || chosen.includes(name));
for (const program of wanted) {
  const text = native === undefined ? await machine.debianTrace(program) : nativeTrace(program);
  const theirs = comparable(text, program);
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
