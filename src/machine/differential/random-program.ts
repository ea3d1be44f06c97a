// Random programs over every row, for the differential tests: short, ending in ebreak, branching only forward, with
// pointers into a data page in x2, x8 and x9, and floating-point registers full of edge cases.
import { expand } from "../isa/compressed.ts";
import { rowOf, rows } from "../isa/index.ts";
import type { Row } from "../isa/row.ts";

export const CODE_ADDRESS = 0x10000000;
export const CODE_BYTES = 256;
/** Two pages; the data lies across their border. */
export const DATA_ADDRESS = 0x20000000;
export const DATA_BYTES = 1024;
const DATA_MIDDLE = DATA_ADDRESS + 4096;

export interface Program {
  readonly x: bigint[];
  readonly f: bigint[];
  readonly fcsr: number;
  readonly data: Uint8Array;
  readonly code: Uint8Array;
}

export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  /** Marsaglia's xorshift over a Weyl sequence: 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  below(n: number): number {
    return this.next() % n;
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  bits64(): bigint {
    return (BigInt(this.next()) << 32n) | BigInt(this.next());
  }
}

const X_EDGES = [
  0n,
  1n,
  2n,
  31n,
  32n,
  63n,
  0x7fn,
  0x80n,
  0x7fffn,
  0x8000n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffff80000000n,
  0xffffffffffffffffn,
  0xfffffffffffffffen,
  1n << 24n,
  (1n << 24n) + 1n,
  1n << 53n,
  (1n << 53n) + 1n,
  (1n << 63n) - 512n,
];

const D_EDGES = [
  0x0000000000000000n, // 0
  0x0000000000000001n, // least subnormal
  0x000fffffffffffffn, // largest subnormal
  0x0010000000000000n, // least normal
  0x0010000000000001n,
  0x0020000000000000n,
  0x1ff0000000000000n, // 2^-512
  0x3c90000000000000n,
  0x3ca0000000000000n, // 2^-53
  0x3cb0000000000000n,
  0x3fe0000000000000n, // 0.5
  0x3fefffffffffffffn,
  0x3ff0000000000000n, // 1
  0x3ff0000000000001n,
  0x3ff8000000000000n, // 1.5
  0x4000000000000000n, // 2
  0x4004000000000000n, // 2.5
  0x4008000000000000n, // 3
  0x400921fb54442d18n, // pi
  0x41dfffffffc00000n, // 2^31 − 1
  0x41dfffffffe00000n, // 2^31 − 0.5
  0x41e0000000000000n, // 2^31
  0x41efffffffe00000n, // 2^32 − 1
  0x41f0000000000000n, // 2^32
  0x4330000000000001n, // 2^52 + 1
  0x4340000000000000n, // 2^53
  0x43e0000000000000n, // 2^63
  0x43f0000000000000n, // 2^64
  0x5fe0000000000000n, // 2^511
  0x47efffffe0000000n, // largest single
  0x47effffff0000000n,
  0x3810000000000000n, // least normal single
  0x380fffffe0000000n,
  0x36a0000000000000n, // least subnormal single
  0x7fe0000000000000n,
  0x7fefffffffffffffn, // largest
  0x7ff0000000000000n, // infinity
  0x7ff0000000000001n, // signalling
  0x7ff8000000000000n, // quiet
  0x7ffc123456789abcn,
];

const S_EDGES = [
  0x00000000, 0x00000001, 0x007fffff, 0x00800000, 0x00800001, 0x01000000, 0x33800000, 0x34000000, 0x3f000000,
  0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, 0x40000000, 0x40490fdb, 0x4b800000, 0x4b7fffff, 0x4effffff,
  0x4f000000, 0x4f7fffff, 0x4f800000, 0x5f000000, 0x5f800000, 0x7e800000, 0x7f7fffff, 0x7f800000, 0x7f800001,
  0x7fc00000, 0x7fabcdef,
];

const BOX = 0xffffffff00000000n;
const F64 = new Float64Array(1);
const U64 = new BigUint64Array(F64.buffer);

export function randomX(r: Random): bigint {
  if (r.chance(50)) return r.pick(X_EDGES);
  const v = r.bits64();
  return r.chance(50) ? v >> BigInt(r.below(64)) : BigInt.asUintN(64, BigInt.asIntN(64, v) >> BigInt(r.below(64)));
}

export function randomF(r: Random, moderate: boolean): bigint {
  const sign = r.chance(50);
  if (moderate) {
    // everyday numbers, so that results are in range: small integers, halves, and random significands near 1
    F64[0] = r.pick([
      () => r.below(100),
      () => r.below(4096) / 16,
      () => r.next() / 2 ** 20,
      () => r.next() * 2 ** -40,
    ])();
    if (sign) F64[0] = -F64[0]!;
    if (r.chance(50)) return U64[0]!;
    const single = new DataView(new ArrayBuffer(4));
    single.setFloat32(0, F64[0]!);
    return BOX | BigInt(single.getUint32(0));
  }
  if (r.chance(45)) return r.pick(D_EDGES) | (sign ? 1n << 63n : 0n);
  if (r.chance(70)) return BOX | BigInt(r.pick(S_EDGES)) | (sign ? 1n << 31n : 0n);
  if (r.chance(50)) return BOX | BigInt(r.next());
  return r.bits64();
}

const set = (word: number, shift: number, width: number, value: number) =>
  ((word & ~(((1 << width) - 1) << shift)) | ((value & ((1 << width) - 1)) << shift)) >>> 0;

const POINTERS = [2, 8, 9];

function destination(r: Random): number {
  const rd = r.below(32);
  return POINTERS.includes(rd) && !(r.chance(3) && rd === 8) ? 10 + r.below(6) : rd;
}

export const B = (offset: number) =>
  (((offset & 0x1000) << 19) | ((offset & 0x7e0) << 20) | ((offset & 0x1e) << 7) | ((offset & 0x800) >> 4)) >>> 0;
export const J = (offset: number) =>
  (((offset & 0x100000) << 11) | ((offset & 0x7fe) << 20) | ((offset & 0x800) << 9) | (offset & 0xff000)) >>> 0;

/** A word of the row with random operands. */
export function randomWord(r: Random, row: Row): number {
  let word = (row.match | (r.next() & ~row.mask)) >>> 0;
  const opcode = word & 0x7f;
  const float = opcode >= 0x43 && opcode <= 0x53;
  if (float && (row.mask & 0x7000) === 0) word = set(word, 12, 3, r.chance(60) ? 7 : r.below(r.chance(5) ? 8 : 5));
  if (row.shape !== "S" && row.shape !== "B" && (row.mask & 0xf80) === 0) word = set(word, 7, 5, destination(r));
  // a pointer to the code would make programs that write themselves
  if (opcode === 0x6f || opcode === 0x17) word = set(word, 7, 5, 3 + r.below(5));
  if (opcode === 0x07) word = set(word, 7, 5, r.below(32));
  if (row.shape === "S" || opcode === 0x03 || opcode === 0x07) {
    if (r.chance(2)) word = set(word, 15, 5, 10 + r.below(20));
    else {
      word = set(word, 15, 5, r.pick(POINTERS));
      const offset = r.below(200) - 100;
      if (row.shape === "S") word = set(set(word, 7, 5, offset), 25, 7, offset >> 5);
      else word = set(word, 20, 12, offset);
    }
  }
  // qemu holds −1 for no reservation, and takes an sc there for one that is held
  if (opcode === 0x2f) word = set(word, 15, 5, row.name.startsWith("sc") || r.chance(97) ? 9 : 10 + r.below(20));
  if (row.shape === "csr") word = set(word, 20, 12, r.pick([1, 1, 2, 3, 3, r.below(4096)]));
  return word;
}

