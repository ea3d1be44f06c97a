// Mapping calls: mmap, munmap, mprotect, mremap, brk, as operations on an address space. Errors as their man pages say;
// the system calls (syscalls/memory.ts) check arguments that need no address space.
import { EACCES, EAGAIN, EEXIST, EFAULT, EINVAL, ENOMEM, EPERM, type Errno } from "../../abi/errno.ts";
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_LOCKED,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  RLIMIT_AS,
  RLIMIT_DATA,
  RLIMIT_MEMLOCK,
} from "../../abi/flags.ts";
import { PTE_D, PTE_R, PTE_V, PTE_W, PTE_X } from "../../machine/page-table.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_IPC_LOCK } from "../security/cred.ts";
import type { File } from "../vfs/file.ts";
import { PageCache } from "../vfs/page-cache.ts";
import { type AddressSpace, MMAP_MIN, TASK_SIZE } from "./address-space.ts";
import { EXECUTE, fault, pteFlags, READ, WRITE } from "./fault.ts";
import { isAccountable } from "./overcommit.ts";
import type { Vma } from "./vma.ts";

/** vm.max_map_count. */
export const MAX_MAP_COUNT = 65530;
const ACCESS = PROT_READ | PROT_WRITE | PROT_EXEC;
/** Flags of mmap that stay with the area. */
const KEPT = MAP_SHARED | MAP_PRIVATE | MAP_GROWSDOWN | MAP_NORESERVE;

export const pageUp = (n: number): number => Math.ceil(n / PAGE_SIZE) * PAGE_SIZE;
export const pageAligned = (n: number): boolean => (n & (PAGE_SIZE - 1)) === 0;

export interface Mapping {
  address: number;
  length: number;
  prot: number;
  flags: number;
  file?: File | undefined;
  offset?: number;
  name?: string;
  /** Backing other than the file's own pages: shared memory segments. */
  pages?: PageCache;
}

/** Maps. The result is the address. mmap(2) */
export function map(mm: AddressSpace, mapping: Mapping): number | Errno {
  const { prot, flags } = mapping;
  const offset = mapping.offset ?? 0;
  const length = pageUp(mapping.length);
  if (length === 0) return EINVAL;
  if (length > TASK_SIZE) return ENOMEM;
  const address = place(mm, mapping.address, length, flags);
  if (address < 0) return address;
  const refused = overLimit(mm, length, prot, flags, address);
  if (refused < 0) return refused;
  const locked = (flags & MAP_LOCKED) !== 0 || mm.lockFuture;
  if (locked && !mayLock(mm, length)) return EAGAIN;
  const promised = promise(mm, length, prot, flags, address);
  if (promised < 0) return promised;
  const vma: Vma = {
    start: address,
    end: address + length,
    prot: prot & ACCESS,
    maxProt: ACCESS,
    flags: flags & KEPT,
    pages: mapping.pages,
    file: undefined,
    offset,
    name: mapping.name,
    ...(locked ? { locked } : {}),
    ...(isAccountable(mm.kernel, prot, flags) ? { accounted: true } : {}),
  };
  const failure = back(mm, vma, mapping);
  if (failure < 0) {
    mm.giveUp(promised);
    return failure;
  }
  insertMerged(mm, vma);
  if (locked || (flags & MAP_POPULATE) !== 0) populate(mm, address, address + length);
  return address;
}

/** Promises the memory of a mapping, less what goes for it. The pages promised. Errors: ENOMEM. */
function promise(mm: AddressSpace, length: number, prot: number, flags: number, address: number): number | Errno {
  if (!isAccountable(mm.kernel, prot, flags)) return 0;
  const pages = length / PAGE_SIZE;
  // What is replaced is given up in a moment.
  let replaced = 0;
  if ((flags & MAP_FIXED) !== 0) {
    for (const vma of mm.areas.within(address, address + length)) {
      if (vma.accounted) replaced += Math.min(vma.end, address + length) - Math.max(vma.start, address);
    }
  }
  const refused = mm.promise(pages, replaced / PAGE_SIZE);
  return refused < 0 ? refused : pages;
}

