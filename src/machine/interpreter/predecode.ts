// Turns the halfwords of a frame into records, from where execution arrives to the next jump.
import { expand } from "../isa/compressed.ts";
import { immediateOf, rowOf } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";
import type { Ram } from "../ram.ts";
import {
  HEADER_FRAME,
  HEADER_WORD,
  OP_DECODE,
  OP_ECALL,
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
import { operationOf, rareOperationOf } from "./plan.ts";

const BRANCH = 0x63;
const JAL = 0x6f;
const JALR = 0x67;
const LOAD = 0x03;

const expanded = new Uint32Array(65536).fill(0xffffffff);

function expandCached(low: number): number {
  const known = expanded[low]!;
  return known !== 0xffffffff ? known : (expanded[low] = expand(low));
}

/** A new block: the records behind the frame's own. */
export function prepareBlock(ram: Ram, block: number, frame: number): void {
  for (const slot of [SLOTS, SLOTS + 1, SLOT_STRADDLE + 1, SLOT_STRADDLE + 2])
    ram.u8[block + slot * RECORD] = OP_PAGE_END;
  ram.u32[(block + HEADER_FRAME) >>> 2] = frame;
  ram.u32[(block + HEADER_WORD) >>> 2] = 0;
}

/** Decodes from the record at ptr on, until a jump, a known record or the page's end. */
export function predecode(ram: Ram, ptr: number, block: number): void {
  const frame = ram.u32[(block + HEADER_FRAME) >>> 2]!;
  let slot = (ptr - block) / RECORD;
  while (slot < SLOTS) {
    const at = block + slot * RECORD;
    if (ram.u8[at] !== OP_DECODE) return;
    const low = ram.u16[(frame >>> 1) + slot]!;
    let goesOn: boolean;
    if ((low & 3) !== 3) {
      goesOn = encode(ram, at, expandCached(low), 2);
      slot += 1;
    } else if (slot === SLOTS - 1) {
      ram.u8[at] = OP_STRADDLE;
      return;
    } else {
      goesOn = encode(ram, at, (low | (ram.u16[(frame >>> 1) + slot + 1]! << 16)) >>> 0, 4);
      slot += 2;
    }
    if (!goesOn) return;
  }
}

/** Puts a straddling instruction in its slot, unless it is there. */
export function predecodeStraddle(ram: Ram, block: number, word: number): void {
  const header = (block + HEADER_WORD) >>> 2;
  if (ram.u32[header] === word) return;
  ram.u32[header] = word;
  encode(ram, block + SLOT_STRADDLE * RECORD, word, 4);
}

/** Writes one record; false after what never goes on to the next. */
function encode(ram: Ram, at: number, word: number, length: 2 | 4): boolean {
  const row = rowOf(word);
  if (!row) {
    write(ram, at, OP_REFERENCE, 0, 0);
    return false;
  }
  const opcode = word & 0x7f;
  const rd = (word >>> 7) & 31;
  const hasRd = rd !== 0 || opcode === 0x07;
  const short = length === 2 ? 1 : 0;
  const operations = operationOf[row.index]!;
  if (row.shape === "S" || row.shape === "B") {
    const scale = opcode === BRANCH ? 4 : 1;
    write(ram, at, operations[2 + short]!, word, immediateOf(row, word) * scale);
    return true;
  }
  if (opcode === JAL) {
    write(ram, at, operations[(hasRd ? 2 : 0) + short]!, word, immediateOf(row, word) * 4);
    return hasRd; // what follows a call is executed when it returns
  }
  if (opcode === JALR) {
    write(ram, at, operations[(hasRd ? 2 : 0) + short]!, word, immediateOf(row, word));
    return hasRd;
  }
  const operation = operations[2 + short]!;
  if (operation !== 0) {
    if (hasRd) write(ram, at, operation, word, immediateOf(row, word));
    else if (opcode === LOAD) write(ram, at, OP_REFERENCE, 0, 0);
    else write(ram, at, short ? OP_NOP2 : OP_NOP4, 0, 0);
    return true;
  }
  return encodeRare(ram, at, row, word);
}

function encodeRare(ram: Ram, at: number, row: Row, word: number): boolean {
  if (row.name === "ecall") {
    write(ram, at, OP_ECALL, 0, 0);
    return true;
  }
  if (row.name === "fence") {
    write(ram, at, OP_NOP4, 0, 0);
    return true;
  }
  const rare = rareOperationOf(row, word);
  if (rare < 0) write(ram, at, OP_REFERENCE, 0, 0);
  else write(ram, at, OP_RARE, word, rare | ((word >>> 27) << 27));
  return row.name !== "ebreak";
}

/** byte 7 is rs3 × 8 for those rare operations that have one: bits 31..27 of the word, in place. */
function write(ram: Ram, at: number, operation: number, word: number, immediate: number): void {
  const registers = ((word & 0xf80) << 4) | (((word >>> 15) & 31) << 19) | (((word >>> 20) & 31) << 27);
  ram.u32[at >>> 2] = operation | registers;
  ram.i32[(at >>> 2) + 1] = immediate;
}
