// What is hot becomes WebAssembly. The hart looks now and then where a program is (a sample every so many instructions);
// a place that it comes to again and again is translated with what belongs to it (region.ts, translate.ts), and its
// record gets an operation that leads there. Translations go when the code of one of their pages does.
import { HEADER_FRAME, HEADER_ORIGINALS, OP_DECODE, OP_TRANSLATED, RECORD, SLOTS } from "../interpreter/layout.ts";
import { type Prepared, prepared as preparedModules } from "../interpreter/prepared.ts";
import { JUMP_BESIDE, JUMP_FOLD, JUMP_MASK, JUMP_SHIFT } from "../jumps.ts";
import { type PageTable, PTE_V, PTE_X } from "../page-table.ts";
import { PAGE_SIZE, type Ram } from "../ram.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Entry, hashOfPage, type Kept, keptOf, pack, unpack } from "./kept.ts";
import { fits, type Made, madeFrom } from "./made.ts";
import { type CodeView, grow, type Region } from "./region.ts";
import { supported, translate } from "./translate.ts";

const prepared: Prepared | undefined = preparedModules;
/** Instructions of a region, at most. */
const LIMIT = 300;
/** Of a place that can't be translated. */
const GIVEN_UP = 0xffff;
const FIRST_INDEX = 1;
/** Regions are translated so often again, at most, because of what turned out to be hot. */
const GENERATIONS = 4;
/** So many times hotter must be what a region holds already and is entered in the middle. */
const INSIDE = 4;
/** How much must be seen of what was translated before. */
const AGAIN = 1;
/** An access is checked apart from others when it is left to the interpreter more than 64 times (hart.ts looks at every
 *  64th) in so many instructions, for some time. */
const SELDOM = 1_000_000;
const OFTEN = 8;
/** Bytes of modules that are in use, at most: the host makes about three times as much machine code of them. */
const MOST_BYTES = 48 << 20;
/** Bytes that are kept, at most. */
const MOST_KEPT = 16 << 20;

/** A region that has been translated. */
interface Translation {
  /** The function's place in the hart's table. */
  readonly index: number;
  /** The block of records and the slot in it where it begins. */
  readonly block: number;
  readonly slot: number;
  /** The pages that it was made from, counted from its first, and their frames. */
  readonly pages: readonly (readonly [page: number, frame: number])[];
  readonly made: Made;
}

/** A place at which a region is left, because it had not been executed when that was translated. */
interface Exit {
  readonly from: Translation;
  /** Bytes from the region's entry. */
  readonly distance: number;
}

/** One code page. */
interface Page {
  /** How much was seen at each slot, in samples' weights. */
  readonly heat: Uint16Array;
  /** The same by 64 bytes. */
  readonly lines: Uint16Array;
  /** Address of the operations that OP_TRANSLATED stands in front of. */
  originals: number;
  /** What begins on it. */
  readonly entries: Map<number, Translation>;
  /** What was made from it. */
  readonly members: Set<Translation>;
  /** Where regions are left for it, by slot. */
  readonly exits: Map<number, Exit>;
  /** Slots at which a block of some region begins: code that is entered in the middle now and then. */
  readonly inside: Uint8Array;
  /** By slot: how often, less what is seldom enough, an access there was left to the interpreter; and until when that was. */
  readonly steps: Map<number, readonly [level: number, until: number]>;
  /** Slots of accesses that are checked apart from others. */
  readonly apart: Set<number>;
  /** Of its contents when it was first looked at. */
  readonly hash: number;
}

export class Translator {
  /** Regions translated so far. */
  count = 0;
  /** How much must be seen at a place before it is translated. */
  threshold = 24;
  /** For tests: what has not been executed, too. */
  eager = false;
  /** Bytes of modules in use; beyond `mostBytes` all of them go. */
  bytes = 0;
  mostBytes = MOST_BYTES;
  private readonly ram: Ram;
  private readonly file: number;
  private readonly table: WebAssembly.Table;
  private readonly imports: Record<string, unknown>;
  private readonly fusedMadd: () => boolean;
  /** Decodes from a record on. */
  private readonly decode: (record: number, block: number) => void;
  private readonly pages = new Map<number, Page>();
  private readonly free: number[] = [];
  private next = FIRST_INDEX;
  private kept: Kept = new Map();
  private entriesKept: readonly Entry[] = [];
  /** Translated here, not kept before. */
  private fresh = 0;

  constructor(options: {
    ram: Ram;
    file: number;
    table: WebAssembly.Table;
    imports: Record<string, unknown>;
    fusedMadd: () => boolean;
    decode: (record: number, block: number) => void;
  }) {
    this.ram = options.ram;
    this.file = options.file;
    this.table = options.table;
    this.imports = options.imports;
    this.fusedMadd = options.fusedMadd;
    this.decode = options.decode;
    this.ram.onCodeCleared.add((block) => this.drop(block));
  }

