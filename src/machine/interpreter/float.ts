// Floating point in the interpreter. WebAssembly rounds to nearest even and keeps no flags, so each operation here does
// the common case and proves that its flags are right: a result that is finite and clear of the underflow range raises
// at most NX, and whether it does is computed only while NX is not yet set. Everything else branches to the reference.
import { OFFSET_FCSR } from "../context.ts";
import { D, type FloatOperation, type Format, S } from "../isa/row.ts";
import { type Body, type Code, F32, F64, I32, I64, op } from "../wasm/encoder.ts";

const { i32, i64, f32, f64 } = op;
const NX = 1;
const UF = 2;
const OF = 4;
const NV = 16;
const INFINITY = Number.POSITIVE_INFINITY;

export interface FloatLocals {
  /** Operand and result patterns. */
  readonly bits: readonly [number, number, number];
  readonly result: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly r: number;
  readonly s: number;
  readonly e: number;
  readonly t: number;
  readonly single: number;
  readonly fcsr: number;
}

export function floatLocals(body: Body): FloatLocals {
  const double = () => body.local(F64);
  return {
    bits: [body.local(I64), body.local(I64), body.local(I64)],
    result: body.local(I64),
    a: double(),
    b: double(),
    c: double(),
    r: double(),
    s: double(),
    e: double(),
    t: double(),
    single: body.local(F32),
    fcsr: body.local(I32),
  };
}

/**
 * How a conversion rounds. "nearest" is to nearest even, whether the word or frm says so; conversions from integers know
 * "exact" besides, for every other mode: only what needs no rounding.
 */
export type Rounding = "nearest" | "zero" | "down" | "up" | "away" | "exact";

export interface FloatOptions {
  readonly file: number;
  readonly rounding: Rounding;
  /** The host's relaxed_madd is fused. */
  readonly fusedMadd: boolean;
}

const MANTISSA = 0xfffffffffffffn;
const HIDDEN = 1n << 52n;
const INTEGER_RANGE = {
  toW: [-(2 ** 31), 2 ** 31],
  toWu: [0, 2 ** 32],
  toL: [-(2 ** 63), 2 ** 63],
  toLu: [0, 2 ** 64],
} as const;

/** Emits one operation; operands are fragments that push patterns. Answers a fragment that pushes the result's. */
export function emitFloat(
  body: Body,
  l: FloatLocals,
  options: FloatOptions,
  operation: FloatOperation,
  format: Format,
  operands: readonly Code[],
): Code {
  return new FloatCode(body, l, options, format).emit(operation, operands);
}

class FloatCode {
  readonly #body: Body;
  readonly #l: FloatLocals;
  readonly #options: FloatOptions;
  readonly #format: Format;

  constructor(body: Body, l: FloatLocals, options: FloatOptions, format: Format) {
    this.#body = body;
    this.#l = l;
    this.#options = options;
    this.#format = format;
  }

  emit(operation: FloatOperation, operands: readonly Code[]): Code {
    const l = this.#l;
    if (operation.startsWith("from")) return this.#fromInteger(operation, operands[0]!);
    // #needSticky looks at three operands
    for (const unused of [l.b, l.c].slice(operands.length - 1)) this.#set(unused, f64.const(0));
    operands.forEach((operand, i) => {
      this.#set(l.bits[i]!, operand);
      this.#set([l.a, l.b, l.c][i]!, this.#number(op.get(l.bits[i]!)));
    });
    switch (operation) {
      case "add":
      case "sub":
        return this.#add(operation === "sub");
      case "mul":
        return this.#mul();
      case "div":
        return this.#div();
      case "sqrt":
        return this.#sqrt();
      case "madd":
      case "msub":
      case "nmsub":
      case "nmadd":
        return this.#fused(operation);
      case "min":
      case "max":
        return this.#extreme(operation === "max");
      case "eq":
      case "lt":
      case "le":
        this.#compareNan();
        return i64.extend_i32_u(f64[operation](op.get(l.a), op.get(l.b)));
      case "toOther":
        return this.#convert();
      case "toW":
      case "toWu":
      case "toL":
      case "toLu":
        return this.#toInteger(operation);
      default:
        return this.#classify();
    }
  }

