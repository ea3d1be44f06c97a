// /proc/PID/stat and statm: one line of numbers, for programs. proc_pid_stat(5)

import { RLIMIT_RSS } from "../../../../abi/flags.ts";
import { NSIG, SIG_DFL, SIG_IGN } from "../../../../abi/signal.ts";
import type { AddressSpace } from "../../../mm/address-space.ts";
import { SCHED_FIFO, SCHED_RR } from "../../../sched/entity.ts";
import { mayRead } from "../../../security/ptrace-access.ts";
import type { Task } from "../../../task/task.ts";
import { childUsage, groupUsage, taskUsage } from "../../../task/usage.ts";
import type { Reader } from "../../rows/row.ts";
import { mmOf, ticks } from "../text.ts";

const PF_FORKNOEXEC = 0x40;
const PF_EXITING = 0x4;
const PF_RANDOMIZE = 0x400000;

/** Sets of signals that are ignored and caught. */
export function dispositions(task: Task): { ignored: bigint; caught: bigint } {
  const ignored = [0, 0];
  const caught = [0, 0];
  for (let signal = 1; signal <= NSIG; signal++) {
    const { handler } = task.group.handlers.get(signal);
    const set = handler === SIG_IGN ? ignored : handler !== SIG_DFL ? caught : undefined;
    if (set) set[(signal - 1) >> 5]! |= 1 << ((signal - 1) & 31);
  }
  return { ignored: joinedHalves(ignored), caught: joinedHalves(caught) };
}

const joinedHalves = ([low = 0, high = 0]: readonly number[]): bigint =>
  (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** What /proc shows as priority: 20 plus nice, or below -1 for real-time policies. */
function priority({ entity }: Task): number {
  return entity.policy === SCHED_FIFO || entity.policy === SCHED_RR ? -1 - entity.priority : 20 + entity.nice;
}

export function stat(task: Task, reader: Reader, wholeGroup: boolean): string {
  const { group, entity } = task;
  const mm = mmOf(task);
  const permitted = mayRead(reader.task, task);
  const used = wholeGroup ? groupUsage(group) : taskUsage(task);
  const children = childUsage(group);
  const { ignored, caught } = dispositions(task);
  const low = (set: bigint): number => Number(set & 0x7fffffffn);
  const address = (of: (mm: AddressSpace) => number, hidden = 0): number =>
    mm && permitted ? of(mm) : mm ? hidden : 0;
  const rss = group.rlimits[RLIMIT_RSS]!.soft;
  const flags = PF_RANDOMIZE | (group.execed ? 0 : PF_FORKNOEXEC) | (task.exiting ? PF_EXITING : 0);
  const fields: (number | bigint | string)[] = [
    reader.pids.of(task.tid),
    `(${task.comm})`,
    task.state,
    reader.pids.of(group.parent?.pid ?? 0),
    reader.pids.of(group.pgid),
    reader.pids.of(group.sid),
    group.tty?.dev ?? 0,
    group.tty ? reader.pids.of(group.tty.foreground) || -1 : -1,
    flags,
    used.minorFaults,
    children.minorFaults,
    used.majorFaults,
    children.majorFaults,
    ticks(used.utime),
    ticks(used.stime),
    ticks(children.utime),
    ticks(children.stime),
    priority(task),
    entity.nice,
    group.threads.size,
    0,
    ticks(task.startTime + Number(reader.task?.nsproxy.time.boottime ?? 0n)),
    mm ? mm.totalPages * 4096 : 0,
    mm ? mm.rss.anonymous + mm.rss.file + mm.rss.shared : 0,
    rss,
    address((space) => space.startCode, 1),
    address((space) => space.endCode, 1),
    address((space) => space.startStack),
    0,
    0,
    low(task.pending.set),
    low(task.blocked),
    low(ignored),
    low(caught),
    permitted && task.state !== "R" ? 1 : 0,
    0,
    0,
    task.exitSignal,
    0,
    entity.priority,
    entity.policy,
    0,
    0,
    0,
    address((space) => space.startData),
    address((space) => space.endData),
    address((space) => space.brkStart),
    address((space) => space.argStart),
    address((space) => space.argEnd),
    address((space) => space.envStart),
    address((space) => space.envEnd),
    permitted ? (task.isLeader && group.zombie ? group.exitCode : task.group.exitCode) : 0,
  ];
  return `${fields.join(" ")}\n`;
}

/** Pages by use: programs' text, data and stack, the rest of what can be executed. */
export function sizes(mm: AddressSpace): { text: number; library: number; data: number; stack: number } {
  const text = Math.max(0, Math.ceil(mm.endCode / 4096) - Math.floor(mm.startCode / 4096));
  let executable = 0;
  let data = 0;
  let stack = 0;
  for (const vma of mm.vmas()) {
    const pages = (vma.end - vma.start) / 4096;
    const shared = (vma.flags & 1) !== 0;
    if (vma.name === "[stack]" || (vma.flags & 0x100) !== 0) stack += pages;
    else if ((vma.prot & 2) !== 0 && !shared) data += pages;
    else if ((vma.prot & 4) !== 0) executable += pages;
  }
  return { text, library: Math.max(0, executable - text), data, stack };
}

export function statm(task: Task): string {
  const mm = mmOf(task);
  if (!mm) return "0 0 0 0 0 0 0\n";
  const shared = mm.rss.file + mm.rss.shared;
  const { text, data, stack } = sizes(mm);
  return `${mm.totalPages} ${mm.rss.anonymous + shared} ${shared} ${text} 0 ${data + stack} 0\n`;
}
