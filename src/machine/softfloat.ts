// IEEE 754 arithmetic on bit patterns, exact, with flags and all rounding modes: the one slow meaning of floating point.
// A finite number is ± m × 2^e with m and e as large as they need be; only round() knows a format's limits.
// Unprivileged ISA chapters 21 and 22: canonical NaNs, tininess after rounding, saturating conversions.
import { D, type FloatOperation, type Format, S } from "./isa/row.ts";

export const ROUND_NEAREST_EVEN = 0;
export const ROUND_TO_ZERO = 1;
export const ROUND_DOWN = 2;
export const ROUND_UP = 3;
export const ROUND_NEAREST_AWAY = 4;
export const ROUND_DYNAMIC = 7;

export const FLAG_NX = 1;
export const FLAG_UF = 2;
export const FLAG_OF = 4;
export const FLAG_DZ = 8;
export const FLAG_NV = 16;

interface Shape {
  /** Significant bits, the hidden one included. */
  readonly precision: number;
  readonly exponentMax: number;
  readonly exponentMin: number;
  readonly quietBit: bigint;
  readonly nan: bigint;
  readonly infinity: bigint;
  readonly signShift: bigint;
}

const SHAPES: Record<Format, Shape> = {
  32: {
    precision: 24,
    exponentMax: 127,
    exponentMin: -126,
    quietBit: 1n << 22n,
    nan: 0x7fc00000n,
    infinity: 0x7f800000n,
    signShift: 31n,
  },
  64: {
    precision: 53,
    exponentMax: 1023,
    exponentMin: -1022,
    quietBit: 1n << 51n,
    nan: 0x7ff8000000000000n,
    infinity: 0x7ff0000000000000n,
    signShift: 63n,
  },
};

interface Unpacked {
  readonly kind: "zero" | "finite" | "infinity" | "nan";
  readonly signalling: boolean;
  readonly negative: boolean;
  readonly m: bigint;
  readonly e: number;
}

export interface FloatResult {
  readonly bits: bigint;
  readonly flags: number;
}

function unpack(bits: bigint, shape: Shape): Unpacked {
  const fractionBits = BigInt(shape.precision - 1);
  const negative = bits >> shape.signShift !== 0n;
  const fraction = bits & ((1n << fractionBits) - 1n);
  const exponent = Number((bits & ((1n << shape.signShift) - 1n)) >> fractionBits);
  const special = exponent === shape.exponentMax - shape.exponentMin + 2;
  if (special) {
    if (fraction === 0n) return { kind: "infinity", signalling: false, negative, m: 0n, e: 0 };
    return { kind: "nan", signalling: (bits & shape.quietBit) === 0n, negative, m: 0n, e: 0 };
  }
  if (exponent === 0) {
    if (fraction === 0n) return { kind: "zero", signalling: false, negative, m: 0n, e: 0 };
    return { kind: "finite", signalling: false, negative, m: fraction, e: shape.exponentMin - shape.precision + 1 };
  }
  const m = fraction | (1n << fractionBits);
  return { kind: "finite", signalling: false, negative, m, e: exponent - 1 + shape.exponentMin - shape.precision + 1 };
}

function bitLength(m: bigint): number {
  const hex = m.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}

/** m / 2^shift as an integer by the rounding mode. */
function roundShift(negative: boolean, m: bigint, shift: number, mode: number): { m: bigint; inexact: boolean } {
  if (shift <= 0) return { m: m << BigInt(-shift), inexact: false };
  const kept = m >> BigInt(shift);
  const rest = m - (kept << BigInt(shift));
  if (rest === 0n) return { m: kept, inexact: false };
  const half = 1n << BigInt(shift - 1);
  let up: boolean;
  switch (mode) {
    case ROUND_NEAREST_EVEN:
      up = rest > half || (rest === half && (kept & 1n) === 1n);
      break;
    case ROUND_TO_ZERO:
      up = false;
      break;
    case ROUND_DOWN:
      up = negative;
      break;
    case ROUND_UP:
      up = !negative;
      break;
    default:
      up = rest >= half;
  }
  return { m: up ? kept + 1n : kept, inexact: true };
}

