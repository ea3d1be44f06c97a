import assert from "node:assert/strict";
import { test } from "node:test";
import { rulesOfPrologue } from "./prologue.ts";

/** Code at 0x1000, in halves. */
const rules = (halves: number[], pc: number) =>
  rulesOfPrologue((address) => halves[(address - 0x1000) / 2], 0x1000, pc);

// addi sp, sp, -32; sd ra, 24(sp); c.sdsp s0, 16(sp); c.nop; ret
const LONG = [0x0113, 0xfe01, 0x3c23, 0x0011, 0xe822, 0x0001, 0x8082];

test("how far the stack pointer has moved, and where registers are, from the frame's address on", () => {
  assert.equal(rules(LONG, 0x1000), undefined);
  assert.deepEqual(rules(LONG, 0x1004), { cfaRegister: 2, cfaOffset: 32, saved: new Map() });
  assert.deepEqual(rules(LONG, 0x100a), {
    ...{ cfaRegister: 2, cfaOffset: 32 },
    saved: new Map([
      [1, -8],
      [8, -16],
    ]),
  });
});

test("short forms: c.addi sp and c.addi16sp; a branch around the frame does not end the search, a jump does", () => {
  // c.addi sp, -16; c.sdsp ra, 8(sp)
  assert.deepEqual(rules([0x1141, 0xe406, 0x0001], 0x1004), {
    cfaRegister: 2,
    cfaOffset: 16,
    saved: new Map([[1, -8]]),
  });
  // c.addi16sp -400
  assert.equal(rules([0x7165, 0x0001], 0x1002)?.cfaOffset, 400);
  // c.beqz a0; c.addi sp, -16
  assert.equal(rules([0xcd11, 0x1141, 0x0001], 0x1004)?.cfaOffset, 16);
  // c.j; c.addi sp, -16
  assert.equal(rules([0xa001, 0x1141, 0x0001], 0x1004), undefined);
});
