// The translator's backend of the rows. A value is a small tree that is emitted where it is used; operands are constants
// and locals, f-registers are f64 locals that hold the raw bits.
import { FILE_FUEL, OFFSET_FCSR, OFFSET_RESERVATION, OFFSET_RESERVED_VALUE } from "../context.ts";
import { tlbPart } from "../interpreter/tlb.ts";
import type { FloatOperation, Format, Operations } from "../isa/row.ts";
import { TLB_READ, TLB_WRITE } from "../page-table.ts";
import { PAGE_SIZE } from "../ram.ts";
import { type Body, F64, I32, I64 } from "../wasm/encoder.ts";
import type { Access } from "./checks.ts";
import { FloatCode } from "./float.ts";
import type { Instruction } from "./region.ts";
import { CSR_TIME, type Surroundings } from "./surroundings.ts";
import {
  BOX,
  constantOf,
  F64_COPYSIGN,
  F64_NEG,
  F64_OF_I64,
  I32_WRAP,
  I64_ADD,
  I64_AND,
  I64_EQ,
  I64_EQZ,
  I64_EXTEND_I32_U,
  I64_EXTEND32_S,
  I64_MUL,
  I64_NE,
  I64_OF_F64,
  I64_OR,
  I64_SHL,
  I64_SHR_U,
  I64_SUB,
  I64_XOR,
  localOf,
  MAGNITUDE,
  make,
  operation,
  SIGN,
  type Value,
  ZERO,
} from "./value.ts";

const LOADS = {
  1: [0x31, 0x30],
  2: [0x33, 0x32],
  4: [0x35, 0x34],
  8: [0x29, 0x29],
} as const;
const STORES = { 1: 0x3c, 2: 0x3d, 4: 0x3e, 8: 0x37 } as const;
const F64_LOAD = 0x2b;
const F64_STORE = 0x39;

const FLOAT_FIELDS: Record<number, readonly [shift: number, mask: number]> = { 1: [0, 0x1f], 2: [5, 7], 3: [0, 0xff] };

/** Operations whose low half is the same operation on the operands' low halves. */
const NARROW: Record<number, number> = {
  [I64_ADD]: 0x6a,
  [I64_SUB]: 0x6b,
  [I64_MUL]: 0x6c,
  [I64_AND]: 0x71,
  [I64_OR]: 0x72,
  [I64_XOR]: 0x73,
  [I64_SHL]: 0x74,
  [I64_SHR_U]: 0x76,
};
const I64_EXTEND_I32_S = 0xac;

export class TranslatorEmitter implements Operations<Value> {
  /** What the meaning did: the target of a jump is in the local va. */
  taken: Value | undefined;
  /** The access that is done, if it is checked together with others. */
  access: Access | undefined;

  private readonly at: Surroundings;
  private readonly body: Body;
  private instruction!: Instruction;
  /** f-registers that are known to hold boxed singles. */
  private boxed = 0;

  constructor(at: Surroundings) {
    this.at = at;
    this.body = at.body;
  }

  /** A block begins: nothing is known of the registers. */
  begin(): void {
    this.boxed = 0;
  }

  run(instruction: Instruction, access?: Access): void {
    this.instruction = instruction;
    this.access = access;
    this.taken = undefined;
    instruction.row.meaning(this);
  }

  // ---- operands --------------------------------------------------------------------------------------------------

