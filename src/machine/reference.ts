// The reference backend: an instruction's meaning on BigInt, slow and obviously right. It is one half of the
// differential tests, and the interpreter hands it whatever it has no fast path for: a refused or misaligned access,
// CSRs, floating point outside the common case.
// Registers live in a register file in RAM (context.ts); a value is a bigint in 0 ≤ v < 2^64.
import {
  FILE_FAULT,
  FILE_FAULT_ACCESS,
  FILE_FAULT_KIND,
  OFFSET_F,
  OFFSET_FCSR,
  OFFSET_PC,
  OFFSET_RESERVATION,
  OFFSET_RESERVED_VALUE,
} from "./context.ts";
import { expand } from "./isa/compressed.ts";
import { immediateOf, rowOf } from "./isa/index.ts";
import type { FloatOperation, Format, Operations } from "./isa/row.ts";
import { type PageTable, PTE_A, PTE_D, PTE_R, PTE_V, PTE_W, PTE_X, USER_TOP } from "./page-table.ts";
import type { Ram } from "./ram.ts";
import { float, ROUND_DYNAMIC } from "./softfloat.ts";
import {
  ACCESS_EXECUTE,
  ACCESS_READ,
  ACCESS_WRITE,
  type Access,
  CONTINUE,
  EXIT_EBREAK,
  EXIT_ECALL,
  EXIT_FAULT,
  EXIT_FENCE_I,
  EXIT_ILLEGAL,
  FAULT_MISALIGNED,
  FAULT_PAGE,
  FAULT_RANGE,
} from "./trap.ts";

const u64 = (v: bigint) => BigInt.asUintN(64, v);
const s64 = (v: bigint) => BigInt.asIntN(64, v);
const flag = (v: boolean) => (v ? 1n : 0n);
const NEEDED = [PTE_R, PTE_W, PTE_X] as const;

/** Leaves an instruction half-way: it had no effect. Never seen outside step(). */
class Trap {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/** What CSRs read: instructions retired so far, and the time in ticks. */
export interface Counters {
  instret(): number;
  time(): number;
}

export class Reference implements Operations<bigint> {
  table!: PageTable;
  counters: Counters;
  /** The instruction of the last step: for EXIT_ILLEGAL its own 16 or 32 bits. */
  instruction = 0;

  readonly #ram: Ram;
  readonly #file: number;
  #word = 0;
  #length = 4;
  #immediate = 0n;
  #pc = 0n;
  #nextPc = 0n;
  #exit = CONTINUE;

  /** `file`: address of the register file. */
  constructor(ram: Ram, file: number, counters: Counters) {
    this.#ram = ram;
    this.#file = file;
    this.counters = counters;
  }

  /** Executes the instruction at pc. CONTINUE: done, and pc moved on; else a trap, with pc at the instruction. */
  step(): number {
    this.#pc = this.#ram.u64[(this.#file + OFFSET_PC) >>> 3]!;
    try {
      this.#fetch();
      const row = rowOf(this.#word);
      if (!row) return EXIT_ILLEGAL;
      this.#immediate = u64(BigInt(immediateOf(row, this.#word)));
      this.#nextPc = this.next;
      this.#exit = CONTINUE;
      row.meaning(this);
    } catch (error) {
      if (error instanceof Trap) return error.code;
      throw error;
    }
    if (this.#exit === CONTINUE) this.#ram.u64[(this.#file + OFFSET_PC) >>> 3] = this.#nextPc;
    return this.#exit;
  }

  /** 1.5: the low two bits of the first halfword tell the length. */
  #fetch(): void {
    const low = this.#fetchHalf(this.#pc);
    this.instruction = low;
    if ((low & 3) !== 3) {
      this.#length = 2;
      this.#word = expand(low);
      return;
    }
    this.#length = 4;
    this.#word = (low | (this.#fetchHalf(u64(this.#pc + 2n)) << 16)) >>> 0;
    this.instruction = this.#word;
  }

  #fetchHalf(address: bigint): number {
    return this.#ram.u16[this.#translate(address, ACCESS_EXECUTE) >>> 1]!;
  }

  /** The physical address, with A and D set as the hardware does. */
  #translate(address: bigint, access: Access): number {
    if (address >= BigInt(USER_TOP)) this.#fault(address, access, FAULT_RANGE);
    const va = Number(address);
    const pte = this.table.get(va);
    if (!(pte & PTE_V) || !(pte & NEEDED[access])) this.#fault(address, access, FAULT_PAGE);
    this.table.mark(va, access === ACCESS_WRITE ? PTE_A | PTE_D : PTE_A);
    const address32 = ((pte & ~0xfff) | (va & 0xfff)) >>> 0;
    if (access === ACCESS_WRITE) this.#ram.markWritten(address32);
    return address32;
  }

