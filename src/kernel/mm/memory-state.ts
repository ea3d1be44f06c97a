// How RAM is used, in pages, as /proc/meminfo, sysinfo(2) and free(1) divide it.
import type { Kernel } from "../kernel.ts";
import type { Superblock } from "../vfs/superblock.ts";
import type { AddressSpace } from "./address-space.ts";

const IN_MEMORY: ReadonlySet<string> = new Set(["tmpfs", "devtmpfs", "overlay"]);

export interface MemoryState {
  total: number;
  free: number;
  /** What programs could get without pressure: nothing is swapped, so cached file pages count as free. */
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
}

/** Pages of filesystems that live in RAM alone. */
function filesInMemory(kernel: Kernel): number {
  const seen = new Set<Superblock>();
  let pages = 0;
  for (const { mounts } of kernel.tasks.all) {
    for (const { superblock } of mounts.mounts) {
      if (seen.has(superblock) || !IN_MEMORY.has(superblock.filesystem.name)) continue;
      seen.add(superblock);
      const statistics = superblock.statfs();
      if (typeof statistics !== "number") pages += statistics.blocks - statistics.bfree;
    }
  }
  return pages;
}

/** Counts every address space once: threads share theirs. */
export function memoryState(kernel: Kernel): MemoryState {
  const { totalFrames: total, freeFrames: free } = kernel.ram;
  const seen = new Set<AddressSpace>();
  let anonymous = 0;
  let mapped = 0;
  let committed = 0;
  let locked = 0;
  for (const task of kernel.tasks.all) {
    const { mm } = task;
    if (!mm || seen.has(mm)) continue;
    seen.add(mm);
    anonymous += mm.rss.anonymous;
    mapped += mm.rss.file + mm.rss.shared;
    committed += mm.totalPages;
    locked += mm.lockedPages;
  }
  // Copy-on-write counts a page for each that maps it: what is used bounds the sum. The rest holds pages of files.
  const used = Math.max(0, total - free);
  anonymous = Math.min(anonymous, used);
  const cached = used - anonymous;
  const shared = Math.min(cached, filesInMemory(kernel));
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
    committed,
    locked,
  };
}
