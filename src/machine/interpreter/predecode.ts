// Turns the halfwords of a frame into records, from where execution arrives to the next jump.
import { expand } from "../isa/compressed.ts";
import { immediateOf, rowOf } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";
import type { Ram } from "../ram.ts";
import {
  HEADER_ENTRIES,
  HEADER_FRAME,
  HEADER_WORD,
  OP_DECODE,
  OP_ECALL,
  OP_FIRST_ROW,
  OP_FLOAT,
  OP_NOP2,
  OP_NOP4,
  OP_PAGE_END,
  OP_RARE,
  OP_REFERENCE,
  OP_STRADDLE,
  RECORD,
  SLOT_STRADDLE,
  SLOTS,
} from "./layout.ts";
import { floatNumber, hotOperations, operationOf, pairOperations, rareNumber } from "./plan.ts";

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
  ram.u32[(block + HEADER_ENTRIES) >>> 2] = 0;
}

/** Records of instructions met before: all short ones, and long ones by a hash. */
const LONG_BITS = 13;

/**
 * Decodes for one hart. A record depends on the instruction alone, so each is made once and then copied: code that
 * runs once, such as a program's start, is mostly decoding.
 */
export class Predecoder {
  readonly #ram: Ram;
  /** Low and high half of the record, by short instruction; a low half of 0 is none. */
  readonly #short = new Uint32Array(65536 * 2);
  readonly #long = new Uint32Array(2 << LONG_BITS);
  readonly #longWord = new Uint32Array(1 << LONG_BITS);
  readonly #ends: Uint8Array;
  readonly #pairs = pairOperations();

  constructor(ram: Ram) {
    this.#ram = ram;
    this.#ends = operationsThatEnd();
  }

  /** Decodes from the record at ptr on, until a jump, a known record or the page's end. */
  decode(ptr: number, block: number): void {
    const { u16, u32 } = this.#ram;
    const short = this.#short;
    const halves = u32[(block + HEADER_FRAME) >>> 2]! >>> 1;
    let slot = (ptr - block) / RECORD;
    // The record before, and its operation.
    let before = 0;
    let operation = 0;
    while (slot < SLOTS) {
      const at = (block + slot * RECORD) >>> 2;
      const known = u32[at]! & 0xff;
      if (known !== OP_DECODE) {
        this.#pair(before, operation, known);
        return;
      }
      const low = u16[halves + slot]!;
      let record: number;
      if ((low & 3) !== 3) {
        record = short[low * 2]!;
        if (record === 0) record = this.#remember(short, low, expand(low), 2);
        u32[at] = record;
        u32[at + 1] = short[low * 2 + 1]!;
        slot += 1;
      } else if (slot === SLOTS - 1) {
        u32[at] = OP_STRADDLE;
        return;
      } else {
        record = this.#decodeLong((low | (u16[halves + slot + 1]! << 16)) >>> 0, at);
        slot += 2;
      }
      this.#pair(before, operation, record & 0xff);
      before = at;
      operation = record & 0xff;
      if (this.#ends[operation] !== 0) return;
    }
  }

  /** Makes one operation of two that follow each other. */
  #pair(at: number, first: number, second: number): void {
    const pair = this.#pairs[first * 256 + second]!;
    const { u32 } = this.#ram;
    if (pair !== 0) u32[at] = (u32[at]! & ~0xff) | pair;
  }

  /** Puts a straddling instruction in its slot, unless it is there. */
  decodeStraddle(block: number, word: number): void {
    const { u32 } = this.#ram;
    const header = (block + HEADER_WORD) >>> 2;
    if (u32[header] === word) return;
    u32[header] = word;
    this.#decodeLong(word, (block + SLOT_STRADDLE * RECORD) >>> 2);
  }

  #decodeLong(word: number, at: number): number {
    const { u32 } = this.#ram;
    const key = Math.imul(word, 0x9e3779b1) >>> (32 - LONG_BITS);
    let record = this.#long[key * 2]!;
    if (record === 0 || this.#longWord[key] !== word) {
      record = this.#remember(this.#long, key, word, 4);
      this.#longWord[key] = word;
    }
    u32[at] = record;
    u32[at + 1] = this.#long[key * 2 + 1]!;
    return record;
  }

  #remember(table: Uint32Array, key: number, word: number, length: 2 | 4): number {
    const [low, high] = encode(word, length);
    table[key * 2] = low;
    table[key * 2 + 1] = high;
    return low;
  }
}

/** What never goes on to the next record: nothing says that code follows. */
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
  // Without a result only a load's fault is left.
  return pack(opcode === LOAD ? OP_REFERENCE : short ? OP_NOP2 : OP_NOP4, 0, 0);
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
