// Page faults: demand paging, copy-on-write, growth of stacks; and what can't be resolved becomes a signal.
import { ENOMEM, type Errno } from "../../abi/errno.ts";
import { MAP_GROWSDOWN, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE, RLIMIT_STACK } from "../../abi/flags.ts";
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGKILL, SIGSEGV } from "../../abi/signal.ts";
import { PTE_A, PTE_D, PTE_R, PTE_V, PTE_W, PTE_X } from "../../machine/page-table.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { Wait } from "../sched/wait-queue.ts";
import { type AddressSpace, PTE_CACHE, PTE_COW } from "./address-space.ts";
import { allocate } from "./allocate.ts";
import { isSwapEntry } from "./swap.ts";
import { swapIn } from "./swap-in.ts";
import type { Vma } from "./vma.ts";

export const READ = 0;
export const WRITE = 1;
export const EXECUTE = 2;
export type Access = 0 | 1 | 2;

/** A fault that is the program's own: the signal it gets. */
export interface BadAccess {
  signal: number;
  code: number;
}

const MAPERR: BadAccess = { signal: SIGSEGV, code: SEGV_MAPERR };
const ACCERR: BadAccess = { signal: SIGSEGV, code: SEGV_ACCERR };
export const BUSERR: BadAccess = { signal: SIGBUS, code: BUS_ADRERR };
export const KILLED: BadAccess = { signal: SIGKILL, code: 0 };

const WRITTEN = PTE_W | PTE_D;

/** Page table flags for a protection. RISC-V has no write-only pages. */
export function pteFlags(prot: number): number {
  let flags = PTE_V | PTE_A;
  if ((prot & (PROT_READ | PROT_WRITE)) !== 0) flags |= PTE_R;
  if ((prot & PROT_WRITE) !== 0) flags |= PTE_W | PTE_D;
  if ((prot & PROT_EXEC) !== 0) flags |= PTE_X;
  return flags;
}

/** Resolves a fault. 0 when the access can be tried again. */
export function fault(mm: AddressSpace, address: number, access: Access): 0 | BadAccess | Wait<number> {
  const page = address - (address & (PAGE_SIZE - 1));
  const vma = mm.areas.find(page) ?? growStack(mm, page);
  if (!vma) return MAPERR;
  const need = access === WRITE ? PROT_WRITE : access === EXECUTE ? PROT_EXEC : PROT_READ | PROT_WRITE;
  if ((vma.prot & need) === 0) return ACCERR;
  return resolve(mm, vma, page, access);
}

/** As fault, for an access that the area need not permit: a debugger's. A write makes a private page the task's own. */
export function resolve(mm: AddressSpace, vma: Vma, page: number, access: Access): 0 | BadAccess | Wait<number> {
  const task = mm.kernel.current;
  const pte = mm.table.get(page);
  if ((pte & PTE_V) !== 0) {
    if (task) task.minorFaults++;
    return access === WRITE && (pte & WRITTEN) !== WRITTEN
      ? makeWritable(mm, vma, page, pte)
      : refreshed(mm, page, pte);
  }
  if (isSwapEntry(pte)) return swapIn(mm, vma, page, pte);
  if (vma.pages || vma.frame) return mapFilePage(mm, vma, page, access);
  const frame = allocate(mm);
  if (frame === 0) return KILLED;
  if (task) task.minorFaults++;
  if (!mm.mapPage(page, frame, pteFlags(vma.prot))) return KILLED;
  mm.countPage("anonymous");
  return 0;
}

/** The table has the page and permits the access: only the TLB was out of date. */
function refreshed(mm: AddressSpace, page: number, pte: number): 0 {
  mm.table.set(page, (pte | PTE_A) >>> 0);
  return 0;
}