  /** A sample: `weight` has been spent around pc, and the last target that was looked up is `lookedUp`. */
  sample(table: PageTable, pc: number, lookedUp: number, weight: number): void {
    this.heat(table, lookedUp, weight);
    const block = this.blockOf(table, pc);
    if (block === 0) return;
    // A loop that was entered before it was known to be hot.
    const { lines } = this.pageOf(block);
    const line = (pc % PAGE_SIZE) >>> 6;
    lines[line] = Math.min(lines[line]! + weight, GIVEN_UP);
    if (lines[line]! < this.threshold) return;
    lines[line] = 0;
    this.heat(table, this.loopAround(table, pc), this.threshold);
  }

  /** So much was spent at pc, or to come there. */
  heat(table: PageTable, pc: number, weight: number): void {
    const block = this.blockOf(table, pc);
    if (block === 0) return;
    const page = this.pageOf(block);
    const slot = (pc % PAGE_SIZE) >>> 1;
    const heat = page.heat[slot]!;
    if (heat === GIVEN_UP || page.entries.has(slot)) return;
    page.heat[slot] = Math.min(heat + weight, GIVEN_UP - 1);
    if (page.heat[slot]! < this.thresholdOf(page, slot)) return;
    const exit = page.exits.get(slot);
    if (exit && this.extend(table, pc, exit)) page.heat[slot] = 0;
    else if (!this.translate(table, pc, block, page)) page.heat[slot] = GIVEN_UP;
  }

  /** Translated code left the instruction at pc to the interpreter, `now` instructions after the start: if that happens
   *  often, accesses checked together lie on two pages, and what was made of them is made anew. */
  stepped(table: PageTable, pc: number, now: number): void {
    const block = this.blockOf(table, pc);
    if (block === 0) return;
    const { steps, apart, members } = this.pageOf(block);
    const slot = (pc % PAGE_SIZE) >>> 1;
    if (apart.has(slot)) return;
    const [level, until] = steps.get(slot) ?? [0, now];
    const higher = Math.max(0, level - (now - until) / SELDOM) + 1;
    steps.set(slot, [higher, now]);
    if (higher < OFTEN) return;
    apart.add(slot);
    const frame = this.ram.u32[(block + HEADER_FRAME) >>> 2]!;
    for (const translation of members) {
      const page = translation.pages.find((known) => known[1] === frame)![0];
      const at = page * PAGE_SIZE + 2 * slot;
      if (!translation.made.code.some(([from, { length }]) => from <= at && at < from + 2 * length)) continue;
      this.discard(translation);
      this.ram.translationEpoch++;
      const begin = this.pages.get(translation.block)!;
      begin.heat[translation.slot] = this.thresholdOf(begin, translation.slot) - 1;
    }
  }

  private thresholdOf(page: Page, slot: number): number {
    if (this.eager) return this.threshold;
    if (this.kept.get(page.hash)?.some((made) => made.entry >>> 1 === slot)) return AGAIN;
    return page.inside[slot] === 1 ? INSIDE * this.threshold : this.threshold;
  }

  /** Translates a region anew that is left here again and again; false when that would not help. */
  private extend(table: PageTable, pc: number, { from, distance }: Exit): boolean {
    const entry = pc - distance;
    const page = this.pages.get(from.block);
    if (from.made.generation === GENERATIONS || page?.entries.get(from.slot) !== from) return false;
    if (this.blockOf(table, entry) !== from.block) return false;
    const region = this.region(this.view(table, entry), entry);
    const offset = (entry % PAGE_SIZE) + distance;
    if (!region?.blocks.some((block) => block.start === offset)) return false;
    this.discard(from);
    this.ram.translationEpoch++;
    return this.translate(table, entry, from.block, page, from.made.generation + 1);
  }

  private frameOf(table: PageTable, pc: number): number {
    const pte = table.get(pc);
    return (pte & (PTE_V | PTE_X)) === (PTE_V | PTE_X) ? (pte & ~0xfff) >>> 0 : 0;
  }

  private blockOf(table: PageTable, pc: number): number {
    const frame = this.frameOf(table, pc);
    return frame === 0 ? 0 : this.ram.codeBlockOf(frame);
  }

  private pageOf(block: number): Page {
    let page = this.pages.get(block);
    if (!page) {
      page = {
        ...{ heat: new Uint16Array(SLOTS), lines: new Uint16Array(64), originals: 0 },
        ...{ entries: new Map(), members: new Set(), exits: new Map(), inside: new Uint8Array(SLOTS) },
        ...{ steps: new Map(), apart: new Set() },
        hash: hashOfPage(this.ram.u32, this.ram.u32[(block + HEADER_FRAME) >>> 2]!),
      };
      this.pages.set(block, page);
    }
    return page;
  }

