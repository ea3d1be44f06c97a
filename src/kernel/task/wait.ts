// Waiting for children. wait4(2), waitid(2)
import { ECHILD, EINVAL, type Errno } from "../../abi/errno.ts";
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD, SIGCONT } from "../../abi/signal.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import { release } from "./exit.ts";
import type { Task } from "./task.ts";
import type { ThreadGroup, Usage } from "./thread-group.ts";

export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WSTOPPED = 2;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x01000000;
export const WNOTHREAD = 0x20000000;
export const WALL = 0x40000000;
export const WCLONE = 0x80000000;

export const P_ALL = 0;
export const P_PID = 1;
export const P_PGID = 2;
export const P_PIDFD = 3;

/** What a waiter learns. */
export interface ChildReport {
  pid: number;
  uid: number;
  /** CLD_*. */
  code: number;
  /** Exit code or signal. */
  status: number;
  /** As wait4 packs it. */
  waitStatus: number;
  usage: Usage;
}

/** Waits for a child that `selects`. undefined when none is ready and WNOHANG is set. Errors: ECHILD. */
export function waitForChild(
  task: Task,
  selects: (child: ThreadGroup) => boolean,
  options: number,
): ChildReport | undefined | Errno | Wait<ChildReport | undefined> {
  const { group } = task;
  let any = false;
  for (const child of group.children) {
    if (!selects(child) || !kindMatches(child, options)) continue;
    // One that has ended has nothing more to say to those who don't ask for ends.
    if (child.zombie && (options & WEXITED) === 0) continue;
    any = true;
    const report = reportOf(child, options);
    if (!report) continue;
    if ((options & WNOWAIT) === 0) consume(group, child, report);
    return report;
  }
  if (!any) return ECHILD;
  if ((options & WNOHANG) !== 0) return undefined;
  return waitOn(group.childEvents, () => waitForChild(task, selects, options));
}

/** Children made by clone with another exit signal are waited for with __WCLONE or __WALL only. */
function kindMatches(child: ThreadGroup, options: number): boolean {
  if ((options & WALL) !== 0) return true;
  const isClone = child.leader.exitSignal !== SIGCHLD;
  return isClone === ((options & WCLONE) !== 0);
}

function reportOf(child: ThreadGroup, options: number): ChildReport | undefined {
  const base = { pid: child.pid, uid: child.leader.cred.uid };
  if (child.zombie) {
    if ((options & WEXITED) === 0) return undefined;
    const { exitCode } = child;
    const signal = exitCode & 0x7f;
    const code = signal === 0 ? CLD_EXITED : (exitCode & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED;
    return {
      ...base,
      code,
      status: signal === 0 ? (exitCode >> 8) & 0xff : signal,
      waitStatus: exitCode,
      usage: sum(child.usage, child.childUsage),
    };
  }
  if (child.stopReport !== 0 && (options & WSTOPPED) !== 0) {
    const status = child.stopReport;
    return { ...base, code: CLD_STOPPED, status, waitStatus: (status << 8) | 0x7f, usage: usageOf(child) };
  }
  if (child.continueReport && (options & WCONTINUED) !== 0) {
    return { ...base, code: CLD_CONTINUED, status: SIGCONT, waitStatus: 0xffff, usage: usageOf(child) };
  }
  return undefined;
}

function consume(parent: ThreadGroup, child: ThreadGroup, report: ChildReport): void {
  if (report.code === CLD_STOPPED) child.stopReport = 0;
  else if (report.code === CLD_CONTINUED) child.continueReport = false;
  else {
    addTo(parent.childUsage, report.usage);
    release(child);
  }
}

function addTo(total: Usage, part: Usage): void {
  total.utime += part.utime;
  total.stime += part.stime;
  total.minorFaults += part.minorFaults;
  total.majorFaults += part.majorFaults;
  total.voluntarySwitches += part.voluntarySwitches;
  total.involuntarySwitches += part.involuntarySwitches;
  total.maxRss = Math.max(total.maxRss, part.maxRss);
}

function sum(a: Usage, b: Usage): Usage {
  const total = { ...a };
  addTo(total, b);
  return total;
}

/** What all threads of a process, living and gone, have used. getrusage(2) */
export function usageOf(group: ThreadGroup): Usage {
  const total = { ...group.usage };
  for (const thread of group.threads) {
    total.utime += thread.utime;
    total.stime += thread.stime;
    total.minorFaults += thread.minorFaults;
    total.majorFaults += thread.majorFaults;
    total.voluntarySwitches += thread.voluntarySwitches;
    total.involuntarySwitches += thread.involuntarySwitches;
    total.maxRss = Math.max(total.maxRss, thread.mm.peakRss);
  }
  return total;
}

/** The children that wait4's pid argument means. */
export function selectByPid(task: Task, pid: number): (child: ThreadGroup) => boolean {
  if (pid > 0) return (child) => child.pid === pid;
  if (pid === -1) return () => true;
  const pgid = pid === 0 ? task.group.pgid : -pid;
  return (child) => child.pgid === pgid;
}

export const badOptions = (options: number, allowed: number): Errno | 0 => ((options & ~allowed) !== 0 ? EINVAL : 0);
