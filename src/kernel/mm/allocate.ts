// Frames for a program's own pages.
import type { AddressSpace } from "./address-space.ts";

/** A zeroed frame; reclaim and the OOM killer have done what they could. 0: there is none, and the task is to die. */
export function allocate(mm: AddressSpace): number {
  return mm.ram.allocFrame();
}
