// What is behind each page of an address space, 64 bits a page: /proc/PID/pagemap. proc_pid_pagemap(5)
import { PAGE_SIZE } from "../../machine/ram.ts";
import { type AddressSpace, PTE_CACHE } from "./address-space.ts";
import { isSwapEntry, slotOf } from "./swap.ts";

/** Bytes of an entry. */
export const PAGE_MAP_ENTRY = 8;

// Upper halves of an entry; below bit 55 stands the frame number, or the swap area's (5 bits) and the page's in it. Writes
// are not tracked: "soft-dirty" (55) stays clear.
const EXCLUSIVE = 1 << 24;
const FILE = 1 << 29;
const SWAPPED = 0x40000000;
const PRESENT = 0x80000000;

/** The entries of the pages from number `first` on. Frame numbers are for those who may see them; others get 0. */
export function pageMap(mm: AddressSpace, first: number, pages: number, frames: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pages * PAGE_MAP_ENTRY);
  const view = new DataView(bytes.buffer);
  const start = first * PAGE_SIZE;
  mm.table.forEach(start, start + pages * PAGE_SIZE, (va, pte) => {
    const at = ((va - start) / PAGE_SIZE) * PAGE_MAP_ENTRY;
    if (isSwapEntry(pte)) {
      if (frames) view.setUint32(at, slotOf(pte) << 5, true);
      view.setUint32(at + 4, SWAPPED, true);
      return;
    }
    const frame = (pte & ~0xfff) >>> 0;
    const cached = (pte & PTE_CACHE) !== 0;
    // The page cache itself holds a page of a file, beside those that map it.
    const users = mm.ram.refs(frame) - (cached ? 1 : 0);
    if (frames) view.setUint32(at, frame / PAGE_SIZE, true);
    view.setUint32(at + 4, (PRESENT | (cached ? FILE : 0) | (users > 1 ? 0 : EXCLUSIVE)) >>> 0, true);
  });
  return bytes;
}
