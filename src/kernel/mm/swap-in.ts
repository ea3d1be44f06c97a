// A page fault on a page that is in swap.
import { PTE_D, PTE_W } from "../../machine/page-table.ts";
import { type AddressSpace, PTE_COW } from "./address-space.ts";
import { allocate } from "./allocate.ts";
import { type BadAccess, BUSERR, KILLED, pteFlags } from "./fault.ts";
import { slotOf } from "./swap.ts";
import type { Vma } from "./vma.ts";

/** Maps the page of `pte` again. The last one to want a slot gets its frame for itself; the others share it until one
 *  of them writes. SIGBUS when it can't be read. */
export function swapIn(mm: AddressSpace, vma: Vma, page: number, pte: number): 0 | BadAccess {
  const { swap } = mm.kernel.memory;
  const task = mm.kernel.current;
  const slot = slotOf(pte);
  let frame = swap.frameOfSlot(slot);
  if (frame !== 0) {
    mm.ram.ref(frame);
    if (task) task.minorFaults++;
  } else {
    frame = allocate(mm, swap.ownerOf(slot));
    if (frame === 0) return KILLED;
    if (task) task.majorFaults++;
    if (!swap.read(slot, frame)) {
      mm.ram.unref(frame);
      return BUSERR;
    }
    if (swap.refs(slot) > 1) swap.enter(slot, frame, true);
  }
  // The slot is still this entry's: what the allocation made room for is not the entry itself.
  const alone = swap.refs(slot) === 1;
  swap.unref(slot);
  const shared = !alone || mm.ram.refs(frame) > 1;
  const flags = shared ? (pteFlags(vma.prot) & ~(PTE_W | PTE_D)) | PTE_COW : pteFlags(vma.prot);
  mm.table.set(page, (frame | flags) >>> 0);
  mm.swapped--;
  mm.countPage("anonymous");
  return 0;
}

/** Forgets the swapped pages of a range's entry that goes away. */
export function dropSwapped(mm: AddressSpace, pte: number): void {
  mm.kernel.memory.swap.unref(slotOf(pte));
  mm.swapped--;
}