  private x(register: number): Value {
    return register === 0 ? ZERO : localOf(I64, this.at.x(register));
  }
  private f(register: number): Value {
    return operation(I64, I64_OF_F64, localOf(F64, this.at.f(register)));
  }
  get rs1(): Value {
    return this.x((this.instruction.word >>> 15) & 31);
  }
  get rs2(): Value {
    return this.x((this.instruction.word >>> 20) & 31);
  }
  get fs1(): Value {
    return this.f((this.instruction.word >>> 15) & 31);
  }
  get fs2(): Value {
    return this.f((this.instruction.word >>> 20) & 31);
  }
  get fs3(): Value {
    return this.f(this.instruction.word >>> 27);
  }
  get imm(): Value {
    return constantOf(this.instruction.immediate);
  }
  get zimm(): Value {
    return constantOf((this.instruction.word >>> 15) & 31);
  }
  get rs1IsZero(): boolean {
    return ((this.instruction.word >>> 15) & 31) === 0;
  }
  get pc(): Value {
    return this.address(this.instruction.offset);
  }
  get next(): Value {
    return this.address(this.instruction.offset + this.instruction.length);
  }
  private address(offset: number): Value {
    return this.add(localOf(I64, this.at.base), constantOf(offset));
  }

  // ---- results ---------------------------------------------------------------------------------------------------

  rd(v: Value): void {
    const register = (this.instruction.word >>> 7) & 31;
    // A load into x0 may still fault: its address has been tested, which is all there is to it.
    if (register === 0) return;
    this.wide(v);
    this.body.set(this.at.x(register));
  }

  fd(v: Value): void {
    const register = (this.instruction.word >>> 7) & 31;
    if (v.kind === "operation" && v.code === I64_OR && v.b === BOX) this.boxed |= 1 << register;
    else this.boxed &= ~(1 << register);
    this.push(this.bits(v));
    this.body.set(this.at.f(register));
  }

  /** A pattern as an f64. */
  private bits(v: Value): Value {
    if (v.kind === "operation" && v.code === I64_OF_F64) return v.a!;
    if (v.kind === "memory" && v.code === 0x29) return make("memory", F64, F64_LOAD, 0);
    return operation(F64, F64_OF_I64, v);
  }

  // ---- emission --------------------------------------------------------------------------------------------------

  private push(v: Value): void {
    const { body } = this;
    switch (v.kind) {
      case "local":
        body.get(v.code);
        return;
      case "constant":
        if (v.type === I32) body.i32(Number(v.constant));
        else body.i64(v.constant);
        return;
      case "operation":
        this.push(v.a!);
        if (v.b) this.push(v.b);
        body.byte(v.code);
        return;
      case "memory":
        this.pushPhysical();
        body.access(v.code, this.distance);
        return;
      case "choose":
        this.condition(v.a!);
        body.byte(0x04);
        body.byte(I64);
        this.wide(v.b!);
        body.byte(0x05);
        this.wide(v.c!);
        body.byte(0x0b);
    }
  }

  /** As an i64. */
  private wide(v: Value): void {
    this.push(v);
    if (v.type === I32) this.body.byte(I64_EXTEND_I32_U);
  }

  /** As an i32 that is zero or not. */
  condition(v: Value): void {
    this.push(v);
    if (v.type === I32) return;
    this.body.i64(0);
    this.body.byte(I64_NE);
  }

  private toLocal(local: number, v: Value): Value {
    this.wide(v);
    this.body.set(local);
    return localOf(I64, local);
  }

  private pushPhysical(): void {
    if (this.access) this.body.get(this.access.group.physical);
    else this.found();
  }

  /** Pushes the physical address of what was looked up last. */
  private found(): void {
    const { within, entry } = this.at.scratch;
    this.body.get(within);
    this.body.byte(I32_WRAP);
    this.body.get(entry);
    this.body.access(0x28, tlbPart(this.part, this.at.file) + 8);
    this.body.byte(0x6a);
  }
  private part = TLB_READ;
  private get distance(): number {
    return this.access?.distance ?? 0;
  }

  // ---- arithmetic ------------------------------------------------------------------------------------------------

