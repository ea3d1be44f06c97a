// Memory under pressure. Pages of files that nobody maps go first. Then page tables are walked, one address space after
// another, a stretch at a time (Linux's lru_gen does so too): a page that was accessed since the last walk loses its mark,
// one that was not is taken: what belongs to a file is unmapped and goes with the file's idle pages, what is anonymous
// goes to swap. Nothing has to be kept in order while there is memory enough, and a page needs no list of who maps it:
// when the last of them has been walked over, its frame is free (swap.ts).
import { PTE_A, PTE_D, PTE_S3, PTE_V, PTE_W } from "../../machine/page-table.ts";
import { PAGE_SIZE, type Ram } from "../../machine/ram.ts";
import type { PageReclaim } from "../vfs/page-reclaim.ts";
import { type AddressSpace, PTE_CACHE, TASK_SIZE } from "./address-space.ts";
import { type Swap, swapEntry } from "./swap.ts";
import type { Vma } from "./vma.ts";

/** MADV_FREE was given: what has not been written since need not be kept. */
export const PTE_LAZY = PTE_S3;

/** Bytes of address space that are looked at in one go. */
const STRETCH = 4 << 20;
/** The last pages of files that are mapped stay: programs that run need them, and would have each of them back at once,
 *  for ever. One in so many pages of memory, and at most so many. Then it is the OOM killer's turn. */
const KEPT_PART = 32;
const KEPT_MOST = 1024;
const MAP_SHARED = 1;

/** Whose pages are to be taken: those of a memory group (memory-group.ts), or anybody's. */
export interface ReclaimTarget {
  /** Is the frame charged to it? */
  owns(frame: number): boolean;
  /** Pages of files that it has, and its limit. */
  readonly filePages: number;
  readonly limit: number;
}

export class Reclaim {
  private readonly ram: Ram;
  private readonly swap: Swap;
  private readonly files: PageReclaim;
  /** Address spaces in the order in which they are walked. */
  readonly spaces = new Set<AddressSpace>();
  /** Pages looked at and taken, for /proc/vmstat: anonymous ones, and those of files. */
  readonly counts = { scannedAnonymous: 0, scannedFile: 0, takenAnonymous: 0, takenFile: 0, lazyFreed: 0 };
  /** Grows when page table entries were taken away. */
  epoch = 0;
  private active = false;
  /** MADV_FREE was given: anonymous pages are worth a look without swap, too. */
  lazy = false;

  // the walk that is under way
  private mm!: AddressSpace;
  private vma!: Vma;
  private target: ReclaimTarget | undefined;
  private wanted = 0;
  private freed = 0;
  private unmapped = 0;
  private swaps = false;
  /** Slots are few: a page that has one as others have lost it is no use in RAM. */
  private scarce = false;
  /** Mapped pages of files that may be taken. */
  private spare = 0;
  /** Pages that were accessed lately are taken, too. */
  private eager = false;

  constructor(ram: Ram, swap: Swap, files: PageReclaim) {
    this.ram = ram;
    this.swap = swap;
    this.files = files;
  }

  /** Frees at least `wanted` pages if so many are to be had. Returns how many. */
  shrink(wanted: number, target?: ReclaimTarget, swappiness = 60): number {
    // An allocation on the way to swap must not come back here.
    if (this.active) return 0;
    this.active = true;
    this.wanted = wanted;
    this.target = target;
    // Without a free slot, too, pages can go that have one already.
    const swaps = swappiness > 0 && (this.swap.free > 0 || this.swap.cachedPages > 0);
    this.freed = this.files.shrinkIdle(wanted, target, swaps);
    this.counts.takenFile += this.freed;
    if (this.freed < wanted) this.dropIdleSwapped();
    if (this.freed < wanted) this.walk(swaps);
    this.active = false;
    this.target = undefined;
    return this.freed;
  }

  /** Takes the pages of a range whether they were accessed or not: MADV_PAGEOUT. */
  pageOut(mm: AddressSpace, vma: Vma, start: number, end: number): void {
    if (this.active || vma.locked || vma.frame) return;
    this.active = true;
    this.eager = this.swaps = true;
    this.spare = Number.POSITIVE_INFINITY;
    this.wanted = Number.POSITIVE_INFINITY;
    this.freed = this.unmapped = 0;
    this.mm = mm;
    this.vma = vma;
    this.mm.table.forEach(start, end, this.visit);
    if (vma.pages && this.unmapped > 0) {
      const first = (vma.offset + start - vma.start) / PAGE_SIZE;
      this.files.dropRange(vma.pages, first, first + (end - start) / PAGE_SIZE);
    }
    this.eager = false;
    this.active = false;
  }

