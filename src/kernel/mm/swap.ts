// Swap: where pages go that nobody has touched for a while. A slot is a page of a swap area; it counts the page table
// entries and the page cache that hold it. The swap cache knows the frame of a slot while some still map the page that
// others have lost: all of them find the same frame again. What is swapped out, and when, is reclaim.ts's affair.

import { PTE_S2, PTE_V } from "../../machine/page-table.ts";
import type { Ram } from "../../machine/ram.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";

/** In an entry without PTE_V: the page is in the slot whose number stands where the frame would. */
export const PTE_SWAP = PTE_S2;
export const isSwapEntry = (pte: number): boolean => (pte & (PTE_V | PTE_SWAP)) === PTE_SWAP;
export const swapEntry = (slot: number): number => ((slot << 12) | PTE_SWAP) >>> 0;
export const slotOf = (pte: number): number => pte >>> 12;

/** Slots of all areas together: an entry has 20 bits for one. */
const MAX_SLOTS = 1 << 20;

/** What is behind a swap area: a device or a file. Offsets in bytes; false when it can't. */
export interface SwapStore {
  read(ram: Ram, frame: number, offset: number): boolean;
  write(ram: Ram, frame: number, offset: number): boolean;
  /** The area is in use no more. */
  release(): void;
}

export interface SwapAreaOptions {
  store: SwapStore;
  /** Pages, the first one (the header's) included. */
  pages: number;
  /** What /proc/swaps calls it. */
  type: "partition" | "file";
  name: () => string;
  /** What it is, so that it is not used twice and swapoff(2) finds it. */
  identity: object;
  /** undefined: below all that are there. */
  priority: number | undefined;
}

export class SwapArea {
  readonly options: SwapAreaOptions;
  readonly priority: number;
  /** Number of its first slot. */
  readonly base: number;
  readonly slots: number;
  /** Who holds each slot; 0 for a free one. */
  readonly references: Uint32Array;
  /** Memory group that a slot's page is charged to (memory-group.ts), 0 for none. */
  readonly owners: Uint16Array;
  used = 0;
  /** It is being emptied. */
  closing = false;
  /** Slots below are taken. */
  private next = 0;

  constructor(options: SwapAreaOptions, base: number, priority: number) {
    this.options = options;
    this.base = base;
    this.priority = priority;
    // Page 0 holds the header.
    this.slots = options.pages - 1;
    this.references = new Uint32Array(this.slots);
    this.owners = new Uint16Array(this.slots);
  }
  /** A free slot, held once; -1 when it is full. */
  take(): number {
    if (this.used === this.slots) return -1;
    const { references } = this;
    let at = this.next;
    while (references[at] !== 0) at = at + 1 === this.slots ? 0 : at + 1;
    references[at] = 1;
    this.used++;
    this.next = at + 1 === this.slots ? 0 : at + 1;
    return this.base + at;
  }
  holds(slot: number): boolean {
    return slot >= this.base && slot < this.base + this.slots;
  }
  offset(slot: number): number {
    return (slot - this.base + 1) * PAGE_SIZE;
  }
}

export class Swap {
  readonly ram: Ram;
  /** By priority, the highest first. */
  areas: readonly SwapArea[] = [];
  /** Frames of slots that some still map; the cache holds a reference to each. And the slot of each such frame. */
  private readonly cached = new Map<number, number>();
  private readonly slots = new Map<number, number>();
  /** Slots in the cache whose area has the page's content. */
  private readonly written = new Set<number>();
  /** Who is charged for slots, where there are memory groups: may the owner have one more; and the pages it has got. */
  accounts: { maySwap(owner: number): boolean; charge(owner: number, pages: number): void } | undefined;
  /** Pages read and written since boot: pswpin, pswpout. */
  in = 0;
  out = 0;

  constructor(ram: Ram) {
    this.ram = ram;
  }
  /** Pages. */
  get total(): number {
    return this.areas.reduce((sum, area) => sum + area.slots, 0);
  }
  get free(): number {
    return this.areas.reduce((sum, area) => sum + area.slots - area.used, 0);
  }
  get cachedPages(): number {
    return this.cached.size;
  }