  constant(n: number): Value {
    return n === 0 ? ZERO : constantOf(n);
  }
  private binary(code: number, a: Value, b: Value): Value {
    return operation(I64, code, this.extended(a), this.extended(b));
  }
  private compare(code: number, a: Value, b: Value): Value {
    return operation(I32, code, this.extended(a), this.extended(b));
  }
  private extended(v: Value): Value {
    return v.type === I32 ? operation(I64, I64_EXTEND_I32_U, v) : v;
  }
  add(a: Value, b: Value): Value {
    if (a === ZERO) return b;
    if (b.kind === "constant") {
      if (b.constant === 0) return a;
      if (a.kind === "operation" && a.code === I64_ADD && a.b!.kind === "constant")
        return this.add(a.a!, constantOf(Number(a.b!.constant) + Number(b.constant)));
    }
    return a.kind === "constant" && b.kind === "constant"
      ? constantOf(BigInt(a.constant) + BigInt(b.constant))
      : b === ZERO
        ? a
        : this.binary(I64_ADD, a, b);
  }
  sub(a: Value, b: Value): Value {
    return this.binary(I64_SUB, a, b);
  }
  mul(a: Value, b: Value): Value {
    return this.binary(I64_MUL, a, b);
  }
  and(a: Value, b: Value): Value {
    return this.binary(I64_AND, a, b);
  }
  /** The sign of one number and the rest of another: fsgnj and its kin. */
  or(a: Value, b: Value): Value {
    if (a.kind === "operation" && a.b === MAGNITUDE && b.kind === "operation" && b.b === SIGN)
      return this.copySign(this.bits(a.a!), b.a!);
    return this.binary(I64_OR, a, b);
  }
  private copySign(size: Value, sign: Value): Value {
    const negated = sign.kind === "operation" && sign.code === I64_XOR && sign.b!.constant === -1 ? sign.a! : undefined;
    const same = sign.kind === "operation" && sign.code === I64_XOR && !negated;
    if (same && this.isSame(sign.a!, sign.b!)) return operation(I64, I64_OF_F64, operation(F64, 0x99, size)); // abs
    const from = negated ? operation(F64, F64_NEG, this.bits(negated)) : this.bits(sign);
    return operation(I64, I64_OF_F64, operation(F64, F64_COPYSIGN, size, from));
  }
  private isSame(a: Value, b: Value): boolean {
    return a.code === b.code && a.a?.kind === "local" && b.a?.kind === "local" && a.a.code === b.a.code;
  }
  xor(a: Value, b: Value): Value {
    return this.binary(I64_XOR, a, b);
  }
  not(a: Value): Value {
    return a === SIGN ? MAGNITUDE : this.binary(I64_XOR, a, constantOf(-1));
  }
  shl(a: Value, amount: Value): Value {
    if (a.kind === "constant" && a.constant === 1 && amount.constant === 63) return SIGN;
    return this.binary(I64_SHL, a, amount);
  }
  shr(a: Value, amount: Value): Value {
    return this.binary(I64_SHR_U, a, amount);
  }
  sar(a: Value, amount: Value): Value {
    return this.binary(0x87, a, amount);
  }
  eq(a: Value, b: Value): Value {
    return b === ZERO ? operation(I32, I64_EQZ, this.extended(a)) : this.compare(I64_EQ, a, b);
  }
  ne(a: Value, b: Value): Value {
    return this.compare(I64_NE, a, b);
  }
  lt(a: Value, b: Value): Value {
    return this.compare(0x53, a, b);
  }
  ltu(a: Value, b: Value): Value {
    return this.compare(0x54, a, b);
  }
  ge(a: Value, b: Value): Value {
    return this.compare(0x59, a, b);
  }
  geu(a: Value, b: Value): Value {
    return this.compare(0x5a, a, b);
  }
  word(a: Value): Value {
    if (a.kind === "constant") return constantOf(Number(BigInt.asIntN(32, BigInt(a.constant))));
    const low = this.low(a);
    return low ? operation(I64, I64_EXTEND_I32_S, low) : operation(I64, I64_EXTEND32_S, this.extended(a));
  }

