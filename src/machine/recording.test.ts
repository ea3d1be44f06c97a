// What instruments note: exact counts of loads, stores and branches by every way that an instruction is executed, and a
// log of calls, returns and jumps.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, EXIT_EBREAK, EXIT_TIMER, Hart } from "./hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "./page-table.ts";
import { PAGE_SIZE, Ram } from "./ram.ts";
import { LOG_CAPACITY, LOG_ENTRY, LOG_JUMP, LOG_RETURN, type Recording } from "./recording.ts";

const CODE = 0x10000;
const DATA = 0x40000;
const EBREAK = 0x100073;
const I = (imm: number, rs1: number, f3: number, rd: number, opcode: number) =>
  ((imm << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | opcode) >>> 0;
const S = (rs2: number, rs1: number, imm: number) =>
  (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (3 << 12) | ((imm & 31) << 7) | 0x23) >>> 0;
const addi = (rd: number, rs1: number, imm: number) => I(imm, rs1, 0, rd, 0x13);
const ld = (rd: number, rs1: number, imm: number) => I(imm, rs1, 3, rd, 0x03);
const jalr = (rd: number, rs1: number) => I(0, rs1, 0, rd, 0x67);
const jal = (rd: number, offset: number) =>
  (((offset & 0x100000) << 11) |
    ((offset & 0x7fe) << 20) |
    ((offset & 0x800) << 9) |
    (offset & 0xff000) |
    (rd << 7) |
    0x6f) >>>
  0;
const amo = (funct5: number, rd: number, rs2: number, rs1: number) =>
  ((funct5 << 27) | (rs2 << 20) | (rs1 << 15) | (3 << 12) | (rd << 7) | 0x2f) >>> 0;
const NOP = addi(0, 0, 0);

function run(words: number[]): { recording: Recording; ram: Ram; exit: number } {
  const ram = new Ram({ maximum: 16 << 20 });
  const hart = new Hart(ram);
  const table = PageTable.create(ram)!;
  const context = Context.create(ram)!;
  const code = ram.allocFrame();
  table.set(CODE, code | PTE_V | PTE_R | PTE_X);
  for (const page of [0, 1]) table.set(DATA + page * PAGE_SIZE, ram.allocFrame() | PTE_V | PTE_R | PTE_W);
  words.forEach((word, i) => {
    ram.view.setUint32(code + 4 * i, word, true);
  });
  ram.codeWritten(code);
  const recording = hart.record({ counts: true, calls: true });
  context.pc = CODE;
  context.setXn(2, DATA + 64);
  context.setXn(10, DATA);
  context.setXn(11, DATA + PAGE_SIZE - 4);
  return { recording, ram, exit: hart.run(context, table, 1000) };
}

test("loads and stores count however they are executed: aligned, misaligned, over two pages, without a result, atomic", () => {
  const { recording, exit } = run([
    ...[ld(5, 10, 0), ld(5, 10, 3), ld(5, 11, 0), ld(0, 10, 0)],
    ...[S(5, 10, 8), S(5, 10, 13), S(5, 11, 0)],
    // amoadd.d, lr.d, sc.d
    ...[amo(0, 5, 6, 10), amo(2, 5, 0, 10), amo(3, 5, 6, 10)],
    EBREAK,
  ]);
  assert.equal(exit, EXIT_EBREAK);
  assert.deepEqual([recording.loads, recording.stores, recording.branches], [6, 5, 0]);
});

test("a fault is no load: what does not retire does not count", () => {
  const { recording } = run([ld(5, 10, 0), ld(5, 0, 0), EBREAK]);
  assert.equal(recording.loads, 1);
});

test("the log has calls with where they return to, returns, and jumps with where they are from", () => {
  const { recording, ram, exit } = run([
    jal(1, 16), // 0x10000: call 0x10010
    jal(0, 20), // 0x10004: jump to 0x10018
    ...[NOP, NOP],
    ...[NOP, jalr(0, 1)], // 0x10010, 0x10014: return
    EBREAK, // 0x10018
  ]);
  assert.equal(exit, EXIT_EBREAK);
  const word = (entry: number, at: number) => Number(ram.u64[((recording.logAt * 4 + entry * LOG_ENTRY) >>> 3) + at]);
  const fuel = (entry: number) => ram.u32[recording.logAt + entry * (LOG_ENTRY / 4) + 6];
  const entries = Array.from({ length: recording.logged }, (_, i) => [word(i, 0), word(i, 1), word(i, 2), fuel(i)]);
  assert.deepEqual(entries, [
    [0x10010, 0x10004, DATA + 64, 999],
    [0x10004 | LOG_RETURN, 0x10014, DATA + 64, 997],
    [0x10018, 0x10004 | LOG_JUMP, DATA + 64, 996],
  ]);
  assert.equal(recording.branches, 3);
});

test("a run is no longer than the log", () => {
  const ram = new Ram({ maximum: 16 << 20 });
  const hart = new Hart(ram);
  const table = PageTable.create(ram)!;
  const context = Context.create(ram)!;
  const code = ram.allocFrame();
  table.set(CODE, code | PTE_V | PTE_R | PTE_X);
  ram.view.setUint32(code, jal(0, 0), true);
  const recording = hart.record({ counts: false, calls: true });
  context.pc = CODE;
  assert.equal(hart.run(context, table, 10 * LOG_CAPACITY), EXIT_TIMER);
  assert.equal(hart.retired, LOG_CAPACITY);
  assert.equal(recording.logged, LOG_CAPACITY);
  hart.stopRecording();
  assert.equal(hart.run(context, table, 10 * LOG_CAPACITY), EXIT_TIMER);
  assert.equal(hart.retired, 10 * LOG_CAPACITY);
});
