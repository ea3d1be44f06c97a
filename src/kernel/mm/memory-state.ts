// How RAM is used, in pages, as /proc/meminfo, sysinfo(2) and free(1) divide it.
import type { Kernel } from "../kernel.ts";
import type { AddressSpace } from "./address-space.ts";

export interface MemoryState {
  total: number;
  free: number;
  /** What programs could get without pressure: cached file pages count as free. */
  available: number;
  buffers: number;
  /** Pages of files, those of tmpfs included. */
  cached: number;
  /** tmpfs and shared memory. */
  shared: number;
  anonymous: number;
  /** Mapped pages of files. */
  mapped: number;
  /** Address space promised to programs. */
  committed: number;
  locked: number;
  /** Frames of page tables. */
  tables: number;
  swapTotal: number;
  swapFree: number;
  /** Pages that are in RAM and in swap. */
  swapCached: number;
}

/** Counts every address space once: threads share theirs. */
export function memoryState(kernel: Kernel): MemoryState {
  const { totalFrames: total, freeFrames: free } = kernel.ram;
  const seen = new Set<AddressSpace>();
  let anonymous = 0;
  let mapped = 0;
  let tables = 0;
  let locked = 0;
  for (const task of kernel.tasks.all) {
    const { mm } = task;
    if (!mm || seen.has(mm)) continue;
    seen.add(mm);
    anonymous += mm.rss.anonymous;
    mapped += mm.rss.file + mm.rss.shared;
    tables += mm.table.frames;
    locked += mm.lockedPages;
  }
  // Copy-on-write counts a page for each that maps it: what is used bounds the sum. The rest holds pages of files.
  const used = Math.max(0, total - free);
  anonymous = Math.min(anonymous, used);
  const cached = Math.max(0, used - anonymous - tables);
  const shared = Math.min(cached, kernel.vfs.reclaim.memoryCount);
  const reclaimable = cached - shared;
  return {
    total,
    free,
    available: Math.min(total, free + reclaimable),
    buffers: 0,
    cached,
    shared,
    anonymous,
    mapped: Math.min(mapped, cached),
    committed: kernel.memory.overcommit.committed,
    locked,
    tables,
    swapTotal: kernel.swap.total,
    swapFree: kernel.swap.free,
    swapCached: kernel.swap.cachedPages,
  };
}