  /** The low half as an i32, computed in 32 bits, which spares the host a truncation; undefined for what it can't be. */
  private low(v: Value): Value | undefined {
    if (v.type === I32) return v;
    if (v.kind === "local") return operation(I32, I32_WRAP, v);
    if (v.kind === "constant") return make("constant", I32, 0, Number(BigInt.asIntN(32, BigInt(v.constant))));
    if (v.kind !== "operation") return undefined;
    if (v.code === I64_EXTEND_I32_U) return v.a;
    const code = NARROW[v.code];
    if (code === undefined || !v.b) return undefined;
    // A shift's amount is taken modulo the width: it must be below 32, and what comes down must be of the low half.
    if (v.code === I64_SHL || v.code === I64_SHR_U) {
      const below =
        v.b.kind === "constant" ? Number(v.b.constant) < 32 : v.b.code === I64_AND && v.b.b?.constant === 31;
      if (!below || (v.code === I64_SHR_U && v.a!.code !== I64_EXTEND_I32_U)) return undefined;
    }
    const [a, b] = [this.low(v.a!), this.low(v.b)];
    return a && b ? operation(I32, code, a, b) : undefined;
  }
  zext(a: Value): Value {
    return operation(I64, I64_EXTEND_I32_U, operation(I32, I32_WRAP, this.extended(a)));
  }
  mulh(a: Value, b: Value): Value {
    // Signed from unsigned: take back the other operand for each negative one.
    const high = this.mulhu(a, b);
    return this.sub(this.sub(high, this.and(this.sar(a, constantOf(63)), b)), this.and(this.sar(b, constantOf(63)), a));
  }
  mulhsu(a: Value, b: Value): Value {
    return this.sub(this.mulhu(a, b), this.and(this.sar(a, constantOf(63)), b));
  }
  /** The schoolbook product of 32-bit halves. */
  mulhu(a: Value, b: Value): Value {
    const [p, q, r, s] = this.at.scratch.wide;
    const high = (v: Value) => this.shr(v, constantOf(32));
    const lowA = this.toLocal(p, this.zext(a));
    const lowB = this.toLocal(q, this.zext(b));
    // p·q / 2^32 + high(a)·q
    const cross = this.toLocal(r, this.add(this.mul(high(a), lowB), high(this.mul(lowA, lowB))));
    const middle = this.toLocal(s, this.add(this.mul(lowA, high(b)), this.zext(cross)));
    return this.add(this.add(this.mul(high(a), high(b)), high(cross)), high(middle));
  }
  div(a: Value, b: Value): Value {
    return this.binary(0x7f, a, b);
  }
  divu(a: Value, b: Value): Value {
    return this.binary(0x80, a, b);
  }
  rem(a: Value, b: Value): Value {
    return this.binary(0x81, a, b);
  }
  remu(a: Value, b: Value): Value {
    return this.binary(0x82, a, b);
  }
  choose(condition: Value, a: () => Value, b: () => Value): Value {
    return make("choose", I64, 0, 0, condition, a(), b());
  }

  // ---- memory ----------------------------------------------------------------------------------------------------

  load(address: Value, size: 1 | 2 | 4 | 8, signed: boolean): Value {
    this.check(address, size, false, false);
    return make("memory", I64, LOADS[size][signed ? 1 : 0], 0);
  }

  store(address: Value, size: 1 | 2 | 4 | 8, v: Value): void {
    this.check(address, size, true, false);
    this.pushPhysical();
    if (size === 8 && v.kind === "operation" && v.code === I64_OF_F64) {
      this.push(v.a!);
      this.body.access(F64_STORE, this.distance);
    } else {
      this.wide(v);
      this.body.access(STORES[size], this.distance);
    }
  }

  private check(address: Value, size: 1 | 2 | 4 | 8, write: boolean, aligned: boolean): void {
    if (!this.access) this.lookUp(address, size, write, aligned);
    else if (this.access.first) this.checkAll(this.access);
  }

