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

export interface RareRow {
  readonly row: Row;
  /** For a CSR instruction: the CSR. The others read clocks, which is the reference's. */
  readonly csr?: number;
}

const FLOAT_CSRS = [1, 2, 3];

/** What a function beside the loop executes. */
export const rareRows: readonly RareRow[] = rows.flatMap((row): RareRow[] => {
  if (row.shape === "csr") return FLOAT_CSRS.map((csr) => ({ row, csr }));
  return row.name.startsWith("mulh") || row.shape === "amo" ? [{ row }] : [];
});

const rareNumbers = rows.map((row) => {
  const find = (csr: number | undefined) => rareRows.findIndex((r) => r.row === row && r.csr === csr);
  return { plain: find(undefined), csr: FLOAT_CSRS.map(find) };
});

/** The number of a word's row among the rare ones, or -1. */
export function rareNumber(row: Row, word: number): number {
  const numbers = rareNumbers[row.index]!;
  return row.shape === "csr" ? (numbers.csr[(word >>> 20) - 1] ?? -1) : numbers.plain;
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

/** By row index and the word's rounding mode; -1: the reference executes it. */
const floatNumbers = rows.map((row) => {
  const find = (rounding: Rounding) => floatRows.findIndex((r) => r.row === row && r.rounding === rounding);
  const exact = find("exact");
  const modes = BY_MODE.map((rounding) => (find(rounding) >= 0 ? find(rounding) : exact));
  return [...modes, -1, -1, find("nearest")];
});

/** The number of a word among the floating-point ones, or -1: another row, or a rounding that is the reference's. */
export function floatNumber(row: Row, word: number): number {
  const numbers = floatNumbers[row.index]!;
  const rounds = isFloat(word & 0x7f) && (row.mask & 0x7000) === 0;
  return numbers[rounds ? (word >>> 12) & 7 : 0]!;
}

/** By row index and [hasRd][short]: the operation, or 0. */
export const operationOf: readonly number[][] = rows.map((row) => {
  const find = (length: number, hasRd: boolean) => {
    const at = hotOperations.findIndex((h) => h.row === row && h.length === length && h.hasRd === hasRd);
    return at < 0 ? 0 : OP_FIRST_ROW + at;
  };
  return [find(4, false), find(2, false), find(4, true), find(2, true)];
});
