// One address space: a three-level table of u32 entries in RAM, so that the interpreter's TLB refill walks it without
// JavaScript, and what a hart's software TLB, which caches it while it runs, looks like. 38-bit user addresses (the lower half of Sv39).
//   root: 64 entries of 4 GiB · middle: 1024 entries of 4 MiB · leaf: 1024 entries of 4 KiB
// An entry is a frame's physical address and the PTE_ bits below. What the software bits mean is the kernel's affair.
import { FILE_FILLED, FILE_FILLS, FILE_TLB, MOST_FILLED } from "./context.ts";
import { JUMPS_SIZE } from "./jumps.ts";
import { PAGE_SIZE, type Ram } from "./ram.ts";

export const USER_TOP = 0x40_0000_0000;

export const PTE_V = 1;
export const PTE_R = 2;
export const PTE_W = 4;
export const PTE_X = 8;
/** Set by the machine on the first access, and on the first store. */
export const PTE_A = 0x40;
export const PTE_D = 0x80;
/** Free for the kernel. */
export const PTE_S0 = 0x100;
export const PTE_S1 = 0x200;
export const PTE_S2 = 0x400;
export const PTE_S3 = 0x800;
export const PTE_FLAGS = 0xfff;

/**
 * A direct-mapped array of 16-byte entries. For data: i64, minus the page's address, so that added to an address it
 * leaves the place in the page, or something above 4095 in any other page; u32, the frame's physical address. For code:
 * i64, the page's address, or −1; u32, its block of records (interpreter/layout.ts).
 */
export interface TlbPart {
  readonly at: number;
  readonly entries: number;
}

/** The TLB's parts. Sizes are measured on python3: more read entries pay, and every switch of the table fills them all. */
export const TLB_READ: TlbPart = { at: 0, entries: 1024 };
export const TLB_WRITE: TlbPart = { at: 0x4000, entries: 1024 };
export const TLB_EXECUTE: TlbPart = { at: 0x8000, entries: 512 };
const TLB_PARTS = [TLB_READ, TLB_WRITE, TLB_EXECUTE];
const TLB_SIZE = 0xa000;

/** An entry of the data's parts that permits nothing: no address of the page it names leads to it. */
const nowhere = (entry: number): number => -((entry ^ 1) * PAGE_SIZE);

const EMPTY = new Uint8Array(TLB_SIZE).fill(0xff);
for (const { at, entries } of [TLB_READ, TLB_WRITE]) {
  const view = new DataView(EMPTY.buffer, at, entries * 16);
  for (let i = 0; i < entries; i++) view.setBigInt64(i * 16, BigInt(nowhere(i)), true);
}

const LEAF_SPAN = 0x40_0000;

export class PageTable {
  readonly ram: Ram;
  /** Physical address of the root. */
  readonly root: number;
  /** Physical address of the TLB of the hart that runs it; 0 while none does. */
  tlb = 0;
  /** Physical address of the table of jumps (jumps.ts); 0 until a translation is entered. */
  jumps = 0;
  /** Frames that the table itself takes. */
  frames = 1;
  #writeEpoch = 0;
  #codeEpoch = 0;
  #translationEpoch = 0;

  private constructor(ram: Ram, root: number) {
    this.ram = ram;
    this.root = root;
  }

  static create(ram: Ram): PageTable | undefined {
    const root = ram.allocFrame();
    return root === 0 ? undefined : new PageTable(ram, root);
  }

  /** The entry for the page of `va`, 0 if none. */
  get(va: number): number {
    const leaf = this.#leaf(va);
    return leaf === 0 ? 0 : this.ram.u32[(leaf >>> 2) + ((va >>> 12) & 1023)]!;
  }

  /** False when there is no memory for a table. */
  set(va: number, pte: number): boolean {
    const leaf = this.#leaf(va) || this.#makeLeaf(va);
    if (leaf === 0) return false;
    const index = (leaf >>> 2) + ((va >>> 12) & 1023);
    const old = this.ram.u32[index]!;
    this.ram.u32[index] = pte;
    if (old !== 0) {
      this.invalidate(va);
      if ((old & PTE_X) !== 0) this.#forgetJumps();
    }
    return true;
  }

