// The interpreter's backend of the rows: a value is a fragment of WebAssembly that pushes it, made from the operands of
// the record at `ptr`. Meanings are run once, when the module is generated.
import { OFFSET_F } from "../context.ts";
import type { FloatOperation, Format, Operations } from "../isa/row.ts";
import { TLB_READ, TLB_WRITE } from "../page-table.ts";
import { PAGE_SIZE } from "../ram.ts";
import { type Body, type Code, I64, op } from "../wasm/encoder.ts";
import { tlbEntry, tlbPart } from "./tlb.ts";

/** A fragment that pushes an i64, or an i32 that is 0 or 1. */
export interface Value {
  readonly code: Code;
  readonly condition: boolean;
  /** pc + imm: a target whose record may lie in the same block. */
  readonly relative?: boolean;
}

export interface Frame {
  readonly body: Body;
  /** Address of the register file. */
  readonly file: number;
  readonly ptr: number;
  readonly va: number;
  readonly entry: number;
  /** An i64: where in its page va is. */
  readonly within: number;
  /** Pushes the i64 pc of the record at ptr. */
  readonly pc: Code;
  /** Emits what happens when a TLB entry doesn't permit the access to `va`. */
  miss(write: boolean, condition: Code): void;
}

const { i32, i64 } = op;
const wide = (v: Value): Code => (v.condition ? i64.extend_i32_u(v.code) : v.code);
const value = (code: Code): Value => ({ code, condition: false });
const condition = (code: Code): Value => ({ code, condition: true });
const binary =
  (f: (a: Code, b: Code) => Code) =>
  (a: Value, b: Value): Value =>
    value(f(wide(a), wide(b)));
const comparison =
  (f: (a: Code, b: Code) => Code) =>
  (a: Value, b: Value): Value =>
    condition(f(wide(a), wide(b)));

/** The test of a value as an i32. */
export const test = (v: Value): Code => (v.condition ? v.code : i64.ne(v.code, i64.const(0)));

/** A meaning needs what this backend leaves to the reference. */
export class Unsupported extends Error {}

export class Emitter implements Operations<Value> {
  readonly rs1: Value;
  readonly rs2: Value;
  readonly imm: Value;
  readonly pc: Value;
  readonly next: Value;
  readonly fs1: Value;
  readonly fs2: Value;
  readonly fs3: Value;
  readonly rs1IsZero = false;

  // what the meaning did, for the handler's end
  target: Value | undefined;
  taken: Value | undefined;

  protected readonly frame: Frame;
  readonly #hasRd: boolean;

  constructor(frame: Frame, length: 2 | 4, hasRd: boolean) {
    this.frame = frame;
    this.#hasRd = hasRd;
    const field = (offset: number) => i32.load8_u(op.get(frame.ptr), offset);
    this.rs1 = value(i64.load(field(2), frame.file));
    this.rs2 = value(i64.load(field(3), frame.file));
    this.fs1 = value(i64.load(field(2), frame.file + OFFSET_F));
    this.fs2 = value(i64.load(field(3), frame.file + OFFSET_F));
    this.fs3 = value(i64.load(field(7), frame.file + OFFSET_F));
    this.imm = value(i64.load32_s(op.get(frame.ptr), 4));
    this.pc = value(frame.pc);
    this.next = value(i64.add(frame.pc, i64.const(length)));
  }

  get zimm(): Value {
    throw new Unsupported();
  }

