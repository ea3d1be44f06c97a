// Which operation of the interpreter an instruction becomes: one per row, length and whether it has a result. Rows in
// the hot loop have an operation of their own; rare ones share OP_RARE and are numbered apart; the rest is OP_REFERENCE.
import { rows } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";
import type { Rounding } from "./float.ts";
import { OP_FIRST_ROW } from "./layout.ts";

export interface HotOperation {
  readonly row: Row;
  readonly length: 2 | 4;
  readonly hasRd: boolean;
}

/** What the 16-bit instructions expand to. */
const SHORT = new Set(
  ("addi addiw lui slli srli srai andi add sub xor or and addw subw " + "lw ld sw sd fld fsd jal jalr beq bne").split(
    " ",
  ),
);
const NOT_HOT = new Set("fence fence.i ecall ebreak mulh mulhu mulhsu".split(" "));
const HOT_FLOAT = new Set("flw fld fsw fsd".split(" "));

const isJump = (row: Row) => row.name === "jal" || row.name === "jalr";

function isHot(row: Row): boolean {
  const opcode = row.match & 0x7f;
  if (NOT_HOT.has(row.name)) return false;
  if (opcode === 0x2f || opcode === 0x73 || (opcode >= 0x43 && opcode <= 0x53)) return false;
  return (opcode !== 0x07 && opcode !== 0x27) || HOT_FLOAT.has(row.name);
}

export const hotOperations: readonly HotOperation[] = rows.filter(isHot).flatMap((row) => {
  const all: HotOperation[] = [{ row, length: 4, hasRd: true }];
  // jal with a link has no short form
  if (SHORT.has(row.name) && row.name !== "jal") all.push({ row, length: 2, hasRd: true });
  if (isJump(row)) all.push({ row, length: 4, hasRd: false }, { row, length: 2, hasRd: false });
  return all;
});

/**
 * Pairs that follow each other most often in Debian's programs (python3, bash, perl, coreutils: a third of all that
 * runs): the first one's record gets an operation that does both, and spares a dispatch. By name and length.
 */
const PAIRS =
  "ld2 ld2,sd2 sd2,add2 add2,ld2 addi2,addi2 sd2,add2 ld2,addi2 jalr2,sd2 add2,ld2 add2,add2 jal4,lui4 addi4," +
  "auipc4 ld4,slli4 add2,add2 beq4,addi2 addi2,addi2 add2,sd2 ld2,addi4 add2,add2 sd2,lbu4 addi2,slli2 add2,ld2 beq2," +
  "beq4 ld2,ld2 sd2,add2 beq2,addi2 bne4,lw2 bne4,ld4 ld4," +
  "sd4 sd4,auipc4 addi4,add4 lbu4,lbu4 bne4,addiw2 beq2,slli4 srli4,srliw4 slliw4,slliw4 or4,add2 lhu4,or4 xor4";

export interface Pair {
  readonly first: HotOperation;
  readonly second: HotOperation;
}

/** jalr2 in a pair is ret: it has no result. */
const find = (text: string): HotOperation => {
  const [name, length] = [text.slice(0, -1), Number(text.slice(-1))];
  return hotOperations.find((h) => h.row.name === name && h.length === length && h.hasRd === (text !== "jalr2"))!;
};

export const pairs: readonly Pair[] = PAIRS.split(",").map((pair) => {
  const [first, second] = pair.split(" ");
  return { first: find(first!), second: find(second!) };
});

/** The operation of the first pair; pairs come behind the single ones. */
export const OP_FIRST_PAIR = OP_FIRST_ROW + hotOperations.length;

/** By both operations, 256 × first + second: the pair's, or 0. */
export function pairOperations(): Uint8Array {
  const table = new Uint8Array(65536);
  const number = (hot: HotOperation) => OP_FIRST_ROW + hotOperations.indexOf(hot);
  pairs.forEach(({ first, second }, i) => {
    table[256 * number(first) + number(second)] = OP_FIRST_PAIR + i;
    // The second may be the first of another pair.
    pairs.forEach((other, k) => {
      if (other.first === second) table[256 * number(first) + OP_FIRST_PAIR + k] = OP_FIRST_PAIR + i;
    });
  });
  return table;
}

