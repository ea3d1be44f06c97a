// The machine's memory as a whole: swap, reclaim and, when nothing else helps, the OOM killer; how much was promised.
import type { Ram } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import type { PageReclaim } from "../vfs/page-reclaim.ts";
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
  /** Processes killed for memory: /proc/vmstat. */
  oomKills = 0;
  /** Allocations that had to free memory first. */
  stalls = 0;

  constructor(kernel: Kernel, ram: Ram, swap: Swap, files: PageReclaim) {
    this.kernel = kernel;
    this.swap = swap;
    this.reclaim = new Reclaim(ram, swap, files);
    this.overcommit = new Overcommit(kernel, swap);
    ram.reclaim = () => this.makeRoom();
  }
  /** No frame is free: frees some, or kills somebody for them. False when the caller can't be helped. */
  makeRoom(): boolean {
    const { ram, sysctl } = this.kernel;
    this.stalls++;
    if (this.reclaim.shrink(BATCH, undefined, sysctl.number("vm/swappiness")) > 0) return true;
    do if (!outOfMemory(this.kernel)) return false;
    while (ram.freeFrames === 0);
    return true;
  }
}
