// The memory controller's files. What it keeps and how it counts is mm/memory-group.ts and mm/charge.ts. cgroups(7),
// Documentation/admin-guide/cgroup-v2
import { EAGAIN, EINVAL, type Errno } from "../../abi/errno.ts";
import { reclaimGroup } from "../mm/charge.ts";
import { type Counter, type MemoryEvent, MemoryGroup } from "../mm/memory-group.ts";
import { nodeStatistics, statistics } from "../mm/memory-stat.ts";
import { outOfMemory } from "../mm/oom.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupFile, Controller, Opener } from "./controller.ts";

const PAGE = 4096;
/** Times that a lowered limit tries to reclaim in vain. */
const RETRIES = 16;
const SUFFIXES = "KMGTPE";

/** Bytes as the kernel's memparse reads them, "512M" or "0x1000". undefined: no number. */
function parseBytes(text: string): number | undefined {
  const match = /^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)([KMGTPEkmgtpe]?)$/.exec(text);
  if (!match) return undefined;
  const digits = match[1]!;
  const number = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  const power = match[2] === "" ? 0 : SUFFIXES.indexOf(match[2]!.toUpperCase()) + 1;
  return number * 1024 ** power;
}

/** Pages, rounded down; "max" for no limit. */
function parsePages(text: string): number | undefined {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const bytes = parseBytes(text);
  return bytes === undefined ? undefined : Math.floor(bytes / PAGE);
}
const bytes = (pages: number): string => (pages === Number.POSITIVE_INFINITY ? "max\n" : `${pages * PAGE}\n`);

const stateOf = ({ own }: Cgroup): MemoryGroup => own.memory!;

/** A file with a number of pages. */
const limit = (
  name: string,
  get: (group: MemoryGroup) => number,
  set: (group: MemoryGroup, pages: number) => void,
): CgroupFile => ({
  name,
  show: (cgroup) => bytes(get(stateOf(cgroup))),
  write(cgroup, text) {
    const pages = parsePages(text);
    if (pages === undefined) return EINVAL;
    set(stateOf(cgroup), pages);
    return 0;
  },
});

/** Shows the highest count so far; a write starts it anew for the open file that it is made through. */
const peakFile = (name: string, counterOf: (group: MemoryGroup) => Counter): CgroupFile => ({
  name,
  mode: 0o644,
  show: (cgroup, { data }) => bytes((data as { peak: number } | undefined)?.peak ?? counterOf(stateOf(cgroup)).peak),
  write(cgroup, text, opener) {
    if (text === "") return EINVAL;
    const counter = counterOf(stateOf(cgroup));
    const watcher = (opener.data as { peak: number } | undefined) ?? { peak: 0 };
    watcher.peak = counter.current;
    counter.watchers.add(watcher);
    opener.data = watcher;
    return 0;
  },
  release(cgroup, opener: Opener) {
    const state = cgroup.own.memory;
    if (state && opener.data) counterOf(state).watchers.delete(opener.data as { peak: number });
  },
});

const EVENTS: readonly MemoryEvent[] = ["low", "high", "max", "oom", "oom_kill", "oom_group_kill"];
const events = (name: string, of: (group: MemoryGroup) => Record<MemoryEvent, number>): CgroupFile => ({
  name,
  show(cgroup) {
    const counts = of(stateOf(cgroup));
    return EVENTS.map((event) => `${event} ${counts[event]}\n`).join("");
  },
});

/** Reclaims until the group is at `pages`; `kills`: whoever is in the way dies for it. */
function bringDown(group: MemoryGroup, pages: number, kills: boolean): void {
  const { kernel } = group.cgroup;
  for (let left = RETRIES; group.memory.current > pages; ) {
    if (reclaimGroup(kernel, group, group.memory.current - pages) > 0) continue;
    if (left-- > 0) continue;
    if (!kills || !outOfMemory(kernel, group)) return;
  }
}

/** memory.reclaim: "64M swappiness=0". Errors: EAGAIN when less was to be had. */
function reclaim(cgroup: Cgroup, text: string): 0 | Errno {
  const [amount = "", ...options] = text.split(/\s+/);
  const size = parseBytes(amount);
  if (size === undefined) return EINVAL;
  let swappiness: number | undefined;
  for (const option of options) {
    const value = /^swappiness=(\d+|max)$/.exec(option)?.[1];
    if (value === undefined) return EINVAL;
    swappiness = value === "max" ? 200 : Number(value);
    if (swappiness > 200) return EINVAL;
  }
  const group = stateOf(cgroup);
  let left = Math.floor(size / PAGE);
  for (let tries = RETRIES; left > 0 && tries > 0; ) {
    const freed = reclaimGroup(cgroup.kernel, group, left, swappiness);
    left -= freed;
    if (freed === 0) tries--;
  }
  return left > 0 ? EAGAIN : 0;
}

export const memory: Controller = {
  name: "memory",
  threaded: false,
  create: (cgroup) => new MemoryGroup(cgroup),
  files: [
    { name: "memory.current", show: (cgroup) => bytes(stateOf(cgroup).memory.current) },
    peakFile("memory.peak", (group) => group.memory),
    limit(
      "memory.min",
      (group) => group.min,
      (group, pages) => {
        group.min = pages;
      },
    ),
    limit(
      "memory.low",
      (group) => group.low,
      (group, pages) => {
        group.low = pages;
      },
    ),
    limit(
      "memory.high",
      (group) => group.memory.high,
      (group, pages) => {
        group.memory.high = pages;
        bringDown(group, pages, false);
      },
    ),
    limit(
      "memory.max",
      (group) => group.memory.max,
      (group, pages) => {
        group.memory.max = pages;
        bringDown(group, pages, true);
      },
    ),
    events("memory.events", (group) => group.events),
    events("memory.events.local", (group) => group.localEvents),
    { name: "memory.stat", show: (cgroup) => statistics(stateOf(cgroup)) },
    { name: "memory.numa_stat", show: (cgroup) => nodeStatistics(stateOf(cgroup)) },
    {
      name: "memory.oom.group",
      show: (cgroup) => `${stateOf(cgroup).oomGroup ? 1 : 0}\n`,
      write(cgroup, text) {
        if (text !== "0" && text !== "1") return EINVAL;
        stateOf(cgroup).oomGroup = text === "1";
        return 0;
      },
    },
    { name: "memory.reclaim", mode: 0o200, write: reclaim },
    { name: "memory.swap.current", show: (cgroup) => bytes(stateOf(cgroup).swap.current) },
    peakFile("memory.swap.peak", (group) => group.swap),
    limit(
      "memory.swap.high",
      (group) => group.swap.high,
      (group, pages) => {
        group.swap.high = pages;
      },
    ),
    limit(
      "memory.swap.max",
      (group) => group.swap.max,
      (group, pages) => {
        group.swap.max = pages;
      },
    ),
    {
      name: "memory.swap.events",
      show(cgroup) {
        const { high, max, fail } = stateOf(cgroup).swapEvents;
        return `high ${high}\nmax ${max}\nfail ${fail}\n`;
      },
    },
  ],
};