function makeWritable(mm: AddressSpace, vma: Vma, page: number, pte: number): 0 | BadAccess {
  const frame = (pte & ~0xfff) >>> 0;
  const flags = pteFlags(vma.prot);
  if ((vma.flags & MAP_SHARED) !== 0) {
    vma.pages?.dirty((vma.offset + page - vma.start) / PAGE_SIZE);
    mm.table.set(page, (frame | flags | (pte & PTE_CACHE)) >>> 0);
    return 0;
  }
  if ((pte & PTE_CACHE) === 0 && mm.ram.refs(frame) === 1) {
    mm.table.set(page, (frame | flags) >>> 0);
    return 0;
  }
  mm.ram.ref(frame);
  const copy = allocate(mm);
  if (copy !== 0) mm.ram.copy(copy, frame, PAGE_SIZE);
  mm.ram.unref(frame);
  if (copy === 0) return KILLED;
  const now = mm.table.get(page);
  if ((now & ~PTE_A) !== (pte & ~PTE_A)) {
    // The page itself was given up for the copy.
    mm.ram.unref(copy);
    return 0;
  }
  mm.table.set(page, (copy | flags) >>> 0);
  mm.ram.unref(frame);
  if ((pte & PTE_CACHE) !== 0) {
    mm.rss.file--;
    mm.countPage("anonymous");
  }
  return 0;
}

function mapFilePage(mm: AddressSpace, vma: Vma, page: number, access: Access): 0 | BadAccess | Wait<number> {
  const offset = vma.offset + (page - vma.start);
  const shared = (vma.flags & MAP_SHARED) !== 0;
  let frame: number | Errno | Wait<number>;
  if (vma.frame) frame = vma.frame(vma, offset);
  else {
    // A page wholly behind the end of the file has nothing to show. mmap(2)
    const size = vma.file?.inode.mapSize() ?? Number.POSITIVE_INFINITY;
    if (offset >= size) return BUSERR;
    frame = vma.pages!.get(offset / PAGE_SIZE);
  }
  if (frame instanceof Wait) {
    if (mm.kernel.current) mm.kernel.current.majorFaults++;
    return frame;
  }
  if (mm.kernel.current) mm.kernel.current.minorFaults++;
  if (frame < 0) return frame === ENOMEM ? KILLED : BUSERR;
  if (!shared && access === WRITE) {
    mm.ram.ref(frame);
    const copy = allocate(mm);
    if (copy !== 0) mm.ram.copy(copy, frame, PAGE_SIZE);
    mm.ram.unref(frame);
    if (copy === 0 || !mm.mapPage(page, copy, pteFlags(vma.prot))) return KILLED;
    mm.countPage("anonymous");
    return 0;
  }
  let flags = pteFlags(vma.prot) | PTE_CACHE;
  if (!shared) flags = (flags & ~(PTE_W | PTE_D)) | PTE_COW;
  else if (access !== WRITE) flags &= ~(PTE_W | PTE_D);
  else vma.pages?.dirty(offset / PAGE_SIZE);
  mm.ram.ref(frame);
  if (!mm.mapPage(page, frame, flags)) return KILLED;
  mm.countPage(shared ? "shared" : "file");
  return 0;
}

/** Pages kept free below a stack (Linux's stack_guard_gap). */
const GUARD = 256 * PAGE_SIZE;

/** Grows the stack above `page` down to it, if there is one, its limit allows, and the guard gap stays. */
function growStack(mm: AddressSpace, page: number): Vma | undefined {
  const vma = mm.areas.from(page);
  if (!vma || (vma.flags & MAP_GROWSDOWN) === 0) return undefined;
  const limit = mm.kernel.current?.group.limit(RLIMIT_STACK) ?? 8 << 20;
  if (vma.end - page > limit) return undefined;
  const below = mm.areas.before(page);
  if (below && (below.flags & MAP_GROWSDOWN) === 0 && below.prot !== 0 && page - below.end < GUARD) return undefined;
  if (below && page < below.end) return undefined;
  const pages = (vma.start - page) / PAGE_SIZE;
  if (vma.accounted && mm.promise(pages) < 0) return undefined;
  mm.totalPages += pages;
  vma.start = page;
  return vma;
}