  private dropIdleSwapped(): void {
    for (const slot of [...this.swap.idle()]) {
      const frame = this.swap.frameOfSlot(slot);
      if (this.target && !this.target.owns(frame)) continue;
      if (this.freed >= this.wanted) return;
      if (this.swap.writeBack(slot)) this.freed++;
    }
  }

  /** Around and around: the first time takes marks away, the second time finds all there is. It begins in the middle. */
  private walk(swaps: boolean): void {
    const { spaces, files, target } = this;
    const [had, limit] = target ? [target.filePages, target.limit] : [files.count, this.ram.totalFrames];
    this.spare = had - Math.min(KEPT_MOST, Math.ceil(Math.min(limit, this.ram.totalFrames) / KEPT_PART));
    this.scarce = this.swap.free < this.swap.cachedPages;
    let ends = 3 * spaces.size;
    while (ends > 0 && this.freed < this.wanted) {
      const [mm] = spaces;
      if (!mm) break;
      this.unmapped = 0;
      if (!this.stretch(mm, swaps)) {
        ends--;
        spaces.delete(mm);
        spaces.add(mm);
      }
      if (this.unmapped > 0) {
        const dropped = files.shrinkIdle(this.wanted - this.freed, target, swaps);
        this.freed += dropped;
        this.counts.takenFile += dropped;
      }
    }
  }

  /** Looks at the next stretch of an address space. False at its end. */
  private stretch(mm: AddressSpace, swaps: boolean): boolean {
    this.swaps = swaps;
    let vma = mm.areas.from(mm.walkedTo);
    while (vma && (vma.locked || vma.frame || (!swaps && !vma.pages && !this.lazy))) vma = mm.areas.from(vma.end);
    if (!vma) {
      mm.walkedTo = 0;
      return false;
    }
    const start = Math.max(vma.start, mm.walkedTo);
    const end = Math.min(vma.end, start - (start % STRETCH) + STRETCH);
    this.mm = mm;
    this.vma = vma;
    mm.table.forEach(start, end, this.visit);
    mm.walkedTo = end < TASK_SIZE ? end : 0;
    return true;
  }

  /** Decides about one page: what its entry becomes, undefined to leave it. */
  private readonly visit = (va: number, pte: number): number | undefined => {
    if ((pte & PTE_V) === 0 || this.freed >= this.wanted) return undefined;
    const frame = (pte & ~0xfff) >>> 0;
    const { target, counts } = this;
    if (target && !target.owns(frame)) return undefined;
    const cached = (pte & PTE_CACHE) !== 0;
    if (cached) counts.scannedFile++;
    else counts.scannedAnonymous++;
    if ((pte & PTE_A) !== 0 && !this.eager && !(this.scarce && !cached && this.swap.slotOfFrame(frame) >= 0)) {
      return (pte & ~PTE_A) >>> 0;
    }
    if (cached) return this.mayUnmap() ? this.unmap(va, pte, frame) : undefined;
    if ((pte & (PTE_LAZY | PTE_D)) === PTE_LAZY) return this.dropLazy(frame);
    return this.swaps ? this.swapOut(frame) : undefined;
  };

  /** A page that is in RAM alone can go only to swap. */
  private mayUnmap(): boolean {
    return this.vma.pages?.sparse ? this.swaps : this.spare-- > 0;
  }
  private unmap(va: number, pte: number, frame: number): number {
    const { mm, vma } = this;
    if ((vma.flags & MAP_SHARED) !== 0) {
      mm.rss.shared--;
      if ((pte & PTE_W) !== 0) vma.pages?.dirty((vma.offset + va - vma.start) / PAGE_SIZE);
    } else mm.rss.file--;
    this.ram.unref(frame);
    this.unmapped++;
    this.epoch++;
    return 0;
  }
  private dropLazy(frame: number): number {
    this.mm.rss.anonymous--;
    this.epoch++;
    this.counts.lazyFreed++;
    if (this.ram.refs(frame) === 1) this.freed++;
    this.ram.unref(frame);
    return 0;
  }
  private swapOut(frame: number): number | undefined {
    const { mm, swap, ram } = this;
    let slot = swap.slotOfFrame(frame);
    if (slot >= 0) swap.ref(slot);
    else {
      slot = swap.take(ram.ownerOf(frame));
      if (slot < 0) return undefined;
      swap.enter(slot, frame, false);
    }
    mm.rss.anonymous--;
    mm.swapped++;
    this.epoch++;
    ram.unref(frame);
    if (ram.refs(frame) === 1 && swap.writeBack(slot)) {
      this.freed++;
      this.counts.takenAnonymous++;
    }
    return swapEntry(slot);
  }
}
