// fork: an address space that looks the same, its private pages shared until someone writes.
import { MAP_SHARED } from "../../abi/flags.ts";
import { PTE_W } from "../../machine/page-table.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { denyWrite } from "../vfs/write-access.ts";
import { AddressSpace, PTE_CACHE, PTE_COW } from "./address-space.ts";
import { isSwapEntry, slotOf } from "./swap.ts";
import type { Vma } from "./vma.ts";

/** The child's address space; undefined when memory is out. fork(2) */
export function copyAddressSpace(from: AddressSpace): AddressSpace | undefined {
  const to = AddressSpace.create(from.kernel);
  if (!to) return undefined;
  copyLayout(from, to);
  if (from.executable) {
    denyWrite(from.executable.inode);
    to.executable = from.executable.ref();
  }
  Object.assign(to.rss, from.rss);
  to.swapped = from.swapped;
  const { memory } = from.kernel;
  const { epoch } = memory.reclaim;
  const shareSlot = (pte: number): void => memory.swap.ref(slotOf(pte));
  for (const vma of from.areas) {
    if (vma.dontFork || vma.wipeOnFork) uncount(from, to, vma);
    if (vma.dontFork) continue;
    const copy: Vma = { ...vma, locked: false };
    if (vma.accounted && to.promise((vma.end - vma.start) / PAGE_SIZE) < 0) {
      to.unref();
      return undefined;
    }
    copy.file?.ref();
    to.enter(copy);
    if (vma.wipeOnFork) continue;
    // A shared page keeps its permissions; a private one becomes read-only in both until one of them writes.
    const shared = (vma.flags & MAP_SHARED) !== 0;
    // PTE_D stays: it says that what MADV_FREE was given for has been written since.
    const clear = shared ? 0 : PTE_W;
    if (!to.table.copyRange(from.table, vma.start, vma.end, clear, PTE_COW, shareSlot)) {
      to.unref();
      return undefined;
    }
  }
  // Reclaim took pages on the way: the parent's counts are not what was copied.
  if (epoch !== memory.reclaim.epoch) recount(to);
  to.peakRss = to.resident;
  return to;
}

function copyLayout(from: AddressSpace, to: AddressSpace): void {
  to.mmapBase = from.mmapBase;
  to.brkStart = from.brkStart;
  to.brk = from.brk;
  to.startCode = from.startCode;
  to.endCode = from.endCode;
  to.startData = from.startData;
  to.endData = from.endData;
  to.startStack = from.startStack;
  to.argStart = from.argStart;
  to.argEnd = from.argEnd;
  to.envStart = from.envStart;
  to.envEnd = from.envEnd;
  to.auxv = from.auxv;
  to.sigreturn = from.sigreturn;
}

/** Pages that the child does not get. */
function uncount(from: AddressSpace, to: AddressSpace, vma: Vma): void {
  const shared = (vma.flags & MAP_SHARED) !== 0;
  from.table.forEach(vma.start, vma.end, (_va, pte) => {
    if (isSwapEntry(pte)) to.swapped--;
    else if ((pte & PTE_CACHE) === 0) to.rss.anonymous--;
    else if (shared) to.rss.shared--;
    else to.rss.file--;
  });
}

/** Counts pages by looking at all of them. */
export function recount(mm: AddressSpace): void {
  const { rss } = mm;
  rss.anonymous = rss.file = rss.shared = mm.swapped = 0;
  for (const vma of mm.areas) {
    const shared = (vma.flags & MAP_SHARED) !== 0;
    mm.table.forEach(vma.start, vma.end, (_va, pte) => {
      if (isSwapEntry(pte)) mm.swapped++;
      else if ((pte & PTE_CACHE) === 0) rss.anonymous++;
      else if (shared) rss.shared++;
      else rss.file++;
    });
  }
}
