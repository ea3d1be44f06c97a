// memory.stat: what a group's memory is, in bytes, and what happened to it, those below included.
import type { MemoryGroup } from "./memory-group.ts";

const BYTES = 4096;

/** What of it is not kept apart here, or is not there at all, is 0. */
export function statistics(group: MemoryGroup): string {
  const sum = { anonymous: 0, file: 0, shared: 0, stacks: 0, tables: 0 };
  const counts = { faults: 0, majorFaults: 0, scanned: 0, taken: 0, swappedIn: 0, swappedOut: 0 };
  for (const { own, counts: its } of group.subtree()) {
    const [anonymous, file, shared] = own.pages;
    sum.anonymous += anonymous;
    sum.file += file;
    sum.shared += shared;
    sum.stacks += own.stacks;
    sum.tables += own.tables;
    for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += its[key];
  }
  const rows: [string, number][] = [
    ["anon", sum.anonymous * BYTES],
    ["file", (sum.file + sum.shared) * BYTES],
    ["kernel", (sum.stacks + sum.tables) * BYTES],
    ["kernel_stack", sum.stacks * BYTES],
    ["pagetables", sum.tables * BYTES],
    ["sec_pagetables", 0],
    ["percpu", 0],
    ["sock", 0],
    ["vmalloc", 0],
    ["shmem", sum.shared * BYTES],
    ["zswap", 0],
    ["zswapped", 0],
    ["file_mapped", 0],
    ["file_dirty", 0],
    ["file_writeback", 0],
    ["swapcached", 0],
    ["anon_thp", 0],
    ["file_thp", 0],
    ["shmem_thp", 0],
    ["inactive_anon", (sum.anonymous + sum.shared) * BYTES],
    ["active_anon", 0],
    ["inactive_file", sum.file * BYTES],
    ["active_file", 0],
    ["unevictable", 0],
    ["slab_reclaimable", 0],
    ["slab_unreclaimable", 0],
    ["slab", 0],
    ["workingset_refault_anon", 0],
    ["workingset_refault_file", 0],
    ["workingset_activate_anon", 0],
    ["workingset_activate_file", 0],
    ["workingset_restore_anon", 0],
    ["workingset_restore_file", 0],
    ["workingset_nodereclaim", 0],
    ["pswpin", counts.swappedIn],
    ["pswpout", counts.swappedOut],
    ["pgscan", counts.taken],
    ["pgsteal", counts.taken],
    ["pgscan_kswapd", 0],
    ["pgscan_direct", counts.taken],
    ["pgscan_khugepaged", 0],
    ["pgscan_proactive", 0],
    ["pgsteal_kswapd", 0],
    ["pgsteal_direct", counts.taken],
    ["pgsteal_khugepaged", 0],
    ["pgsteal_proactive", 0],
    ["pgfault", counts.faults],
    ["pgmajfault", counts.majorFaults],
    ["pgrefill", 0],
    ["pgactivate", 0],
    ["pgdeactivate", 0],
    ["pglazyfree", 0],
    ["pglazyfreed", 0],
  ];
  return rows.map(([name, value]) => `${name} ${value}\n`).join("");
}

/** memory.numa_stat: there is one node. */
export function nodeStatistics(group: MemoryGroup): string {
  const wanted = new Set(["anon", "file", "kernel_stack", "pagetables", "sec_pagetables", "shmem", "file_mapped"]);
  return statistics(group)
    .split("\n")
    .filter((line) => wanted.has(line.slice(0, line.indexOf(" "))) || /^(in)?active_|^unevictable|^slab_/.test(line))
    .map((line) => `${line.replace(" ", " N0=")}\n`)
    .join("");
}
