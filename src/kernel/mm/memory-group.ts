// What the memory controller keeps for a cgroup: pages charged to it and to those below, limits, events. A page is charged
// to the group of the task that brought it in, whoever uses it later, until its frame is free or, in swap, its slot.
// Charging and reclaim are in charge.ts, the files in memory-files.ts. cgroups(7), Documentation/admin-guide/cgroup-v2
import type { Cgroup } from "../cgroup/cgroup.ts";
import type { ControllerState } from "../cgroup/controller.ts";
import type { Task } from "../task/task.ts";
import type { AddressSpace } from "./address-space.ts";

/** What a page is, in the low bits of its frame's owner. */
export const ANONYMOUS = 0;
export const FILE = 1;
export const SHARED = 2;
export type PageKind = 0 | 1 | 2;
const KIND_BITS = 2;
const MAX_GROUPS = 0xffff >> KIND_BITS;

/** Pages of a task's kernel stack, as Linux has them on riscv64. */
const KERNEL_STACK = 4;

export type MemoryEvent = "low" | "high" | "max" | "oom" | "oom_kill" | "oom_group_kill";
const noEvents = (): Record<MemoryEvent, number> => ({
  low: 0,
  high: 0,
  max: 0,
  oom: 0,
  oom_kill: 0,
  oom_group_kill: 0,
});

/** A count with limits, that of those below included. */
export class Counter {
  current = 0;
  peak = 0;
  max = Number.POSITIVE_INFINITY;
  high = Number.POSITIVE_INFINITY;
  /** Peaks since somebody wrote to the peak file, for that open file alone. */
  readonly watchers = new Set<{ peak: number }>();

  add(pages: number): void {
    this.current += pages;
    if (this.current > this.peak) this.peak = this.current;
    for (const watcher of this.watchers) if (this.current > watcher.peak) watcher.peak = this.current;
  }
}

export class MemoryGroup implements ControllerState {
  readonly cgroup: Cgroup;
  readonly parent: MemoryGroup | undefined;
  /** Its number in the owners of frames and slots; 0 for the root, which is not charged. */
  readonly id: number;
  readonly memory = new Counter();
  readonly swap = new Counter();
  /** Pages that reclaim spares, while others have any (low), and in any case (min). */
  low = 0;
  min = 0;
  oomGroup = false;
  /** Its own pages by kind, kernel memory, and pages in swap. */
  readonly own = { pages: [0, 0, 0] as [number, number, number], stacks: 0, tables: 0, swapped: 0 };
  readonly events = noEvents();
  readonly localEvents = noEvents();
  readonly swapEvents = { high: 0, max: 0, fail: 0 };
  /** Of its own tasks and pages, for memory.stat. */
  readonly counts = { faults: 0, majorFaults: 0, scanned: 0, taken: 0, swappedIn: 0, swappedOut: 0 };
  /** Pages charged beyond memory.high since that was last looked at. */
  beyondHigh = 0;
  /** Failures at its limit, for the log. */
  failures = 0;

  constructor(cgroup: Cgroup) {
    this.cgroup = cgroup;
    this.parent = cgroup.parent?.effective.memory;
    this.id = this.parent ? groupsOf(this).add(this) : 0;
  }

  // from the hierarchy
  fork(): void {
    this.own.stacks += KERNEL_STACK;
    this.charge(KERNEL_STACK);
  }
  release(): void {
    this.own.stacks -= KERNEL_STACK;
    this.charge(-KERNEL_STACK);
  }
  attach(_task: Task, from: ControllerState): void {
    // Pages stay where they were charged; a task's stack goes with it.
    this.fork();
    if (from instanceof MemoryGroup && from.parent) from.release();
  }
  /** Its pages are its parent's. */
  destroy(): void {
    groupsOf(this).remove(this);
  }

  /** Counts pages here and in the groups above. */
  charge(pages: number): void {
    for (let at: MemoryGroup = this; at.parent; at = at.parent) at.memory.add(pages);
  }
  chargeSwap(pages: number): void {
    for (let at: MemoryGroup = this; at.parent; at = at.parent) at.swap.add(pages);
  }
  /** The nearest group, from this one up, that `pages` more would bring above its limit. */
  overMax(pages: number): MemoryGroup | undefined {
    for (let at: MemoryGroup = this; at.parent; at = at.parent)
      if (at.memory.current + pages > at.memory.max) return at;
    return undefined;
  }
  maySwap(): boolean {
    for (let at: MemoryGroup = this; at.parent; at = at.parent) {
      if (at.swap.current < at.swap.max) continue;
      for (let up = at; up.parent; up = up.parent) {
        up.swapEvents.max++;
        up.swapEvents.fail++;
        up.cgroup.changed("memory.swap.events");
      }
      return false;
    }
    return true;
  }
  /** Something happened at this group's limit. */
  event(event: MemoryEvent): void {
    this.localEvents[event]++;
    this.cgroup.changed("memory.events.local");
    for (let at: MemoryGroup = this; at.parent; at = at.parent) {
      at.events[event]++;
      at.cgroup.changed("memory.events");
    }
  }
  /** This one and all below that have a state of their own. */
  *subtree(): Generator<MemoryGroup> {
    for (const cgroup of this.cgroup.subtree()) if (cgroup.own.memory) yield cgroup.own.memory;
  }
  /** The page tables of an address space have grown, or are gone. */
  countTables(mm: AddressSpace, pages: number): void {
    this.own.tables += pages;
    this.charge(pages);
    mm.tablesCharged += pages;
  }
}

const groupsOf = (group: MemoryGroup): MemoryGroups => group.cgroup.kernel.memory.groups;

export const ownerOf = (group: MemoryGroup, kind: PageKind): number => (group.id << KIND_BITS) | kind;
export const kindOf = (owner: number): PageKind => (owner & ((1 << KIND_BITS) - 1)) as PageKind;
export const idOf = (owner: number): number => owner >>> KIND_BITS;

/** All groups but the root, by number. */
export class MemoryGroups {
  private readonly groups: (MemoryGroup | undefined)[] = [undefined];
  /** Told that a group goes away, and to whom its pages fall (undefined: to the root). */
  onRemove: ((group: MemoryGroup, heir: MemoryGroup | undefined) => void) | undefined;
  /** Told that there are groups now. */
  onFirst: (() => void) | undefined;

  /** A number for a group. 16383 groups can be told apart; pages of more are not counted. */
  add(group: MemoryGroup): number {
    if (this.groups.length === 1) this.onFirst?.();
    let id = 1;
    while (this.groups[id]) id++;
    if (id > MAX_GROUPS) return 0;
    this.groups[id] = group;
    return id;
  }
  remove(group: MemoryGroup): void {
    if (group.id === 0) return;
    const { parent } = group;
    this.onRemove?.(group, parent?.parent ? parent : undefined);
    this.groups[group.id] = undefined;
  }
  get(owner: number): MemoryGroup | undefined {
    return this.groups[idOf(owner)];
  }
}