  /** The code around pc. */
  private view(table: PageTable, pc: number): CodeView & { frame(page: number): number } {
    const { ram } = this;
    const first = pc - (pc % PAGE_SIZE);
    const frames = new Map<number, number>();
    const frame = (page: number): number => {
      let known = frames.get(page);
      if (known === undefined) {
        known = this.frameOf(table, first + page * PAGE_SIZE);
        frames.set(page, known);
      }
      return known;
    };
    const executed = (offset: number): boolean => {
      const at = frame(offset >> 12);
      const block = at === 0 ? 0 : ram.codeBlockOf(at);
      return block !== 0 && ram.u8[block + ((offset & 0xfff) >>> 1) * RECORD] !== OP_DECODE;
    };
    const apart = (offset: number): boolean => {
      const block = ram.codeBlockOf(frame(offset >> 12));
      return this.pages.get(block)?.apart.has((offset & 0xfff) >>> 1) ?? false;
    };
    return {
      frame,
      apart,
      half: (offset) => {
        const at = frame(offset >> 12);
        return at === 0 ? -1 : ram.u16[(at + (offset & 0xfff)) >>> 1]!;
      },
      executed: this.eager ? (offset) => ram.codeBlockOf(frame(offset >> 12)) !== 0 : executed,
    };
  }

  private region(view: CodeView, pc: number): Region | undefined {
    const fused = this.fusedMadd();
    return grow(view, pc % PAGE_SIZE, LIMIT, (row, word) => supported(row, word, fused));
  }

