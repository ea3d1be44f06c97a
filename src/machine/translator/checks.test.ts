// What a translation knows of more than one instruction: which accesses are checked together, and how much has retired.
// Programs that break the conventions these rest on still do what the interpreter makes of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, EXIT_EBREAK, EXIT_TIMER, Hart } from "../hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "../page-table.ts";
import { PAGE_SIZE, Ram } from "../ram.ts";
import { flowOf } from "./flow.ts";
import { add, addi, bne, EBREAK, jal, ld, RET, sd, sw } from "./golden/words.ts";
import { grow } from "./region.ts";
import { supported } from "./translate.ts";

const [RA, SP, S0, A0, A1, A2, A3] = [1, 2, 8, 10, 11, 12, 13];

function checks(words: readonly number[]): { firsts: number[]; others: number[]; verify: number[] } {
  const code = new Uint16Array(Uint32Array.from(words).buffer);
  const view = { half: (offset: number) => code[offset >> 1] ?? -1, executed: () => true, apart: () => false };
  const region = grow(view, 0, 300, (row, word) => supported(row, word, true))!;
  const flow = flowOf(region, () => 0);
  const at = (first: boolean) =>
    [...flow.checks].flatMap(([{ offset }, access]) => (access.first === first ? [offset] : [])).sort((a, b) => a - b);
  return { firsts: at(true), others: at(false), verify: flow.nodes.map((node) => node.verify) };
}

test("a frame is checked once, before and behind a call; then sp is verified", () => {
  const words = [addi(SP, SP, -32), sd(RA, SP, 24), sd(S0, SP, 16), jal(RA, 24)];
  const rest = [ld(RA, SP, 24), ld(S0, SP, 16), addi(SP, SP, 32), RET, EBREAK, RET];
  assert.deepEqual(checks([...words, ...rest]), { firsts: [4], others: [8, 16, 20], verify: [1 << SP, 0] });
});

test("a register that a call does not preserve is another value behind it", () => {
  const words = [ld(A1, A0, 0), jal(RA, 12), ld(A2, A0, 0), RET, RET];
  assert.deepEqual(checks(words), { firsts: [], others: [], verify: [0, 0] });
});

test("what a pointer becomes in each round is checked in each round; what stays is checked before the loop", () => {
  const words = [ld(A3, A1, 8), ld(A2, A0, 0), addi(A0, A0, 8), ld(A3, A1, 16), bne(A2, 0, -12), RET];
  assert.deepEqual(checks(words), { firsts: [0], others: [12], verify: [0, 0, 0] });
});

test("a store behind a branch does not make a store of the load before it", () => {
  const words = [ld(A2, A0, 0), bne(A2, 0, 8), sd(A1, A0, 8), RET];
  assert.deepEqual(checks(words).others, []);
});

const CODE = 0x10000;
const STACK = 0x40000;

/** Runs until ebreak, many times; what a0 is in the end. */
function run(engine: "interpreter" | "translator", words: readonly number[], sp: number): number {
  const ram = new Ram({ maximum: 16 << 20 });
  const hart = new Hart(ram);
  hart.engine = engine;
  if (engine === "translator") hart.translateEagerly(20);
  const table = PageTable.create(ram)!;
  const frame = ram.allocFrame();
  words.forEach((word, i) => {
    ram.view.setUint32(frame + 4 * i, word, true);
  });
  table.set(CODE, frame | PTE_V | PTE_R | PTE_X);
  for (let page = 0; page < 4; page++) {
    const data = ram.allocFrame();
    for (let i = 0; i < PAGE_SIZE; i += 8) ram.view.setUint32(data + i, page * PAGE_SIZE + i, true);
    table.set(STACK + page * PAGE_SIZE, data | PTE_V | PTE_R | PTE_W);
  }
  const context = Context.create(ram)!;
  for (let i = 0; i < 300; i++) {
    context.pc = CODE;
    context.setXn(SP, sp);
    let exit: number;
    do exit = hart.run(context, table, 1000);
    while (exit === EXIT_TIMER);
    assert.equal(exit, EXIT_EBREAK);
  }
  if (engine === "translator") assert.ok(hart.translations > 0);
  return context.xn(A0);
}

test("rdtime counts the instructions before it, wherever it stands in a block", () => {
  const rdtime = (rd: number): number => ((0xc01 << 20) | (2 << 12) | (rd << 7) | 0x73) >>> 0;
  const words = [addi(A3, 0, 300), rdtime(A1), addi(A3, A3, -1), rdtime(A2), add(A0, A0, A1), add(A0, A0, A2)];
  same([...words, bne(A3, 0, -20), EBREAK]);
});

const same = (words: readonly number[], sp = STACK + 2 * PAGE_SIZE + 2048): void =>
  assert.equal(run("translator", words, sp), run("interpreter", words, sp));

test("a callee that comes back with another sp, or another s0", () => {
  for (const register of [SP, S0]) {
    same([
      ...[addi(S0, SP, 0), ld(A1, register, 0), jal(RA, 20)],
      ...[ld(A2, register, 0), add(A0, A0, A2), add(A0, A0, A1), EBREAK],
      ...[addi(register, register, 8), RET],
    ]);
  }
});

test("a callee that comes back on another page", () => {
  same([
    ...[ld(A1, SP, 0), jal(RA, 20), ld(A2, SP, 0), add(A0, A0, A2), add(A0, A0, A1), EBREAK],
    ...[addi(SP, SP, -2048), addi(SP, SP, -2048), addi(SP, SP, -2048), RET],
  ]);
});

test("a frame on two pages, of which one store is seen by a load through another register", () => {
  const words = [
    ...[addi(S0, SP, 8), sd(A0, SP, 0), sw(A0, S0, 8), ld(A1, S0, -8), ld(A2, SP, 16)],
    ...[add(A0, A0, A1), add(A0, A0, A2), addi(A0, A0, 1), EBREAK],
  ];
  for (let distance = 0; distance <= 32; distance += 4) same(words, STACK + PAGE_SIZE - distance);
});
