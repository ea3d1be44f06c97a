// The translator's backend of the rows. A value is a small tree that is emitted where it is used; operands are constants
// and locals, f-registers are f64 locals that hold the raw bits.
import { FILE_SLOW, OFFSET_FCSR, OFFSET_RESERVATION, OFFSET_RESERVED_VALUE } from "../context.ts";
import { floatNumber } from "../interpreter/plan.ts";
import type { FloatOperation, Format, Operations } from "../isa/row.ts";
import { S } from "../isa/row.ts";
import { TLB_READ, TLB_WRITE } from "../page-table.ts";
import { type Body, F32, F64, I32, I64, type ValueType } from "../wasm/encoder.ts";
import type { Instruction } from "./region.ts";

type Type = ValueType;

/** An expression: a local, a constant, or an opcode over one to three others. */
export interface Value {
  readonly kind: "local" | "constant" | "operation" | "memory" | "choose";
  readonly type: Type;
  /** Of an operation or a load: the opcode; of a local: its number. */
  readonly code: number;
  readonly constant: number | bigint;
  readonly a: Value | undefined;
  readonly b: Value | undefined;
  readonly c: Value | undefined;
}

const make = (
  kind: Value["kind"],
  type: Type,
  code: number,
  constant: number | bigint,
  a?: Value,
  b?: Value,
  c?: Value,
): Value => ({ kind, type, code, constant, a, b, c });
const localOf = (type: Type, local: number): Value => make("local", type, local, 0);
const constantOf = (n: number | bigint): Value => make("constant", I64, 0, n);
const operation = (type: Type, code: number, a: Value, b?: Value): Value => make("operation", type, code, 0, a, b);

const ZERO = constantOf(0);
const SIGN = constantOf(-(1n << 63n));
const MAGNITUDE = constantOf((1n << 63n) - 1n);
const BOX = constantOf(-0x1_0000_0000);

// Opcodes. WebAssembly Core Specification 2.0, 5.4.
const I64_EQZ = 0x50;
const I64_EQ = 0x51;
const I64_NE = 0x52;
const I32_WRAP = 0xa7;
const I64_EXTEND_I32_U = 0xad;
const I64_EXTEND32_S = 0xc4;
const I64_ADD = 0x7c;
const I64_SUB = 0x7d;
const I64_MUL = 0x7e;
const I64_AND = 0x83;
const I64_OR = 0x84;
const I64_XOR = 0x85;
const I64_SHL = 0x86;
const I64_SHR_U = 0x88;
const I64_OF_F64 = 0xbd;
const F64_OF_I64 = 0xbf;
const I32_OF_F32 = 0xbc;
const F32_OF_I32 = 0xbe;
const F64_COPYSIGN = 0xa6;
const F64_NEG = 0x9a;

const LOADS = {
  1: [0x31, 0x30],
  2: [0x33, 0x32],
  4: [0x35, 0x34],
  8: [0x29, 0x29],
} as const;
const STORES = { 1: 0x3c, 2: 0x3d, 4: 0x3e, 8: 0x37 } as const;
const F64_LOAD = 0x2b;
const F64_STORE = 0x39;

/** Locals that an instruction may use while it is done. */
export interface Scratch {
  readonly va: number;
  readonly entry: number;
  readonly physical: number;
  readonly wide: readonly [number, number, number, number];
  readonly double: readonly [number, number, number, number];
  readonly single: readonly [number, number, number, number];
}

export function scratchOf(body: Body): Scratch {
  const four = (type: Type) => [body.local(type), body.local(type), body.local(type), body.local(type)] as const;
  return {
    ...{ va: body.local(I64), entry: body.local(I32), physical: body.local(I32) },
    ...{ wide: four(I64), double: four(F64), single: four(F32) },
  };
}

/** Accesses of a block whose addresses differ by constants: one page, looked up once. */
export interface Group {
  /** The smallest offset, and how many bytes from there on are accessed. */
  readonly low: number;
  readonly span: number;
  /** One of them stores. Who may write may read. */
  readonly write: boolean;
  /** The local of the physical address at the smallest offset, once it is known. */
  readonly physical: number;
  known: boolean;
}

/** What the instruction is done in. */
export interface Surroundings {
  readonly body: Body;
  /** Address of the register file. */
  readonly file: number;
  readonly tlb: number;
  /** The local that holds the address of the region's first page. */
  readonly base: number;
  /** The local of an x-register other than x0, and of an f-register. */
  x(register: number): number;
  f(register: number): number;
  /** Nonzero: rounding is to nearest, and NX is set, so that nothing need be found out about it. */
  readonly plain: number;
  readonly scratch: Scratch;
  /** touch(va, write << 4 | aligned << 5 | size << 6, tlb): 1 when the TLB has the page now. */
  readonly touch: number;
  /** slowFloat(number, a, b, c): the interpreter's way; FILE_SLOW says whether it could. */
  readonly slowFloat: number;
  /** The host's relaxed_madd is fused. */
  readonly fusedMadd: boolean;
  /** Emits the way to the interpreter, which does the instruction instead: inside an if. */
  step(): void;
}

