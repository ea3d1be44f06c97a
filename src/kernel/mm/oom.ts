// Out of memory: who is to die for it, and what the log says. Linux: mm/oom_kill.c
import { SI_KERNEL, SIGKILL } from "../../abi/signal.ts";
import { toText } from "../../lib/byte-string.ts";
import { pathIn } from "../cgroup/namespace.ts";
import { panic } from "../crash/panic.ts";
import { whoLine } from "../crash/show.ts";
import type { Kernel } from "../kernel.ts";
import { sendToGroup } from "../signal/send.ts";
import { killPending } from "../signal/state.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import type { AddressSpace } from "./address-space.ts";
import type { MemoryGroup } from "./memory-group.ts";
import { statistics } from "./memory-stat.ts";
import { memoryState } from "./memory-state.ts";

const OOM_SCORE_ADJ_MIN = -1000;
const KB = 4;

/** How bad a process is, in pages: what would be free without it, and what its user makes of that. undefined: it is spared. */
export function badness(group: ThreadGroup, totalPages: number): number | undefined {
  const { leader, oomScoreAdj } = group;
  const mm = memoryOf(group);
  if (!mm || mm.reaped || oomScoreAdj === OOM_SCORE_ADJ_MIN || group === leader.kernel.tasks.init) return undefined;
  return mm.resident + mm.swapped + mm.table.frames + Math.trunc((oomScoreAdj * totalPages) / 1000);
}

/** The memory of a process, whichever of its threads still lives. */
function memoryOf(group: ThreadGroup): AddressSpace | undefined {
  if (!group.leader.exiting) return group.leader.mm;
  for (const thread of group.threads) if (!thread.exiting) return thread.mm;
  return undefined;
}

/** Kills a process so that memory is free: in `limit`, or anywhere. True when the caller may try again; false when nobody
 *  can be killed, or the caller itself is dying. */
export function outOfMemory(kernel: Kernel, limit?: MemoryGroup): boolean {
  const { current, sysctl, ram, swap } = kernel;
  limit?.event("oom");
  // It is on its way out: that will do.
  if (current && (current.group.exiting || killPending(current))) return false;
  const panics = sysctl.number("vm/panic_on_oom");
  if (panics === 2 || (panics === 1 && !limit)) {
    report(kernel, limit);
    panic(kernel, `Out of memory: ${panics === 2 ? "compulsory" : "system-wide"} panic_on_oom is enabled`);
  }
  const total = limit ? limit.memory.max + Math.min(limit.swap.max, swap.total) : ram.totalFrames + swap.total;
  const victim = choose(kernel, total, limit);
  if (!victim) {
    report(kernel, limit);
    kernel.log.write(4, "Out of memory and no killable processes...");
    return false;
  }
  const path = (group: MemoryGroup | undefined): string =>
    pathIn((group ?? kernel.cgroups.root.effective.memory).cgroup, kernel.cgroups.namespace);
  report(kernel, limit);
  const { leader } = victim;
  const home = leader.cgroup.effective.memory;
  kernel.log.write(
    6,
    `oom-kill:constraint=${limit ? "CONSTRAINT_MEMCG" : "CONSTRAINT_NONE"},nodemask=(null),cpuset=/,mems_allowed=0,` +
      `${limit ? `oom_memcg=${path(limit)}` : "global_oom"},task_memcg=${path(home)},task=${toText(leader.comm)},` +
      `pid=${victim.pid},uid=${leader.cred.uid}`,
  );
  const together = groupToKill(home, limit);
  kill(kernel, victim, limit ? "Memory cgroup out of memory" : "Out of memory");
  if (together) {
    kernel.log.write(6, `Tasks in ${path(together)} are going to be killed due to memory.oom.group set`);
    together.event("oom_group_kill");
    for (const other of processesIn(together)) {
      if (other.oomScoreAdj !== OOM_SCORE_ADJ_MIN) kill(kernel, other, "Memory cgroup out of memory");
    }
  }
  return !(current && (current.group.exiting || killPending(current)));
}

/** The group, between the victim's and the limit's, that goes as a whole: memory.oom.group. */
function groupToKill(home: MemoryGroup, limit: MemoryGroup | undefined): MemoryGroup | undefined {
  let found: MemoryGroup | undefined;
  for (let at: MemoryGroup | undefined = home; at?.parent; at = at.parent) {
    if (at.oomGroup) found = at;
    if (at === limit) break;
  }
  return found;
}

function processesIn(group: MemoryGroup): Set<ThreadGroup> {
  const found = new Set<ThreadGroup>();
  for (const cgroup of group.cgroup.subtree()) for (const { group: process } of cgroup.members()) found.add(process);
  return found;
}

function choose(kernel: Kernel, total: number, limit: MemoryGroup | undefined): ThreadGroup | undefined {
  const { current } = kernel;
  if (kernel.sysctl.number("vm/oom_kill_allocating_task") === 1 && current && !limit) {
    if (badness(current.group, total) !== undefined) return current.group;
  }
  let worst: ThreadGroup | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const group of limit ? processesIn(limit) : kernel.tasks.allGroups) {
    const points = group.zombie || group.oomKilled ? undefined : badness(group, total);
    if (points === undefined || points < most) continue;
    worst = group;
    most = points;
  }
  return worst;
}