  #fault(address: bigint, access: Access, kind: number): never {
    this.#ram.u64[(this.#file + FILE_FAULT) >>> 3] = address;
    this.#ram.u32[(this.#file + FILE_FAULT_ACCESS) >>> 2] = access;
    this.#ram.u32[(this.#file + FILE_FAULT_KIND) >>> 2] = kind;
    throw new Trap(EXIT_FAULT);
  }

  #illegal(): never {
    throw new Trap(EXIT_ILLEGAL);
  }

  // ---- operands and results --------------------------------------------------------------------------------------

  #x(n: number): bigint {
    return this.#ram.u64[(this.#file >>> 3) + n]!;
  }

  #f(n: number): bigint {
    return this.#ram.u64[((this.#file + OFFSET_F) >>> 3) + n]!;
  }

  get rs1(): bigint {
    return this.#x((this.#word >>> 15) & 31);
  }
  get rs2(): bigint {
    return this.#x((this.#word >>> 20) & 31);
  }
  get fs1(): bigint {
    return this.#f((this.#word >>> 15) & 31);
  }
  get fs2(): bigint {
    return this.#f((this.#word >>> 20) & 31);
  }
  get fs3(): bigint {
    return this.#f(this.#word >>> 27);
  }
  get zimm(): bigint {
    return BigInt((this.#word >>> 15) & 31);
  }
  get rs1IsZero(): boolean {
    return ((this.#word >>> 15) & 31) === 0;
  }
  get imm(): bigint {
    return this.#immediate;
  }
  get pc(): bigint {
    return this.#pc;
  }
  get next(): bigint {
    return u64(this.#pc + BigInt(this.#length));
  }

  rd(value: bigint): void {
    const n = (this.#word >>> 7) & 31;
    if (n !== 0) this.#ram.u64[(this.#file >>> 3) + n] = value;
  }

  fd(value: bigint): void {
    this.#ram.u64[((this.#file + OFFSET_F) >>> 3) + ((this.#word >>> 7) & 31)] = value;
  }

  // ---- integers --------------------------------------------------------------------------------------------------

  constant = (value: number): bigint => u64(BigInt(value));
  add = (a: bigint, b: bigint): bigint => u64(a + b);
  sub = (a: bigint, b: bigint): bigint => u64(a - b);
  mul = (a: bigint, b: bigint): bigint => u64(a * b);
  and = (a: bigint, b: bigint): bigint => a & b;
  or = (a: bigint, b: bigint): bigint => a | b;
  xor = (a: bigint, b: bigint): bigint => a ^ b;
  not = (a: bigint): bigint => u64(~a);
  shl = (a: bigint, amount: bigint): bigint => u64(a << (amount & 63n));
  shr = (a: bigint, amount: bigint): bigint => a >> (amount & 63n);
  sar = (a: bigint, amount: bigint): bigint => u64(s64(a) >> (amount & 63n));
  eq = (a: bigint, b: bigint): bigint => flag(a === b);
  ne = (a: bigint, b: bigint): bigint => flag(a !== b);
  lt = (a: bigint, b: bigint): bigint => flag(s64(a) < s64(b));
  ltu = (a: bigint, b: bigint): bigint => flag(a < b);
  ge = (a: bigint, b: bigint): bigint => flag(s64(a) >= s64(b));
  geu = (a: bigint, b: bigint): bigint => flag(a >= b);
  word = (a: bigint): bigint => u64(BigInt.asIntN(32, a));
  zext = (a: bigint): bigint => BigInt.asUintN(32, a);
  mulh = (a: bigint, b: bigint): bigint => u64((s64(a) * s64(b)) >> 64n);
  mulhu = (a: bigint, b: bigint): bigint => (a * b) >> 64n;
  mulhsu = (a: bigint, b: bigint): bigint => u64((s64(a) * b) >> 64n);
  div = (a: bigint, b: bigint): bigint => u64(s64(a) / s64(b));
  divu = (a: bigint, b: bigint): bigint => a / b;
  rem = (a: bigint, b: bigint): bigint => u64(s64(a) % s64(b));
  remu = (a: bigint, b: bigint): bigint => a % b;

  choose = (condition: bigint, a: () => bigint, b: () => bigint): bigint => (condition !== 0n ? a() : b());

  // ---- memory ----------------------------------------------------------------------------------------------------

  load(address: bigint, size: 1 | 2 | 4 | 8, signed: boolean): bigint {
    const at = this.#locate(address, size, ACCESS_READ);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#ram.u8[at[i]!]!);
    return signed ? u64(BigInt.asIntN(size * 8, value)) : value;
  }

  store(address: bigint, size: 1 | 2 | 4 | 8, value: bigint): void {
    const at = this.#locate(address, size, ACCESS_WRITE);
    for (let i = 0; i < size; i++) this.#ram.u8[at[i]!] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  amo(address: bigint, size: 4 | 8, change: (old: bigint) => bigint): bigint {
    const old = this.#loadAtomic(address, size, ACCESS_WRITE);
    this.store(address, size, change(old));
    return old;
  }

  loadReserved(address: bigint, size: 4 | 8): bigint {
    const old = this.#loadAtomic(address, size, ACCESS_READ);
    this.#ram.u64[(this.#file + OFFSET_RESERVATION) >>> 3] = address;
    this.#ram.u64[(this.#file + OFFSET_RESERVED_VALUE) >>> 3] = old;
    return old;
  }

  /** 13.2: success only when the reservation is for this address and nothing else was stored there; then it is gone. */
  storeConditional(address: bigint, size: 4 | 8, value: bigint): bigint {
    const reservation = (this.#file + OFFSET_RESERVATION) >>> 3;
    let held = address !== 0n && this.#ram.u64[reservation] === address;
    if (held) {
      const reserved = this.#ram.u64[(this.#file + OFFSET_RESERVED_VALUE) >>> 3]!;
      const now = this.#loadAtomic(address, size, ACCESS_WRITE);
      held = now === (size === 8 ? reserved : this.word(reserved));
      if (held) this.store(address, size, value);
    }
    this.#ram.u64[reservation] = 0n;
    return flag(!held);
  }

  #loadAtomic(address: bigint, size: 4 | 8, access: Access): bigint {
    this.#align(address, size, access);
    const at = this.#translate(address, access);
    return size === 8 ? this.#ram.u64[at >>> 3]! : u64(BigInt(this.#ram.i32[at >>> 2]!));
  }

  #align(address: bigint, size: number, access: Access): void {
    if (address % BigInt(size) !== 0n) this.#fault(address, access, FAULT_MISALIGNED);
  }

  /** The physical address of each byte: all are known before any is touched. */
  #locate(address: bigint, size: number, access: Access): number[] {
    const at: number[] = [];
    for (let i = 0; i < size; i++) at.push(this.#translate(u64(address + BigInt(i)), access));
    return at;
  }

  // ---- control ---------------------------------------------------------------------------------------------------

  jump(target: bigint): void {
    this.#nextPc = target;
  }

  branch(condition: bigint, target: bigint): void {
    if (condition !== 0n) this.#nextPc = target;
  }

  ecall(): void {
    this.#exit = EXIT_ECALL;
  }

  ebreak(): void {
    this.#exit = EXIT_EBREAK;
  }

  fenceI(): void {
    this.#exit = EXIT_FENCE_I;
  }

  /** 21.2: fflags, frm, fcsr are read and written; 7: cycle, time, instret are read. All else is illegal. */
  csr(change: ((old: bigint) => bigint) | undefined): bigint {
    const number = this.#word >>> 20;
    const fcsr = this.fcsr;
    switch (number) {
      case 0x001: {
        const old = BigInt(fcsr & 0x1f);
        if (change) this.fcsr = (fcsr & 0xe0) | Number(change(old) & 0x1fn);
        return old;
      }
      case 0x002: {
        const old = BigInt(fcsr >>> 5);
        if (change) this.fcsr = (fcsr & 0x1f) | (Number(change(old) & 7n) << 5);
        return old;
      }
      case 0x003: {
        const old = BigInt(fcsr);
        if (change) this.fcsr = Number(change(old) & 0xffn);
        return old;
      }
    }
    if (change) this.#illegal();
    switch (number) {
      case 0xc00: // cycle: one instruction, one cycle
      case 0xc02: // instret
        return BigInt(this.counters.instret());
      case 0xc01: // time
        return BigInt(this.counters.time());
      default:
        return this.#illegal();
    }
  }

  // ---- floating point --------------------------------------------------------------------------------------------

  get fcsr(): number {
    return this.#ram.u32[(this.#file + OFFSET_FCSR) >>> 2]!;
  }

  set fcsr(value: number) {
    this.#ram.u32[(this.#file + OFFSET_FCSR) >>> 2] = value;
  }

  /** 22.2: a single that is not boxed in ones reads as the canonical NaN. */
  unbox = (a: bigint): bigint => (a >> 32n === 0xffffffffn ? a & 0xffffffffn : 0x7fc00000n);
  box = (a: bigint): bigint => (a & 0xffffffffn) | 0xffffffff00000000n;

  float(operation: FloatOperation, format: Format, ...operands: bigint[]): bigint {
    const fcsr = this.fcsr;
    let mode = (this.#word >>> 12) & 7;
    // 21.2: an illegal dynamic mode is an illegal instruction, for those that round.
    if (mode === ROUND_DYNAMIC) mode = fcsr >>> 5;
    if (mode > 4) this.#illegal();
    const { bits, flags } = float(operation, format, mode, operands);
    if (flags !== 0) this.fcsr = fcsr | flags;
    return u64(bits);
  }
}
