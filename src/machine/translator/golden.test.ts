// What the translator makes of a few functions, as text in golden/: a change to it shows there. AIRSIDE_ACCEPT=1 rewrites
// the files; the diff is to be read.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FILE_SIZE } from "../context.ts";
import { disassemble } from "../disassemble.ts";
import { printModule } from "./golden/wat.ts";
import {
  add,
  addi,
  beq,
  bgeu,
  blt,
  bne,
  faddD,
  fld,
  fmulD,
  fsd,
  jal,
  jalr,
  ld,
  RET,
  sd,
  slli,
  sw,
} from "./golden/words.ts";
import { grow } from "./region.ts";
import { supported, translate } from "./translate.ts";

const FOLDER = join(import.meta.dirname, "golden");
const PAGE = 4096;
const [RA, SP, T0, S0, A0, A1, A2, A3] = [1, 2, 5, 8, 10, 11, 12, 13];

interface Sample {
  readonly name: string;
  readonly what: string;
  /** Where it begins in its page. */
  readonly at: number;
  readonly words: readonly number[];
}

const samples: readonly Sample[] = [
  {
    ...{ name: "copy-loop", what: "two words a round through each base, one check of the address for both", at: 0 },
    words: [
      ...[ld(A3, A1, 0), ld(T0, A1, 8), sd(A3, A0, 0), sd(T0, A0, 8)],
      ...[addi(A0, A0, 16), addi(A1, A1, 16), addi(A2, A2, -16), bne(A2, 0, -28), RET],
    ],
  },
  {
    ...{ name: "fibonacci", what: "calls itself twice", at: 0x100 },
    words: [
      ...[addi(T0, 0, 2), blt(A0, T0, 48), addi(SP, SP, -16), sd(RA, SP, 8), sd(S0, SP, 0), addi(S0, A0, 0)],
      ...[addi(A0, S0, -1), jal(RA, -28), addi(S0, S0, -2), addi(A0, S0, 0), jal(RA, -40), RET, RET, RET],
    ],
  },
  {
    ...{ name: "dot-product", what: "doubles: the fast way, and slowFloat for what it can't tell", at: 0 },
    words: [
      ...[fld(1, A0, 0), fld(2, A1, 0), fmulD(1, 1, 2), faddD(10, 10, 1)],
      ...[addi(A0, A0, 8), addi(A1, A1, 8), addi(A2, A2, -1), bne(A2, 0, -28), fsd(10, A3, 0), RET],
    ],
  },
  {
    ...{ name: "switch", what: "a jump through a table, and a call through a register", at: 0 },
    words: [
      ...[addi(T0, 0, 4), bgeu(A0, T0, 32), slli(A0, A0, 3), add(A1, A1, A0), ld(A1, A1, 0), beq(A1, 0, 8)],
      ...[jalr(0, A1), jalr(RA, A2), addi(A0, 0, 0), RET],
    ],
  },
  {
    ...{ name: "two-pages", what: "a loop over the border of two pages", at: PAGE - 8 },
    words: [addi(A0, A0, 3), sw(A0, A1, 4), addi(A2, A2, -1), bne(A2, 0, -12), RET],
  },
];

for (const { name, what, at, words } of samples) {
  test(`golden/${name}.wat: ${what}`, () => {
    const code = new Uint16Array(PAGE);
    new Uint8Array(code.buffer).set(new Uint8Array(Uint32Array.from(words).buffer), at);
    const view = {
      half: (offset: number) => code[offset >> 1] ?? -1,
      executed: (offset: number) => offset >= at && offset < at + 4 * words.length,
      apart: () => false,
    };
    const region = grow(view, at, 300, (row, word) => supported(row, word, true));
    assert.ok(region);
    const module = translate(region, { file: FILE_SIZE, fusedMadd: true });
    assert.ok(WebAssembly.validate(new Uint8Array(module)));
    const blocks = region.blocks.flatMap(({ start, instructions, end }) => [
      `;; block ${start}, then ${JSON.stringify(end)}`,
      ...instructions.map(({ offset, word }) => `;;   ${offset} ${disassemble(word, offset)}`),
    ]);
    const text = [`;; ${what}`, ...blocks, printModule(module, FILE_SIZE)].join("\n");
    const file = join(FOLDER, `${name}.wat`);
    if (process.env.AIRSIDE_ACCEPT === "1") {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, text);
    }
    assert.equal(text, readFileSync(file, "utf8"), "AIRSIDE_ACCEPT=1 accepts this");
  });
}
