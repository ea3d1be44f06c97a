// A file's pages in RAM: read, write and mmap all see the same frames. For tmpfs the page cache is the file; for others
// it is filled on demand by `fill`, and `writeBack` (hostfs) carries changes out.
import { EIO, ENOMEM, ENOSPC, type Errno } from "../../abi/errno.ts";
import { PAGE_SIZE, type Ram } from "../../machine/ram.ts";
import type { ReclaimTarget } from "../mm/reclaim.ts";
import type { SwapArea } from "../mm/swap.ts";
import { andThen, Wait } from "../sched/wait-queue.ts";
import type { PageReclaim } from "./page-reclaim.ts";

/** Fills a zeroed page with the file's bytes from `index * 4096` on. */
export type FillPage = (index: number, page: Uint8Array) => 0 | Errno | Wait;

/** A budget of pages, shared by the files of a filesystem. */
export interface PageBudget {
  /** Takes one page; false when there is none left. */
  charge(): boolean;
  uncharge(): void;
}

/** An address space that maps pages of a cache. */
export interface PageMapper {
  /** The cache loses pages [start, end): mappings must forget them. */
  dropPages(cache: PageCache, start: number, end: number): void;
  /** Does it have a shared mapping of the cache that is or may become writable? */
  sharesWritable(cache: PageCache): boolean;
}

export class PageCache {
  readonly ram: Ram;
  private readonly budget: PageBudget | undefined;
  private readonly fill: FillPage | undefined;
  /** Frame (physical address) by page index; the cache holds one reference to each. */
  private readonly frames = new Map<number, number>();
  /** Address spaces that map it, with the number of their areas. */
  private readonly mappers = new Map<PageMapper, number>();
  /** Set where changes must be carried out to a store (hostfs): told when a page was or may be written through a map. */
  onDirty: ((index: number) => void) | undefined;
  /** Set where pages may be dropped when RAM is short, as they can be read again or go to swap (page-reclaim.ts). */
  reclaim: PageReclaim | undefined;
  /** Slots of pages in swap, by page index. */
  private swapped: Map<number, number> | undefined;
  /** Nobody but its mappings knows it: shared anonymous memory goes with the last of them. */
  ownedByMappings = false;
  onDispose: (() => void) | undefined;
  /** Asked for since reclaim looked last. */
  used = false;