  /** All of the group lies in one page, which the TLB has; else the interpreter goes on from here. */
  private checkAll({ group, distance }: Access): void {
    this.lookUp(this.add(this.rs1, constantOf(this.instruction.immediate - distance)), group.span, group.write, false);
    this.found();
    this.body.set(group.physical);
  }

  /** The TLB's test of `size` bytes from an address on, which goes into va. What misses may wait for its page; the rest
   *  is the interpreter's. */
  private lookUp(address: Value, size: number, write: boolean, aligned: boolean): void {
    const { body } = this;
    const { scratch, touch, file } = this.at;
    this.part = write ? TLB_WRITE : TLB_READ;
    this.wide(address);
    body.tee(scratch.va);
    body.get(scratch.va);
    body.byte(I32_WRAP);
    body.i32(8);
    body.byte(0x76); // shr_u
    body.i32((this.part.entries - 1) << 4);
    body.byte(0x71); // and
    body.tee(scratch.entry);
    body.access(0x29, tlbPart(this.part, file));
    body.byte(I64_ADD);
    body.tee(scratch.within);
    body.i64(PAGE_SIZE - size);
    body.byte(0x56); // gt_u
    if (aligned) {
      body.get(scratch.va);
      body.byte(I32_WRAP);
      body.i32(size - 1);
      body.byte(0x71);
      body.byte(0x72); // or
    }
    body.unlikely();
    body.get(scratch.va);
    body.i32((size << 6) | (write ? 16 : 0) | (aligned ? 32 : 0));
    body.call(touch);
    body.byte(0x45); // eqz
    body.open("", 0x04);
    this.at.step();
    body.close();
    body.get(scratch.va);
    body.i64(PAGE_SIZE - 1);
    body.byte(I64_AND);
    body.set(scratch.within);
    body.close();
  }

  amo(address: Value, size: 4 | 8, change: (old: Value) => Value): Value {
    const { body } = this;
    const { physical, wide } = this.at.scratch;
    this.check(address, size, true, true);
    this.pushPhysical();
    body.tee(physical);
    body.access(LOADS[size][1], 0);
    body.set(wide[0]);
    const old = localOf(I64, wide[0]);
    const changed = this.toLocal(wide[1], change(old));
    body.get(physical);
    this.push(changed);
    body.access(STORES[size], 0);
    return old;
  }

  loadReserved(address: Value, size: 4 | 8): Value {
    const { body } = this;
    const { va, wide } = this.at.scratch;
    this.check(address, size, false, true);
    this.pushPhysical();
    body.access(LOADS[size][1], 0);
    body.set(wide[0]);
    this.storeFile(OFFSET_RESERVATION, localOf(I64, va));
    this.storeFile(OFFSET_RESERVED_VALUE, localOf(I64, wide[0]));
    return localOf(I64, wide[0]);
  }

  storeConditional(address: Value, size: 4 | 8, v: Value): Value {
    const { body } = this;
    const { wide, physical } = this.at.scratch;
    const place = this.toLocal(wide[1], address);
    body.i64(1);
    body.set(wide[0]);
    this.push(place);
    this.loadFile(OFFSET_RESERVATION);
    body.byte(I64_EQ);
    this.push(place);
    body.i64(0);
    body.byte(I64_NE);
    body.byte(0x71);
    body.open("", 0x04);
    this.check(place, size, true, true);
    this.pushPhysical();
    body.tee(physical);
    body.access(LOADS[size][1], 0);
    this.loadFile(OFFSET_RESERVED_VALUE);
    if (size === 4) body.byte(I64_EXTEND32_S);
    body.byte(I64_EQ);
    body.open("", 0x04);
    body.get(physical);
    this.wide(v);
    body.access(STORES[size], 0);
    body.i64(0);
    body.set(wide[0]);
    body.close();
    body.close();
    this.storeFile(OFFSET_RESERVATION, ZERO);
    return localOf(I64, wide[0]);
  }