/** The number ± m × 2^e, m > 0, in the format. */
function round(negative: boolean, m: bigint, e: number, shape: Shape, mode: number): FloatResult {
  const p = shape.precision;
  const sign = negative ? 1n << shape.signShift : 0n;
  const length = bitLength(m);
  const unbounded = e + length - p;
  let last = Math.max(unbounded, shape.exponentMin - p + 1);
  let { m: kept, inexact } = roundShift(negative, m, last - e, mode);
  if (kept === 1n << BigInt(p)) {
    kept >>= 1n;
    last++;
  }
  if (last + p - 1 > shape.exponentMax) {
    const toInfinity =
      mode === ROUND_NEAREST_EVEN ||
      mode === ROUND_NEAREST_AWAY ||
      (mode === ROUND_UP && !negative) ||
      (mode === ROUND_DOWN && negative);
    return { bits: sign | (toInfinity ? shape.infinity : shape.infinity - 1n), flags: FLAG_OF | FLAG_NX };
  }
  let flags = inexact ? FLAG_NX : 0;
  if (inexact && e + length - 1 < shape.exponentMin) {
    // Tiny, unless rounding with an unbounded exponent carries it up to the smallest normal number.
    const free = roundShift(negative, m, unbounded - e, mode).m;
    const carried = free === 1n << BigInt(p) && e + length === shape.exponentMin;
    if (!carried) flags |= FLAG_UF;
  }
  // A normal number's hidden bit adds one to the exponent field, so one less is put there.
  const exponent = BigInt(last - (shape.exponentMin - p + 1));
  const bits = kept >> BigInt(p - 1) === 0n ? kept : kept + (exponent << BigInt(p - 1));
  return { bits: sign | bits, flags };
}

const zero = (negative: boolean, shape: Shape): FloatResult => ({
  bits: negative ? 1n << shape.signShift : 0n,
  flags: 0,
});
const infinite = (negative: boolean, shape: Shape, flags = 0): FloatResult => ({
  bits: shape.infinity | (negative ? 1n << shape.signShift : 0n),
  flags,
});
const nan = (shape: Shape, invalid: boolean): FloatResult => ({ bits: shape.nan, flags: invalid ? FLAG_NV : 0 });
const negate = (a: Unpacked): Unpacked => ({ ...a, negative: !a.negative });

/** The sum of two numbers of which neither is a NaN or an infinity. */
function addFinite(a: Unpacked, b: Unpacked, shape: Shape, mode: number): FloatResult {
  if (a.kind === "zero" && b.kind === "zero") {
    return zero(a.negative === b.negative ? a.negative : mode === ROUND_DOWN, shape);
  }
  const e = a.kind === "zero" ? b.e : b.kind === "zero" ? a.e : Math.min(a.e, b.e);
  const term = (x: Unpacked) => (x.kind === "zero" ? 0n : (x.m << BigInt(x.e - e)) * (x.negative ? -1n : 1n));
  const sum = term(a) + term(b);
  if (sum === 0n) return zero(mode === ROUND_DOWN, shape);
  return round(sum < 0n, sum < 0n ? -sum : sum, e, shape, mode);
}

function add(a: Unpacked, b: Unpacked, shape: Shape, mode: number): FloatResult {
  if (a.kind === "nan" || b.kind === "nan") return nan(shape, a.signalling || b.signalling);
  if (a.kind === "infinity" && b.kind === "infinity" && a.negative !== b.negative) return nan(shape, true);
  if (a.kind === "infinity") return infinite(a.negative, shape);
  if (b.kind === "infinity") return infinite(b.negative, shape);
  return addFinite(a, b, shape, mode);
}

function multiply(a: Unpacked, b: Unpacked, shape: Shape, mode: number): FloatResult {
  const negative = a.negative !== b.negative;
  if (a.kind === "nan" || b.kind === "nan") return nan(shape, a.signalling || b.signalling);
  if (a.kind === "infinity" || b.kind === "infinity") {
    return a.kind === "zero" || b.kind === "zero" ? nan(shape, true) : infinite(negative, shape);
  }
  if (a.kind === "zero" || b.kind === "zero") return zero(negative, shape);
  return round(negative, a.m * b.m, a.e + b.e, shape, mode);
}