/** Finds what is behind an area, and clears its place. */
function back(mm: AddressSpace, vma: Vma, { file, flags, address }: Mapping): 0 | Errno {
  const shared = (flags & MAP_SHARED) !== 0;
  if (file) {
    if (shared && !file.writable) vma.maxProt &= ~PROT_WRITE;
    const prepared = file.ops.mmap?.(file, vma);
    if (prepared !== undefined && prepared < 0) return prepared as Errno;
    if (prepared === undefined) vma.pages = file.inode.pages;
  } else if (shared && !vma.pages) {
    const pages = sharedAnonymous(mm.kernel, vma.end - vma.start, flags);
    if (typeof pages === "number") return pages;
    vma.pages = pages;
  }
  if ((flags & MAP_FIXED) !== 0) {
    const gone = unmap(mm, address, vma.end - vma.start);
    if (gone < 0) return gone;
  }
  vma.file = file?.ref();
  return 0;
}

/** The pages of shared memory without a name: promised as a whole, gone with the last mapping. Errors: ENOMEM. */
export function sharedAnonymous(kernel: Kernel, length: number, flags: number): PageCache | Errno {
  const { overcommit } = kernel.memory;
  const pages = new PageCache(kernel.ram);
  pages.reclaim = kernel.vfs.reclaim;
  pages.ownedByMappings = true;
  if ((flags & MAP_NORESERVE) !== 0 && overcommit.mode !== 2) return pages;
  const refused = overcommit.promise(length / PAGE_SIZE, 0);
  if (refused !== 0) return refused;
  pages.onDispose = () => overcommit.release(length / PAGE_SIZE);
  return pages;
}

/** Where a mapping goes. */
function place(mm: AddressSpace, hint: number, length: number, flags: number): number | Errno {
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0) {
    if (hint > TASK_SIZE - length) return ENOMEM;
    if (!pageAligned(hint)) return EINVAL;
    if (hint < MMAP_MIN && mm.kernel.current?.cred.uid !== 0) return EPERM;
    if ((flags & MAP_FIXED_NOREPLACE) !== 0 && !mm.areas.isFree(hint, hint + length)) return EEXIST;
    return hint;
  }
  if (hint > 0) {
    const wanted = Math.max(pageUp(hint), MMAP_MIN);
    if (wanted <= TASK_SIZE - length && mm.areas.isFree(wanted, wanted + length) && clearOfStack(mm, wanted + length)) {
      return wanted;
    }
  }
  return mm.areas.gapBelow(length, MMAP_MIN, mm.mmapBase) ?? mm.areas.gapBelow(length, MMAP_MIN, TASK_SIZE) ?? ENOMEM;
}

function clearOfStack(mm: AddressSpace, end: number): boolean {
  const above = mm.areas.from(end);
  return !above || (above.flags & MAP_GROWSDOWN) === 0 || above.start - end >= 256 * PAGE_SIZE;
}

/** RLIMIT_AS, RLIMIT_DATA, the number of areas. */
function overLimit(mm: AddressSpace, length: number, prot: number, flags: number, address: number): 0 | Errno {
  const group = mm.kernel.current?.group;
  const replaced = (flags & MAP_FIXED) !== 0 ? overlap(mm, address, length) : 0;
  if (group) {
    if (mm.totalPages * PAGE_SIZE + length - replaced > group.limit(RLIMIT_AS)) return ENOMEM;
    if (isData(prot, flags) && exceedsData(mm, length, group.limit(RLIMIT_DATA))) return ENOMEM;
  }
  if (mm.areas.count >= MAX_MAP_COUNT) return ENOMEM;
  return 0;
}

function overlap(mm: AddressSpace, address: number, length: number): number {
  let sum = 0;
  for (const vma of mm.areas.within(address, address + length)) {
    sum += Math.min(vma.end, address + length) - Math.max(vma.start, address);
  }
  return sum;
}

