// Floating point in translated code. What WebAssembly computes is right, flags and all, when rounding is to nearest, NX
// is set already, and the result is an ordinary number; else the interpreter's module does it.
import { FILE_SLOW, OFFSET_FCSR } from "../context.ts";
import { SLOW_TO_X } from "../interpreter/enter.ts";
import { floatNumber } from "../interpreter/plan.ts";
import { type FloatOperation, type Format, S } from "../isa/row.ts";
import { type Body, F32, F64, I32, I64 } from "../wasm/encoder.ts";
import type { Instruction } from "./region.ts";
import type { Surroundings } from "./surroundings.ts";
import {
  BOX,
  F32_OF_I32,
  F64_NEG,
  F64_OF_I64,
  I32_OF_F32,
  I32_WRAP,
  I64_EXTEND_I32_U,
  I64_EXTEND32_S,
  I64_OF_F64,
  I64_OR,
  I64_SHL,
  I64_SUB,
  localOf,
  operation,
  type Type,
  type Value,
  ZERO,
} from "./value.ts";

const ROUNDINGS = ["nearest", "zero", "down", "up"] as const;
const INTEGER_RANGE = {
  toW: [-(2 ** 31), 2 ** 31],
  toWu: [0, 2 ** 32],
  toL: [-(2 ** 63), 2 ** 63],
  toLu: [0, 2 ** 64],
} as const;

/** One operation in floating point. */
export class FloatCode {
  private readonly at: Surroundings;
  private readonly body: Body;
  private readonly instruction: Instruction;
  private readonly push: (v: Value) => void;
  private readonly single: boolean;
  private readonly type: Type;
  /** The operands, as floats of the format. */
  private readonly values: Value[] = [];
  /** As patterns, for the slow way. */
  private patterns: Value[] = [];

  constructor(at: Surroundings, instruction: Instruction, format: Format, push: (v: Value) => void) {
    this.at = at;
    this.body = at.body;
    this.instruction = instruction;
    this.push = push;
    this.single = format === S;
    this.type = this.single ? F32 : F64;
  }

  /** The opcode for doubles; those for singles lie 14 before. */
  private op(double: number): void {
    this.body.byte(this.single ? double - 14 : double);
  }
  private comparison(double: number): void {
    this.body.byte(this.single ? double - 6 : double);
  }
  private constant(n: number): void {
    if (this.single) {
      this.body.byte(0x43);
      for (const byte of new Uint8Array(new Float32Array([n]).buffer)) this.body.byte(byte);
    } else {
      this.body.byte(0x44);
      for (const byte of new Uint8Array(new Float64Array([n]).buffer)) this.body.byte(byte);
    }
  }

  emit(name: FloatOperation, operands: readonly Value[]): Value {
    if (name.startsWith("from")) return this.fromInteger(name, operands[0]!);
    const { scratch } = this.at;
    operands.forEach((operand, i) => {
      const plain = operand.kind === "operation" && operand.code === I64_OF_F64 && operand.a!.kind === "local";
      if (!this.single && plain) this.values.push(operand.a!);
      else {
        const local = this.single ? scratch.single[i + 1]! : scratch.double[i + 1]!;
        if (this.single) {
          // The choice between a boxed single and NaN is made once.
          this.push(operation(F32, F32_OF_I32, operation(I32, I32_WRAP, operand)));
        } else this.push(operation(F64, F64_OF_I64, operand));
        this.body.set(local);
        this.values.push(localOf(this.type, local));
      }
    });
    // The slow way reads registers: singles are boxed there.
    this.patterns = this.values.map((v) => (this.single ? this.boxed(v) : operation(I64, I64_OF_F64, v)));
    switch (name) {
      case "add":
        return this.arithmetic(0xa0, false);
      case "sub":
        return this.arithmetic(0xa1, false);
      case "mul":
        return this.arithmetic(0xa2, true);
      case "div":
        return this.arithmetic(0xa3, true);
      case "sqrt":
        return this.arithmetic(0x9f, false);
      case "madd":
      case "msub":
      case "nmsub":
      case "nmadd":
        return this.fused(name);
      case "min":
        return this.extreme(0xa4);
      case "max":
        return this.extreme(0xa5);
      case "eq":
        return this.compare(0x61);
      case "lt":
        return this.compare(0x63);
      case "le":
        return this.compare(0x65);
      case "toOther":
        return this.convert();
      case "toW":
      case "toWu":
      case "toL":
      case "toLu":
        return this.toInteger(name);
      default:
        throw new Error("not translated");
    }
  }

