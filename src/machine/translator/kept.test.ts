// Translations that outlive a hart: used where the code is the same, and nowhere else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, EXIT_EBREAK, EXIT_TIMER, Hart } from "../hart.ts";
import { PageTable, PTE_R, PTE_V, PTE_X } from "../page-table.ts";
import { Ram } from "../ram.ts";
import { pack, unpack } from "./kept.ts";
import type { Made } from "./made.ts";

const CODE = 0x10000;
const EBREAK = 0x100073;
/** li t0, count · addi t0, t0, -1 · addi a0, a0, step · bnez t0 · ebreak */
const loop = (step: number): number[] => [0x003d02b7, 0xfff28293, ((step << 20) | 0x50513) >>> 0, 0xfe029ce3, EBREAK];
const ROUNDS = 0x3d0;

function machine(words: readonly number[], kept?: Uint8Array) {
  const ram = new Ram({ maximum: 16 << 20 });
  const hart = new Hart(ram);
  const used = kept === undefined ? undefined : hart.useTranslations(kept);
  const table = PageTable.create(ram)!;
  const context = Context.create(ram)!;
  const frame = ram.allocFrame();
  table.set(CODE, frame | PTE_V | PTE_R | PTE_X);
  words.forEach((word, i) => {
    ram.view.setUint32(frame + 4 * i, word, true);
  });
  context.pc = CODE;
  let exit: number;
  let translatedAfter: number | undefined;
  let retired = 0;
  do {
    exit = hart.run(context, table, 25_000);
    retired += hart.retired;
    if (hart.translations > 0) translatedAfter ??= retired;
  } while (exit === EXIT_TIMER);
  assert.equal(exit, EXIT_EBREAK);
  return { hart, used, translatedAfter: translatedAfter!, result: context.xn(10), retired };
}

test("what one hart keeps another uses at the first sight", () => {
  const first = machine(loop(3));
  const kept = first.hart.keepTranslations();
  assert.ok(kept);
  const second = machine(loop(3), kept);
  assert.equal(second.used, true);
  assert.ok(second.translatedAfter < first.translatedAfter, `${second.translatedAfter} ${first.translatedAfter}`);
  assert.equal(second.result, first.result);
  assert.equal(second.result, 3 * ROUNDS * 4096);
  assert.equal(second.retired, first.retired);
  assert.equal(second.hart.keepTranslations(), undefined, "nothing is new");
});

test("other code at the same place is translated for itself", () => {
  const kept = machine(loop(3)).hart.keepTranslations()!;
  assert.equal(machine(loop(5), kept).result, 5 * ROUNDS * 4096);
});

test("damaged, cut, foreign or empty bytes hold nothing", () => {
  const kept = machine(loop(3)).hart.keepTranslations()!;
  const { hart } = machine([EBREAK]);
  const damaged = kept.slice();
  damaged[60]! ^= 1;
  for (const bytes of [damaged, kept.slice(0, -4), kept.slice(0, 30), new Uint8Array(0), new Uint8Array(64)])
    assert.equal(hart.useTranslations(bytes), false);
  assert.equal(unpack(kept, 0x7777), undefined, "other settings");
});

test("a round trip keeps every field; the limit leaves out what comes last", () => {
  const made: Made = {
    ...{ entry: 0xffe, pages: [0, -1], starts: [0xffe, -20], exits: [-4096], apart: [-18], generation: 2 },
    code: [
      [-20, Uint16Array.of(1, 2, 3)],
      [0xffe, Uint16Array.of(4)],
    ],
    module: Uint8Array.of(9, 8, 7, 6, 5),
  };
  const entries = [
    { hash: 0xfedcba98, made },
    { hash: 1, made },
  ];
  assert.deepEqual(unpack(pack(entries, 5, 1 << 20), 5), entries);
  assert.equal(unpack(pack(entries, 5, 130), 5)?.length, 1);
});
