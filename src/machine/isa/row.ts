// One row is one instruction: its name, its encoding and its meaning, written once against abstract operations. The
// backends (reference.ts, interpreter/) each implement Operations for a value type of their own.
// Spec: The RISC-V Instruction Set Manual, Volume I: Unprivileged ISA, 20240411.

/** A floating-point format: 32 or 64 bits. */
export type Format = 32 | 64;
export const S: Format = 32;
export const D: Format = 64;

/** IEEE 754 operations; operands and results are bit patterns. Signed and unsigned integers are w, wu, l, lu. */
export type FloatOperation =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "sqrt"
  | "madd"
  | "msub"
  | "nmsub"
  | "nmadd"
  | "min"
  | "max"
  | "eq"
  | "lt"
  | "le"
  | "classify"
  | "fromW"
  | "fromWu"
  | "fromL"
  | "fromLu"
  | "toW"
  | "toWu"
  | "toL"
  | "toLu"
  | "toOther";

/** What a meaning may say. V is a 64-bit value; conditions are values that are 0 or 1. */
export interface Operations<V> {
  // operands of this instruction
  readonly rs1: V;
  readonly rs2: V;
  readonly imm: V;
  readonly pc: V;
  /** The address of the instruction that follows in memory. */
  readonly next: V;
  /** f-registers, raw 64 bits. */
  readonly fs1: V;
  readonly fs2: V;
  readonly fs3: V;
  /** The number in the rs1 field, for csrrwi and its kin. */
  readonly zimm: V;

  // results
  rd(value: V): void;
  /** Writes all 64 bits of the f-register. */
  fd(value: V): void;

  constant(value: number): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  not(a: V): V;
  /** Shifts use the low six bits of the amount. */
  shl(a: V, amount: V): V;
  shr(a: V, amount: V): V;
  sar(a: V, amount: V): V;
  eq(a: V, b: V): V;
  ne(a: V, b: V): V;
  lt(a: V, b: V): V;
  ltu(a: V, b: V): V;
  ge(a: V, b: V): V;
  geu(a: V, b: V): V;
  /** Sign- and zero-extension of the low 32 bits. */
  word(a: V): V;
  zext(a: V): V;
  /** The high halves of 128-bit products. */
  mulh(a: V, b: V): V;
  mulhu(a: V, b: V): V;
  mulhsu(a: V, b: V): V;
  /** Truncating division; the divisor is not zero and the quotient fits. */
  div(a: V, b: V): V;
  divu(a: V, b: V): V;
  rem(a: V, b: V): V;
  remu(a: V, b: V): V;
  /** Only the chosen side is evaluated. */
  choose(condition: V, a: () => V, b: () => V): V;

  // memory: sizes in bytes
  load(address: V, size: 1 | 2 | 4 | 8, signed: boolean): V;
  store(address: V, size: 1 | 2 | 4 | 8, value: V): void;
  /** Atomic read-modify-write; answers the old value, sign-extended. */
  amo(address: V, size: 4 | 8, change: (old: V) => V): V;
  /** lr and sc; the latter answers 0 for success. */
  loadReserved(address: V, size: 4 | 8): V;
  storeConditional(address: V, size: 4 | 8, value: V): V;

  // control
  jump(target: V): void;
  branch(condition: V, target: V): void;
  ecall(): void;
  ebreak(): void;
  fenceI(): void;
  /** Reads the instruction's CSR and, unless `change` is undefined, writes it. */
  csr(change: ((old: V) => V) | undefined): V;
  /** Whether the rs1 field names x0 (or the immediate 0): then csrrs and csrrc don't write. */
  readonly rs1IsZero: boolean;

  // floating point
  /** A single-precision operand: canonical NaN unless the register holds a NaN-boxed value. */
  unbox(a: V): V;
  box(a: V): V;
  float(operation: FloatOperation, format: Format, ...operands: V[]): V;
}

export type Meaning = <V>(o: Operations<V>) => void;

/** How the operands lie in the word. */
export type Shape = "R" | "R4" | "I" | "S" | "B" | "U" | "J" | "shift" | "shiftw" | "amo" | "csr" | "none";

export interface Row {
  readonly index: number;
  readonly name: string;
  readonly match: number;
  readonly mask: number;
  readonly shape: Shape;
  readonly meaning: Meaning;
}

export type RowDraft = Omit<Row, "index">;

export function row(name: string, match: number, mask: number, meaning: Meaning): RowDraft {
  return { name, match: match >>> 0, mask: mask >>> 0, shape: shapeOf(match, mask), meaning };
}

/** Unprivileged ISA 2.2 and 2.3: the opcode decides where the operands lie. */
function shapeOf(match: number, mask: number): Shape {
  switch (match & 0x7f) {
    case 0x03: // LOAD
    case 0x07: // LOAD-FP
    case 0x67: // JALR
      return "I";
    case 0x0f: // MISC-MEM
      return "none";
    case 0x13: // OP-IMM
      return (mask & 0xfc000000) !== 0 ? "shift" : "I";
    case 0x1b: // OP-IMM-32
      return (mask & 0xfc000000) !== 0 ? "shiftw" : "I";
    case 0x23: // STORE
    case 0x27: // STORE-FP
      return "S";
    case 0x63: // BRANCH
      return "B";
    case 0x17: // AUIPC
    case 0x37: // LUI
      return "U";
    case 0x6f: // JAL
      return "J";
    case 0x2f: // AMO
      return "amo";
    case 0x73: // SYSTEM
      return (match & 0x7000) === 0 ? "none" : "csr";
    case 0x43: // MADD
    case 0x47: // MSUB
    case 0x4b: // NMSUB
    case 0x4f: // NMADD
      return "R4";
    default:
      return "R";
  }
}
