// Random programs with control flow over three pages of code: loops, calls, returns to somewhere else, jumps through
// registers and tables, and runs of accesses through one base that cross pages, miss, and fault in the middle.
import { rows } from "../isa/index.ts";
import { B, compressedIsPlain, J, type Random, randomF, randomWord, randomX, timers } from "./random-program.ts";

export const PAGE = 4096;
export const CODE_ADDRESS = 0x10000000;
export const CODE_PAGES = 3;
/** Two pages to read and write; behind them nothing. */
export const DATA_ADDRESS = 0x20000000;
export const DATA_PAGES = 2;
/** A page that can only be read; its first words are addresses of code. */
export const TABLE_ADDRESS = 0x30000000;
const TABLE_ENTRIES = 16;

/** Registers that programs keep: x22 points to the end of the data, x23 to the table, x20 counts. */
const KEPT = [1, 2, 5, 8, 9, 20, 22, 23];
const BASES = [2, 8, 9, 22, 23];
const COUNTER = 20;
const TABLE = 23;

export interface FlowProgram {
  readonly code: Uint8Array;
  readonly table: Uint8Array;
  /** Where blocks begin: offsets. */
  readonly starts: readonly number[];
}

export interface FlowState {
  readonly x: bigint[];
  readonly f: bigint[];
  readonly fcsr: number;
  readonly pc: number;
}

const LEFT_OUT = new Set(["jalr", "ebreak", "ecall", "fence.i", "jal"]);
const straight = rows.filter((row) => row.shape !== "B" && !LEFT_OUT.has(row.name));
const integer = straight.filter((row) => (row.match & 0x7f) === 0x13 || (row.match & 0x7f) === 0x33);
const accesses = straight.filter((row) => [0x03, 0x07, 0x23, 0x27].includes(row.match & 0x7f));
const branches = rows.filter((row) => row.shape === "B");

