// Random programs over every row: reference, interpreter and qemu-riscv64 must end in the same state.
// AIRSIDE_SEED and AIRSIDE_CASES repeat or lengthen a run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { EXIT_EBREAK, EXIT_FAULT, EXIT_ILLEGAL, FAULT_MISALIGNED } from "../hart.ts";
import { relaxedMaddIsFused } from "../interpreter/probe.ts";
import { rows } from "../isa/index.ts";
import { BareMachine, type FinalState } from "./bare.ts";
import { CODE_ADDRESS, CODE_BYTES, DATA_BYTES, type Program, Random, randomProgram } from "./random-program.ts";

const seed = Number(process.env.AIRSIDE_SEED ?? 1);
const cases = Number(process.env.AIRSIDE_CASES ?? 3000);

const interpreter = new BareMachine("interpreter");
const translator = new BareMachine("translator");
const reference = new BareMachine("reference");

const hex = (v: bigint | number) => `0x${v.toString(16)}`;

/** The differences, one a line; empty when the states agree. */
function compare(program: Program, a: Partial<FinalState>, b: Partial<FinalState>): string {
  const out: string[] = [];
  for (const key of ["exit", "pc", "fcsr", "fault", "faultAccess", "faultKind", "retired"] as const) {
    const [p, q] = [a[key], b[key]];
    if (p !== undefined && q !== undefined && p !== q) out.push(`${key}: ${hex(p)} ${hex(q)}`);
  }
  for (let i = 0; i < 32; i++) {
    if (a.x![i] !== b.x![i]) out.push(`x${i}: ${hex(a.x![i]!)} ${hex(b.x![i]!)} from ${hex(program.x[i]!)}`);
    if (a.f![i] !== b.f![i]) out.push(`f${i}: ${hex(a.f![i]!)} ${hex(b.f![i]!)} from ${hex(program.f[i]!)}`);
  }
  if (Buffer.compare(a.data!, b.data!) !== 0) out.push("data");
  return out.join("\n");
}

function listing(program: Program): string {
  const words = new Uint16Array(program.code.buffer);
  const source = [...words].map((word) => `.2byte ${word}`).join("\n");
  const object = join(tmpdir(), `airside-listing-${process.pid}.o`);
  spawnSync("riscv64-linux-gnu-as", ["-march=rv64gc", "-o", object, "-"], { input: source });
  const { stdout } = spawnSync("riscv64-linux-gnu-objdump", ["-d", "-M", "no-aliases,numeric", "-D", object]);
  const lines = stdout.toString().split("\n").slice(7);
  return lines.slice(0, lines.findIndex((line) => /\b(c\.)?ebreak/.test(line)) + 1).join("\n");
}

/** A fault's details mean nothing after another exit. */
function relevant(state: FinalState): Partial<FinalState> {
  if (state.exit === EXIT_FAULT) return state;
  const { fault, faultAccess, faultKind, ...rest } = state;
  return rest;
}

/** With no machine named: the interpreter, and the translator too. */
function agree(program: Program, what: string, machine?: BareMachine): FinalState {
  if (!machine) {
    agree(program, `${what}, translated`, translator);
    machine = interpreter;
  }
  const a = machine.run(program);
  const b = reference.run(program);
  const difference = compare(program, relevant(a), relevant(b));
  if (difference !== "") {
    assert.fail(`${what}: interpreter, reference, before:\n${difference}\nfcsr ${program.fcsr}\n${listing(program)}`);
  }
  return a;
}

test("every row by itself: the interpreter ends as the reference does", () => {
  const random = new Random(seed);
  for (const row of rows) {
    if (row.name === "ecall" || row.name === "jalr") continue;
    for (let i = 0; i < 60; i++) agree(randomProgram(random, 1, [row]), `${row.name}, case ${i}, seed ${seed}`);
  }
});

test("fused multiply-add is exact with and without a host that fuses", () => {
  const random = new Random(seed + 2);
  const fused = rows.filter((row) => row.shape === "R4");
  const machines = [true, false].map((fusedMadd) => new BareMachine("interpreter", { fusedMadd }));
  for (let i = 0; i < cases; i++) {
    const program = randomProgram(random, 3, fused);
    agree(program, `emulated, case ${i}, seed ${seed}`, machines[1]);
    if (relaxedMaddIsFused()) agree(program, `fused, case ${i}, seed ${seed}`, machines[0]);
  }
});

test("the translator did its part", () => {
  assert.ok(translator.hart.translations > 100, `${translator.hart.translations} translations`);
});

