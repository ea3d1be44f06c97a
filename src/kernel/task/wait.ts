// Waiting for children. wait4(2), waitid(2)
import { ECHILD, EINVAL, type Errno } from "../../abi/errno.ts";
import {
  CLD_CONTINUED,
  CLD_DUMPED,
  CLD_EXITED,
  CLD_KILLED,
  CLD_STOPPED,
  CLD_TRAPPED,
  SIGCHLD,
  SIGCONT,
} from "../../abi/signal.ts";
import { abandonZombie } from "../ptrace/attach.ts";
import { isReparented } from "../ptrace/tracee.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import { release, releaseThread } from "./exit.ts";
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
  /** As the waiter's PID namespace has it. */
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

/** Waits for a child, or a task that the caller traces, that `selects`. undefined when none is ready and WNOHANG is set.
 *  Errors: ECHILD. */
export function waitForChild(
  task: Task,
  selects: (child: Task) => boolean,
  options: number,
): ChildReport | undefined | Errno | Wait<ChildReport | undefined> {
  const { group } = task;
  let any = false;
  /** Looks at one of them; `traced`: as its tracer. */
  const consider = (child: Task, traced: boolean): ChildReport | undefined => {
    if (!selects(child) || (!traced && !kindMatches(child, options))) return undefined;
    const { tracee } = child;
    const asTracer = traced || (tracee !== undefined && tracee.tracer.group === group);
    if (hasEnded(child)) {
      // A process that another one traces is that one's first.
      if (asTracer || !tracee) {
        // One that has ended has nothing more to say to those who don't ask for ends.
        if ((options & WEXITED) === 0) return undefined;
        any = true;
        return exitReport(child);
      }
      any = true;
      return undefined;
    }
    any = true;
    return asTracer ? (stopReport(child) ?? continueReport(child, options)) : jobReport(child, options);
  };
  const consume = (child: Task, report: ChildReport): ChildReport => {
    // What it is called here, before nobody is called that any more.
    report.pid = task.pidNamespace.of(report.pid);
    if ((options & WNOWAIT) === 0) take(group, child, report);
    return report;
  };
  for (const child of group.children) {
    const report = consider(child.leader, false);
    if (report) return consume(child.leader, report);
  }
  for (const thread of (options & WNOTHREAD) !== 0 ? [task] : group.threads) {
    for (const child of thread.tracees) {
      const report = consider(child, true);
      if (report) return consume(child, report);
    }
  }
  if (!any) return ECHILD;
  if ((options & WNOHANG) !== 0) return undefined;
  return waitOn(group.childEvents, () => waitForChild(task, selects, options));
}

/** Children made by clone with another exit signal are waited for with __WCLONE or __WALL only. */
function kindMatches(child: Task, options: number): boolean {
  if ((options & WALL) !== 0) return true;
  const isClone = child.exitSignal !== SIGCHLD;
  return isClone === ((options & WCLONE) !== 0);
}

/** Has it ended, so that it can be let go? A process's first thread stays until the last one is gone. */
function hasEnded(child: Task): boolean {
  if (child.state !== "Z") return false;
  return !child.isLeader || (child.group.zombie && child.group.deadThreads.size === 0);
}

const about = (child: Task): { pid: number; uid: number } => ({ pid: child.tid, uid: child.cred.uid });

function exitReport(child: Task): ChildReport {
  const { group } = child;
  const exitCode = child.isLeader || group.exiting ? group.exitCode : child.exitCode;
  const signal = exitCode & 0x7f;
  const code = signal === 0 ? CLD_EXITED : (exitCode & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED;
  return {
    ...about(child),
    code,
    status: signal === 0 ? (exitCode >> 8) & 0xff : signal,
    waitStatus: exitCode,
    usage: sum(group.usage, group.childUsage),
  };
}

/** A ptrace-stop that was not reported yet. */
function stopReport(child: Task): ChildReport | undefined {
  const { tracee } = child;
  if (child.state !== "t" || !tracee?.stop || !tracee.unreported || tracee.listening) return undefined;
  const { code } = tracee.stop;
  return {
    ...about(child),
    code: CLD_TRAPPED,
    status: code,
    waitStatus: (code << 8) | 0x7f,
    usage: usageOf(child.group),
  };
}

function jobReport(child: Task, options: number): ChildReport | undefined {
  const { group } = child;
  if (group.stopReport !== 0 && (options & WSTOPPED) !== 0) {
    const status = group.stopReport;
    return { ...about(child), code: CLD_STOPPED, status, waitStatus: (status << 8) | 0x7f, usage: usageOf(group) };
  }
  return continueReport(child, options);
}

function continueReport(child: Task, options: number): ChildReport | undefined {
  const { group } = child;
  if (!group.continueReport || (options & WCONTINUED) === 0) return undefined;
  return { ...about(child), code: CLD_CONTINUED, status: SIGCONT, waitStatus: 0xffff, usage: usageOf(group) };
}

function take(waiter: ThreadGroup, child: Task, report: ChildReport): void {
  const { group } = child;
  if (report.code === CLD_TRAPPED) child.tracee!.unreported = false;
  else if (report.code === CLD_STOPPED) group.stopReport = 0;
  else if (report.code === CLD_CONTINUED) group.continueReport = false;
  else if (!child.isLeader) releaseThread(child);
  else if (isReparented(child)) abandonZombie(child, waiter);
  else {
    addTo(waiter.childUsage, report.usage);
    release(group);
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
export function selectByPid(task: Task, pid: number): (child: Task) => boolean {
  if (pid > 0) return (child) => child.tid === pid;
  if (pid === -1) return () => true;
  const pgid = pid === 0 ? task.group.pgid : -pid;
  return (child) => child.group.pgid === pgid;
}

export const badOptions = (options: number, allowed: number): Errno | 0 => ((options & ~allowed) !== 0 ? EINVAL : 0);
