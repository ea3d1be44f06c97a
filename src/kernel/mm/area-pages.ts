// How many pages an area has in RAM, and who shares them: /proc/PID/smaps.
import type { AddressSpace } from "./address-space.ts";
import type { Vma } from "./vma.ts";

/** Pages. "Proportional" ones are divided by the number of those that map them. */
export interface AreaPages {
  resident: number;
  proportional: number;
  proportionalDirty: number;
  proportionalAnonymous: number;
  proportionalFile: number;
  proportionalShared: number;
  sharedClean: number;
  sharedDirty: number;
  privateClean: number;
  privateDirty: number;
  anonymous: number;
  locked: number;
  swapped: number;
  proportionalSwapped: number;
}

export const noPages = (): AreaPages => ({
  resident: 0,
  proportional: 0,
  proportionalDirty: 0,
  proportionalAnonymous: 0,
  proportionalFile: 0,
  proportionalShared: 0,
  sharedClean: 0,
  sharedDirty: 0,
  privateClean: 0,
  privateDirty: 0,
  anonymous: 0,
  locked: 0,
  swapped: 0,
  proportionalSwapped: 0,
});

const MAP_SHARED = 1;

export function areaPages(mm: AddressSpace, vma: Vma): AreaPages {
  const sum = noPages();
  const shared = (vma.flags & MAP_SHARED) !== 0;
  const resident = (cached: boolean, references: number): void => {
    // A page of a file counts the page cache among its references.
    const users = Math.max(1, cached ? references - 1 : references);
    const part = 1 / users;
    sum.resident++;
    sum.proportional += part;
    if (!cached) {
      sum.anonymous++;
      sum.proportionalAnonymous += part;
    } else if (shared) sum.proportionalShared += part;
    else sum.proportionalFile += part;
    const dirty = !cached || (shared && (vma.prot & 2) !== 0);
    if (dirty) sum.proportionalDirty += part;
    if (users > 1) {
      if (dirty) sum.sharedDirty++;
      else sum.sharedClean++;
    } else if (dirty) sum.privateDirty++;
    else sum.privateClean++;
  };
  mm.eachPage(vma.start, vma.end, resident, (references) => {
    sum.swapped++;
    sum.proportionalSwapped += 1 / references;
  });
  if (vma.locked) sum.locked = sum.resident;
  return sum;
}
