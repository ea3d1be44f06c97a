// The machine's memory as a whole: swap, reclaim, memory groups and, when nothing else helps, the OOM killer.
import type { Ram } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import { reclaimStall } from "../psi/change.ts";
import type { PageReclaim } from "../vfs/page-reclaim.ts";
import { allocateCharged, targetOf, uncharge } from "./charge.ts";
import { FILE, idOf, type MemoryGroup, MemoryGroups, SHARED } from "./memory-group.ts";
import { outOfMemory } from "./oom.ts";
import { Overcommit } from "./overcommit.ts";
import { Reclaim } from "./reclaim.ts";
import type { Swap } from "./swap.ts";

/** Pages freed at a time, at least: a round costs more than a page. */
const BATCH = 256;

export class Memory {
  readonly kernel: Kernel;
  readonly swap: Swap;
  readonly reclaim: Reclaim;
  readonly overcommit: Overcommit;
  readonly groups = new MemoryGroups();
  private readonly files: PageReclaim;
  /** Processes killed for memory: /proc/vmstat. */
  oomKills = 0;
  /** Allocations that had to free memory first. */
  stalls = 0;

  constructor(kernel: Kernel, ram: Ram, swap: Swap, files: PageReclaim) {
    this.kernel = kernel;
    this.swap = swap;
    this.files = files;
    this.reclaim = new Reclaim(ram, swap, files);
    this.overcommit = new Overcommit(kernel, swap);
    ram.reclaim = () => this.makeRoom();
    kernel.sysctl.onSet.set("vm/drop_caches", () => {
      if ((kernel.sysctl.number("vm/drop_caches") & 1) !== 0) files.dropAll();
    });
    this.groups.onFirst = () => this.beginCharging(ram);
    this.groups.onRemove = (group, heir) => this.bequeath(group, heir);
  }

  /** No frame is free: frees some, or kills somebody for them. False when the caller can't be helped. */
  makeRoom(): boolean {
    const { clock, current } = this.kernel;
    this.stalls++;
    const start = clock.monotonic();
    const made = this.reclaimOrKill();
    if (current) reclaimStall(current, clock.monotonic() - start);
    return made;
  }
  private reclaimOrKill(): boolean {
    const { ram, sysctl } = this.kernel;
    const swappiness = sysctl.number("vm/swappiness");
    if (this.reclaim.shrink(BATCH, this.unprotected(), swappiness) > 0) return true;
    if (this.charges && this.reclaim.shrink(BATCH, undefined, swappiness) > 0) return true;
    do if (!outOfMemory(this.kernel)) return false;
    while (ram.freeFrames === 0);
    return true;
  }
  /** All pages but those that memory.low and memory.min keep. */
  private unprotected(): ReturnType<typeof targetOf> | undefined {
    return this.charges ? targetOf(this.kernel.ram, this.kernel.cgroups.root.effective.memory, false) : undefined;
  }

  /** Somebody counts pages: there is a group beside the root, or there was. */
  private charges = false;
  /** From now on pages are charged. */
  private beginCharging(ram: Ram): void {
    if (this.charges) return;
    this.charges = true;
    ram.onFree = (owner) => uncharge(this.kernel, owner);
    this.files.allocateCharged = (sparse, owner) => {
      const { current } = this.kernel;
      if (!current || (current.cgroup.parent === undefined && owner === 0)) return ram.allocFrame();
      return allocateCharged(current, sparse ? SHARED : FILE, owner);
    };
    this.swap.accounts = {
      maySwap: (owner) => this.groups.get(owner)?.maySwap() ?? true,
      charge: (owner, pages) => {
        const group = this.groups.get(owner);
        if (!group) return;
        group.own.swapped += pages;
        if (pages > 0) group.counts.swappedOut++;
        else group.counts.swappedIn++;
        group.chargeSwap(pages);
      },
    };
  }
  /** What was charged to a group that is removed is its parent's from now on. */
  private bequeath(group: MemoryGroup, heir: MemoryGroup | undefined): void {
    const { ram } = this.kernel;
    const change = (owners: Uint16Array | undefined): void => {
      if (!owners) return;
      const from = group.id << 2;
      const to = (heir?.id ?? 0) << 2;
      for (let i = 0; i < owners.length; i++) {
        const owner = owners[i]!;
        if (idOf(owner) === group.id) owners[i] = heir ? owner - from + to : 0;
      }
    };
    change(ram.owners);
    for (const area of this.swap.areas) change(area.owners);
    for (const mm of this.reclaim.spaces) {
      if (mm.tablesGroup !== group) continue;
      mm.tablesGroup = heir;
      if (!heir) mm.tablesCharged = 0;
    }
    if (!heir) return;
    const { own } = group;
    for (const kind of [0, 1, 2] as const) heir.own.pages[kind] += own.pages[kind];
    heir.own.stacks += own.stacks;
    heir.own.tables += own.tables;
    heir.own.swapped += own.swapped;
  }
}