/** SIGKILL for a process and all that share its memory, which is given back at once (Linux: the OOM reaper). */
function kill(kernel: Kernel, victim: ThreadGroup, reason: string): void {
  const mm = memoryOf(victim);
  if (!mm || victim.oomKilled) return;
  const { leader } = victim;
  const { anonymous, file, shared } = mm.rss;
  kernel.log.write(
    3,
    `${reason}: Killed process ${victim.pid} (${toText(leader.comm)}) total-vm:${mm.totalPages * KB}kB, ` +
      `anon-rss:${anonymous * KB}kB, file-rss:${file * KB}kB, shmem-rss:${shared * KB}kB, UID:${leader.cred.uid} ` +
      `pgtables:${mm.table.frames * KB}kB oom_score_adj:${victim.oomScoreAdj}`,
  );
  kernel.memory.oomKills++;
  const home = leader.cgroup.effective.memory;
  if (home.parent) home.event("oom_kill");
  kernel.trace.oomKill?.(victim);
  let everybody = true;
  for (const other of [...kernel.tasks.allGroups]) {
    if (other.zombie || (other !== victim && memoryOf(other) !== mm)) continue;
    if (other === kernel.tasks.init) everybody = false;
    else {
      other.oomKilled = true;
      sendToGroup(other, { signal: SIGKILL, code: SI_KERNEL });
    }
  }
  // The caller's own is in use; it goes when the caller does.
  if (everybody && mm !== kernel.current?.mm) reap(kernel, mm, victim);
}

/** None of those whose memory it is will run in user space again. What others see of it stays. */
function reap(kernel: Kernel, mm: AddressSpace, { pid, leader }: ThreadGroup): void {
  mm.reaped = true;
  for (const vma of mm.areas) if ((vma.flags & 1) === 0) mm.unmapPages(vma.start, vma.end);
  const { anonymous, file, shared } = mm.rss;
  kernel.log.write(
    6,
    `oom_reaper: reaped process ${pid} (${toText(leader.comm)}), now anon-rss:${anonymous * KB}kB, ` +
      `file-rss:${file * KB}kB, shmem-rss:${shared * KB}kB`,
  );
}

/** What there is, and who has it. */
function report(kernel: Kernel, limit: MemoryGroup | undefined): void {
  const { log, current, sysctl } = kernel;
  const name = current ? toText(current.comm) : "swapper";
  const mask = limit ? "0xcc0(GFP_KERNEL)" : "0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP)";
  const adjust = current?.group.oomScoreAdj ?? 0;
  log.write(4, `${name} invoked oom-killer: gfp_mask=${mask}, order=0, oom_score_adj=${adjust}`);
  log.write(4, whoLine(kernel, current));
  for (const line of limit ? groupLines(limit) : machineLines(kernel)) log.write(6, line);
  if (sysctl.number("vm/oom_dump_tasks") === 0) return;
  log.write(6, "Tasks state (memory values in pages):");
  log.write(
    6,
    "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name",
  );
  for (const group of limit ? processesIn(limit) : kernel.tasks.allGroups) {
    const mm = memoryOf(group);
    if (mm && !group.zombie && group !== kernel.tasks.init) log.write(6, taskLine(group.leader, mm));
  }
}

function taskLine({ tid, cred, group, comm }: Task, mm: AddressSpace): string {
  const right = (value: number, width: number): string => String(value).padStart(width);
  const { anonymous, file, shared } = mm.rss;
  return (
    `[${right(tid, 7)}] ${right(cred.uid, 5)} ${right(group.pid, 5)} ${right(mm.totalPages, 8)} ${right(mm.resident, 8)} ` +
    `${right(anonymous, 8)} ${right(file, 8)} ${right(shared, 9)} ${right(mm.table.frames * 4096, 14)} ` +
    `${right(mm.swapped, 8)} ${right(group.oomScoreAdj, 13)} ${toText(comm)}`
  );
}

function groupLines(limit: MemoryGroup): string[] {
  const { memory, swap, failures, cgroup } = limit;
  const kB = (pages: number): string => (pages === Number.POSITIVE_INFINITY ? "9007199254740988" : String(pages * KB));
  return [
    `memory: usage ${memory.current * KB}kB, limit ${kB(memory.max)}kB, failcnt ${failures}`,
    `swap: usage ${swap.current * KB}kB, limit ${kB(swap.max)}kB, failcnt ${limit.swapEvents.fail}`,
    `Memory cgroup stats for ${pathIn(cgroup, cgroup.kernel.cgroups.namespace)}:`,
    ...statistics(limit).trimEnd().split("\n"),
  ];
}

function machineLines(kernel: Kernel): string[] {
  const state = memoryState(kernel);
  const files = state.cached - state.shared;
  return [
    "Mem-Info:",
    `active_anon:0 inactive_anon:${state.anonymous + state.shared} isolated_anon:0`,
    ` active_file:${files} inactive_file:0 isolated_file:0`,
    ` unevictable:${state.locked} dirty:0 writeback:0`,
    ` mapped:${state.mapped} shmem:${state.shared} pagetables:${state.tables}`,
    ` free:${state.free}`,
    `${state.cached} total pagecache pages`,
    `${state.swapCached} pages in swap cache`,
    `Free swap  = ${state.swapFree * KB}kB`,
    `Total swap = ${state.swapTotal * KB}kB`,
    `${state.total} pages RAM`,
  ];
}
