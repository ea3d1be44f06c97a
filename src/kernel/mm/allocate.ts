// Frames for a program's own pages.
import type { AddressSpace } from "./address-space.ts";
import { allocateCharged } from "./charge.ts";
import { ANONYMOUS } from "./memory-group.ts";

/** A zeroed frame; reclaim and the OOM killer have done what they could. 0: there is none, and the task is to die.
 *  `owner`: who pays for the slot that the page comes back from. */
export function allocate(mm: AddressSpace, owner = 0): number {
  const task = mm.kernel.current;
  if (task === undefined || (task.cgroup.parent === undefined && owner === 0)) return mm.ram.allocFrame();
  return allocateCharged(task, ANONYMOUS, owner);
}