/** 21.6: ∞ × 0 is invalid even when the addend is a quiet NaN. */
function fused(a: Unpacked, b: Unpacked, c: Unpacked, shape: Shape, mode: number): FloatResult {
  const invalid = (a.kind === "infinity" && b.kind === "zero") || (a.kind === "zero" && b.kind === "infinity");
  if (invalid) return nan(shape, true);
  if (a.kind === "nan" || b.kind === "nan" || c.kind === "nan") {
    return nan(shape, a.signalling || b.signalling || c.signalling);
  }
  const negative = a.negative !== b.negative;
  const base = { signalling: false, negative, m: 0n, e: 0 };
  if (a.kind === "infinity" || b.kind === "infinity") return add({ ...base, kind: "infinity" }, c, shape, mode);
  if (c.kind === "infinity") return infinite(c.negative, shape);
  if (a.kind === "zero" || b.kind === "zero") return addFinite({ ...base, kind: "zero" }, c, shape, mode);
  return addFinite({ ...base, kind: "finite", m: a.m * b.m, e: a.e + b.e }, c, shape, mode);
}

function divide(a: Unpacked, b: Unpacked, shape: Shape, mode: number): FloatResult {
  const negative = a.negative !== b.negative;
  if (a.kind === "nan" || b.kind === "nan") return nan(shape, a.signalling || b.signalling);
  if (a.kind === "infinity") return b.kind === "infinity" ? nan(shape, true) : infinite(negative, shape);
  if (b.kind === "infinity") return zero(negative, shape);
  if (b.kind === "zero") return a.kind === "zero" ? nan(shape, true) : infinite(negative, shape, FLAG_DZ);
  if (a.kind === "zero") return zero(negative, shape);
  // Enough quotient bits to round, and one that says whether anything is left.
  const extra = shape.precision + 3 + Math.max(0, bitLength(b.m) - bitLength(a.m));
  const numerator = a.m << BigInt(extra);
  const quotient = numerator / b.m;
  const sticky = quotient * b.m === numerator ? 0n : 1n;
  return round(negative, (quotient << 1n) | sticky, a.e - b.e - extra - 1, shape, mode);
}

function squareRoot(a: Unpacked, shape: Shape, mode: number): FloatResult {
  if (a.kind === "nan") return nan(shape, a.signalling);
  if (a.kind === "zero") return zero(a.negative, shape);
  if (a.negative) return nan(shape, true);
  if (a.kind === "infinity") return infinite(false, shape);
  let extra = 2 * (shape.precision + 3);
  if ((a.e - extra) % 2 !== 0) extra++;
  const radicand = a.m << BigInt(extra);
  const root = integerRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return round(false, (root << 1n) | sticky, (a.e - extra) / 2 - 1, shape, mode);
}