export interface RareRow {
  readonly row: Row;
  /** For a CSR instruction: the CSR. */
  readonly csr?: number;
}

const FLOAT_CSRS = [1, 2, 3];
/** cycle, time and instret, as rdcycle and its kin read them: csrrs of x0. */
const COUNTERS = [0xc00, 0xc01, 0xc02];

/** A load into x0: what is left of it is its fault, by which Go finds null pointers. */
const isLoad = (row: Row): boolean => (row.match & 0x7f) === 0x03;

/** What a function beside the loop executes. */
export const rareRows: readonly RareRow[] = rows.flatMap((row): RareRow[] => {
  if (row.name === "csrrs") return [...FLOAT_CSRS, ...COUNTERS].map((csr) => ({ row, csr }));
  if (row.shape === "csr") return FLOAT_CSRS.map((csr) => ({ row, csr }));
  return row.name.startsWith("mulh") || row.shape === "amo" || isLoad(row) ? [{ row }] : [];
});

/** The number of a rare row is the low byte of a record's immediate, and the row's own what is above. */
export const RARE_IMMEDIATE = 8;

const rareNumbers = rows.map(() => new Map<number, number>());
const NOT_A_CSR = -1;
rareRows.forEach(({ row, csr }, i) => {
  rareNumbers[row.index]!.set(csr ?? NOT_A_CSR, i);
});

/** The number of a word's row among the rare ones, or -1. */
export function rareNumber(row: Row, word: number): number {
  const csr = word >>> 20;
  // A counter is read only; an attempt to write is illegal, and the reference's.
  if (row.shape === "csr" && csr >= 0xc00 && (word & 0xf8000) !== 0) return -1;
  return rareNumbers[row.index]!.get(row.shape === "csr" ? csr : NOT_A_CSR) ?? -1;
}

export interface FloatRow {
  readonly row: Row;
  readonly rounding: Rounding;
}

const isFloat = (opcode: number) => opcode >= 0x43 && opcode <= 0x53;

function roundings(row: Row): Rounding[] {
  if (/^fcvt\.[wl]u?\./.test(row.name)) return ["nearest", "zero", "down", "up", "away"];
  return /^fcvt\.[sd]\.[wl]/.test(row.name) ? ["nearest", "exact"] : ["nearest"];
}

/** What the floating-point module executes; a conversion is there for several ways of rounding. */
export const floatRows: readonly FloatRow[] = rows
  .filter((row) => isFloat(row.match & 0x7f))
  .flatMap((row) => roundings(row).map((rounding) => ({ row, rounding })));

const BY_MODE: readonly Rounding[] = ["nearest", "zero", "down", "up", "away"];

/** By row index and the word's rounding mode, 7 for dynamic; -1: the reference executes it. */
const floatNumbers = rows.map(() => [-1, -1, -1, -1, -1, -1, -1, -1]);
floatRows.forEach(({ row, rounding }, i) => {
  const modes = floatNumbers[row.index]!;
  if (rounding === "nearest") modes[0] = modes[7] = i;
  else if (rounding === "exact") modes.fill(i, 1, 5);
  else modes[BY_MODE.indexOf(rounding)] = i;
});

/** The number of a word among the floating-point ones, or -1: another row, or a rounding that is the reference's. */
export function floatNumber(row: Row, word: number): number {
  const numbers = floatNumbers[row.index]!;
  const rounds = isFloat(word & 0x7f) && (row.mask & 0x7000) === 0;
  return numbers[rounds ? (word >>> 12) & 7 : 0]!;
}

/** By row index, the operations for: four bytes and no rd, two and none, four with rd, two with; or 0. */
export const operationOf: readonly number[][] = rows.map(() => [0, 0, 0, 0]);
hotOperations.forEach(({ row, length, hasRd }, i) => {
  operationOf[row.index]![(hasRd ? 2 : 0) + (length === 2 ? 1 : 0)] = OP_FIRST_ROW + i;
});