  private boxed(v: Value): Value {
    return operation(I64, I64_OR, this.pattern(v), BOX);
  }
  /** A float's bits as an i64. */
  private pattern(v: Value): Value {
    return this.single
      ? operation(I64, I64_EXTEND_I32_U, operation(I32, I32_OF_F32, v))
      : operation(I64, I64_OF_F64, v);
  }
  private get result(): number {
    return this.single ? this.at.scratch.single[0] : this.at.scratch.double[0];
  }

  /** Under the condition on the stack: the interpreter's way. The result goes into `local`, a pattern or an integer. */
  private slowly(into: (pushResult: () => void) => void, toX: boolean): void {
    const { body, at } = this;
    body.unlikely();
    body.i32(floatNumber(this.instruction.row, this.instruction.word) | (toX ? SLOW_TO_X : 0));
    for (let i = 0; i < 3; i++) this.push(this.patterns[i] ?? ZERO);
    body.call(at.slowFloat);
    body.set(at.scratch.wide[0]);
    body.i32(0);
    body.access(0x28, at.file + FILE_SLOW);
    body.byte(0x45);
    body.open("", 0x04);
    at.step();
    body.close();
    into(() => body.get(at.scratch.wide[0]));
    // It may have set NX.
    body.i32(0);
    body.access(0x28, at.file + OFFSET_FCSR);
    body.i32(0xe1);
    body.byte(0x71);
    body.i32(1);
    body.byte(0x46);
    body.set(at.plain);
    body.close();
  }

  private slowToResult(): void {
    this.slowly((pushResult) => {
      pushResult();
      if (this.single) {
        this.body.byte(I32_WRAP);
        this.body.byte(F32_OF_I32);
      } else this.body.byte(F64_OF_I64);
      this.body.set(this.result);
    }, false);
  }

  /** Pushes whether the result is no finite number or, if asked, near the range where underflow is. */
  private special(underflows: boolean): void {
    const { body } = this;
    body.get(this.result);
    if (this.single) {
      // Twice the pattern, less that of the smallest number that is safe, as unsigned.
      body.byte(I32_OF_F32);
      body.i32(1);
      body.byte(0x74);
      const low = underflows ? 2 << 23 : 0; // 2^-125
      if (low !== 0) {
        body.i32(low * 2);
        body.byte(0x6b);
      }
      body.i32((255 << 24) - low * 2);
      body.byte(0x4f); // ge_u
    } else {
      body.byte(I64_OF_F64);
      body.i64(1);
      body.byte(I64_SHL);
      const low = underflows ? 2n << 52n : 0n; // 2^-1021
      if (low !== 0n) {
        body.i64(low * 2n);
        body.byte(I64_SUB);
      }
      body.i64((2047n << 53n) - low * 2n);
      body.byte(0x5a); // ge_u
    }
  }

  private arithmetic(double: number, product: boolean): Value {
    const { body, at } = this;
    for (const v of this.values) this.push(v);
    this.op(double);
    body.set(this.result);
    this.special(product);
    body.get(at.plain);
    body.byte(0x45);
    body.byte(0x72);
    if (!product) this.slowToResult();
    else {
      body.open("", 0x04);
      // An exact zero, of a zero, is ordinary too.
      body.get(at.plain);
      this.isZero(localOf(this.type, this.result));
      body.byte(0x71);
      this.isZero(this.values[0]!);
      if (double === 0xa2) {
        this.isZero(this.values[1]!);
        body.byte(0x72);
      }
      body.byte(0x71);
      body.byte(0x45);
      this.slowToResult();
      body.close();
    }
    return this.pattern(localOf(this.type, this.result));
  }

  private isZero(v: Value): void {
    this.push(v);
    this.constant(0);
    this.comparison(0x61);
  }

  /** Only where the host's relaxed_madd is fused. */
  private fused(name: "madd" | "msub" | "nmsub" | "nmadd"): Value {
    const { body, at } = this;
    this.values.forEach((v, i) => {
      this.push(v);
      const negated = i === 0 ? name === "nmsub" || name === "nmadd" : i === 2 && (name === "msub" || name === "nmadd");
      if (negated) this.op(F64_NEG);
      // splat
      body.byte(0xfd);
      body.byte(this.single ? 0x13 : 0x14);
    });
    body.byte(0xfd);
    body.unsigned(this.single ? 0x105 : 0x107); // relaxed_madd
    body.byte(0xfd);
    body.byte(this.single ? 0x1f : 0x21); // extract_lane 0
    body.byte(0);
    body.set(this.result);
    this.special(true);
    body.get(at.plain);
    body.byte(0x45);
    body.byte(0x72);
    this.slowToResult();
    return this.pattern(localOf(this.type, this.result));
  }

  /** Pushes whether an operand is NaN. */
  private unordered(): void {
    this.values.forEach((v, i) => {
      this.push(v);
      this.push(v);
      this.comparison(0x62);
      if (i > 0) this.body.byte(0x72);
    });
  }