  private translate(table: PageTable, pc: number, block: number, page: Page, generation = 0): boolean {
    const { ram } = this;
    const view = this.view(table, pc);
    const made = this.make(view, pc, page, generation);
    if (!made) return false;
    const slot = (pc % PAGE_SIZE) >>> 1;
    const record = block + slot * RECORD;
    if (ram.u8[record] === OP_DECODE) this.decode(record, block);
    if (page.originals === 0) {
      page.originals = ram.allocRaw(SLOTS);
      if (page.originals === 0) return false;
    }
    const members: Page[] = [];
    const pages: [number, number][] = [];
    for (const number of made.pages) {
      const frame = view.frame(number);
      const of = ram.codeBlockOf(frame);
      // A page that nothing has been executed on can't tell when it changes.
      if (of === 0) return false;
      members.push(this.pageOf(of));
      pages.push([number, frame]);
    }
    if (this.bytes + made.module.length > this.mostBytes) this.discardAll();
    this.bytes += made.module.length;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(made.module), {
      m: { memory: ram.memory, table: this.table, ...this.imports },
    });
    const index = this.free.pop() ?? this.next++;
    if (index >= this.table.length) this.table.grow(Math.max(64, this.table.length));
    this.table.set(index, instance.exports.enter);
    const translation: Translation = { index, block, slot, pages, made };
    this.note(view, translation);
    for (const member of members) member.members.add(translation);
    page.entries.set(slot, translation);
    ram.u8[page.originals + slot] = ram.u8[record]!;
    ram.u8[record] = OP_TRANSLATED;
    this.setOriginals(block, page.originals);
    this.count++;
    return true;
  }

  /** What is kept for this place, or made now. */
  private make(view: CodeView, pc: number, page: Page, generation: number): Made | undefined {
    const entry = pc % PAGE_SIZE;
    if (generation === 0) {
      const known = this.kept.get(page.hash)?.filter((made) => made.entry === entry && fits(made, view)) ?? [];
      // The latest has most of what turned out to be hot.
      const latest = known.reduce<Made | undefined>((a, b) => (a && a.generation >= b.generation ? a : b), undefined);
      if (latest) return latest;
    }
    const region = this.region(view, pc);
    if (!region) return undefined;
    this.fresh++;
    const module = translate(region, { file: this.file, fusedMadd: this.fusedMadd() });
    return madeFrom(region, view, module, generation);
  }

  /** Translations of an earlier machine, as keep() made them; false when they are of no use here. */
  use(bytes: Uint8Array): boolean {
    const entries = unpack(bytes, this.settings);
    if (!entries) return false;
    this.entriesKept = entries;
    this.kept = keptOf(entries);
    return true;
  }

  /** What is worth keeping, with what was kept before; undefined when nothing is new. */
  keep(): Uint8Array | undefined {
    if (this.fresh === 0) return undefined;
    const entries: Entry[] = [];
    const places = new Set<string>();
    const add = (entry: Entry): void => {
      const place = `${entry.hash} ${entry.made.entry}`;
      if (places.has(place)) return;
      places.add(place);
      entries.push(entry);
    };
    for (const page of this.pages.values()) {
      for (const { made } of page.entries.values()) add({ hash: page.hash, made });
    }
    for (const entry of this.entriesKept) add(entry);
    return pack(entries, this.settings, MOST_KEPT);
  }

  /** What the modules depend on: the translator, and what it is told. */
  private get settings(): number {
    const settings = { file: this.file, fusedMadd: this.fusedMadd() };
    return prepared?.file === this.file ? prepared.fingerprint(settings.fusedMadd) : fingerprint(settings);
  }

  /** Where its blocks begin, and where it is left. */
  private note(view: ReturnType<Translator["view"]>, from: Translation): void {
    const { entry, starts, exits, apart } = from.made;
    const pageAt = (offset: number): Page | undefined => {
      const block = this.ram.codeBlockOf(view.frame(offset >> 12));
      return block === 0 ? undefined : this.pageOf(block);
    };
    for (const start of starts) {
      const page = start === entry ? undefined : pageAt(start);
      if (page) page.inside[(start & 0xfff) >>> 1] = 1;
    }
    for (const to of exits) pageAt(to)?.exits.set((to & 0xfff) >>> 1, { from, distance: to - entry });
    for (const offset of apart) pageAt(offset)?.apart.add((offset & 0xfff) >>> 1);
  }

  private setOriginals(block: number, address: number): void {
    this.ram.u32[(block + HEADER_ORIGINALS) >>> 2] = address;
  }

  /** The translation that begins at pc goes into the table of jumps, if its pages are where it expects them. */
  link(table: PageTable, pc: number, block: number, slot: number): boolean {
    const { ram } = this;
    const translation = this.pages.get(block)?.entries.get(slot);
    if (!translation || table.jumps === 0) return false;
    const first = pc - (pc % PAGE_SIZE);
    for (const [page, frame] of translation.pages) {
      if (this.frameOf(table, first + page * PAGE_SIZE) !== frame) return false;
    }
    const at = table.jumps + placeOf(pc | 0);
    // What was here is beside now, unless something is at home there.
    const beside = at ^ JUMP_BESIDE;
    if (table.jumps + placeOf(ram.i32[beside >>> 2]!) !== beside) ram.u8.copyWithin(beside, at, at + 16);
    ram.u32[at >>> 2] = pc;
    ram.u32[(at + 4) >>> 2] = Math.floor(pc / 0x1_0000_0000);
    ram.u32[(at + 8) >>> 2] = translation.index;
    return true;
  }

  /** The head of the outermost loop that fits a region and has pc in it; pc itself when there is none. */
  private loopAround(table: PageTable, pc: number): number {
    if (this.eager) return pc;
    const region = this.region(this.view(table, pc), pc);
    if (!region) return pc;
    const at = pc % PAGE_SIZE;
    let head = at;
    for (const { end, instructions } of region.blocks) {
      if (end.kind !== "branch" && end.kind !== "jump") continue;
      const last = instructions.at(-1)!;
      if (end.target < head && last.offset >= at) head = end.target;
    }
    return pc - at + head;
  }

  /** The records of a block are cleared: what was made from its page is no more. */
  private drop(block: number): void {
    const page = this.pages.get(block);
    if (!page) return;
    this.pages.delete(block);
    if (page.members.size > 0) this.ram.translationEpoch++;
    for (const translation of page.members) this.forget(translation, block);
    if (page.originals !== 0) this.ram.freeRaw(page.originals, SLOTS);
    this.setOriginals(block, 0);
  }

  private forget(translation: Translation, cleared: number): void {
    this.discard(translation);
    // It may have begun on another page, whose records stay.
    if (translation.block !== cleared) this.pages.get(translation.block)!.heat[translation.slot] = 0;
  }

  /** Whoever fills the host's memory with code starts anew. */
  private discardAll(): void {
    for (const page of this.pages.values()) {
      for (const translation of page.entries.values()) this.discard(translation);
    }
    this.ram.translationEpoch++;
  }

  /** No more a translation: its record is what it was before. */
  private discard(translation: Translation): void {
    const { ram } = this;
    this.bytes -= translation.made.module.length;
    this.table.set(translation.index, null);
    this.free.push(translation.index);
    for (const [, frame] of translation.pages) this.pages.get(ram.codeBlockOf(frame))?.members.delete(translation);
    const page = this.pages.get(translation.block);
    if (!page) return;
    page.entries.delete(translation.slot);
    ram.u8[translation.block + translation.slot * RECORD] = ram.u8[page.originals + translation.slot]!;
  }
}

/** Where the entry for a pc, of which the low half is given, is at home in a table of jumps. */
const placeOf = (pc: number): number => ((pc ^ (pc >>> JUMP_FOLD)) << JUMP_SHIFT) & JUMP_MASK;