const ROUNDINGS = ["nearest", "zero", "down", "up"] as const;
const INTEGER_RANGE = {
  toW: [-(2 ** 31), 2 ** 31],
  toWu: [0, 2 ** 32],
  toL: [-(2 ** 63), 2 ** 63],
  toLu: [0, 2 ** 64],
} as const;
const FLOAT_FIELDS: Record<number, readonly [shift: number, mask: number]> = { 1: [0, 0x1f], 2: [5, 7], 3: [0, 0xff] };
/** In the number of slowFloat: the result is an x-register's. */
export const SLOW_TO_X = 0x100;

export class TranslatorEmitter implements Operations<Value> {
  /** What the meaning did: the target of a jump is in the local va. */
  taken: Value | undefined;
  /** The access that is done belongs to others through the same base: checked together, at the first. */
  group: Group | undefined;

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

  run(instruction: Instruction, group?: Group): void {
    this.instruction = instruction;
    this.group = group;
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
        body.i64(v.constant);
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
    const { va, entry } = this.at.scratch;
    if (this.group) {
      this.body.get(this.group.physical);
      return;
    }
    this.body.get(va);
    this.body.byte(I32_WRAP);
    this.body.get(entry);
    this.body.access(0x28, this.part.at + 8);
    this.body.byte(0x6a);
  }
  private part = TLB_READ;
  /** Bytes from the group's smallest offset. */
  private get distance(): number {
    return this.group ? this.instruction.immediate - this.group.low : 0;
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
    return operation(I64, I64_EXTEND32_S, this.extended(a));
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

  /** The TLB's test of an address, which goes into va. What misses may be misaligned within its page, which is fine, or
   *  wait for its page; the rest is the interpreter's. */
  private check(address: Value, size: 1 | 2 | 4 | 8, write: boolean, aligned: boolean): void {
    const { body } = this;
    const { scratch, touch } = this.at;
    if (this.group) {
      if (!this.group.known) this.checkGroup(this.group);
      return;
    }
    this.wide(address);
    body.set(scratch.va);
    this.entryFor(write);
    body.get(scratch.va);
    body.i64(-4096 | (size - 1));
    body.byte(I64_AND);
    body.byte(I64_NE);
    body.unlikely();
    body.get(scratch.va);
    body.i32((size << 6) | (write ? 16 : 0) | (aligned ? 32 : 0));
    body.get(this.at.tlb);
    body.call(touch);
    body.byte(0x45); // eqz
    body.open("", 0x04);
    this.at.step();
    body.close();
    body.close();
  }

  /** Finds the TLB's entry for va, and pushes its tag. */
  private entryFor(write: boolean): void {
    const { body } = this;
    const { scratch, tlb } = this.at;
    this.part = write ? TLB_WRITE : TLB_READ;
    body.get(scratch.va);
    body.byte(I32_WRAP);
    body.i32(8);
    body.byte(0x76); // shr_u
    body.i32((this.part.entries - 1) << 4);
    body.byte(0x71); // and
    body.get(tlb);
    body.byte(0x6a); // add
    body.tee(scratch.entry);
    body.access(0x29, this.part.at);
  }

  /** All of the group lies in one page, which the TLB has; else the interpreter goes on from here. */
  private checkGroup(group: Group): void {
    const { body } = this;
    const { scratch, touch, tlb } = this.at;
    group.known = true;
    this.wide(this.add(this.rs1, constantOf(group.low)));
    body.set(scratch.va);
    this.entryFor(group.write);
    body.get(scratch.va);
    body.i64(-4096);
    body.byte(I64_AND);
    body.byte(I64_NE);
    body.get(scratch.va);
    body.i64(group.span - 1);
    body.byte(I64_ADD);
    body.get(scratch.va);
    body.byte(I64_XOR);
    body.i64(4096);
    body.byte(0x5a); // ge_u
    body.byte(0x72);
    body.unlikely();
    body.get(scratch.va);
    body.i32((group.span << 6) | (group.write ? 16 : 0));
    body.get(tlb);
    body.call(touch);
    body.byte(0x45);
    body.open("", 0x04);
    this.at.step();
    body.close();
    body.close();
    body.get(scratch.va);
    body.byte(I32_WRAP);
    body.get(scratch.entry);
    body.access(0x28, this.part.at + 8);
    body.byte(0x6a);
    body.set(group.physical);
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

/** One operation in floating point. */
class FloatCode {
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
