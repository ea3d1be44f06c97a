// Charging pages to memory groups, and what happens at their limits: reclaim among their own pages, throttling above
// memory.high, the OOM killer at memory.max.
import type { Ram } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import { reclaimStall } from "../psi/change.ts";
import { killPending } from "../signal/state.ts";
import type { Task } from "../task/task.ts";
import type { AddressSpace } from "./address-space.ts";
import { FILE, idOf, kindOf, type MemoryGroup, ownerOf, type PageKind } from "./memory-group.ts";
import { outOfMemory } from "./oom.ts";
import type { ReclaimTarget } from "./reclaim.ts";

/** Pages that a group frees at a time, at least. */
const BATCH = 64;
/** Times that reclaim is tried without success before somebody dies. */
const TRIES = 3;
/** Pages beyond memory.high after which it is looked at. */
const HIGH_BATCH = 64;
/** The longest and the shortest pause, in nanoseconds. */
const LONGEST_PAUSE = 2e9;
const SHORTEST_PAUSE = 1e7;

/** Makes room for a page in the task's group, and gives it a frame. 0: the task is to die. */
export function allocateCharged(task: Task, kind: PageKind, slotOwner = 0): number {
  const { kernel } = task;
  const { memory, ram } = kernel;
  // A page that comes back from swap is charged to whom it was charged before.
  const group = (slotOwner !== 0 && memory.groups.get(slotOwner)) || task.cgroup.effective.memory;
  if (group.id === 0) return ram.allocFrame();
  if (!makeRoom(kernel, group, 1)) return 0;
  const frame = ram.allocFrame();
  if (frame === 0) return 0;
  group.charge(1);
  group.own.pages[kind]++;
  ram.setOwner(frame, ownerOf(group, kind));
  const { mm } = task;
  if (slotOwner === 0 && mm.table.frames !== mm.tablesCharged) chargeTables(mm, group);
  checkHigh(task, group);
  return frame;
}

function chargeTables(mm: AddressSpace, group: MemoryGroup): void {
  if (mm.tablesGroup && mm.tablesGroup !== group) releaseTables(mm);
  mm.tablesGroup = group;
  group.countTables(mm, mm.table.frames - mm.tablesCharged);
}
export function releaseTables(mm: AddressSpace): void {
  mm.tablesGroup?.countTables(mm, -mm.tablesCharged);
  mm.tablesGroup = undefined;
}

/** Brings a group below its limits for `pages` more. False when that can't be done, and the caller is not dying anyway. */
function makeRoom(kernel: Kernel, group: MemoryGroup, pages: number): boolean {
  let tries = 0;
  for (;;) {
    const over = group.overMax(pages);
    if (!over) return true;
    const { current } = kernel;
    // Whoever is about to die and give its memory back may have some more for it.
    if (current && (current.group.exiting || killPending(current))) return true;
    over.event("max");
    over.failures++;
    if (reclaimGroup(kernel, over, Math.max(pages, BATCH)) > 0) tries = 0;
    else if (++tries >= TRIES) {
      if (!outOfMemory(kernel, over)) return false;
      tries = 0;
    }
  }
}

/** Frees pages of a group and of those below. Returns how many. */
export function reclaimGroup(kernel: Kernel, group: MemoryGroup, pages: number, swappiness?: number): number {
  const { memory, clock, current } = kernel;
  const start = clock.monotonic();
  const swaps = hasSwapRoom(group) ? (swappiness ?? kernel.sysctl.number("vm/swappiness")) : 0;
  let freed = memory.reclaim.shrink(pages, targetOf(kernel.ram, group, false), swaps);
  // What is protected while others have memory is not when they have none.
  if (freed === 0) {
    const low = [...group.subtree()].filter(
      (each) => each !== group && each.low > 0 && each.memory.current <= each.low,
    );
    if (low.length > 0) {
      freed = memory.reclaim.shrink(pages, targetOf(kernel.ram, group, true), swaps);
      if (freed > 0) for (const each of low) each.event("low");
    }
  }
  group.counts.taken += freed;
  if (current) reclaimStall(current, clock.monotonic() - start);
  return freed;
}

function hasSwapRoom(group: MemoryGroup): boolean {
  for (let at = group; at.parent; at = at.parent) if (at.swap.current >= at.swap.max) return false;
  return true;
}

/** The pages of a group and of those below, less what is protected. `group` undefined: all of the machine. */
export function targetOf(ram: Ram, group: MemoryGroup, ignoresLow: boolean): ReclaimTarget {
  const taken = new Set<number>();
  let filePages = 0;
  for (const each of group.subtree()) {
    if (isProtected(each, group, ignoresLow)) continue;
    taken.add(each.id);
    filePages += each.own.pages[FILE];
  }
  // The root's own are not counted: all that is there.
  if (!group.parent) filePages = group.cgroup.kernel.vfs.reclaim.count;
  return { owns: (frame) => taken.has(idOf(ram.ownerOf(frame))), filePages, limit: group.memory.max };
}

/** Is what a group has within what it, and each above it up to `top`, may keep? */
function isProtected(group: MemoryGroup, top: MemoryGroup, ignoresLow: boolean): boolean {
  for (let at = group; at !== top && at.parent; at = at.parent) {
    const kept = ignoresLow ? at.min : Math.max(at.min, at.low);
    if (kept > 0 && at.memory.current <= kept) return true;
  }
  return false;
}

/** Above memory.high: gives back what it can, and pauses for the rest, the longer the further above. */
function checkHigh(task: Task, group: MemoryGroup): void {
  for (let at = group; at.parent; at = at.parent) {
    const { current, high } = at.memory;
    if (current <= high || ++at.beyondHigh < HIGH_BATCH) continue;
    at.beyondHigh = 0;
    at.event("high");
    reclaimGroup(task.kernel, at, Math.min(current - high + BATCH, 1024));
    const over = at.memory.current - high;
    if (over > 0) pause(task, over / Math.max(1, high));
  }
}

/** mm/memcontrol.c: the pause for a batch grows with the square of the part that is too much: 128 seconds when it is as
 *  much again as the limit, or rather the longest there is. */
function pause(task: Task, part: number): void {
  const { clock } = task.kernel;
  const nanoseconds = part * part * 128e9;
  const now = clock.monotonic();
  const until = Math.min(Math.max(now, task.pausedUntil) + nanoseconds, now + LONGEST_PAUSE);
  task.pausedUntil = until;
  if (until - now >= SHORTEST_PAUSE) task.attention = true;
}

/** A frame that was charged is free. */
export function uncharge(kernel: Kernel, owner: number): void {
  const group = kernel.memory.groups.get(owner);
  if (!group) return;
  group.own.pages[kindOf(owner)]--;
  group.charge(-1);
}