  private extreme(double: number): Value {
    for (const v of this.values) this.push(v);
    this.op(double);
    this.body.set(this.result);
    this.unordered();
    this.slowToResult();
    return this.pattern(localOf(this.type, this.result));
  }

  private compare(double: number): Value {
    const { body } = this;
    const [local] = [this.at.scratch.wide[1]];
    for (const v of this.values) this.push(v);
    this.comparison(double);
    body.byte(I64_EXTEND_I32_U);
    body.set(local);
    this.unordered();
    this.slowly((pushResult) => {
      pushResult();
      body.set(local);
    }, true);
    return localOf(I64, local);
  }

  private convert(): Value {
    const { body, at } = this;
    const { double, single } = at.scratch;
    if (this.single) {
      // Exact, unless the operand is NaN or the dynamic rounding mode (7) an illegal one.
      this.push(this.values[0]!);
      body.byte(0xbb);
      body.set(double[0]);
      this.unordered();
      this.illegalRounding();
      this.slowly((pushResult) => {
        pushResult();
        body.byte(F64_OF_I64);
        body.set(double[0]);
      }, false);
      return operation(I64, I64_OF_F64, localOf(F64, double[0]));
    }
    this.push(this.values[0]!);
    body.byte(0xb6); // demote
    body.set(single[0]);
    const narrow = new FloatCode(at, this.instruction, S, this.push);
    narrow.patterns = this.patterns;
    narrow.special(true);
    body.get(at.plain);
    body.byte(0x45);
    body.byte(0x72);
    body.open("", 0x04);
    body.get(at.plain);
    this.isZero(this.values[0]!);
    body.byte(0x71);
    body.byte(0x45);
    narrow.slowToResult();
    body.close();
    return narrow.pattern(localOf(F32, single[0]));
  }

  /** Ors to the condition on the stack whether frm matters and means nothing. */
  private illegalRounding(): void {
    const { body } = this;
    if (((this.instruction.word >>> 12) & 7) !== 7) return;
    body.i32(0);
    body.access(0x28, this.at.file + OFFSET_FCSR);
    body.i32(5 * 32);
    body.byte(0x4f);
    body.byte(0x72);
  }

  private toInteger(name: "toW" | "toWu" | "toL" | "toLu"): Value {
    const { body, at } = this;
    const { double, wide } = at.scratch;
    const mode = (this.instruction.word >>> 12) & 7;
    const rounding = ROUNDINGS[mode === 7 ? 0 : mode]!;
    this.push(this.values[0]!);
    if (this.single) body.byte(0xbb);
    body.byte({ nearest: 0x9e, zero: 0x9d, down: 0x9c, up: 0x9b }[rounding]);
    body.tee(double[0]);
    body.byte(0xfc);
    body.byte(name === "toLu" ? 7 : 6); // i64.trunc_sat_f64
    if (name === "toW" || name === "toWu") body.byte(I64_EXTEND32_S);
    body.set(wide[1]);
    const [low, high] = INTEGER_RANGE[name];
    const bound = (n: number): void => {
      body.byte(0x44);
      for (const byte of new Uint8Array(new Float64Array([n]).buffer)) body.byte(byte);
    };
    body.get(double[0]);
    bound(low);
    body.byte(0x66); // ge
    body.get(double[0]);
    bound(high);
    body.byte(0x63); // lt
    body.byte(0x71);
    body.get(at.plain);
    body.byte(0x71);
    body.byte(0x45);
    this.slowly((pushResult) => {
      pushResult();
      body.set(wide[1]);
    }, true);
    return localOf(I64, wide[1]);
  }

  private fromInteger(name: FloatOperation, operand: Value): Value {
    const { body, at } = this;
    const { double, single, wide } = at.scratch;
    this.push(operand);
    body.set(wide[2]);
    const value = localOf(I64, wide[2]);
    this.patterns = [value];
    const word = name === "fromW" || name === "fromWu";
    const unsigned = name === "fromWu" || name === "fromLu";
    this.push(word ? operation(I32, I32_WRAP, value) : value);
    // convert_i32_s, _u, convert_i64_s, _u
    const code = (this.single ? 0xb2 : 0xb7) + (word ? 0 : 2) + (unsigned ? 1 : 0);
    body.byte(code);
    body.set(this.single ? single[0] : double[0]);
    if (word && !this.single) {
      // Always exact: a mode that the word names can't be wrong.
      if (((this.instruction.word >>> 12) & 7) === 7) {
        body.i32(0);
        this.illegalRounding();
        this.slowToResult();
      }
    } else {
      body.get(at.plain);
      body.byte(0x45);
      this.slowToResult();
    }
    return this.pattern(localOf(this.type, this.result));
  }
}