const I = (imm: number, rs1: number, f3: number, rd: number, opcode: number): number =>
  (((imm & 0xfff) << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | opcode) >>> 0;
const jalr = (rd: number, rs1: number, imm = 0): number => I(imm, rs1, 0, rd, 0x67);
const addi = (rd: number, rs1: number, imm: number): number => I(imm, rs1, 0, rd, 0x13);
const ld = (rd: number, rs1: number, imm: number): number => I(imm, rs1, 3, rd, 0x03);

type Target = "branch" | "jump" | "call";

interface Item {
  readonly at: number;
  readonly word: number;
  readonly size: 2 | 4;
  /** A branch, jump or call whose target is chosen when all blocks are known. */
  readonly to?: Target;
}

class Maker {
  readonly items: Item[] = [];
  readonly starts: number[] = [];
  /** Where blocks begin that only return. */
  readonly leaves: number[] = [];
  private readonly r: Random;
  private at = 0;

  constructor(r: Random) {
    this.r = r;
  }

  cluster(at: number, blocks: number): void {
    const { r } = this;
    this.at = at;
    for (let i = 0; i < blocks; i++) this.block();
    this.put(0x6f, "jump");
    for (let i = 0; i < 2; i++) {
      this.leaves.push(this.at);
      for (let k = r.below(6); k > 0; k--) this.instruction();
      this.put(jalr(0, 1));
    }
  }

  private put(word: number, to?: Target): void {
    this.items.push({ at: this.at, word, size: 4, ...(to ? { to } : {}) });
    this.at += 4;
  }

  private block(): void {
    const { r } = this;
    this.starts.push(this.at);
    const kind = r.below(10);
    if (kind < 3) this.accesses();
    else if (kind < 4) this.put(addi(...this.moved()));
    for (let i = r.below(5); i > 0; i--) this.instruction();
    this.end();
  }

  /** A base moves a little. */
  private moved(): [number, number, number] {
    const base = this.r.pick([8, 9]);
    return [base, base, this.r.below(64) - 32];
  }

  private accesses(): void {
    const { r } = this;
    const base = r.pick(BASES);
    const near = r.below(160) - 80;
    for (let i = 2 + r.below(5); i > 0; i--) {
      const row = r.pick(accesses);
      const size = 1 << ((row.match >>> 12) & 3);
      let offset = near + r.below(48) - 24;
      if (r.chance(70)) offset &= -size;
      let word = (randomWord(r, row) & ~(31 << 15)) | (base << 15);
      if (row.shape === "S") word = (word & ~0xfe000f80) | ((offset & 31) << 7) | ((offset >> 5) << 25);
      else word = (word & 0xfffff) | (offset << 20);
      this.put(this.kept(word >>> 0, row.shape === "S"));
      if (r.chance(30)) this.instruction();
      if (r.chance(10)) this.put(addi(...this.moved()));
    }
  }

  private instruction(): void {
    const { r } = this;
    if (r.chance(25)) {
      const word = r.next() & 0xffff;
      if ((word & 3) === 3 || !compressedIsPlain(word)) return;
      const rd = (word >>> 7) & 31;
      if (KEPT.includes(rd)) return;
      this.items.push({ at: this.at, word, size: 2 });
      this.at += 2;
      return;
    }
    const row = r.pick(r.chance(50) ? integer : straight);
    const word = randomWord(r, row);
    if (!timers(word) || r.chance(50)) this.put(this.kept(word, row.shape === "S"));
  }

  /** The same, without a write to a register that programs keep. */
  private kept(word: number, store: boolean): number {
    const rd = (word >>> 7) & 31;
    return store || !KEPT.includes(rd) || this.r.chance(1) ? word : ((word & ~0xf80) | ((10 + (rd & 3)) << 7)) >>> 0;
  }

  private end(): void {
    const { r } = this;
    const rs = (): number => r.below(32);
    switch (r.below(14)) {
      case 0:
      case 1:
      case 2:
        this.put((r.pick(branches).match | (rs() << 15) | (rs() << 20)) >>> 0, "branch");
        return;
      case 3:
      case 4: // while (--counter)
        this.put(addi(COUNTER, COUNTER, -1));
        this.put(((1 << 12) | (COUNTER << 15) | 0x63) >>> 0, "branch");
        return;
      case 5:
        this.put(0x6f, "jump");
        return;
      case 11:
      case 12:
        this.put(0xef, "call");
        return;
      case 6:
        this.put(0xef, "jump"); // jal ra
        return;
      case 7:
        this.put(r.chance(30) ? 0x2ef : 0xef, "jump"); // jal t0
        return;
      case 8:
        this.put(jalr(0, r.chance(80) ? 1 : 5, r.chance(90) ? 0 : 4));
        return;
      case 9:
        // a jump, or a call, through the table
        this.put(ld(6, TABLE, 8 * r.below(TABLE_ENTRIES)));
        this.put(jalr(r.pick([0, 0, 1, 7]), 6));
        return;
      case 10: // the return goes somewhere else
        this.put(ld(1, TABLE, 8 * r.below(TABLE_ENTRIES)));
        this.put(jalr(0, 1));
        return;
      default:
        if (r.chance(15)) this.put(r.pick([0x73, 0x100073, 0x100f, 0x0ff0000f, 0xffffffff]));
    }
  }
}

export function randomFlow(r: Random): FlowProgram {
  const maker = new Maker(r);
  maker.cluster(2 * r.below(1500), 4 + r.below(6));
  maker.cluster(PAGE - 2 * r.below(60), 3 + r.below(6));
  maker.cluster(2 * PAGE - 2 * r.below(60), 3 + r.below(6));
  const { items, starts, leaves } = maker;
  const code = new Uint8Array(CODE_PAGES * PAGE);
  const view = new DataView(code.buffer);
  for (const { at, word, size, to } of items) {
    if (size === 2) {
      view.setUint16(at, word, true);
      continue;
    }
    let encoded = word;
    if (to) {
      const near = to === "call" ? leaves : starts.filter((start) => to === "jump" || Math.abs(start - at) < 4000);
      const distance = (near.length === 0 ? at + 4 : r.pick(near)) - at;
      encoded = (word | (to === "branch" ? B(distance) : J(distance))) >>> 0;
    }
    view.setUint32(at, encoded, true);
  }
  const table = new Uint8Array(PAGE).map(() => r.next());
  const entries = new BigUint64Array(table.buffer, 0, TABLE_ENTRIES);
  for (let i = 0; i < TABLE_ENTRIES; i++) entries[i] = BigInt(CODE_ADDRESS + r.pick(starts));
  return { code, table, starts };
}

export function randomFlowState(r: Random, { starts }: FlowProgram): FlowState {
  const moderate = r.chance(60);
  const x = Array.from({ length: 32 }, (_, i) => (i === 0 ? 0n : randomX(r)));
  const middle = DATA_ADDRESS + PAGE;
  const aligned = r.chance(70) ? -8 : -1;
  x[1] = BigInt(CODE_ADDRESS + r.pick(starts));
  x[2] = BigInt(middle - 512);
  x[5] = BigInt(CODE_ADDRESS + r.pick(starts));
  x[8] = BigInt(middle + ((r.below(400) - 200) & aligned));
  x[9] = BigInt(middle + (r.below(64) - 32) * 8);
  x[COUNTER] = BigInt(r.below(40));
  x[22] = BigInt(DATA_ADDRESS + DATA_PAGES * PAGE - 8 * r.below(16));
  x[TABLE] = BigInt(TABLE_ADDRESS);
  return {
    ...{ x, f: Array.from({ length: 32 }, () => randomF(r, moderate)) },
    fcsr: ((r.chance(80) ? 0 : r.below(5)) << 5) | (r.chance(70) ? 1 : r.below(32)),
    pc: CODE_ADDRESS + r.pick(starts),
  };
}
