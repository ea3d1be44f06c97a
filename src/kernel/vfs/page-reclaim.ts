// Pages of files under pressure: those that can be read again are dropped when RAM has none left, those of files that live
// in RAM alone go to swap if there is any. Caches that were not touched since the last round go first (the clock
// algorithm). Pages that programs map stay: mm/reclaim.ts unmaps those that are not used, then they are as good as these.
import type { Ram } from "../../machine/ram.ts";
import type { ReclaimTarget } from "../mm/reclaim.ts";
import type { Swap, SwapArea } from "../mm/swap.ts";
import type { PageCache } from "./page-cache.ts";

export class PageReclaim {
  /** Caches of pages that can be read again, and of those that are nowhere else. */
  private readonly caches = new Set<PageCache>();
  private readonly inMemory = new Set<PageCache>();
  readonly swap: Swap | undefined;

  constructor(swap?: Swap) {
    this.swap = swap;
  }
  /** Set while pages are charged to memory groups. */
  allocateCharged: ((sparse: boolean, owner: number) => number) | undefined;

  /** A frame for a page of a file; of one that is in RAM alone if `sparse`. `owner`: who paid for its slot. 0: none. */
  allocate(ram: Ram, sparse: boolean, owner = 0): number {
    return this.allocateCharged === undefined ? ram.allocFrame() : this.allocateCharged(sparse, owner);
  }
  /** A cache that has got its first page. */
  add(cache: PageCache): void {
    (cache.sparse ? this.inMemory : this.caches).add(cache);
  }
  /** Pages that can be read again, mapped ones included. */
  get count(): number {
    let sum = 0;
    for (const cache of this.caches) sum += cache.resident;
    return sum;
  }
  /** Pages that are nowhere else: of tmpfs and shared memory. */
  get memoryCount(): number {
    let sum = 0;
    for (const cache of this.inMemory) sum += cache.resident;
    return sum;
  }
  /** Frees pages that only caches hold. Returns how many. */
  shrinkIdle(wanted: number, target?: ReclaimTarget, swaps = true): number {
    const freed = shrink(this.caches, wanted, target);
    if (freed >= wanted || !swaps || !this.swap || this.swap.free === 0) return freed;
    return freed + shrink(this.inMemory, wanted - freed, target);
  }
  /** Drops the idle pages of a range of one cache. */
  dropRange(cache: PageCache, start: number, end: number): void {
    for (let index = start; index < end; index++) cache.release(index);
  }
  /** Brings all pages back from a swap area that is to be emptied. False when they do not fit. */
  bringBack(area: SwapArea): boolean {
    for (const cache of [...this.inMemory]) if (!cache.bringBack(area)) return false;
    return true;
  }
  /** Drops all that can be read again and that nobody maps: vm.drop_caches. */
  dropAll(): void {
    for (const cache of [...this.caches]) {
      cache.shrink(Number.POSITIVE_INFINITY);
      if (cache.count === 0) this.caches.delete(cache);
    }
  }
}

function shrink(caches: Set<PageCache>, wanted: number, target: ReclaimTarget | undefined): number {
  let freed = 0;
  // Once around takes the marks away, twice around finds all there is.
  for (let left = caches.size * 2; left > 0 && freed < wanted; left--) {
    const [cache] = caches;
    if (!cache) break;
    caches.delete(cache);
    if (cache.used) cache.used = false;
    else freed += cache.shrink(wanted - freed, target);
    if (cache.count > 0) caches.add(cache);
  }
  return freed;
}
