// A task's user registers: a save area in RAM. While a hart runs a context its registers live in the hart's own
// register file, at an address that the interpreter's code holds as a constant; they come home when the hart takes
// another context. The accessors find them in either place.
import type { Ram } from "./ram.ts";

/** Offsets in a register file, bytes. */
export const OFFSET_X = 0;
export const OFFSET_F = 0x100;
export const OFFSET_PC = 0x200;
/** u32: fflags in bits 0 to 4, frm in bits 5 to 7. Unprivileged ISA 21.2. */
export const OFFSET_FCSR = 0x208;
/** u64: the address that lr reserved, 0 for none. */
export const OFFSET_RESERVATION = 0x210;
/** u64: what lr read there. sc stores only if it is still so, which also keeps it right with several harts. */
export const OFFSET_RESERVED_VALUE = 0x218;
export const CONTEXT_SIZE = 0x220;

// In a hart's register file, after the context:
/** u32: the page table's root. */
export const FILE_ROOT = 0x220;
/** u32: what is left of the fuel. */
export const FILE_FUEL = 0x224;
/** After EXIT_FAULT. u64: the address; u32 each: ACCESS_ and FAULT_ (trap.ts). */
export const FILE_FAULT = 0x228;
export const FILE_FAULT_ACCESS = 0x230;
export const FILE_FAULT_KIND = 0x234;
/** u32: the predecoder's tables (interpreter/decode.ts). */
export const FILE_DECODED = 0x238;
/** u32: the address space's table of jumps (jumps.ts). */
export const FILE_JUMPS = 0x23c;
/** u32: whether the float module could do what slowFloat was asked for. */
export const FILE_SLOW = 0x240;
/** u32: the fuel that was left when a translation last left an instruction to the interpreter. */
export const FILE_STEPPED = 0x244;
/** u64: where the interpreter last looked up a target: of a call, a jump out of its page, a return. */
export const FILE_LOOKED_UP = 0x248;
/** A record of the interpreter's: what slowFloat has done. */
export const FILE_RECORD = 0x250;
/** u32: how often translated code came to a place that is not translated; and, of every 1024, one place: a ring of u64. */
export const FILE_LEFT = 0x258;
export const FILE_LEFT_AT = 0x280;
export const LEFT_SHIFT = 10;
export const LEFT_RING = 64;
/** While recording (recording.ts). u64 each: what instruments count; u32: where the next entry of the log goes. */
export const FILE_COUNTS = 0x480;
export const FILE_LOG = 0x498;
/** u32: how often translated code left an instruction to the interpreter; and, of every 64, one place: a ring of u64. */
export const FILE_STEPS = 0x4a0;
export const FILE_STEPS_AT = 0x4a8;
export const STEPS_SHIFT = 6;
export const STEPS_RING = 64;
/** u32: how often an entry of the TLB has been filled since all were emptied; and the addresses of the first of them. */
export const FILE_FILLS = 0x6b0;
export const FILE_FILLED = 0x6b4;
export const MOST_FILLED = 256;
/** The software TLB (page-table.ts). */
export const FILE_TLB = 0x1000;
export const FILE_SIZE = 0xb000;

/** Contexts are cut from frames of the machine's own memory. */
const SLOT = 0x240;

export class Context {
  readonly #ram: Ram;
  readonly #home: number;
  #at: number;
  /** Called to bring the registers home; undefined while they are there. */
  #evict: (() => void) | undefined;

  private constructor(ram: Ram, home: number) {
    this.#ram = ram;
    this.#home = home;
    this.#at = home;
  }

  static create(ram: Ram): Context | undefined {
    const pool = ram.contextPool;
    if (pool.length === 0) {
      const block = ram.allocRaw(SLOT * 64);
      if (block === 0) return undefined;
      for (let i = 63; i >= 0; i--) pool.push(block + i * SLOT);
    }
    const home = pool.pop()!;
    ram.u8.fill(0, home, home + SLOT);
    return new Context(ram, home);
  }

  free(): void {
    this.#evict?.();
    this.#ram.contextPool.push(this.#home);
  }

  /** The hart's side: moves the registers to its file at `at`. Another context ran there: no reservation survives. */
  load(at: number, evict: () => void): void {
    this.#evict?.();
    this.clearReservation();
    this.#ram.u8.copyWithin(at, this.#home, this.#home + CONTEXT_SIZE);
    this.#at = at;
    this.#evict = evict;
  }

