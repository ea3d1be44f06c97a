// Translations go, or are not entered, when the code that they were made from is no longer what lies there: each test
// runs a loop over two pages until it is translated, changes something as a kernel would, and looks what runs then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, EXIT_EBREAK, EXIT_FAULT, EXIT_TIMER, Hart } from "../hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_W, PTE_X } from "../page-table.ts";
import { PAGE_SIZE, Ram } from "../ram.ts";
import { ACCESS_EXECUTE } from "../trap.ts";
import { addi, bne, EBREAK, FENCE_I, j, jal, lw, RET, sd, sw } from "./golden/words.ts";

const CODE = 0x10000;
/** The loops begin in the middle of their first page, so that a branch reaches back. */
const HALF = PAGE_SIZE / 2;
const START = CODE + HALF;
const SECOND = CODE + PAGE_SIZE;
const DATA = 0x40000;
const RX = PTE_V | PTE_R | PTE_X;
const RW = PTE_V | PTE_R | PTE_W;
const [A0, A1, COUNT] = [10, 11, 12];

class Machine {
  readonly ram = new Ram({ maximum: 16 << 20 });
  readonly hart = new Hart(this.ram);
  readonly table = PageTable.create(this.ram)!;
  readonly context = Context.create(this.ram)!;

  constructor(eager = true) {
    if (eager) this.hart.translateEagerly(100);
  }

  frame(words: readonly number[], offset = 0): number {
    const frame = this.ram.allocFrame();
    this.write(frame, words, offset);
    return frame;
  }

  write(frame: number, words: readonly number[], offset = 0): void {
    words.forEach((word, i) => {
      this.ram.view.setUint32(frame + offset + 4 * i, word, true);
    });
    this.ram.codeWritten(frame);
  }

  run(fuel: number, table = this.table): number {
    return this.hart.run(this.context, table, fuel);
  }

  /** Rounds of the loop, from its start: what they added to a0. */
  rounds(count: number, table = this.table, at = START, fuel = 1_000_000): number {
    this.context.pc = at;
    this.context.setXn(COUNT, count);
    const before = this.context.xn(A0);
    let exit: number;
    do exit = this.run(fuel, table);
    while (exit === EXIT_TIMER);
    assert.equal(exit, EXIT_EBREAK);
    return this.context.xn(A0) - before;
  }
}

/** The loop's halves; four instructions a round: a0 += step of the second page, a1 += 1. */
const FIRST = [addi(A1, A1, 1), j(HALF - 4)];
const second = (step: number): number[] => [
  addi(A0, A0, step),
  addi(COUNT, COUNT, -1),
  bne(COUNT, 0, -HALF - 8),
  EBREAK,
];

/** Hot: translated, and entered through the table of jumps. */
function twoPages() {
  const m = new Machine();
  const frames = [m.frame(FIRST, HALF), m.frame(second(1))] as const;
  m.table.set(CODE, frames[0] | RX);
  m.table.set(SECOND, frames[1] | RX);
  assert.equal(m.rounds(2000), 2000);
  assert.ok(m.hart.translations > 0);
  // in the middle
  m.context.pc = START;
  m.context.setXn(COUNT, 1_000_000);
  assert.equal(m.run(4003), EXIT_TIMER);
  assert.equal(m.hart.retired, 4003);
  return { m, frames };
}

for (const [what, change] of [
  ["unmapped", (m) => m.table.clearRange(SECOND, SECOND + PAGE_SIZE)],
  ["made non-executable by set()", (m, frame) => m.table.set(SECOND, frame | PTE_V | PTE_R)],
  ["made non-executable by forEach()", (m) => m.table.forEach(SECOND, SECOND + PAGE_SIZE, (_, pte) => pte & ~PTE_X)],
] as [string, (m: Machine, frame: number) => void][]) {
  test(`the second page of a hot loop is ${what}: the fetch there faults, and nothing of it has run`, () => {
    const { m, frames } = twoPages();
    const done = m.context.xn(A0);
    const entered = m.context.xn(A1);
    m.context.pc = START;
    change(m, frames[1]);
    assert.equal(m.run(1000), EXIT_FAULT);
    assert.equal(m.hart.faultAccess, ACCESS_EXECUTE);
    assert.equal(m.hart.faultAddress, SECOND);
    assert.equal(m.context.pc, SECOND);
    assert.equal(m.hart.retired, 2);
    assert.equal(m.context.xn(A0), done);
    assert.equal(m.context.xn(A1), entered + 1);
    m.table.set(SECOND, frames[1] | RX);
    assert.equal(m.run(8), EXIT_TIMER);
    assert.equal(m.context.xn(A0), done + 2);
  });
}

