// What is hot becomes WebAssembly. The hart looks at pc now and then (a sample every so many instructions): a place that
// is met again is translated with what belongs to it (region.ts, translate.ts), and the records at its entries get an
// operation that leads there. Translations belong to a code page's block of records and go when those are cleared.

import { HEADER_ENTRIES, OP_DECODE, OP_TRANSLATED, RECORD, SLOTS } from "../interpreter/layout.ts";
import { PAGE_SIZE, type Ram } from "../ram.ts";
import { findRegion, type Region } from "./region.ts";
import { supported, translate } from "./translate.ts";

/** Of a place that can't be translated, or is not worth it. */
const GIVEN_UP = 255;
/** Bytes of a loop, at most: an interpreter's main loop is none that stays in one place. */
const LONGEST_LOOP = 2048;
/** Entries of a region: their number is a byte. */
const MOST_ENTRIES = 255;
const FIRST_INDEX = 1;

/** One code page's translations. */
interface Page {
  /** Places by 64 bytes: samples so far. */
  readonly samples: Uint8Array;
  /** Halfwords that some translation covers. */
  readonly covered: Uint8Array;
  /** Address of a u32 for each halfword: the function's place in the table × 256 + the number of the entry. */
  entries: number;
  readonly functions: number[];
}

export class Translator {
  /** Regions translated so far. */
  count = 0;
  /** Samples at a place before it is translated. */
  threshold = 8;
  /** For tests: everything, not loops alone. */
  eager = false;
  private readonly ram: Ram;
  private readonly file: number;
  private readonly table: WebAssembly.Table;
  private readonly imports: Record<string, unknown>;
  /** Decodes from a record on. */
  private readonly decode: (record: number, block: number) => void;
  private readonly pages = new Map<number, Page>();
  private readonly free: number[] = [];
  private next = FIRST_INDEX;

  constructor(options: {
    ram: Ram;
    file: number;
    table: WebAssembly.Table;
    imports: Record<string, unknown>;
    decode: (record: number, block: number) => void;
  }) {
    this.ram = options.ram;
    this.file = options.file;
    this.table = options.table;
    this.imports = options.imports;
    this.decode = options.decode;
    this.ram.onCodeCleared.add((block) => this.drop(block));
  }

  /** A sample: the instruction at `offset` of `frame`, whose records are at `block`, was next. Returns true when it is
   *  in translated code already. */
  sample(frame: number, block: number, offset: number): boolean {
    let page = this.pages.get(block);
    if (!page) {
      page = { samples: new Uint8Array(64), covered: new Uint8Array(SLOTS), entries: 0, functions: [] };
      this.pages.set(block, page);
    }
    if (page.covered[offset >>> 1] === 1) return true;
    const line = offset >>> 6;
    if (page.samples[line]! < GIVEN_UP) page.samples[line]!++;
    if (page.samples[line]! >= this.threshold && page.samples[line]! < GIVEN_UP)
      this.translate(page, frame, block, offset);
    return false;
  }

  private translate(page: Page, frame: number, block: number, offset: number): void {
    const { ram } = this;
    const executed = (at: number): boolean => ram.u8[block + (at >>> 1) * RECORD] !== OP_DECODE;
    const region = this.loopAround(frame, offset, executed);
    if (!region || region.entries.size > MOST_ENTRIES) {
      page.samples[offset >>> 6] = GIVEN_UP;
      return;
    }
    for (const { instructions } of region.blocks) {
      for (const instruction of instructions) {
        const record = block + (instruction.offset >>> 1) * RECORD;
        if (ram.u8[record] === OP_DECODE) this.decode(record, block);
        page.covered[instruction.offset >>> 1] = 1;
      }
    }
    if (page.entries === 0) {
      page.entries = ram.allocRaw(SLOTS * 4);
      if (page.entries === 0) return;
      ram.u32[(block + HEADER_ENTRIES) >>> 2] = page.entries;
    }
    const index = this.free.pop() ?? this.next++;
    const place = { file: this.file, records: block, entries: page.entries, index };
    const { bytes, entries } = translate(region, place, ram.maximumPages);
    if (entries.length > MOST_ENTRIES) {
      this.free.push(index);
      return;
    }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      m: { memory: ram.memory, table: this.table, ...this.imports },
    });
    if (index >= this.table.length) this.table.grow(Math.max(64, this.table.length));
    this.table.set(index, instance.exports.enter);
    page.functions.push(index);
    for (const [i, entry] of entries.entries()) {
      if (entry === undefined) continue;
      const slot = entry >>> 1;
      const record = block + slot * RECORD;
      if (ram.u8[record] === OP_DECODE) this.decode(record, block);
      ram.u32[(page.entries >>> 2) + slot] = index * 256 + i;
      ram.u8[record] = OP_TRANSLATED;
    }
    page.samples[offset >>> 6] = this.eager ? 0 : GIVEN_UP;
    this.count++;
  }

  /** The innermost loop around the place. Code that only passes through is left to the interpreter: to enter and leave a
   *  translation costs what some dozens of instructions cost there. */
  private loopAround(frame: number, offset: number, executed: (offset: number) => boolean): Region | undefined {
    const found = findRegion(this.ram, frame, offset, supported, executed);
    if (!found || this.eager) return found;
    let best: [low: number, high: number] | undefined;
    for (const { end, instructions } of found.blocks) {
      if (end.kind !== "branch" && end.kind !== "jump") continue;
      const last = instructions.at(-1)!;
      const { target } = end;
      if (target > offset || target < 0 || target >= PAGE_SIZE || last.offset < offset) continue;
      if (end.kind === "jump" && ((last.word >>> 7) & 31) !== 0) continue;
      const high = last.offset + last.length;
      if (high - target > LONGEST_LOOP) continue;
      if (!best || high - target < best[1] - best[0]) best = [target, high];
    }
    return best && findRegion(this.ram, frame, best[0], supported, executed, best);
  }

  /** The block's records are cleared: nothing leads to its translations any more. */
  private drop(block: number): void {
    const page = this.pages.get(block);
    if (!page) return;
    this.pages.delete(block);
    for (const index of page.functions) {
      this.table.set(index, null);
      this.free.push(index);
    }
    if (page.entries !== 0) this.ram.freeRaw(page.entries, SLOTS * 4);
    this.ram.u32[(block + HEADER_ENTRIES) >>> 2] = 0;
  }
}