/** ⌊√n⌋ by Newton's method from above. */
function integerRoot(n: bigint): bigint {
  let x = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** Negative, zero or positive; neither is a NaN. Zeros are equal. */
function compare(a: Unpacked, b: Unpacked): number {
  const size = (x: Unpacked) => (x.kind === "zero" ? 0 : x.kind === "infinity" ? 2 : 1);
  const magnitude = (x: Unpacked, e: number) => x.m << BigInt(x.e - e);
  const signed = (x: Unpacked) => (x.negative ? -1 : 1) * size(x);
  if (a.kind !== "finite" || b.kind !== "finite" || a.negative !== b.negative) return signed(a) - signed(b);
  const e = Math.min(a.e, b.e);
  const difference = magnitude(a, e) - magnitude(b, e);
  const order = difference < 0n ? -1 : difference > 0n ? 1 : 0;
  return a.negative ? -order : order;
}

/** 21.6: a NaN loses against a number; −0 is less than +0. */
function extreme(bits: readonly bigint[], a: Unpacked, b: Unpacked, shape: Shape, largest: boolean): FloatResult {
  const flags = a.signalling || b.signalling ? FLAG_NV : 0;
  if (a.kind === "nan" && b.kind === "nan") return { bits: shape.nan, flags };
  if (a.kind === "nan") return { bits: bits[1]!, flags };
  if (b.kind === "nan") return { bits: bits[0]!, flags };
  const order = compare(a, b) || Number(b.negative) - Number(a.negative);
  return { bits: bits[order < 0 === largest ? 1 : 0]!, flags };
}

function ordered(a: Unpacked, b: Unpacked, quiet: boolean, holds: (order: number) => boolean): FloatResult {
  if (a.kind === "nan" || b.kind === "nan") {
    return { bits: 0n, flags: !quiet || a.signalling || b.signalling ? FLAG_NV : 0 };
  }
  return { bits: holds(compare(a, b)) ? 1n : 0n, flags: 0 };
}

/** 21.9 */
function classify(a: Unpacked, shape: Shape): bigint {
  const side = (negative: number, positive: number) => 1n << BigInt(a.negative ? negative : positive);
  switch (a.kind) {
    case "nan":
      return a.signalling ? 1n << 8n : 1n << 9n;
    case "infinity":
      return side(0, 7);
    case "zero":
      return side(3, 4);
    default:
      return a.m >> BigInt(shape.precision - 1) === 0n ? side(2, 5) : side(1, 6);
  }
}

/** 21.7, table 30: out of range saturates and is invalid; a NaN counts as +∞. Word results are sign-extended. */
function toInteger(a: Unpacked, width: 32 | 64, signed: boolean, mode: number): FloatResult {
  const low = signed ? -(1n << BigInt(width - 1)) : 0n;
  const high = signed ? (1n << BigInt(width - 1)) - 1n : (1n << BigInt(width)) - 1n;
  const answer = (value: bigint, flags: number) => ({ bits: BigInt.asIntN(width, value), flags });
  if (a.kind === "nan") return answer(high, FLAG_NV);
  if (a.kind === "infinity") return answer(a.negative ? low : high, FLAG_NV);
  if (a.kind === "zero") return answer(0n, 0);
  const { m, inexact } = roundShift(a.negative, a.m, -a.e, mode);
  const value = a.negative ? -m : m;
  if (value < low) return answer(low, FLAG_NV);
  if (value > high) return answer(high, FLAG_NV);
  return answer(value, inexact ? FLAG_NX : 0);
}

function fromInteger(value: bigint, shape: Shape, mode: number): FloatResult {
  if (value === 0n) return { bits: 0n, flags: 0 };
  return round(value < 0n, value < 0n ? -value : value, 0, shape, mode);
}

function convert(a: Unpacked, to: Shape, mode: number): FloatResult {
  if (a.kind === "nan") return nan(to, a.signalling);
  if (a.kind === "infinity") return infinite(a.negative, to);
  if (a.kind === "zero") return zero(a.negative, to);
  return round(a.negative, a.m, a.e, to, mode);
}

/** One IEEE operation. Operands of floating type are patterns of the format's width; integers are 64 bits wide. */
export function float(
  operation: FloatOperation,
  format: Format,
  mode: number,
  operands: readonly bigint[],
): FloatResult {
  const shape = SHAPES[format];
  const first = operands[0]!;
  switch (operation) {
    case "fromW":
      return fromInteger(BigInt.asIntN(32, first), shape, mode);
    case "fromWu":
      return fromInteger(BigInt.asUintN(32, first), shape, mode);
    case "fromL":
      return fromInteger(BigInt.asIntN(64, first), shape, mode);
    case "fromLu":
      return fromInteger(BigInt.asUintN(64, first), shape, mode);
  }
  const a = unpack(first, shape);
  switch (operation) {
    case "sqrt":
      return squareRoot(a, shape, mode);
    case "classify":
      return { bits: classify(a, shape), flags: 0 };
    case "toW":
      return toInteger(a, 32, true, mode);
    case "toWu":
      return toInteger(a, 32, false, mode);
    case "toL":
      return toInteger(a, 64, true, mode);
    case "toLu":
      return toInteger(a, 64, false, mode);
    case "toOther":
      return convert(a, SHAPES[format === S ? D : S], mode);
  }
  const b = unpack(operands[1]!, shape);
  switch (operation) {
    case "add":
      return add(a, b, shape, mode);
    case "sub":
      return add(a, b.kind === "nan" ? b : negate(b), shape, mode);
    case "mul":
      return multiply(a, b, shape, mode);
    case "div":
      return divide(a, b, shape, mode);
    case "min":
      return extreme(operands, a, b, shape, false);
    case "max":
      return extreme(operands, a, b, shape, true);
    case "eq":
      return ordered(a, b, true, (order) => order === 0);
    case "lt":
      return ordered(a, b, false, (order) => order < 0);
    case "le":
      return ordered(a, b, false, (order) => order <= 0);
  }
  const c = unpack(operands[2]!, shape);
  switch (operation) {
    case "madd":
      return fused(a, b, c, shape, mode);
    case "msub":
      return fused(a, b, negate(c), shape, mode);
    case "nmsub":
      return fused(negate(a), b, c, shape, mode);
    case "nmadd":
      return fused(negate(a), b, negate(c), shape, mode);
  }
}