  constructor(ram: Ram, fill?: FillPage, budget?: PageBudget) {
    this.ram = ram;
    this.fill = fill;
    this.budget = budget;
  }
  /** Without a store behind it: what is not cached is a hole. */
  get sparse(): boolean {
    return this.fill === undefined;
  }
  /** Pages that it holds: `resident` of them in RAM, the others in swap. */
  get count(): number {
    return this.frames.size + (this.swapped?.size ?? 0);
  }
  get resident(): number {
    return this.frames.size;
  }
  /** The frame of a page if it is in RAM. */
  peek(index: number): number | undefined {
    return this.frames.get(index);
  }
  /** Is there such a page, in RAM or in swap? */
  has(index: number): boolean {
    return this.frames.has(index) || (this.swapped?.has(index) ?? false);
  }
  /** The frame of a page, filled if need be. Errors: ENOMEM, EIO; ENOSPC beyond the budget. */
  get(index: number): number | Errno | Wait {
    const cached = this.frames.get(index);
    this.used = true;
    if (cached !== undefined) return cached;
    if (this.swapped?.has(index)) return this.swapIn(index);
    const frame = this.reclaim ? this.reclaim.allocate(this.ram, this.fill === undefined) : this.ram.allocFrame();
    if (frame === 0) return ENOMEM;
    if (this.budget && !this.budget.charge()) {
      this.ram.unref(frame);
      return ENOSPC;
    }
    if (!this.fill) {
      this.frames.set(index, frame);
      if (this.frames.size === 1) this.reclaim?.add(this);
      return frame;
    }
    const filled = this.fill(index, this.ram.u8.subarray(frame, frame + PAGE_SIZE));
    if (filled instanceof Wait) {
      this.ram.unref(frame);
      this.budget?.uncharge();
      return andThen<number, number>(filled, () => this.get(index));
    }
    if (filled < 0) {
      this.ram.unref(frame);
      this.budget?.uncharge();
      return filled === ENOMEM ? ENOMEM : EIO;
    }
    this.frames.set(index, frame);
    if (this.frames.size === 1) this.reclaim?.add(this);
    return frame;
  }
  private swapIn(index: number): number | Errno {
    const slot = this.swapped!.get(index)!;
    const { swap } = this.reclaim!;
    const frame = this.reclaim!.allocate(this.ram, true, swap!.ownerOf(slot));
    if (frame === 0) return ENOMEM;
    if (!swap!.read(slot, frame)) {
      this.ram.unref(frame);
      return EIO;
    }
    this.swapped!.delete(index);
    swap!.unref(slot);
    this.frames.set(index, frame);
    if (this.frames.size === 1) this.reclaim?.add(this);
    return frame;
  }
  private swapOut(index: number, frame: number): boolean {
    const { swap } = this.reclaim!;
    const slot = swap ? swap.take(this.ram.ownerOf(frame)) : -1;
    if (slot < 0) return false;
    if (!swap!.write(slot, frame)) {
      swap!.unref(slot);
      return false;
    }
    this.frames.delete(index);
    (this.swapped ??= new Map()).set(index, slot);
    this.ram.unref(frame);
    return true;
  }
  /** How many of `count` bytes from the start of the page `index`, whose frame is `frame`, lie in RAM in one piece. */
  piece(index: number, frame: number, count: number): number {
    let n = PAGE_SIZE;
    while (n < count) {
      if (this.frames.get(++index) !== frame + n) return n;
      n += PAGE_SIZE;
    }
    return count;
  }
  map(mapper: PageMapper): void {
    this.mappers.set(mapper, (this.mappers.get(mapper) ?? 0) + 1);
  }
  unmap(mapper: PageMapper): void {
    const count = (this.mappers.get(mapper) ?? 0) - 1;
    if (count > 0) this.mappers.set(mapper, count);
    else this.mappers.delete(mapper);
    if (this.ownedByMappings && this.mappers.size === 0) this.dispose();
  }
  get mapped(): boolean {
    return this.mappers.size > 0;
  }
  /** Can somebody write to it through a shared mapping? Then it can't be sealed against that. */
  get sharedWritable(): boolean {
    for (const mapper of this.mappers.keys()) if (mapper.sharesWritable(this)) return true;
    return false;
  }
  /** A shared mapping wrote, or may write from now on, to the page. */
  dirty(index: number): void {
    this.onDirty?.(index);
  }
  /** Drops pages from `start` up to `end` (indices); mappings lose them first. */
  invalidate(start: number, end = Number.POSITIVE_INFINITY): void {
    for (const mapper of [...this.mappers.keys()]) mapper.dropPages(this, start, end);
    if (end - start < this.count) {
      for (let i = start; i < end; i++) this.drop(i);
    } else {
      for (const index of [...this.frames.keys()]) if (index >= start && index < end) this.drop(index);
      for (const index of [...(this.swapped?.keys() ?? [])]) if (index >= start && index < end) this.drop(index);
    }
  }
  /** Zeroes what lies behind `size` in the page that holds it, as a shorter file must read zeros when it grows again. */
  truncate(size: number): void {
    const within = size % PAGE_SIZE;
    const first = Math.floor(size / PAGE_SIZE);
    if (within !== 0) {
      const frame = this.swapped?.has(first) ? this.swapIn(first) : this.frames.get(first);
      if (frame !== undefined && frame > 0) this.ram.u8.fill(0, frame + within, frame + PAGE_SIZE);
    }
    this.invalidate(within === 0 ? first : first + 1);
  }
  /** The first cached page at or after `index`, for SEEK_DATA on files without other store. */
  next(index: number): number | undefined {
    let best: number | undefined;
    for (const key of this.frames.keys()) if (key >= index && (best === undefined || key < best)) best = key;
    for (const key of this.swapped?.keys() ?? []) if (key >= index && (best === undefined || key < best)) best = key;
    return best;
  }
  /** Gives back pages that nobody but the cache holds, the oldest first. Returns how many. */
  shrink(limit: number, target?: ReclaimTarget): number {
    let freed = 0;
    for (const [index, frame] of this.frames) {
      if (freed >= limit) break;
      if (this.ram.refs(frame) !== 1 || (target && !target.owns(frame))) continue;
      if (!this.fill) {
        if (!this.swapOut(index, frame)) break;
      } else this.drop(index);
      freed++;
    }
    return freed;
  }
  /** Gives one page back if nobody but the cache holds it. */
  release(index: number): void {
    const frame = this.frames.get(index);
    if (frame === undefined || !this.reclaim || this.ram.refs(frame) !== 1) return;
    if (this.fill) this.drop(index);
    else this.swapOut(index, frame);
  }
  /** Brings all of its pages back from a swap area that is to be emptied. False when they do not fit. */
  bringBack(area: SwapArea): boolean {
    for (const [index, slot] of [...(this.swapped ?? [])]) {
      if (!area.holds(slot)) continue;
      const frame = this.swapIn(index);
      if (frame < 0) return false;
    }
    return true;
  }
  dispose(): void {
    this.invalidate(0);
    this.onDispose?.();
    this.onDispose = undefined;
  }
  private drop(index: number): void {
    const frame = this.frames.get(index);
    if (frame === undefined) {
      const slot = this.swapped?.get(index);
      if (slot === undefined) return;
      this.swapped!.delete(index);
      this.budget?.uncharge();
      this.reclaim!.swap!.unref(slot);
      return;
    }
    this.frames.delete(index);
    this.budget?.uncharge();
    this.ram.unref(frame);
  }
}