  private loadFile(offset: number): void {
    this.body.i32(0);
    this.body.access(0x29, this.at.file + offset);
  }
  private storeFile(offset: number, v: Value): void {
    this.body.i32(0);
    this.wide(v);
    this.body.access(0x37, this.at.file + offset);
  }

  // ---- control ---------------------------------------------------------------------------------------------------

  jump(target: Value): void {
    this.wide(target);
    this.body.set(this.at.scratch.va);
  }
  branch(condition: Value, _target: Value): void {
    this.taken = condition;
  }
  ecall(): never {
    throw new Error("not translated");
  }
  ebreak(): never {
    throw new Error("not translated");
  }
  fenceI(): never {
    throw new Error("not translated");
  }

  /** fflags, frm and fcsr: fields of one word. */
  csr(change: ((old: Value) => Value) | undefined): Value {
    const { body } = this;
    const { wide } = this.at.scratch;
    if (this.instruction.word >>> 20 === CSR_TIME) {
      body.i32(0);
      this.at.fuel();
      body.access(0x36, this.at.file + FILE_FUEL);
      body.i32(CSR_TIME);
      body.call(this.at.counter);
      body.emit([0xfc, 7]); // i64.trunc_sat_f64_u
      body.set(wide[0]);
      return localOf(I64, wide[0]);
    }
    const [shift, mask] = FLOAT_FIELDS[this.instruction.word >>> 20]!;
    const at = this.at.file + OFFSET_FCSR;
    body.i32(0);
    body.access(0x35, at); // i64.load32_u
    body.i64(shift);
    body.byte(I64_SHR_U);
    body.i64(mask);
    body.byte(I64_AND);
    body.set(wide[0]);
    const old = localOf(I64, wide[0]);
    if (!change) return old;
    const changed = this.toLocal(wide[1], change(old));
    body.i32(0);
    body.i32(0);
    body.access(0x35, at);
    body.i64(~(mask << shift) & 0xff);
    body.byte(I64_AND);
    this.push(changed);
    body.i64(mask);
    body.byte(I64_AND);
    body.i64(shift);
    body.byte(I64_SHL);
    body.byte(I64_OR);
    body.access(0x3e, at); // i64.store32
    this.refreshPlain();
    return old;
  }

  /** fcsr may have changed. */
  refreshPlain(): void {
    const { body } = this;
    body.i32(0);
    body.access(0x28, this.at.file + OFFSET_FCSR);
    body.i32(0xe1);
    body.byte(0x71);
    body.i32(1);
    body.byte(0x46); // eq
    body.set(this.at.plain);
  }

  // ---- floating point --------------------------------------------------------------------------------------------

  unbox(a: Value): Value {
    const register = a.kind === "operation" && a.code === I64_OF_F64 ? this.fRegisterOf(a.a!) : undefined;
    if (register !== undefined && (this.boxed & (1 << register)) !== 0) return this.zext(a);
    const isBoxed = this.eq(this.shr(a, constantOf(32)), constantOf(0xffffffff));
    return make("choose", I64, 0, 0, isBoxed, this.zext(a), constantOf(0x7fc00000));
  }
  /** Which of the instruction's operands a local is. */
  private fRegisterOf(v: Value): number | undefined {
    const { word } = this.instruction;
    return [(word >>> 15) & 31, (word >>> 20) & 31, word >>> 27].find((register) => this.at.f(register) === v.code);
  }
  box(a: Value): Value {
    return operation(I64, I64_OR, this.extended(a), BOX);
  }

  /** What WebAssembly computes is right, flags and all, when `plain` holds and the result is an ordinary number;
   *  else the interpreter's module does it. */
  float(name: FloatOperation, format: Format, ...operands: Value[]): Value {
    return new FloatCode(this.at, this.instruction, format, (v) => this.push(v)).emit(name, operands);
  }
}