  rd(v: Value): void {
    if (!this.#hasRd) return;
    this.frame.body.emit(i64.store(i32.load8_u(op.get(this.frame.ptr), 1), this.frame.file, wide(v)));
  }

  fd(v: Value): void {
    this.frame.body.emit(i64.store(i32.load8_u(op.get(this.frame.ptr), 1), this.frame.file + OFFSET_F, wide(v)));
  }

  constant = (n: number): Value => value(i64.const(n));
  sub = binary(i64.sub);
  mul = binary(i64.mul);
  and = binary(i64.and);
  or = binary(i64.or);
  xor = binary(i64.xor);
  shl = binary(i64.shl);
  shr = binary(i64.shr_u);
  sar = binary(i64.shr_s);
  div = binary(i64.div_s);
  divu = binary(i64.div_u);
  rem = binary(i64.rem_s);
  remu = binary(i64.rem_u);
  eq = comparison(i64.eq);
  ne = comparison(i64.ne);
  lt = comparison(i64.lt_s);
  ltu = comparison(i64.lt_u);
  ge = comparison(i64.ge_s);
  geu = comparison(i64.ge_u);

  add(a: Value, b: Value): Value {
    const sum = value(i64.add(wide(a), wide(b)));
    return a === this.pc && b === this.imm ? { ...sum, relative: true } : sum;
  }

  not(a: Value): Value {
    return value(i64.xor(wide(a), i64.const(-1)));
  }

  word(a: Value): Value {
    return value(i64.extend32_s(wide(a)));
  }

  zext(a: Value): Value {
    return value(i64.extend_i32_u(i32.wrap(wide(a))));
  }

  mulh(a: Value, b: Value): Value {
    // Signed from unsigned: take back the other operand for each negative one.
    return this.sub(this.mulhsu(a, b), this.and(this.sar(b, this.constant(63)), a));
  }

  mulhsu(a: Value, b: Value): Value {
    return this.sub(this.mulhu(a, b), this.and(this.sar(a, this.constant(63)), b));
  }

  /** The schoolbook product of 32-bit halves. */
  mulhu(a: Value, b: Value): Value {
    const low = (v: Value) => this.zext(v);
    const high = (v: Value) => this.shr(v, this.constant(32));
    const cross = this.add(this.mul(high(a), low(b)), this.shr(this.mul(low(a), low(b)), this.constant(32)));
    const middle = this.add(this.mul(low(a), high(b)), low(cross));
    return this.add(this.add(this.mul(high(a), high(b)), high(cross)), high(middle));
  }

  choose(c: Value, a: () => Value, b: () => Value): Value {
    return value(op.choose(I64, test(c), wide(a()), wide(b())));
  }

  // ---- memory: the TLB's test, then one access -------------------------------------------------------------------

  load(address: Value, size: 1 | 2 | 4 | 8, signed: boolean): Value {
    const at = this.translate(address, size, false);
    switch (size) {
      case 1:
        return value(signed ? i64.load8_s(at, 0) : i64.load8_u(at, 0));
      case 2:
        return value(signed ? i64.load16_s(at, 0) : i64.load16_u(at, 0));
      case 4:
        return value(signed ? i64.load32_s(at, 0) : i64.load32_u(at, 0));
      default:
        return value(i64.load(at, 0));
    }
  }

  store(address: Value, size: 1 | 2 | 4 | 8, v: Value): void {
    const at = this.translate(address, size, true);
    const stores = { 1: i64.store8, 2: i64.store16, 4: i64.store32, 8: i64.store };
    this.frame.body.emit(stores[size](at, 0, wide(v)));
  }

  /** Emits the test of `address` and answers the physical address: what does not lie within one page misses. */
  protected translate(address: Value, size: 1 | 2 | 4 | 8, write: boolean): Code {
    const { body, va, entry, within, file } = this.frame;
    const part = write ? TLB_WRITE : TLB_READ;
    const at = tlbPart(part, file);
    body.emit(op.set(va, wide(address)));
    body.emit(op.set(entry, tlbEntry(part, op.get(va))));
    const place = op.tee(within, i64.add(op.get(va), i64.load(op.get(entry), at)));
    this.frame.miss(write, i64.gt_u(place, i64.const(PAGE_SIZE - size)));
    return i32.add(i32.wrap(op.get(within)), i32.load(op.get(entry), at + 8));
  }

  amo(_address: Value, _size: 4 | 8, _change: (old: Value) => Value): Value {
    throw new Unsupported();
  }

  loadReserved(_address: Value, _size: 4 | 8): Value {
    throw new Unsupported();
  }

  storeConditional(_address: Value, _size: 4 | 8, _value: Value): Value {
    throw new Unsupported();
  }

  // ---- control: the handler's end does it ------------------------------------------------------------------------

  jump(target: Value): void {
    this.target = target;
    if (!target.relative) this.frame.body.emit(op.set(this.frame.va, wide(target)));
  }

  branch(c: Value, target: Value): void {
    this.taken = c;
    this.target = target;
  }

  ecall(): void {
    throw new Unsupported();
  }

  ebreak(): void {
    throw new Unsupported();
  }

  fenceI(): void {
    throw new Unsupported();
  }

  csr(_change: ((old: Value) => Value) | undefined): Value {
    throw new Unsupported();
  }

  unbox(a: Value): Value {
    const boxed = i64.eq(i64.shr_u(wide(a), i64.const(32)), i64.const(0xffffffff));
    return value(op.choose(I64, boxed, wide(this.zext(a)), i64.const(0x7fc00000)));
  }

  box(a: Value): Value {
    return value(i64.or(wide(a), i64.const(-0x1_0000_0000)));
  }

  float(_operation: FloatOperation, _format: Format, ..._operands: Value[]): Value {
    throw new Unsupported();
  }
}
