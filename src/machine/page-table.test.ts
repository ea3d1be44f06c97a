import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, EXIT_EBREAK, Hart } from "./hart.ts";
import { PageTable, PTE_R, PTE_S0, PTE_V, PTE_W, PTE_X, USER_TOP } from "./page-table.ts";
import { PAGE_SIZE, Ram } from "./ram.ts";
import { add, addi, bne, EBREAK, ld, sd } from "./translator/golden/words.ts";

const RW = PTE_V | PTE_R | PTE_W;

function machine() {
  const ram = new Ram({ maximum: 64 << 20 });
  return { ram, table: PageTable.create(ram)! };
}

test("an entry is read back at any user address, and nowhere else", () => {
  const { ram, table } = machine();
  const addresses = [0, 0x1000, 0x40_0000, 0xffff_f000, 0x1_0000_0000, USER_TOP - 0x1000];
  const frames = addresses.map(() => ram.allocFrame());
  addresses.forEach((va, i) => {
    assert.ok(table.set(va, frames[i]! | RW));
  });
  addresses.forEach((va, i) => {
    assert.equal(table.get(va + 0xfff), frames[i]! | RW);
  });
  assert.equal(table.get(0x2000), 0);
  for (const va of [USER_TOP, -1, 2 ** 53, 2 ** 63, Number.NaN]) assert.equal(table.get(va), 0);
  assert.equal(table.set(USER_TOP, RW), false);
});

test("clearRange calls back for each entry, keeps the others, and skips what is absent", () => {
  const { table } = machine();
  const present = [0x1000, 0x3000, 0x3f_f000, 0x40_0000, 0x3f_ffff_f000];
  for (const va of present) table.set(va, RW);
  const seen: number[] = [];
  table.clearRange(0x2000, USER_TOP, (va) => seen.push(va));
  assert.deepEqual(seen, present.slice(1));
  assert.equal(table.get(0x1000), RW);
  assert.equal(table.get(0x3000), 0);
  table.clearRange(0, 2 ** 64);
  assert.equal(table.get(0x1000), 0);
});

test("copyRange shares frames and turns writable entries into copy-on-write ones on both sides", () => {
  const { ram, table } = machine();
  const child = PageTable.create(ram)!;
  const a = ram.allocFrame();
  const b = ram.allocFrame();
  table.set(0x10000, a | RW);
  table.set(0x11000, b | PTE_V | PTE_R);
  assert.ok(child.copyRange(table, 0x10000, 0x12000, PTE_W, PTE_S0));
  for (const t of [table, child]) {
    assert.equal(t.get(0x10000), a | PTE_V | PTE_R | PTE_S0);
    assert.equal(t.get(0x11000), b | PTE_V | PTE_R);
  }
  assert.equal(ram.refs(a), 2);
  assert.equal(ram.refs(b), 2);
});

test("frames and tables go back: the balance is zero after destroy", () => {
  const { ram, table } = machine();
  const free = ram.freeFrames + 1; // the root is out
  for (let i = 0; i < 3000; i++) table.set(i * 0x3000, ram.allocFrame() | RW);
  table.clearRange(0, USER_TOP, (_, pte) => ram.unref(pte));
  table.destroy();
  assert.equal(ram.freeFrames, free);
});

test("memory is used up at the maximum, with an answer of 0, and freed frames come back zeroed", () => {
  const ram = new Ram({ maximum: 1 << 20 });
  const frames: number[] = [];
  for (let frame = ram.allocFrame(); frame !== 0; frame = ram.allocFrame()) frames.push(frame);
  assert.equal(frames.length, 256);
  assert.equal(ram.freeFrames, 0);
  ram.u8.fill(7, frames[5]!, frames[5]! + 4096);
  ram.unref(frames[5]!);
  assert.equal(ram.allocFrame(), frames[5]);
  assert.ok(ram.u8.subarray(frames[5]!, frames[5]! + 4096).every((byte) => byte === 0));
});

test("a hart that goes from one table to another sees each one's own pages, whether it touched few of them or many", () => {
  const ram = new Ram({ maximum: 32 << 20 });
  const hart = new Hart(ram);
  const code = 0x10000;
  const data = 0x100_0000;
  // while (count--) { sum += *at; *at += 1; at += 4096 }; in a0, a1, a2
  const loop = [
    ...[ld(13, 11, 0), add(12, 12, 13), addi(13, 13, 1), sd(13, 11, 0), add(11, 11, 14), addi(10, 10, -1)],
    ...[bne(10, 0, -24), EBREAK],
  ];
  const spaces = Array.from({ length: 3 }, (_, which) => {
    const table = PageTable.create(ram)!;
    const frame = ram.allocFrame();
    loop.forEach((word, i) => {
      ram.view.setUint32(frame + 4 * i, word, true);
    });
    table.set(code, frame | PTE_V | PTE_R | PTE_X);
    for (let i = 0; i < 700; i++) {
      const page = ram.allocFrame();
      ram.view.setUint32(page, which * 1000, true);
      table.set(data + i * PAGE_SIZE, page | PTE_V | PTE_R | PTE_W);
    }
    return { table, context: Context.create(ram)!, which };
  });
  const visits = new Map<string, number>();
  for (const count of [1, 5, 300, 700, 20, 700, 2, 3]) {
    for (const { table, context, which } of spaces) {
      context.pc = code;
      context.setXn(10, count);
      context.setXn(11, data);
      context.setXn(12, 0);
      context.setXn(14, PAGE_SIZE);
      assert.equal(hart.run(context, table, 100_000), EXIT_EBREAK);
      let expected = 0;
      for (let i = 0; i < count; i++) {
        const key = `${which} ${i}`;
        const before = visits.get(key) ?? 0;
        expected += which * 1000 + before;
        visits.set(key, before + 1);
      }
      assert.equal(context.xn(12), expected);
    }
  }
});