/** Whether `length` bytes more would be too many; the areas are only counted where all together would be. */
const exceedsData = (mm: AddressSpace, length: number, limit: number): boolean =>
  mm.totalPages * PAGE_SIZE + length > limit && dataPages(mm) * PAGE_SIZE + length > limit;

const dataLimit = (mm: AddressSpace): number => mm.kernel.current?.group.limit(RLIMIT_DATA) ?? Number.POSITIVE_INFINITY;

/** Private, writable and no stack: what RLIMIT_DATA counts. */
const isData = (prot: number, flags: number): boolean =>
  (prot & PROT_WRITE) !== 0 && (flags & (MAP_SHARED | MAP_GROWSDOWN)) === 0;

/** VmData. */
export function dataPages(mm: AddressSpace): number {
  let pages = 0;
  for (const vma of mm.areas) if (isData(vma.prot, vma.flags)) pages += (vma.end - vma.start) / PAGE_SIZE;
  return pages;
}

/** May `length` bytes more be locked? RLIMIT_MEMLOCK */
export function mayLock(mm: AddressSpace, length: number): boolean {
  const task = mm.kernel.current;
  if (!task || task.cred.can(CAP_IPC_LOCK)) return true;
  return mm.lockedPages * PAGE_SIZE + length <= task.group.limit(RLIMIT_MEMLOCK);
}

/** Can the two areas be one? */
function mergeable(low: Vma, high: Vma): boolean {
  return (
    low.end === high.start &&
    low.prot === high.prot &&
    low.flags === high.flags &&
    low.maxProt === high.maxProt &&
    low.pages === high.pages &&
    low.file === high.file &&
    low.name === high.name &&
    low.frame === high.frame &&
    (low.locked ?? false) === (high.locked ?? false) &&
    low.accounted === high.accounted &&
    low.dontFork === high.dontFork &&
    low.dontDump === high.dontDump &&
    low.wipeOnFork === high.wipeOnFork &&
    (low.pages === undefined || low.offset + (low.end - low.start) === high.offset)
  );
}

function insertMerged(mm: AddressSpace, vma: Vma): void {
  mm.enter(vma);
  mergeAround(mm, vma);
}

/** Joins an area with its neighbours where they mean the same. */
export function mergeAround(mm: AddressSpace, vma: Vma): void {
  const below = mm.areas.before(vma.start);
  let whole = vma;
  if (below && mergeable(below, vma)) whole = join(mm, below, vma);
  const above = mm.areas.find(whole.end);
  if (above && mergeable(whole, above)) join(mm, whole, above);
}

function join(mm: AddressSpace, low: Vma, high: Vma): Vma {
  mm.areas.remove(high);
  low.end = high.end;
  high.pages?.unmap(mm);
  high.file?.unref();
  return low;
}

/** munmap(2). Errors: EINVAL; ENOMEM when cutting an area would make too many. */
export function unmap(mm: AddressSpace, address: number, length: number): 0 | Errno {
  if (!pageAligned(address) || length === 0 || address > TASK_SIZE || length > TASK_SIZE - address) return EINVAL;
  const end = address + pageUp(length);
  const cuts = mm.areas.find(address);
  if (cuts && cuts.start < address && cuts.end > end && mm.areas.count >= MAX_MAP_COUNT) return ENOMEM;
  mm.splitAt(address);
  mm.splitAt(end);
  for (const vma of mm.areas.within(address, end)) {
    mm.unmapPages(vma.start, vma.end);
    mm.release(vma);
  }
  return 0;
}

