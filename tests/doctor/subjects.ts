// The doctor's subjects, compiled for the guest, and what the doctor says of a run.
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Machine, SpawnOptions } from "../../src/index.ts";
import { Evidence } from "../../src/observe/doctor/evidence.ts";
import { type Model, published } from "../../src/observe/doctor/model.ts";
import { type Answer, answerOf } from "../../src/observe/doctor/report.ts";

const folder = import.meta.dirname;
const out = join(folder, "bin");
/** Where they lie inside. */
export const place = "/doctor";
export const mount = { host: out, guest: place, readOnly: true };

const time = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const compile = (source: string, binary: string, way: string): Buffer =>
  execFileSync("riscv64-linux-gnu-gcc", [
    ...["-O1", "-Wall", "-Wno-unused-result", "-pthread"],
    ...[way, "-o", binary, source],
  ]);

/** Compiles what is older than its source. */
export function buildSubjects(): void {
  mkdirSync(out, { recursive: true });
  for (const name of ["files", "waits", "tasks", "verdicts"]) {
    const [source, binary] = [join(folder, `programs/${name}.c`), join(out, name)];
    if (time(binary) > Math.max(time(source), time(join(folder, "programs/subject.h")))) continue;
    compile(source, binary, "-pie");
    // For an image without a C library.
    if (name === "tasks") compile(source, join(out, "static"), "-static");
  }
}

/** What the doctor says of a command in `machine`. */
export async function examined(
  machine: Machine,
  command: readonly string[],
  options: SpawnOptions = {},
  model: Model = published,
): Promise<Answer> {
  const evidence = new Evidence(machine.kernel, model);
  const stop = machine.kernel.trace.listen(evidence);
  const child = await machine.spawn(command, { stdout: "null", stderr: "null", stdin: "null", ...options });
  const alive = setInterval(() => undefined, 1000);
  const { code } = await child.exited;
  clearInterval(alive);
  stop();
  evidence.finish();
  return answerOf(evidence.facts, command, model, code);
}