test("the second page of a hot loop is another frame: its code runs at once, and the old code when that is back", () => {
  const { m, frames } = twoPages();
  const other = m.frame(second(100));
  for (const [frame, step] of [
    [other, 100],
    [frames[1], 1],
    [other, 100],
  ] as const) {
    m.table.set(SECOND, frame | RX);
    assert.equal(m.rounds(500), 500 * step);
  }
});

test("the kernel writes to the second page of a hot loop, in place", () => {
  const { m, frames } = twoPages();
  for (const step of [2, 3, 1000]) {
    m.write(frames[1], second(step));
    assert.equal(m.rounds(500), 500 * step);
  }
});

test("the second page's frame is freed and comes back with other code", () => {
  const { m, frames } = twoPages();
  m.table.clearRange(SECOND, SECOND + PAGE_SIZE, (_, pte) => m.ram.unref(pte));
  const next = m.frame(second(7));
  assert.equal(next, frames[1]);
  m.table.set(SECOND, next | RX);
  assert.equal(m.rounds(500), 3500);
});

test("a loop that rewrites an instruction of its second page and then executes fence.i sees each version", () => {
  const m = new Machine();
  const [next, step] = [13, 14];
  // a0 += n for n = 1, 2, …: the word at SECOND counts up in its immediate
  const first = m.frame([sw(next, step, 0), FENCE_I, j(HALF - 8)], HALF);
  // next += 1 << 20, which x15 holds
  const add = ((15 << 20) | (next << 15) | (next << 7) | 0x33) >>> 0;
  const code = m.frame([EBREAK, add, addi(COUNT, COUNT, -1), bne(COUNT, 0, -HALF - 12), EBREAK]);
  m.table.set(CODE, first | RX);
  m.table.set(SECOND, code | RX);
  m.table.set(DATA, code | RW);
  m.context.setXn(step, DATA);
  m.context.setXn(next, addi(A0, A0, 1));
  m.context.setXn(15, 1 << 20);
  assert.equal(m.rounds(600, m.table, START, 1000), (600 * 601) / 2);
  assert.ok(m.hart.translations > 0);
});

test("frames mapped at other addresses in another table run the same translations", () => {
  const { m, frames } = twoPages();
  const { translations } = m.hart;
  const other = PageTable.create(m.ram)!;
  const at = 0x7f_0000;
  other.set(at, frames[0] | RX);
  other.set(at + PAGE_SIZE, frames[1] | RX);
  assert.equal(m.rounds(3000, other, at + HALF), 3000);
  assert.equal(m.hart.translations, translations);
  assert.equal(m.rounds(3000), 3000);
});

test("a table that has the first page alone, or another second one, does not enter", () => {
  const { m, frames } = twoPages();
  const other = PageTable.create(m.ram)!;
  other.set(CODE, frames[0] | RX);
  const before = m.context.xn(A0);
  for (let i = 0; i < 5; i++) {
    m.context.pc = START;
    assert.equal(m.run(1000, other), EXIT_FAULT);
    assert.equal(m.hart.faultAddress, SECOND);
    assert.equal(m.hart.retired, 2);
  }
  assert.equal(m.context.xn(A0), before);
  other.set(SECOND, m.frame(second(9)) | RX);
  for (let i = 0; i < 3; i++) {
    assert.equal(m.rounds(300, other), 2700);
    assert.equal(m.rounds(300), 300);
  }
});