/** mprotect(2). Errors: ENOMEM for unmapped pages; EACCES. What lies before the trouble is changed, as Linux has it. */
export function protect(
  mm: AddressSpace,
  address: number,
  length: number,
  wanted: number,
  readsExecute = false,
): 0 | Errno {
  const end = address + pageUp(length);
  let at = address;
  for (const vma of [...mm.areas.within(address, end)]) {
    if (vma.start > at) return ENOMEM;
    at = vma.end;
    const prot = readsExecute ? wanted | (vma.maxProt & PROT_EXEC) : wanted;
    if ((prot & ~vma.maxProt & ACCESS) !== 0) return EACCES;
    if (vma.prot === (prot & ACCESS)) continue;
    const from = Math.max(address, vma.start);
    const to = Math.min(end, vma.end);
    const becomesData = isData(prot, vma.flags) && !isData(vma.prot, vma.flags);
    if (becomesData && exceedsData(mm, to - from, dataLimit(mm))) return ENOMEM;
    mm.splitAt(from);
    mm.splitAt(to);
    const part = mm.areas.find(from)!;
    if (!part.accounted && isAccountable(mm.kernel, prot, part.flags) && (vma.prot & PROT_WRITE) === 0) {
      if (mm.promise((to - from) / PAGE_SIZE) < 0) {
        mergeAround(mm, part);
        return ENOMEM;
      }
      part.accounted = true;
    }
    part.prot = prot & ACCESS;
    applyProtection(mm, part);
    mergeAround(mm, part);
  }
  return at < end ? ENOMEM : 0;
}

/** Rewrites the entries of present pages. A page becomes writable at its next write: the fault knows what it is. */
function applyProtection(mm: AddressSpace, vma: Vma): void {
  const flags = pteFlags(vma.prot) & ~(PTE_W | PTE_D);
  // PROT_NONE keeps its pages but shows none of them: the entry stays, without permissions.
  mm.table.forEach(vma.start, vma.end, (_va, pte) =>
    (pte & PTE_V) === 0 ? undefined : ((pte & ~(PTE_R | PTE_W | PTE_X)) | flags) >>> 0,
  );
}

/** brk(2)'s work: the new break, or the old one when it can't be moved. */
export function setBreak(mm: AddressSpace, address: number): number {
  if (address < mm.brkStart || address > TASK_SIZE) return mm.brk;
  const from = pageUp(mm.brk);
  const to = pageUp(address);
  if (to > from) {
    const group = mm.kernel.current?.group;
    if (group && address - mm.brkStart + (mm.endData - mm.startData) > group.limit(RLIMIT_DATA)) return mm.brk;
    if (!mm.areas.isFree(from, to + PAGE_SIZE)) return mm.brk;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    const heap = { address: from, length: to - from, prot: PROT_READ | PROT_WRITE, flags, name: "[heap]" };
    if (map(mm, heap) < 0) return mm.brk;
  } else if (to < from) unmap(mm, to, from - to);
  mm.brk = address;
  return address;
}

const MREMAP_MAYMOVE = 1;
const MREMAP_FIXED = 2;
const MREMAP_DONTUNMAP = 4;