  /** Adds an area; undefined when there is no room for so many slots. */
  add(options: SwapAreaOptions): SwapArea | undefined {
    let base = 0;
    for (const area of [...this.areas].sort((a, b) => a.base - b.base)) {
      if (area.base - base >= options.pages - 1) break;
      base = area.base + area.slots;
    }
    const pages = Math.min(options.pages, MAX_SLOTS - base + 1);
    if (pages < 2) return undefined;
    const lowest = Math.min(-1, ...this.areas.map((area) => area.priority));
    const area = new SwapArea({ ...options, pages }, base, options.priority ?? lowest - 1);
    this.areas = [...this.areas, area].sort((a, b) => b.priority - a.priority);
    return area;
  }
  /** Takes an area away that holds nothing any more. */
  remove(area: SwapArea): void {
    this.areas = this.areas.filter((other) => other !== area);
    area.options.store.release();
  }
  areaOf(slot: number): SwapArea {
    return this.areas.find((area) => area.holds(slot))!;
  }

  /** A free slot for a page of `owner`, held once; -1 when there is none, or not for the owner. */
  take(owner: number): number {
    if (owner !== 0 && this.accounts?.maySwap(owner) === false) return -1;
    for (const area of this.areas) {
      if (area.closing) continue;
      const slot = area.take();
      if (slot < 0) continue;
      if (owner !== 0 && this.accounts) {
        area.owners[slot - area.base] = owner;
        this.accounts.charge(owner, 1);
      }
      return slot;
    }
    return -1;
  }
  ref(slot: number): void {
    const area = this.areaOf(slot);
    area.references[slot - area.base]!++;
  }
  refs(slot: number): number {
    const area = this.areaOf(slot);
    return area.references[slot - area.base]!;
  }
  /** Drops a reference; the last one frees the slot, and the cache's hold of its frame. */
  unref(slot: number): void {
    const area = this.areaOf(slot);
    const index = slot - area.base;
    if (--area.references[index]! > 0) return;
    area.used--;
    this.forget(slot);
    const owner = area.owners[index]!;
    if (owner === 0) return;
    area.owners[index] = 0;
    this.accounts?.charge(owner, -1);
  }
  /** Who pays for a slot, 0 for nobody. */
  ownerOf(slot: number): number {
    const area = this.areaOf(slot);
    return area.owners[slot - area.base]!;
  }

  // the cache

  /** The slot of a frame that is in the cache; -1 for others. */
  slotOfFrame(frame: number): number {
    return this.slots.get(frame) ?? -1;
  }
  frameOfSlot(slot: number): number {
    return this.cached.get(slot) ?? 0;
  }
  /** Enters a frame, which then has a reference more. `clean`: the area has its content. */
  enter(slot: number, frame: number, clean: boolean): void {
    this.cached.set(slot, frame);
    this.slots.set(frame, slot);
    if (clean) this.written.add(slot);
    this.ram.ref(frame);
  }
  /** Takes a slot out of the cache, and drops the cache's reference. */
  forget(slot: number): void {
    const frame = this.cached.get(slot);
    if (frame === undefined) return;
    this.cached.delete(slot);
    this.slots.delete(frame);
    this.written.delete(slot);
    this.ram.unref(frame);
  }
  /** Frames that only the cache holds, as those who mapped them are gone: pages that can be given back. */
  *idle(): Generator<number> {
    for (const [slot, frame] of this.cached) if (this.ram.refs(frame) === 1) yield slot;
  }
  /** Brings a slot that only the cache still shows to its area, and gives the frame back. False when it can't be written. */
  writeBack(slot: number): boolean {
    const frame = this.cached.get(slot)!;
    if (!this.written.has(slot) && !this.write(slot, frame)) return false;
    this.forget(slot);
    return true;
  }

  write(slot: number, frame: number): boolean {
    const area = this.areaOf(slot);
    if (!area.options.store.write(this.ram, frame, area.offset(slot))) return false;
    this.out++;
    return true;
  }
  read(slot: number, frame: number): boolean {
    const area = this.areaOf(slot);
    if (!area.options.store.read(this.ram, frame, area.offset(slot))) return false;
    this.in++;
    return true;
  }
}