  // ---- pieces ----------------------------------------------------------------------------------------------------

  #set(local: number, code: Code): void {
    this.#body.emit(op.set(local, code));
  }

  /** Leaves to the reference unless the condition holds. */
  #need(condition: Code): void {
    this.#body.brIf("reference", i32.eqz(condition));
  }

  #number(bits: Code): Code {
    return this.#format === S ? f64.promote(f32.reinterpret(i32.wrap(bits))) : f64.reinterpret(bits);
  }

  #needNumbers(count: number): void {
    for (const x of [this.#l.a, this.#l.b].slice(0, count)) this.#need(f64.eq(op.get(x), op.get(x)));
  }

  /** A comparison with a NaN is false; that may raise NV, so NV must be set. */
  #compareNan(): void {
    const { a, b } = this.#l;
    const numbers = i32.and(f64.eq(op.get(a), op.get(a)), f64.eq(op.get(b), op.get(b)));
    const fcsr = i32.load(i32.const(0), this.#options.file + OFFSET_FCSR);
    this.#need(i32.or(numbers, i32.and(fcsr, i32.const(NV))));
  }

  /** The rounding mode is to nearest even. */
  #needNearest(): void {
    const { fcsr } = this.#l;
    this.#set(fcsr, i32.load(i32.const(0), this.#options.file + OFFSET_FCSR));
    this.#need(i32.lt_u(op.get(fcsr), i32.const(32)));
  }

  #setInexact(): void {
    const at = this.#options.file + OFFSET_FCSR;
    this.#body.emit(i32.store(i32.const(0), at, i32.or(i32.load(i32.const(0), at), i32.const(NX))));
  }

  /** While NX is clear: sets it if the condition, made by `inexact`, holds. Needs fcsr. */
  #whenExactMatters(inexact: () => Code): void {
    this.#body.when(i32.eqz(i32.and(op.get(this.#l.fcsr), i32.const(NX))), () => {
      this.#body.when(inexact(), () => this.#setInexact());
    });
  }

  #isZero(local: number): Code {
    return f64.eq(op.get(local), f64.const(0));
  }

  /**
   * r is finite and at least twice the smallest normal number, or `or` tells that it is right without flags, or every
   * flag it may raise is set already. `overflow`: an infinite r comes of that, not of a division by zero.
   */
  #needSafe(or: Code, overflow: Code = i32.const(1)): void {
    const size = f64.abs(op.get(this.#l.r));
    const low = this.#format === S ? 2 ** -125 : 2 ** -1021;
    const safe = i32.and(f64.ge(size, f64.const(low)), f64.lt(size, f64.const(INFINITY)));
    this.#body.when(i32.eqz(i32.or(safe, or)), () => this.#needSticky(overflow));
  }

  /** For a special r: NX and what else it may raise are set. A NaN becomes the canonical one. Needs fcsr. */
  #needSticky(overflow: Code): void {
    const { a, b, c, r, fcsr } = this.#l;
    const set = (flags: number) => i32.eq(i32.and(op.get(fcsr), i32.const(flags)), i32.const(flags));
    const infinite = (x: number) => f64.eq(f64.abs(op.get(x)), f64.const(INFINITY));
    const operand = i32.or(i32.or(infinite(a), infinite(b)), infinite(c));
    const infinity = i32.or(i32.and(set(NX | OF), overflow), i32.and(set(NX), operand));
    const tiny = set(NX | UF);
    this.#body.when(
      f64.ne(op.get(r), op.get(r)),
      () => {
        this.#need(set(NX | NV));
        this.#set(r, f64.const(Number.NaN));
      },
      () => this.#need(op.choose(I32, infinite(r), infinity, tiny)),
    );
  }

  /** r holds the result, for singles as a double. */
  #result(): Code {
    return this.#format === S
      ? i64.extend_i32_u(f32.bits(f32.demote(op.get(this.#l.r))))
      : i64.reinterpret(op.get(this.#l.r));
  }

  /** Knuth's TwoSum: s = x + y is computed already, e becomes exactly what its rounding lost. */
  #sumError(x: number, y: number, s: number): void {
    const { t, e } = this.#l;
    this.#set(t, f64.sub(op.get(s), op.get(x)));
    this.#set(e, f64.add(f64.sub(op.get(x), f64.sub(op.get(s), op.get(t))), f64.sub(op.get(y), op.get(t))));
  }

  /** Whether the product of two normal doubles fits 53 bits: by the length of their odd parts. */
  #productIsExact(x: number, y: number): Code {
    const { bits, result } = this.#l;
    const odd = (into: number, from: number) => {
      const m = i64.or(i64.and(i64.reinterpret(op.get(from)), i64.const(MANTISSA)), i64.const(HIDDEN));
      this.#set(into, m);
      this.#set(into, i64.shr_u(op.get(into), i64.ctz(op.get(into))));
    };
    const [p, q] = [bits[0]!, result];
    odd(p, x);
    odd(q, y);
    // Lengths that add up to at most 54 bits: the product itself tells; else it is too long.
    const short = i64.ge_u(i64.add(i64.clz(op.get(p)), i64.clz(op.get(q))), i64.const(128 - 54));
    const fits = i64.lt_u(i64.mul(op.get(p), op.get(q)), i64.const(1n << 53n));
    return i32.and(short, fits);
  }

  // ---- operations ------------------------------------------------------------------------------------------------

  #add(subtract: boolean): Code {
    const { a, b, r, s, single } = this.#l;
    this.#needNearest();
    if (subtract) this.#set(b, f64.neg(op.get(b)));
    this.#set(s, f64.add(op.get(a), op.get(b)));
    if (this.#format === S) {
      // The double sum, rounded again, is the single sum: 53 ≥ 2 × 24 + 2.
      this.#set(single, f32.demote(op.get(s)));
      this.#set(r, f64.promote(op.get(single)));
    } else this.#set(r, op.get(s));
    // A sum in the underflow range is exact, so only infinities and NaNs are left out.
    this.#body.when(i32.eqz(f64.lt(f64.abs(op.get(r)), f64.const(INFINITY))), () => this.#needSticky(i32.const(1)));
    this.#whenExactMatters(() => {
      this.#sumError(a, b, s);
      const lost = f64.ne(op.get(this.#l.e), f64.const(0));
      return this.#format === S ? i32.or(lost, f64.ne(op.get(r), op.get(s))) : lost;
    });
    return this.#result();
  }

  #mul(): Code {
    const { a, b, r, s, single } = this.#l;
    this.#needNearest();
    this.#set(s, f64.mul(op.get(a), op.get(b)));
    if (this.#format === S) {
      this.#set(single, f32.demote(op.get(s)));
      this.#set(r, f64.promote(op.get(single)));
    } else this.#set(r, op.get(s));
    const zero = i32.and(i32.or(this.#isZero(a), this.#isZero(b)), this.#isZero(r));
    this.#needSafe(zero);
    this.#whenExactMatters(() => {
      if (this.#format === S) return f64.ne(op.get(r), op.get(s));
      this.#needNormal(a, zero);
      this.#needNormal(b, zero);
      return i32.and(i32.eqz(zero), i32.eqz(this.#productIsExact(a, b)));
    });
    return this.#result();
  }

  /** Leaves a subnormal operand, whose bits mean something else, to the reference. */
  #needNormal(x: number, or: Code): void {
    this.#need(i32.or(f64.ge(f64.abs(op.get(x)), f64.const(2 ** -1022)), or));
  }

  #div(): Code {
    const { a, b, r, single } = this.#l;
    this.#needNearest();
    if (this.#format === S) {
      this.#set(single, f32.div(f32.demote(op.get(a)), f32.demote(op.get(b))));
      this.#set(r, f64.promote(op.get(single)));
    } else this.#set(r, f64.div(op.get(a), op.get(b)));
    const zero = i32.and(this.#isZero(a), this.#isZero(r));
    this.#needSafe(zero, i32.eqz(this.#isZero(b)));
    this.#whenExactMatters(() => {
      const back = f64.ne(f64.mul(op.get(r), op.get(b)), op.get(a));
      if (this.#format === S) return i32.and(i32.eqz(zero), back);
      this.#needNormal(b, zero);
      return i32.and(i32.eqz(zero), i32.or(back, i32.eqz(this.#productIsExact(r, b))));
    });
    return this.#result();
  }

  #sqrt(): Code {
    const { a, r, single } = this.#l;
    this.#needNearest();
    if (this.#format === S) {
      this.#set(single, f32.sqrt(f32.demote(op.get(a))));
      this.#set(r, f64.promote(op.get(single)));
    } else this.#set(r, f64.sqrt(op.get(a)));
    this.#body.when(i32.eqz(f64.lt(op.get(r), f64.const(INFINITY))), () => this.#needSticky(i32.const(0)));
    this.#whenExactMatters(() => {
      const back = f64.ne(f64.mul(op.get(r), op.get(r)), op.get(a));
      if (this.#format === S) return back;
      return i32.and(i32.eqz(this.#isZero(a)), i32.or(back, i32.eqz(this.#productIsExact(r, r))));
    });
    return this.#result();
  }

  #fused(operation: "madd" | "msub" | "nmsub" | "nmadd"): Code {
    const { a, b, c } = this.#l;
    this.#needNearest();
    if (operation === "nmsub" || operation === "nmadd") this.#set(a, f64.neg(op.get(a)));
    if (operation === "msub" || operation === "nmadd") this.#set(c, f64.neg(op.get(c)));
    const zero = i32.or(this.#isZero(a), this.#isZero(b));
    if (this.#format === S) this.#fusedSingle(zero);
    else this.#fusedDouble(zero);
    return this.#result();
  }

  /** The product of singles is exact in a double; the sum is rounded to odd, so that rounding it again is right. */
  #fusedSingle(zero: Code): void {
    const { a, b, c, r, s, e, single, result } = this.#l;
    this.#set(a, f64.mul(op.get(a), op.get(b)));
    this.#set(s, f64.add(op.get(a), op.get(c)));
    this.#sumError(a, c, s);
    this.#roundToOdd(s, e, result);
    this.#set(single, f32.demote(op.get(s)));
    this.#set(r, f64.promote(op.get(single)));
    this.#needSafe(i32.and(zero, f64.lt(f64.abs(op.get(r)), f64.const(INFINITY))));
    this.#whenExactMatters(() => i32.or(f64.ne(op.get(r), op.get(s)), f64.ne(op.get(e), f64.const(0))));
  }

  /** s + e, |e| at most half a unit of s: where something is lost, the last bit of s becomes 1. */
  #roundToOdd(s: number, e: number, scratch: number): void {
    this.#set(scratch, i64.reinterpret(op.get(s)));
    const even = i64.eqz(i64.and(op.get(scratch), i64.const(1)));
    const sameSign = i64.ge_s(i64.xor(i64.reinterpret(op.get(e)), op.get(scratch)), i64.const(0));
    const lost = f64.ne(op.get(e), f64.const(0));
    const finite = f64.lt(f64.abs(op.get(s)), f64.const(INFINITY));
    this.#body.when(i32.and(i32.and(lost, finite), even), () => {
      // Away from zero when e points that way, else one step towards it.
      this.#set(s, f64.reinterpret(i64.add(op.get(scratch), op.select(i64.const(1), i64.const(-1), sameSign))));
    });
  }

  #fusedDouble(zero: Code): void {
    const { a, b, c, r, s } = this.#l;
    const finite = f64.lt(f64.abs(op.get(r)), f64.const(INFINITY));
    this.#body.block("fused", () => {
      this.#body.when(zero, () => {
        // The product is exactly ±0.
        this.#set(r, f64.add(f64.mul(op.get(a), op.get(b)), op.get(c)));
        this.#need(finite);
        this.#body.br("fused");
      });
      this.#body.when(i32.eqz(i32.and(op.get(this.#l.fcsr), i32.const(NX))), () => {
        // With an exact product the rest is a sum; else the reference tells about NX, and mostly sets it.
        this.#needNormal(a, i32.const(0));
        this.#needNormal(b, i32.const(0));
        this.#need(this.#productIsExact(a, b));
        this.#set(this.#l.r, f64.mul(op.get(a), op.get(b)));
        this.#needSafe(i32.const(0));
        this.#set(a, op.get(r));
        this.#set(s, f64.add(op.get(a), op.get(c)));
        this.#set(r, op.get(s));
        this.#needSafe(i32.const(0));
        this.#sumError(a, c, s);
        this.#body.when(f64.ne(op.get(this.#l.e), f64.const(0)), () => this.#setInexact());
        this.#body.br("fused");
      });
      if (this.#options.fusedMadd) this.#set(r, relaxedMadd(op.get(a), op.get(b), op.get(c)));
      else this.#emulateFused();
      this.#needSafe(i32.const(0));
    });
  }

  /** Boldo and Melquiond, "Emulation of FMA and correctly rounded sums": error-free product and sums, then odd rounding. */
  #emulateFused(): void {
    const { a, b, c, r, s, e, t, bits, result } = this.#l;
    const size = (x: number) => f64.abs(op.get(x));
    for (const x of [a, b]) {
      this.#need(i32.and(f64.ge(size(x), f64.const(2 ** -440)), f64.le(size(x), f64.const(2 ** 440))));
    }
    this.#need(f64.le(size(c), f64.const(2 ** 1000)));
    // Dekker's product: r = a × b, and bits[1] (as a pattern) what it lost. Halves by Veltkamp's splitting.
    const keep = (local: number, value: Code) => this.#set(local, i64.reinterpret(value));
    const kept = (local: number) => f64.reinterpret(op.get(local));
    const [aHigh, bHigh, low] = bits;
    const split = (x: number, high: number) => {
      this.#set(t, f64.mul(op.get(x), f64.const(134217729)));
      keep(high, f64.sub(op.get(t), f64.sub(op.get(t), op.get(x))));
    };
    split(a, aHigh);
    split(b, bHigh);
    const aLow = f64.sub(op.get(a), kept(aHigh));
    const bLow = f64.sub(op.get(b), kept(bHigh));
    this.#set(r, f64.mul(op.get(a), op.get(b)));
    keep(
      low,
      f64.add(
        f64.add(
          f64.add(f64.sub(f64.mul(kept(aHigh), kept(bHigh)), op.get(r)), f64.mul(kept(aHigh), bLow)),
          f64.mul(aLow, kept(bHigh)),
        ),
        f64.mul(aLow, bLow),
      ),
    );
    // (a, b) = c + low; (s, e) = r + a; the small parts are added to odd.
    this.#set(a, kept(low));
    this.#set(s, f64.add(op.get(c), op.get(a)));
    this.#sumError(c, a, s);
    this.#set(b, op.get(e));
    this.#set(a, op.get(s));
    this.#set(s, f64.add(op.get(r), op.get(a)));
    this.#sumError(r, a, s);
    this.#set(r, op.get(s));
    this.#set(a, op.get(e));
    this.#set(s, f64.add(op.get(b), op.get(a)));
    this.#sumError(b, a, s);
    this.#roundToOdd(s, e, result);
    this.#set(r, f64.add(op.get(r), op.get(s)));
  }

  #extreme(largest: boolean): Code {
    const { a, b, bits } = this.#l;
    this.#needNumbers(2);
    const [p, q] = [op.get(bits[0]), op.get(bits[1])];
    // Equal numbers differ at most in the sign of zero.
    const equal = largest ? i64.and(p, q) : i64.or(p, q);
    const first = largest ? f64.gt(op.get(a), op.get(b)) : f64.lt(op.get(a), op.get(b));
    return op.select(equal, op.select(p, q, first), f64.eq(op.get(a), op.get(b)));
  }

  #convert(): Code {
    const { a, r, single } = this.#l;
    if (this.#format === S) {
      // Exact in every rounding mode; only an illegal dynamic one (5 and more) is left out.
      this.#need(i32.lt_u(i32.load(i32.const(0), this.#options.file + OFFSET_FCSR), i32.const(5 * 32)));
      this.#needNumbers(1);
      return i64.reinterpret(op.get(a));
    }
    this.#needNearest();
    this.#set(single, f32.demote(op.get(a)));
    this.#set(r, f64.promote(op.get(single)));
    const size = f64.abs(op.get(r));
    this.#need(i32.or(i32.and(f64.ge(size, f64.const(2 ** -125)), f64.lt(size, f64.const(INFINITY))), this.#isZero(a)));
    this.#whenExactMatters(() => f64.ne(op.get(r), op.get(a)));
    return i64.extend_i32_u(f32.bits(op.get(single)));
  }

  #toInteger(operation: "toW" | "toWu" | "toL" | "toLu"): Code {
    const { a, r } = this.#l;
    this.#roundToIntegral();
    const [low, high] = INTEGER_RANGE[operation];
    this.#need(i32.and(f64.ge(op.get(r), f64.const(low)), f64.lt(op.get(r), f64.const(high))));
    this.#body.when(f64.ne(op.get(r), op.get(a)), () => this.#setInexact());
    if (operation === "toLu") return i64.trunc_sat_f64_u(op.get(r));
    const value = i64.trunc_sat_f64_s(op.get(r));
    return operation === "toL" ? value : i64.extend32_s(value);
  }

  /** r = a, rounded to an integral value. */
  #roundToIntegral(): void {
    const { a, r } = this.#l;
    switch (this.#options.rounding) {
      case "nearest":
        this.#needNearest();
        this.#set(r, f64.nearest(op.get(a)));
        return;
      case "down":
        this.#set(r, f64.floor(op.get(a)));
        return;
      case "up":
        this.#set(r, f64.ceil(op.get(a)));
        return;
    }
    this.#set(r, f64.trunc(op.get(a)));
    if (this.#options.rounding !== "away") return;
    // a − r is exact: half or more of it goes one further.
    this.#body.when(f64.ge(f64.abs(f64.sub(op.get(a), op.get(r))), f64.const(0.5)), () =>
      this.#set(r, f64.add(op.get(r), f64.copysign(f64.const(1), op.get(a)))),
    );
  }

  #fromInteger(operation: FloatOperation, operand: Code): Code {
    const { result, fcsr } = this.#l;
    const unsigned = operation === "fromLu";
    const words: Partial<Record<FloatOperation, Code>> = {
      fromW: i64.extend32_s(operand),
      fromWu: i64.extend_i32_u(i32.wrap(operand)),
    };
    this.#set(result, words[operation] ?? operand);
    this.#set(fcsr, i32.load(i32.const(0), this.#options.file + OFFSET_FCSR));
    const value = op.get(result);
    if (this.#format === D) {
      // A word always fits; then only an illegal dynamic rounding mode (5 and more) is left out.
      if (words[operation]) this.#need(i32.lt_u(op.get(fcsr), i32.const(5 * 32)));
      else this.#needIntegerRounding(value, 53, unsigned);
      return i64.reinterpret(unsigned ? f64.convert_i64_u(value) : f64.convert_i64_s(value));
    }
    this.#needIntegerRounding(value, 24, unsigned);
    return i64.extend_i32_u(f32.bits(unsigned ? f32.convert_i64_u(value) : f32.convert_i64_s(value)));
  }

  /** To nearest even, and either the integer has few enough bits to be exact, or NX is set already. Needs fcsr. */
  #needIntegerRounding(value: Code, precision: number, unsigned: boolean): void {
    const fcsr = op.get(this.#l.fcsr);
    const limit = 2 ** precision;
    const small = unsigned
      ? i64.le_u(value, i64.const(limit))
      : i64.le_u(i64.add(value, i64.const(limit)), i64.const(2 * limit));
    if (this.#options.rounding === "exact") {
      this.#need(small);
      return;
    }
    this.#need(i32.lt_u(fcsr, i32.const(32)));
    this.#need(i32.or(small, i32.and(fcsr, i32.const(NX))));
  }

  /** The usual answers: a normal number of either sign. */
  #classify(): Code {
    const { a } = this.#l;
    const size = f64.abs(op.get(a));
    const low = this.#format === S ? 2 ** -126 : 2 ** -1022;
    this.#need(i32.and(f64.ge(size, f64.const(low)), f64.lt(size, f64.const(INFINITY))));
    return op.select(i64.const(1 << 1), i64.const(1 << 6), f64.lt(op.get(a), f64.const(0)));
  }
}

/** f64x2.relaxed_madd on the first lanes. */
export function relaxedMadd(a: Code, b: Code, c: Code): Code {
  const splat = (x: Code) => [...x, 0xfd, 0x14];
  return [...splat(a), ...splat(b), ...splat(c), 0xfd, 0x87, 0x02, 0xfd, 0x21, 0];
}
