// Turns instructions into records. The loop over the halfwords of a frame, from where execution arrives to the next
// jump, is in decode.ts.
import { expand } from "../isa/compressed.ts";
import { immediateOf, rowOf } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";
import type { Ram } from "../ram.ts";
import { DECODED_ENDS, DECODED_LONG, DECODED_PAIRS, DECODED_SIZE, LONG_BITS, LONG_HASH } from "./decode.ts";
import {
  HEADER_FRAME,
  HEADER_ORIGINALS,
  HEADER_WORD,
  OP_ECALL,
  OP_FIRST_ROW,
  OP_FLOAT,
  OP_NOP2,
  OP_NOP4,
  OP_PAGE_END,
  OP_RARE,
  OP_REFERENCE,
  RECORD,
  SLOT_STRADDLE,
  SLOTS,
} from "./layout.ts";
import { floatNumber, hotOperations, operationOf, pairOperations, RARE_IMMEDIATE, rareNumber } from "./plan.ts";

const BRANCH = 0x63;
const JAL = 0x6f;
const JALR = 0x67;
const LOAD = 0x03;
const LOAD_FP = 0x07;

/** A new block: the records behind the frame's own. */
export function prepareBlock(ram: Ram, block: number, frame: number): void {
  for (const slot of [SLOTS, SLOTS + 1, SLOT_STRADDLE + 1, SLOT_STRADDLE + 2])
    ram.u8[block + slot * RECORD] = OP_PAGE_END;
  ram.u32[(block + HEADER_FRAME) >>> 2] = frame;
  ram.u32[(block + HEADER_WORD) >>> 2] = 0;
  ram.u32[(block + HEADER_ORIGINALS) >>> 2] = 0;
}

/**
 * What decode.ts works with. A record depends on the instruction alone, so each is made once, here, and then copied.
 */
export class Predecoder {
  readonly #ram: Ram;
  /** Physical address of the tables. */
  readonly tables: number;

  constructor(ram: Ram) {
    this.#ram = ram;
    this.tables = ram.allocRaw(DECODED_SIZE);
    if (this.tables === 0) throw new Error("no memory for the predecoder");
    ram.u8.set(pairOperations(), this.tables + DECODED_PAIRS);
    ram.u8.set(operationsThatEnd(), this.tables + DECODED_ENDS);
  }

  /** Puts a straddling instruction in its slot, unless it is there. */
  decodeStraddle(block: number, word: number): void {
    const { u32 } = this.#ram;
    const header = (block + HEADER_WORD) >>> 2;
    if (u32[header] === word) return;
    u32[header] = word;
    const hash = Math.imul(word, LONG_HASH) >>> (32 - LONG_BITS);
    const entry = this.tables + DECODED_LONG + hash * 16;
    if (u32[entry >>> 2] === 0 || u32[(entry + 8) >>> 2] !== word) this.encode(entry, word, 4);
    const slot = (block + SLOT_STRADDLE * RECORD) >>> 2;
    u32[slot] = u32[entry >>> 2]!;
    u32[slot + 1] = u32[(entry + 4) >>> 2]!;
  }

  /** Makes the record of an instruction in its table, at `entry`. */
  encode(entry: number, word: number, length: number): void {
    const { u32 } = this.#ram;
    const [low, high] = length === 2 ? encode(expand(word), 2) : encode(word, 4);
    u32[entry >>> 2] = low;
    u32[(entry + 4) >>> 2] = high;
    if (length === 4) u32[(entry + 8) >>> 2] = word;
  }
}

function operationsThatEnd(): Uint8Array {
  const ends = new Uint8Array(256);
  hotOperations.forEach((hot, i) => {
    if (!hot.hasRd) ends[OP_FIRST_ROW + i] = 1;
  });
  return ends;
}

type Record = readonly [low: number, high: number];

/** One record: its two halves. */
function encode(word: number, length: 2 | 4): Record {
  const row = rowOf(word);
  if (!row) return pack(OP_REFERENCE, 0, 0);
  const opcode = word & 0x7f;
  const hasRd = (word & 0xf80) !== 0 || opcode === LOAD_FP;
  const short = length === 2 ? 1 : 0;
  const operations = operationOf[row.index]!;
  const immediate = immediateOf(row, word);
  switch (opcode) {
    case JAL:
      return pack(operations[(hasRd ? 2 : 0) + short]!, word, immediate * 4);
    case JALR:
      return pack(operations[(hasRd ? 2 : 0) + short]!, word, immediate);
    case BRANCH:
      return pack(operations[2 + short]!, word, immediate * 4);
  }
  const operation = operations[2 + short]!;
  if (operation === 0) return encodeRare(row, word);
  if (hasRd || row.shape === "S") return pack(operation, word, immediate);
  if (opcode === LOAD) return pack(OP_RARE, word, rareNumber(row, word) | (immediate << RARE_IMMEDIATE));
  return pack(short ? OP_NOP2 : OP_NOP4, 0, 0);
}

function encodeRare(row: Row, word: number): Record {
  if (row.name === "ecall") return pack(OP_ECALL, 0, 0);
  if (row.name === "fence") return pack(OP_NOP4, 0, 0);
  const rare = rareNumber(row, word);
  if (rare >= 0) return pack(OP_RARE, word, rare);
  const float = floatNumber(row, word);
  return float < 0 ? pack(OP_REFERENCE, 0, 0) : pack(OP_FLOAT, word, float | (word & 0xf8000000));
}

/** The high half's top byte is rs3 × 8 for the fused floating-point operations: bits 31..27 of the word, in place. */
function pack(operation: number, word: number, immediate: number): Record {
  const registers = ((word & 0xf80) << 4) | (((word >>> 15) & 31) << 19) | (((word >>> 20) & 31) << 27);
  return [(operation | registers) >>> 0, immediate];
}
