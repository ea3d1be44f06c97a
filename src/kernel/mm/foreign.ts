// A debugger's access to memory, which protections do not stop (Linux's FOLL_FORCE): breakpoints are written to code
// that nobody may write. Private pages are copied first, so that neither the file nor another process sees them.
import { MAP_SHARED, PROT_READ, PROT_WRITE } from "../../abi/flags.ts";
import { PTE_V, PTE_W } from "../../machine/page-table.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { type AddressSpace, PTE_CACHE, TASK_SIZE } from "./address-space.ts";
import { type Access, READ, resolve, WRITE } from "./fault.ts";
import { PTE_LAZY } from "./reclaim.ts";
import type { Vma } from "./vma.ts";

/** Reads; returns the bytes read, fewer at the first page that there is not. */
export function readForced(mm: AddressSpace, address: number, into: Uint8Array): number {
  return eachPage(mm, address, into.length, READ, (physical, done, n) => {
    into.set(mm.ram.u8.subarray(physical, physical + n), done);
  });
}

/** Writes; what was decoded of the code there is decoded anew. */
export function writeForced(mm: AddressSpace, address: number, from: Uint8Array): number {
  const written = eachPage(mm, address, from.length, WRITE, (physical, done, n) => {
    mm.ram.codeWritten(physical - (physical % PAGE_SIZE));
    mm.ram.u8.set(from.subarray(done, done + n), physical);
  });
  mm.kernel.hart.flushCode();
  return written;
}

function eachPage(
  mm: AddressSpace,
  address: number,
  length: number,
  access: Access,
  copy: (physical: number, done: number, n: number) => void,
): number {
  let done = 0;
  while (done < length) {
    const at = address + done;
    const physical = frameOf(mm, at, access);
    if (physical === 0) break;
    const n = Math.min(PAGE_SIZE - (at % PAGE_SIZE), length - done);
    copy(physical, done, n);
    done += n;
  }
  return done;
}

/** The physical address for a forced access; 0: there is nothing, or what is shared may not be written. */
function frameOf(mm: AddressSpace, address: number, access: Access): number {
  if (!(address >= 0 && address < TASK_SIZE)) return 0;
  const page = address - (address % PAGE_SIZE);
  const vma = mm.areas.find(page);
  if (!vma) return 0;
  if ((access === WRITE ? vma.prot & PROT_WRITE : vma.prot & (PROT_READ | PROT_WRITE)) !== 0) {
    return mm.translate(address, access);
  }
  if (access === WRITE && ((vma.flags & MAP_SHARED) !== 0 || (vma.maxProt & PROT_WRITE) === 0)) return 0;
  if (needsFault(mm, vma, page, access) && resolve(mm, vma, page, access) !== 0) return 0;
  const pte = mm.table.get(page);
  return (pte & PTE_V) === 0 ? 0 : ((pte & ~0xfff) >>> 0) + (address % PAGE_SIZE);
}

function needsFault(mm: AddressSpace, vma: Vma, page: number, access: Access): boolean {
  const pte = mm.table.get(page);
  if ((pte & PTE_V) === 0) return true;
  if (access !== WRITE || (pte & PTE_W) !== 0) return false;
  return (pte & (PTE_CACHE | PTE_LAZY)) !== 0 || vma.frame !== undefined || mm.ram.refs((pte & ~0xfff) >>> 0) > 1;
}
