// A hart's instruments while somebody records: exact counts of what its instructions do, and a log of calls, returns and
// jumps. Translated code is not entered meanwhile; the interpreter with instruments takes about twice the plain one's time.
import { FILE_COUNTS, FILE_LOG } from "./context.ts";
import {
  COUNT_BRANCHES,
  COUNT_LOADS,
  COUNT_STORES,
  countersOf,
  type Instruments,
  LOG_ENTRY,
} from "./interpreter/instruments.ts";
import { expand } from "./isa/compressed.ts";
import { rowOf } from "./isa/index.ts";
import type { Ram } from "./ram.ts";

export { LOG_ENTRY, LOG_JUMP, LOG_RETURN } from "./interpreter/instruments.ts";

/** Entries that the log holds. A run has no more instructions, so it never overflows. */
export const LOG_CAPACITY = 0x4000;

export class Recording {
  readonly instruments: Instruments;
  readonly #ram: Ram;
  readonly #file: number;
  readonly #log: number;

  constructor(ram: Ram, file: number, instruments: Instruments) {
    this.instruments = instruments;
    this.#ram = ram;
    this.#file = file;
    this.#log = instruments.calls ? ram.allocRaw(LOG_CAPACITY * LOG_ENTRY) : 0;
    if (instruments.calls && this.#log === 0) throw new RangeError("no memory for a log of calls");
    for (const counter of [COUNT_LOADS, COUNT_STORES, COUNT_BRANCHES]) this.#add(counter, -this.#count(counter));
    this.clear();
  }

  get loads(): number {
    return this.#count(COUNT_LOADS);
  }
  get stores(): number {
    return this.#count(COUNT_STORES);
  }
  /** Branches taken or not, jumps, calls and returns. */
  get branches(): number {
    return this.#count(COUNT_BRANCHES);
  }
  #count(counter: number): number {
    const at = (this.#file + FILE_COUNTS + 8 * counter) >>> 2;
    return this.#ram.u32[at + 1]! * 0x1_0000_0000 + this.#ram.u32[at]!;
  }
  #add(counter: number, value: number): void {
    const at = (this.#file + FILE_COUNTS + 8 * counter) >>> 2;
    const sum = this.#count(counter) + value;
    this.#ram.u32[at] = sum;
    this.#ram.u32[at + 1] = Math.floor(sum / 0x1_0000_0000);
  }

  /** The reference has executed an instruction. */
  countReference(instruction: number): void {
    if (!this.instruments.counts) return;
    const row = rowOf((instruction & 3) === 3 ? instruction : expand(instruction));
    for (const counter of row ? countersOf(row) : []) this.#add(counter, 1);
  }

  /** Where the log is in RAM, in words of 32 bits, and how many entries it holds. */
  get logAt(): number {
    return this.#log >>> 2;
  }
  get logged(): number {
    return (this.#ram.u32[(this.#file + FILE_LOG) >>> 2]! - this.#log) / LOG_ENTRY;
  }
  clear(): void {
    this.#ram.u32[(this.#file + FILE_LOG) >>> 2] = this.#log;
  }
  free(): void {
    if (this.#log !== 0) this.#ram.freeRaw(this.#log, LOG_CAPACITY * LOG_ENTRY);
  }
}