/** mremap(2). */
export function remap(
  mm: AddressSpace,
  address: number,
  oldLength: number,
  newLength: number,
  flags: number,
  target: number,
): number | Errno {
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0 || !pageAligned(address)) return EINVAL;
  const fixed = (flags & MREMAP_FIXED) !== 0;
  const keep = (flags & MREMAP_DONTUNMAP) !== 0;
  if ((fixed || keep) && (flags & MREMAP_MAYMOVE) === 0) return EINVAL;
  const oldSize = pageUp(oldLength);
  const newSize = pageUp(newLength);
  if (newSize === 0 || (keep && oldSize !== newSize)) return EINVAL;
  if (fixed && (!pageAligned(target) || newSize > TASK_SIZE || target > TASK_SIZE - newSize)) return EINVAL;
  if (fixed && target < address + oldSize && address < target + newSize) return EINVAL;
  const vma = mm.areas.find(address);
  if (!vma) return EFAULT;
  if (oldSize === 0 && (vma.flags & MAP_SHARED) === 0) return EINVAL;
  if (newSize < oldSize && !fixed) {
    const result = unmap(mm, address + newSize, oldSize - newSize);
    return result < 0 ? result : address;
  }
  if (address + oldSize > vma.end) return EFAULT;
  if (newSize === oldSize && !fixed && !keep) return address;
  const growth = newSize - oldSize;
  const limit = mm.kernel.current?.group.limit(RLIMIT_AS) ?? Number.POSITIVE_INFINITY;
  if (growth > 0 && mm.totalPages * PAGE_SIZE + growth > limit) return ENOMEM;
  if (growth > 0 && isData(vma.prot, vma.flags) && exceedsData(mm, growth, dataLimit(mm))) return ENOMEM;
  if (growth > 0 && vma.locked && !mayLock(mm, growth)) return EAGAIN;
  const atEnd = address + oldSize === vma.end;
  if (!fixed && !keep && atEnd && mm.areas.isFree(vma.end, vma.end + growth) && vma.end + growth <= TASK_SIZE) {
    if (vma.accounted && mm.promise(growth / PAGE_SIZE) < 0) return ENOMEM;
    vma.end += growth;
    mm.totalPages += growth / PAGE_SIZE;
    if (vma.locked) mm.lockedPages += growth / PAGE_SIZE;
    return address;
  }
  if ((flags & MREMAP_MAYMOVE) === 0) return ENOMEM;
  return move(mm, address, oldSize, newSize, fixed ? target : undefined, keep);
}

function move(
  mm: AddressSpace,
  address: number,
  oldSize: number,
  newSize: number,
  fixed: number | undefined,
  keep: boolean,
): number | Errno {
  const target = fixed ?? place(mm, 0, newSize, 0);
  if (target < 0) return target as Errno;
  if (fixed !== undefined) {
    const cleared = unmap(mm, fixed, newSize);
    if (cleared < 0) return cleared;
    if (newSize < oldSize) unmap(mm, address + newSize, oldSize - newSize);
  }
  mm.splitAt(address);
  const moved = Math.min(oldSize, newSize);
  if (oldSize > 0) mm.splitAt(address + moved);
  const source = mm.areas.find(address);
  if (!source) return EFAULT;
  if (source.accounted && mm.promise(newSize / PAGE_SIZE) < 0) return ENOMEM;
  const copy: Vma = { ...source, start: target, end: target + newSize };
  copy.file?.ref();
  mm.enter(copy);
  const pages: number[] = [];
  mm.table.forEach(address, address + moved, (va) => {
    pages.push(va);
  });
  for (const va of pages) {
    // First, as it may take the very page away that is to be moved. Without memory for a table the page is lost.
    const room = mm.table.reserve(target + (va - address));
    const pte = mm.table.get(va);
    if (!room) mm.unmapPages(va, va + PAGE_SIZE);
    else if (pte !== 0) {
      mm.table.set(va, 0);
      mm.table.set(target + (va - address), pte);
    }
  }
  if (!keep && oldSize > 0) mm.release(source);
  mergeAround(mm, copy);
  return target;
}

/** Faults pages in: MAP_POPULATE, MAP_LOCKED, mlock, MADV_POPULATE_*. Errors: ENOMEM, EFAULT. */
export function populate(mm: AddressSpace, start: number, end: number, write?: boolean): 0 | Errno {
  for (let at = start; at < end; at += PAGE_SIZE) {
    const vma = mm.areas.find(at);
    if (!vma) return ENOMEM;
    if (write === true && (vma.prot & PROT_WRITE) === 0) return EFAULT;
    if (vma.prot === 0) continue;
    const wanted = write ?? ((vma.prot & PROT_WRITE) !== 0 && (vma.flags & MAP_SHARED) === 0);
    const pte = mm.table.get(at);
    if ((pte & PTE_V) !== 0 && (!wanted || (pte & PTE_W) !== 0)) continue;
    const access = wanted
      ? WRITE
      : (vma.prot & PROT_READ) !== 0
        ? READ
        : (vma.prot & PROT_WRITE) !== 0
          ? WRITE
          : EXECUTE;
    if (fault(mm, at, access) !== 0) return EFAULT;
  }
  return 0;
}