  /** The hart's side: brings the registers home. */
  save(): void {
    this.#ram.u8.copyWithin(this.#home, this.#at, this.#at + CONTEXT_SIZE);
    this.#at = this.#home;
    this.#evict = undefined;
  }

  /** Register x[n]. */
  x(n: number): bigint {
    return this.#ram.u64[(this.#at >>> 3) + n]!;
  }

  setX(n: number, value: bigint): void {
    if (n !== 0) this.#ram.u64[(this.#at >>> 3) + n] = value;
  }

  /** x[n] as an unsigned number, exact below 2^53. */
  xn(n: number): number {
    const at = (this.#at >>> 2) + 2 * n;
    return this.#ram.u32[at + 1]! * 0x1_0000_0000 + this.#ram.u32[at]!;
  }

  /** The low 32 bits of x[n], signed. */
  xi(n: number): number {
    return this.#ram.i32[(this.#at >>> 2) + 2 * n]!;
  }

  /** x[n] as a signed number, exact within ±2^53. */
  xs(n: number): number {
    const at = (this.#at >>> 2) + 2 * n;
    return this.#ram.i32[at + 1]! * 0x1_0000_0000 + this.#ram.u32[at]!;
  }

  /** Writes an integer, negative ones sign-extended. */
  setXn(n: number, value: number): void {
    if (n === 0) return;
    const { i32 } = this.#ram;
    const at = (this.#at >>> 2) + 2 * n;
    i32[at] = value;
    i32[at + 1] = value === (value | 0) ? value >> 31 : Math.floor(value / 0x1_0000_0000);
  }

  /** The halves of x[n] as signed numbers: what to keep of it without making a bigint. */
  low(n: number): number {
    return this.#ram.i32[(this.#at >>> 2) + 2 * n]!;
  }
  high(n: number): number {
    return this.#ram.i32[(this.#at >>> 2) + 2 * n + 1]!;
  }
  setHalves(n: number, low: number, high: number): void {
    const at = (this.#at >>> 2) + 2 * n;
    this.#ram.i32[at] = low;
    this.#ram.i32[at + 1] = high;
  }

  /** Moves the pc over an instruction of four bytes. */
  step(): void {
    const { i32 } = this.#ram;
    const at = (this.#at + OFFSET_PC) >>> 2;
    const low = (i32[at]! + 4) | 0;
    i32[at] = low;
    if (low >= 0 && low < 4) i32[at + 1] = i32[at + 1]! + 1;
  }

  get pc(): number {
    const at = (this.#at + OFFSET_PC) >>> 2;
    return this.#ram.u32[at + 1]! * 0x1_0000_0000 + this.#ram.u32[at]!;
  }

  set pc(value: number) {
    const at = (this.#at + OFFSET_PC) >>> 2;
    this.#ram.i32[at] = value;
    this.#ram.i32[at + 1] = Math.floor(value / 0x1_0000_0000);
  }

  /** All 64 bits of the pc. */
  get pcBits(): bigint {
    return this.#ram.u64[(this.#at + OFFSET_PC) >>> 3]!;
  }

  set pcBits(value: bigint) {
    this.#ram.u64[(this.#at + OFFSET_PC) >>> 3] = value & ~1n;
  }

  /** The raw bits of f[n]. */
  f(n: number): bigint {
    return this.#ram.u64[((this.#at + OFFSET_F) >>> 3) + n]!;
  }

  setF(n: number, bits: bigint): void {
    this.#ram.u64[((this.#at + OFFSET_F) >>> 3) + n] = bits;
  }

  get fcsr(): number {
    return this.#ram.u32[(this.#at + OFFSET_FCSR) >>> 2]!;
  }

  set fcsr(value: number) {
    this.#ram.u32[(this.#at + OFFSET_FCSR) >>> 2] = value & 0xff;
  }

  /** Forgets the reservation of lr, as happens when another context runs. */
  clearReservation(): void {
    this.#ram.u64[(this.#at + OFFSET_RESERVATION) >>> 3] = 0n;
  }

  copyFrom(other: Context): void {
    this.#ram.u8.copyWithin(this.#at, other.#at, other.#at + CONTEXT_SIZE);
  }
}