/** Those the runner can't compare: they leave the machine, or depend on when they are executed. */
const LEFT_OUT = new Set(["ecall", "jalr"]);
const chosen = rows.filter((row) => !LEFT_OUT.has(row.name));

export function compressedIsPlain(word: number): boolean {
  const full = expand(word);
  const row = full === 0 ? undefined : rowOf(full);
  if (!row || LEFT_OUT.has(row.name) || row.shape === "B" || row.shape === "J" || row.name === "ebreak") return false;
  const rd = (full >>> 7) & 31;
  if (row.shape !== "S" && POINTERS.includes(rd) && (full & 0x7f) !== 0x07) return false;
  const isMemory = row.shape === "S" || (full & 0x7f) === 0x03 || (full & 0x7f) === 0x07;
  return !isMemory || POINTERS.includes((full >>> 15) & 31);
}

export function timers(word: number): boolean {
  const number = word >>> 20;
  return (word & 0x7f) === 0x73 && (number === 0xc00 || number === 0xc01 || number === 0xc02);
}

/** `rows` narrows the choice; `length` counts instructions. */
export function randomProgram(r: Random, length: number, from: readonly Row[] = chosen): Program {
  const x = Array.from({ length: 32 }, (_, i) => (i === 0 ? 0n : randomX(r)));
  x[2] = BigInt(DATA_MIDDLE - 256);
  x[8] = BigInt(DATA_MIDDLE + r.below(64) - 32);
  x[9] = BigInt(DATA_MIDDLE + (r.below(32) - 16) * 8);
  const moderate = r.chance(40);
  const f = Array.from({ length: 32 }, () => randomF(r, moderate));
  const mode = r.chance(60) ? 0 : r.below(r.chance(10) ? 8 : 5);
  const fcsr = (mode << 5) | (r.chance(50) ? r.below(32) : r.pick([0, 1]));
  const data = new Uint8Array(DATA_BYTES).map(() => r.next());

  const words: { word: number; size: 2 | 4; row: Row | undefined; at: number }[] = [];
  // What sc does after an lr of another size is left open, and qemu's answer is a strange one.
  const otherSize =
    from === chosen
      ? r.pick([
          ["lr.w", "sc.w"],
          ["lr.d", "sc.d"],
        ])
      : [];
  let at = 0;
  const push = (word: number, size: 2 | 4, row?: Row) => {
    words.push({ word, size, row, at });
    at += size;
  };
  while (words.length < length) {
    if (r.chance(25) && from === chosen) {
      const word = r.next() & 0xffff;
      if ((word & 3) !== 3 && compressedIsPlain(word)) push(word, 2);
      continue;
    }
    const row = r.pick(from);
    if (row.name === "ebreak" && !r.chance(10)) continue;
    if (otherSize.includes(row.name)) continue;
    const word = randomWord(r, row);
    if (!timers(word)) push(word, 4, row);
  }
  words.push({ word: 0x9002, size: 2, row: undefined, at }); // c.ebreak
  const code = new Uint8Array(CODE_BYTES);
  const view = new DataView(code.buffer);
  words.forEach((instruction, i) => {
    const { row, size } = instruction;
    let { word } = instruction;
    if (row?.shape === "B" || row?.shape === "J") {
      const to = words[i + 1 + r.below(Math.min(4, words.length - i - 1))]!.at - instruction.at;
      word = row.shape === "B" ? ((word & 0x1fff07f) | B(to)) >>> 0 : ((word & 0xfff) | J(to)) >>> 0;
    }
    if (size === 2) view.setUint16(instruction.at, word, true);
    else view.setUint32(instruction.at, word, true);
  });
  return { x, f, fcsr, data, code };
}
