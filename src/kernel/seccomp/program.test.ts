import assert from "node:assert/strict";
import { test } from "node:test";
import { AUDIT_ARCH_RISCV64 } from "../../abi/ptrace.ts";
import { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO } from "../../abi/seccomp.ts";
import { check } from "./check.ts";
import { Filter } from "./filter.ts";
import { allowsAlways, Program, run } from "./program.ts";

/** A sequence of pseudo-random numbers (xorshift32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

// What the instructions mean, written once more, slowly: with 32-bit numbers as bigints and names taken apart by fields.
function reference({ code, jt, jf, k }: Program, data: Int32Array): number | "loop" {
  const low = (value: bigint): bigint => BigInt.asUintN(32, value);
  const memory = new Map<number, bigint>();
  let a = 0n;
  let x = 0n;
  for (let pc = 0, steps = 0; steps < 5000; pc++, steps++) {
    const kind = code[pc]! & 7;
    const constant = BigInt(k[pc]!);
    const mode = code[pc]! & 0xe0;
    const operand = (code[pc]! & 8) !== 0 ? x : constant;
    const operation = code[pc]! & 0xf0;
    if (kind === 6) return Number((code[pc]! & 0x18) === 0x10 ? a : constant);
    if (kind === 0 || kind === 1) {
      const loaded =
        mode === 0x20
          ? low(BigInt(data[k[pc]! / 4]!))
          : mode === 0x60
            ? (memory.get(k[pc]!) ?? 0n)
            : mode === 0x80
              ? 64n
              : constant;
      if (kind === 0) a = loaded;
      else x = loaded;
    } else if (kind === 2) memory.set(k[pc]!, a);
    else if (kind === 3) memory.set(k[pc]!, x);
    else if (kind === 7) {
      if (operation === 0) x = a;
      else a = x;
    } else if (kind === 5) {
      if (operation === 0) pc += k[pc]!;
      else {
        const holds =
          operation === 0x10
            ? a === operand
            : operation === 0x20
              ? a > operand
              : operation === 0x30
                ? a >= operand
                : (a & operand) !== 0n;
        pc += holds ? jt[pc]! : jf[pc]!;
      }
    } else {
      if (operation === 0x30 && operand === 0n) return 0;
      const results: Record<number, () => bigint> = {
        0: () => a + operand,
        16: () => a - operand,
        32: () => a * operand,
        48: () => a / operand,
        64: () => a | operand,
        80: () => a & operand,
        96: () => a << (operand & 31n),
        112: () => a >> (operand & 31n),
        128: () => -a,
        160: () => a ^ operand,
      };
      a = low(results[operation]!());
    }
  }
  return "loop";
}

const edges = [0, 1, 4, 16, 31, 60, 0x7fffffff, 0x80000000, 0xffffffff, SECCOMP_RET_ALLOW, 63, AUDIT_ARCH_RISCV64];

/** Mostly good: codes of all classes, operands from the edges, short jumps. */
function randomProgram(next: (below: number) => number): Program {
  const program = new Program(2 + next(14));
  for (let pc = 0; pc < program.length; pc++) {
    const kind = next(8);
    const codes = [0x00, 0x20, 0x60, 0x80, 0x00, 0x02, 0x03, 0x07, 0x87];
    program.code[pc] =
      kind < 2
        ? 4 | (next(11) << 4) | (next(2) << 3)
        : kind < 4
          ? 5 | (next(5) << 4) | (next(2) << 3)
          : codes[next(9)]!;
    program.jt[pc] = next(4);
    program.jf[pc] = next(4);
    program.k[pc] = next(2) === 0 ? next(17) * 4 : edges[next(edges.length)]!;
    if ((program.code[pc]! & 0xe7) === 0x60 || (program.code[pc]! & 6) === 2) program.k[pc] = next(16);
    if (program.code[pc] === 5) program.k[pc] = next(4);
  }
  program.code[program.length - 1] = next(2) === 0 ? 0x06 : 0x16;
  return program;
}

test("random programs that are let in end, with what the reference computes", () => {
  let taken = 0;
  for (let seed = 1; seed <= 30_000; seed++) {
    const next = random(seed * 2654435761);
    const program = randomProgram(next);
    if (check(program) !== 0) continue;
    taken++;
    const data = new Int32Array(16);
    for (let i = 0; i < 16; i++) data[i] = edges[next(edges.length)]!;
    assert.equal(run(program, data), reference(program, data), `seed ${seed}`);
  }
  assert.ok(taken > 3000, `${taken} taken`);
});

/** As filters begin: loads, comparisons and answers. */
function randomDispatch(next: (below: number) => number): Program {
  const program = new Program(3 + next(10));
  for (let pc = 0; pc < program.length; pc++) {
    const codes = [0x20, 0x20, 0x15, 0x25, 0x35, 0x45, 0x54, 0x05, 0x06];
    const code = pc === 0 ? 0x20 : codes[next(9)]!;
    program.code[pc] = code;
    program.jt[pc] = next(3);
    program.jf[pc] = next(3);
    program.k[pc] = next(70);
    if (code === 0x20) program.k[pc] = [0, 0, 0, 4, 4, 16][next(6)]!;
    if (code === 0x05) program.k[pc] = next(2);
    if (code === 0x54) program.k[pc] = edges[next(edges.length)]!;
    if (code === 0x06) program.k[pc] = next(3) === 0 ? SECCOMP_RET_ERRNO : SECCOMP_RET_ALLOW;
  }
  program.code[program.length - 1] = 0x06;
  return program;
}

test("what is said to be allowed whatever the arguments is allowed with any", () => {
  let always = 0;
  for (let seed = 1; seed <= 30_000; seed++) {
    const next = random(seed * 2246822519);
    const program = randomDispatch(next);
    const number = next(70);
    if (check(program) !== 0 || !allowsAlways(program, number, AUDIT_ARCH_RISCV64)) continue;
    always++;
    for (let round = 0; round < 4; round++) {
      const data = new Int32Array(16);
      for (let i = 0; i < 16; i++) data[i] = next(2 ** 32);
      data[0] = number;
      data[1] = AUDIT_ARCH_RISCV64;
      assert.equal(run(program, data) >>> 0, SECCOMP_RET_ALLOW, `seed ${seed}`);
    }
  }
  assert.ok(always > 1000, `${always} always`);
});

const forNumber = (number: number, answer: number): Program =>
  Program.of([
    { code: 0x20, jt: 0, jf: 0, k: 0 },
    { code: 0x15, jt: 0, jf: 1, k: number },
    { code: 0x06, jt: 0, jf: 0, k: answer },
    { code: 0x06, jt: 0, jf: 0, k: SECCOMP_RET_ALLOW },
  ]);
const plain = { log: false, waitKillable: false };

test("a chain remembers what it always allows, each filter of it having a say", () => {
  const first = new Filter(forNumber(63, SECCOMP_RET_ERRNO), undefined, plain);
  const second = new Filter(forNumber(64, SECCOMP_RET_ERRNO), first, plain);
  for (let times = 0; times < 2; times++) {
    assert.deepEqual(
      [62, 63, 64, 65, -1, 511, 512].map((number) => second.allows(number)),
      [true, false, false, true, false, true, false],
    );
  }
  assert.equal(first.allows(64), true);
});

test("encoding is decoding's inverse", () => {
  for (let seed = 1; seed < 100; seed++) {
    const program = randomProgram(random(seed));
    assert.deepEqual(Program.decode(program.encode()), program);
  }
});