  /** Makes the table that holds the entry for `va`. False when there is no memory for it. */
  reserve(va: number): boolean {
    return (this.#leaf(va) || this.#makeLeaf(va)) !== 0;
  }

  /** Adds flags to a present entry: what the hardware does with A and D. */
  mark(va: number, flags: number): void {
    this.ram.u32[(this.#leaf(va) >>> 2) + ((va >>> 12) & 1023)]! |= flags;
  }

  /** Removes the entries of [start, end), calling back for each that was there. */
  clearRange(start: number, end: number, onPte?: (va: number, pte: number) => void): void {
    end = Math.min(end, USER_TOP);
    let any = false;
    let code = 0;
    for (let base = start - (start % LEAF_SPAN); base < end; base = this.#nextLeaf(base)) {
      const leaf = this.#leaf(base);
      if (leaf === 0) continue;
      const first = base < start ? (start - base) / PAGE_SIZE : 0;
      const last = Math.min(1024, Math.ceil((end - base) / PAGE_SIZE));
      for (let i = first; i < last; i++) {
        const pte = this.ram.u32[(leaf >>> 2) + i]!;
        if (pte === 0) continue;
        this.ram.u32[(leaf >>> 2) + i] = 0;
        any = true;
        code |= pte & PTE_X;
        onPte?.(base + i * PAGE_SIZE, pte);
      }
      if (first === 0 && last === 1024) {
        this.ram.u32[this.#middleIndex(base)] = 0;
        this.ram.unref(leaf);
        this.frames--;
      }
    }
    if (any) this.#flushRange(start, end);
    if (code !== 0) this.#forgetJumps();
  }

  /** Visits the entries of [start, end); a number returned replaces the entry. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a visitor that changes nothing returns nothing
  forEach(start: number, end: number, visit: (va: number, pte: number) => number | void): void {
    end = Math.min(end, USER_TOP);
    let changed = false;
    let code = 0;
    for (let base = start - (start % LEAF_SPAN); base < end; base = this.#nextLeaf(base)) {
      const leaf = this.#leaf(base);
      if (leaf === 0) continue;
      const first = base < start ? (start - base) / PAGE_SIZE : 0;
      const last = Math.min(1024, Math.ceil((end - base) / PAGE_SIZE));
      for (let i = first; i < last; i++) {
        const pte = this.ram.u32[(leaf >>> 2) + i]!;
        if (pte === 0) continue;
        const replacement = visit(base + i * PAGE_SIZE, pte);
        if (replacement === undefined || replacement === pte) continue;
        this.ram.u32[(leaf >>> 2) + i] = replacement;
        changed = true;
        code |= pte & PTE_X;
      }
    }
    if (changed) this.#flushRange(start, end);
    if (code !== 0) this.#forgetJumps();
  }

  /**
   * For fork: this table gets the entries of `from` in [start, end), and every frame another reference. An entry with
   * any bit of `clear` set loses those and gains `set`, in both tables (PTE_W and a copy-on-write bit); clear = 0
   * shares the entries as they are. An entry without PTE_V stands for no frame: `onAbsent` is told of its copy.
   * False when there is no memory for a table; what was copied stays.
   */
  copyRange(
    from: PageTable,
    start: number,
    end: number,
    clear: number,
    set: number,
    onAbsent?: (pte: number) => void,
  ): boolean {
    end = Math.min(end, USER_TOP);
    const ram = this.ram;
    let changed = false;
    let enough = true;
    for (let base = start - (start % LEAF_SPAN); base < end; base = from.#nextLeaf(base)) {
      const source = from.#leaf(base);
      if (source === 0) continue;
      const first = base < start ? (start - base) / PAGE_SIZE : 0;
      const last = Math.min(1024, Math.ceil((end - base) / PAGE_SIZE));
      let target = this.#leaf(base);
      for (let i = first; i < last; i++) {
        let pte = ram.u32[(source >>> 2) + i]!;
        if (pte === 0) continue;
        if (target === 0) {
          target = this.#makeLeaf(base);
          if (target === 0) {
            enough = false;
            break;
          }
          // Making room for it may have changed the entry.
          pte = ram.u32[(source >>> 2) + i]!;
          if (pte === 0) continue;
        }
        if ((pte & PTE_V) === 0) {
          ram.u32[(target >>> 2) + i] = pte;
          onAbsent?.(pte);
          continue;
        }
        if (pte & clear) {
          pte = (pte & ~clear) | set;
          ram.u32[(source >>> 2) + i] = pte;
          changed = true;
        }
        ram.u32[(target >>> 2) + i] = pte;
        ram.ref(pte);
      }
      if (!enough) break;
    }
    if (changed) from.flush();
    return enough;
  }

  /** Forgets every cached translation. */
  flush(): void {
    const { tlb } = this;
    if (tlb === 0) return;
    const { u32, u8 } = this.ram;
    const fills = (tlb - FILE_TLB + FILE_FILLS) >>> 2;
    const filled = (tlb - FILE_TLB + FILE_FILLED) >>> 2;
    const count = u32[fills]!;
    // Whoever runs for a short time fills few.
    if (count > MOST_FILLED) u8.set(EMPTY, tlb);
    else for (let i = 0; i < count; i++) this.#empty(u32[filled + i]! - tlb);
    u32[fills] = 0;
  }

  /** The TLB's entry at a place in it. */
  #empty(place: number): void {
    const { i32 } = this.ram;
    const word = (this.tlb + place) >>> 2;
    if (place >= TLB_EXECUTE.at) {
      i32[word] = -1;
      return;
    }
    const entry = (place & (TLB_WRITE.at - 1)) >>> 4;
    i32[word] = nowhere(entry);
    i32[word + 1] = entry === 1 ? 0 : -1;
  }

  /** Forgets the cached translations of the page of `va`. */
  invalidate(va: number): void {
    if (this.tlb === 0) return;
    for (const { at, entries } of TLB_PARTS) this.#empty(at + ((va >>> 12) & (entries - 1)) * 16);
  }

  /** Before a run on the hart whose TLB is at `tlb`, which forgets what is of another table or has become stale. */
  activate(tlb: number): void {
    const ram = this.ram;
    if (this.tlb !== tlb) {
      this.tlb = tlb;
      this.flush();
      this.#writeEpoch = ram.writeEpoch;
      this.#codeEpoch = ram.codeEpoch;
    }
    if (this.#writeEpoch !== ram.writeEpoch) {
      this.#writeEpoch = ram.writeEpoch;
      ram.u8.set(EMPTY.subarray(TLB_WRITE.at, TLB_EXECUTE.at), tlb + TLB_WRITE.at);
    }
    if (this.#codeEpoch !== ram.codeEpoch) {
      this.#codeEpoch = ram.codeEpoch;
      ram.u8.fill(0xff, tlb + TLB_EXECUTE.at, tlb + TLB_SIZE);
    }
    if (this.#translationEpoch !== ram.translationEpoch) {
      this.#translationEpoch = ram.translationEpoch;
      this.#forgetJumps();
    }
  }

  /** The table of jumps, made when there is none; 0: no memory. */
  makeJumps(): number {
    if (this.jumps === 0) {
      this.jumps = this.ram.allocRaw(JUMPS_SIZE);
      this.#forgetJumps();
    }
    return this.jumps;
  }

  #forgetJumps(): void {
    if (this.jumps !== 0) this.ram.u8.fill(0xff, this.jumps, this.jumps + JUMPS_SIZE);
  }

  /** Frees the table's own frames, not the frames it maps. */
  destroy(): void {
    const ram = this.ram;
    for (let i = 0; i < 64; i++) {
      const middle = ram.u32[(this.root >>> 2) + i]!;
      if (middle === 0) continue;
      for (let j = 0; j < 1024; j++) {
        const leaf = ram.u32[(middle >>> 2) + j]!;
        if (leaf !== 0) ram.unref(leaf);
      }
      ram.unref(middle);
    }
    ram.unref(this.root);
    this.tlb = 0;
    if (this.jumps !== 0) ram.freeRaw(this.jumps, JUMPS_SIZE);
    this.jumps = 0;
  }

  #flushRange(start: number, end: number): void {
    if (this.tlb === 0) return;
    if (end - start > 64 * PAGE_SIZE) {
      this.flush();
      return;
    }
    for (let va = start; va < end; va += PAGE_SIZE) this.invalidate(va);
  }

  /** Physical address of the leaf table for `va`, or 0. Bit operations on a number keep its low 32 bits. */
  #leaf(va: number): number {
    if (!(va >= 0 && va < USER_TOP)) return 0;
    const u32 = this.ram.u32;
    const middle = u32[(this.root >>> 2) + Math.floor(va / 0x1_0000_0000)]!;
    return middle === 0 ? 0 : u32[(middle >>> 2) + (va >>> 22)]!;
  }

  #middleIndex(va: number): number {
    return (this.ram.u32[(this.root >>> 2) + Math.floor(va / 0x1_0000_0000)]! >>> 2) + (va >>> 22);
  }

  /** The next leaf table's base after `base`, skipping 4 GiB at once where there is nothing. */
  #nextLeaf(base: number): number {
    const slot = Math.floor(base / 0x1_0000_0000);
    if (this.ram.u32[(this.root >>> 2) + slot] === 0) return (slot + 1) * 0x1_0000_0000;
    return base + LEAF_SPAN;
  }

  #makeLeaf(va: number): number {
    if (!(va >= 0 && va < USER_TOP)) return 0;
    const ram = this.ram;
    const slot = (this.root >>> 2) + Math.floor(va / 0x1_0000_0000);
    let middle = ram.u32[slot]!;
    if (middle === 0) {
      middle = ram.allocFrame();
      if (middle === 0) return 0;
      ram.u32[slot] = middle;
      this.frames++;
    }
    const leaf = ram.allocFrame();
    if (leaf === 0) return 0;
    ram.u32[(middle >>> 2) + (va >>> 22)] = leaf;
    this.frames++;
    return leaf;
  }
}