test("random programs: interpreter, reference and qemu-riscv64 end in the same state", (t) => {
  if (spawnSync("qemu-riscv64-static", ["--version"]).status !== 0) return t.skip("no qemu-riscv64-static");
  const folder = mkdtempSync(join(tmpdir(), "airside-differential-"));
  const runner = join(folder, "runner");
  const compiled = spawnSync("riscv64-linux-gnu-gcc", [
    ...[
      "-O1",
      "-static",
      "-mno-relax",
      "-Wl,--no-relax",
      "-fno-stack-protector",
      join(import.meta.dirname, "runner.c"),
      "-o",
      runner,
    ],
  ]);
  assert.equal(compiled.status, 0, compiled.stderr?.toString());
  const random = new Random(seed + 1);
  const programs = Array.from({ length: cases }, () => randomProgram(random, 1 + random.below(16)));
  const ours = programs.map((program, i) => agree(program, `case ${i}, seed ${seed}`));
  writeFileSync(join(folder, "in"), Buffer.concat(programs.map(encode)));
  // Without the extensions that the machine does not have.
  const off = ["v", "zba", "zbb", "zbc", "zbs", "zfh", "zfhmin", "zihintpause", "zawrs", "h", "svinval"];
  const cpu = ["rv64", ...off.map((name) => `${name}=false`)];
  const supported = cpu.filter((_, i) => i === 0 || cpuKnows(cpu[i]!));
  const run = spawnSync("qemu-riscv64-static", [
    "-cpu",
    supported.join(","),
    runner,
    join(folder, "in"),
    join(folder, "out"),
  ]);
  assert.equal(run.status, 0, run.stderr?.toString());
  const theirs = decode(readFileSync(join(folder, "out")));
  assert.equal(theirs.length, programs.length);
  programs.forEach((program, i) => {
    const us = ours[i]!;
    if (us.exit === EXIT_FAULT && !comparable(us)) return;
    const them = theirs[i]!;
    const difference = compare(program, seen(us), them);
    if (difference !== "") {
      assert.fail(
        `case ${i}, seed ${seed}: ours, qemu's, before:\n${difference}\nfcsr ${program.fcsr}\n${listing(program)}`,
      );
    }
  });
  rmSync(folder, { recursive: true });
});

function cpuKnows(option: string): boolean {
  return (
    spawnSync("qemu-riscv64-static", ["-cpu", `rv64,${option}`, "/bin/true"])
      .stderr.toString()
      .includes("not found") === false
  );
}

/**
 * qemu-user before 8 lets misaligned atomics through on x86 hosts, and a wild pointer may hit the runner's own memory
 * or, far up, wrap into it. Near the data both know what is mapped.
 */
function comparable(state: FinalState): boolean {
  return state.faultKind !== FAULT_MISALIGNED && state.fault >= 0x0fff0000n && state.fault < 0x30000000n;
}

/** What a signal handler sees of our exit. */
function seen(state: FinalState): Partial<FinalState> {
  const { faultAccess, faultKind, retired, fault, ...rest } = state;
  return state.exit === EXIT_FAULT ? { ...rest, fault } : rest;
}

const STATE_BYTES = 8 * 66 + DATA_BYTES;

function encode(program: Program): Buffer {
  const out = Buffer.alloc(STATE_BYTES + CODE_BYTES);
  out.writeBigUInt64LE(BigInt(CODE_ADDRESS), 0);
  for (let i = 0; i < 32; i++) {
    out.writeBigUInt64LE(program.x[i]!, 8 + 8 * i);
    out.writeBigUInt64LE(program.f[i]!, 8 + 256 + 8 * i);
  }
  out.writeBigUInt64LE(BigInt(program.fcsr), 8 + 512);
  out.set(program.data, 8 * 66);
  out.set(program.code, STATE_BYTES);
  return out;
}

function decode(bytes: Buffer): Partial<FinalState>[] {
  const size = STATE_BYTES + 24;
  return Array.from({ length: bytes.length / size }, (_, n) => {
    const at = (offset: number) => bytes.readBigUInt64LE(n * size + offset);
    const signal = Number(at(STATE_BYTES));
    const exit = { 4: EXIT_ILLEGAL, 5: EXIT_EBREAK, 7: EXIT_FAULT, 11: EXIT_FAULT }[signal] ?? -signal;
    return {
      exit,
      pc: at(0),
      x: Array.from({ length: 32 }, (_, i) => (i === 0 ? 0n : at(8 + 8 * i))),
      f: Array.from({ length: 32 }, (_, i) => at(8 + 256 + 8 * i)),
      fcsr: Number(at(8 + 512)),
      data: bytes.subarray(n * size + 8 * 66, n * size + STATE_BYTES),
      ...(signal === 11 ? { fault: at(STATE_BYTES + 16) } : {}),
    };
  });
}