test("all predecoded code is dropped while translations exist", () => {
  const { m } = twoPages();
  const far = 0x100_0000;
  const pages = 700; // the room is 512 blocks
  for (let i = 0; i < pages; i++) {
    const last = i === pages - 1;
    m.table.set(far + i * PAGE_SIZE, m.frame([addi(A0, A0, 1), last ? EBREAK : j(PAGE_SIZE - 4)]) | RX);
  }
  for (let i = 0; i < 3; i++) {
    assert.equal(m.rounds(1, m.table, far), pages);
    assert.equal(m.rounds(2000), 2000);
  }
});

test("code is dropped in the middle of calls that are WebAssembly's", () => {
  const m = new Machine();
  const far = 0x100_0000;
  const pages = 700;
  // each page calls the next and adds one when it is back: deeper than the host's stack of such calls may be
  for (let i = 0; i < pages; i++) {
    const words = [
      addi(2, 2, -16),
      sd(1, 2, 0),
      jal(1, PAGE_SIZE - 8),
      lw(1, 2, 0),
      addi(2, 2, 16),
      addi(A0, A0, 1),
      RET,
    ];
    m.table.set(far + i * PAGE_SIZE, m.frame(i === pages - 1 ? [addi(A0, A0, 1), RET] : words) | RX);
  }
  m.table.set(CODE, m.frame([EBREAK]) | RX);
  for (let i = 0; i < 4; i++) m.table.set(DATA + i * PAGE_SIZE, m.ram.allocFrame() | RW);
  for (let i = 0; i < 3; i++) {
    m.context.setXn(2, DATA + 4 * PAGE_SIZE);
    m.context.setXn(1, CODE);
    assert.equal(m.rounds(1, m.table, far), pages);
    assert.equal(m.context.xn(2), DATA + 4 * PAGE_SIZE);
  }
});

test("a region that is translated again with what turned out to be hot behaves as before", () => {
  const m = new Machine(false);
  // while (--count) { if (a1 & 1) a0 += 3 else a0 += 1 }, where at first a1 is even
  const andi = ((1 << 20) | (A1 << 15) | (7 << 12) | (13 << 7) | 0x13) >>> 0;
  const loop = [andi, bne(13, 0, 12), addi(A0, A0, 1), j(HALF - 12), addi(A0, A0, 3), j(HALF - 20)];
  m.table.set(CODE, m.frame(loop, HALF) | RX);
  m.table.set(SECOND, m.frame([addi(COUNT, COUNT, -1), bne(COUNT, 0, -HALF - 4), EBREAK]) | RX);
  const count = 200_000;
  m.context.setXn(A1, 0);
  assert.equal(m.rounds(count), count);
  const { translations } = m.hart;
  assert.ok(translations > 0);
  m.context.setXn(A1, 1);
  assert.equal(m.rounds(count), 3 * count);
  assert.ok(m.hart.translations > translations, "translated again");
  m.context.setXn(A1, 0);
  assert.equal(m.rounds(count), count);
  m.context.setXn(A1, 1);
  assert.equal(m.rounds(count), 3 * count);
});

test("translations take up no more room than they may; those that went are made again", () => {
  const { m } = twoPages();
  const limit = 20_000;
  m.hart.limitTranslations(limit);
  const far = 0x100_0000;
  const pages = 100;
  for (let i = 0; i < pages; i++) {
    const last = i === pages - 1;
    m.table.set(far + i * PAGE_SIZE, m.frame([addi(A0, A0, 1), last ? EBREAK : j(PAGE_SIZE - 4)]) | RX);
  }
  const before = m.hart.translations;
  for (let i = 0; i < 200; i++) {
    assert.equal(m.rounds(1, m.table, far + (i % pages) * PAGE_SIZE, 90), pages - (i % pages));
    assert.equal(m.rounds(200), 200);
    assert.ok(m.hart.translatedBytes <= limit, `${m.hart.translatedBytes} bytes`);
  }
  assert.ok(m.hart.translations > before + pages, "more than there are pages");
});
