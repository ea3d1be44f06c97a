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

/** What a function beside the loop executes. */
export const rareRows: readonly Row[] = rows.filter(
  (row) => row.name.startsWith("mulh") || (row.match & 0x7f) === 0x2f,
);

export interface FloatRow {
  readonly row: Row;
  readonly rounding: Rounding;
}

const isFloat = (opcode: number) => opcode >= 0x43 && opcode <= 0x53;

/** What the floating-point module executes; a conversion to an integer is there once for each way of rounding. */
export const floatRows: readonly FloatRow[] = rows.flatMap((row) => {
  if (!isFloat(row.match & 0x7f)) return [];
  const nearest: FloatRow = { row, rounding: "nearest" };
  return /^fcvt\.[wl]u?\./.test(row.name) ? [nearest, { row, rounding: "zero" }] : [nearest];
});

const rareNumbers = rows.map((row) => rareRows.indexOf(row));
const floatNumbers = rows.map((row) => ({
  nearest: floatRows.findIndex((r) => r.row === row && r.rounding === "nearest"),
  zero: floatRows.findIndex((r) => r.row === row && r.rounding === "zero"),
}));

/** The number of a word's row among the rare ones, or -1. */
export const rareNumber = (row: Row): number => rareNumbers[row.index]!;

/** The number among the floating-point ones, or -1: another row, or a rounding that is the reference's. */
export function floatNumber(row: Row, word: number): number {
  const numbers = floatNumbers[row.index]!;
  const rounds = isFloat(word & 0x7f) && (row.mask & 0x7000) === 0;
  if (!rounds) return numbers.nearest;
  const mode = (word >>> 12) & 7;
  if (mode === 1) return numbers.zero;
  return mode === 0 || mode === 7 ? numbers.nearest : -1;
}

/** By row index and [hasRd][short]: the operation, or 0. */
export const operationOf: readonly number[][] = rows.map((row) => {
  const find = (length: number, hasRd: boolean) => {
    const at = hotOperations.findIndex((h) => h.row === row && h.length === length && h.hasRd === hasRd);
    return at < 0 ? 0 : OP_FIRST_ROW + at;
  };
  return [find(4, false), find(2, false), find(4, true), find(2, true)];
});
