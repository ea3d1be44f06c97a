// Sending signals: to a thread, a process, a process group; and who is woken for them. kill(2), signal(7)
import { EAGAIN, type Errno } from "../../abi/errno.ts";
import { RLIMIT_SIGPENDING } from "../../abi/flags.ts";
import {
  bit,
  lowBit,
  SI_KERNEL,
  SI_USER,
  SIG_DFL,
  SIG_IGN,
  SIGCONT,
  SIGKILL,
  SIGRTMIN,
  SIGSTOP,
} from "../../abi/signal.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import type { SignalInfo } from "./pending.ts";
import { ignores, isBlocked, isKept, isStop, killPending, STOP_LOW } from "./state.ts";
import { continueGroup } from "./stop.ts";

/** Sends to a process; any thread that does not block it may take it. Errors: EAGAIN (real-time queue full). */
export function sendToGroup(group: ThreadGroup, info: SignalInfo): 0 | Errno {
  const { signal } = info;
  if (signal === 0 || group.zombie) return 0;
  const { trace } = group.leader.kernel;
  if (!prepare(group, undefined, info)) {
    trace.signalGenerate?.(group, info, false);
    return 0;
  }
  const queued = withinLimit(group, asSeen(group.leader, info));
  if (typeof queued === "number") return queued;
  const kept = group.pending.add(queued);
  trace.signalGenerate?.(group, info, kept);
  if (!kept) return 0;
  group.signalQueue.wakeAll();
  const target = choose(group, signal);
  if (target) signalWake(target, signal);
  return 0;
}

/** Sends to one thread. Errors: EAGAIN. */
export function sendToTask(task: Task, info: SignalInfo): 0 | Errno {
  const { signal } = info;
  if (signal === 0 || task.exiting) return 0;
  const { trace } = task.kernel;
  if (!prepare(task.group, task, info)) {
    trace.signalGenerate?.(task, info, false);
    return 0;
  }
  const queued = withinLimit(task.group, asSeen(task, info));
  if (typeof queued === "number") return queued;
  const kept = task.pending.add(queued);
  trace.signalGenerate?.(task, info, kept);
  if (!kept) return 0;
  task.group.signalQueue.wakeAll();
  if (signal === SIGKILL || !isBlocked(task, signal)) signalWake(task, signal);
  return 0;
}

/** A fault or the kernel itself: blocked or ignored, it kills. */
export function forceSignal(task: Task, info: SignalInfo): void {
  const { signal } = info;
  const action = task.group.handlers.get(signal);
  const blocked = isBlocked(task, signal);
  if (blocked || action.handler === SIG_IGN) {
    task.group.handlers.set(signal, { ...action, handler: SIG_DFL });
    task.blocked &= ~bit(signal);
  }
  task.fault = { ...info, forced: true };
  task.attention = true;
}

/** To every member of a process group; true if there is one. */
export function sendToProcessGroup(kernel: Kernel, pgid: number, info: SignalInfo): boolean {
  const members = kernel.tasks.processGroup(pgid);
  for (const group of members) sendToGroup(group, { ...info });
  return members.length > 0;
}

/** IDs as the receiver's namespaces have them. */
function asSeen({ cred, group }: Task, info: SignalInfo): SignalInfo {
  const { userNamespace } = cred;
  const { pidNamespace } = group;
  if (pidNamespace.parent === undefined && userNamespace.parent === undefined) return info;
  const { pid, uid } = info;
  if (pid === undefined) return info;
  return { ...info, pid: pidNamespace.of(pid), ...(uid === undefined ? {} : { uid: userNamespace.showUid(uid) }) };
}

/** Only what comes from above its PID namespace, or from the kernel, kills or stops the first process of one. */
function reachesInit({ pidNamespace }: ThreadGroup, { signal, code, pid }: SignalInfo): boolean {
  if (pidNamespace.parent === undefined || (signal !== SIGKILL && signal !== SIGSTOP)) return false;
  return code === SI_KERNEL || (pid !== undefined && pid !== 0 && pidNamespace.of(pid) === 0);
}

/** What the kernel says itself. */
export const fromKernel = (signal: number): SignalInfo => ({ signal, code: SI_KERNEL });

/** Stop and continue cancel each other when they are sent. Returns false for a signal that has no effect. */
function prepare(group: ThreadGroup, thread: Task | undefined, info: SignalInfo): boolean {
  const { signal } = info;
  if (group.exiting) return signal === SIGKILL;
  if (isStop(signal)) {
    discard(group, lowBit(SIGCONT));
  } else if (signal === SIGCONT) {
    discard(group, STOP_LOW);
    continueGroup(group, false, SIGCONT);
  } else if (signal === SIGKILL && group.stopSignal !== 0) continueGroup(group, true, SIGKILL);
  if (group.unkillable && group.handlers.get(signal).handler === SIG_DFL && !reachesInit(group, info)) return false;
  if (signal === SIGKILL) return true;
  // A tracer sees ignored signals too.
  if ((thread ?? group.leader).tracee) return true;
  // A blocked signal is kept even if ignored now: the handler may change before it is unblocked.
  const blocked = thread ? isKept(thread, signal) : everyoneBlocks(group, signal);
  return blocked || !ignores(group, signal);
}

function everyoneBlocks(group: ThreadGroup, signal: number): boolean {
  if (!group.leader.exiting && !isKept(group.leader, signal)) return false;
  for (const thread of group.threads) if (!isKept(thread, signal)) return false;
  return true;
}

/** `signals`: all of them in the lower half. */
function discard(group: ThreadGroup, signals: number): void {
  group.pending.discardHalves(signals, 0);
  for (const thread of group.threads) thread.pending.discardHalves(signals, 0);
}

/** What is queued of a signal: beyond RLIMIT_SIGPENDING a real-time one is refused where it carries something, and
 *  another comes without what came with it. What the kernel sends, and kill(2) of a standard signal, is not limited. */
function withinLimit(group: ThreadGroup, info: SignalInfo): SignalInfo | Errno {
  if (info.signal < SIGRTMIN && info.code >= 0) return info;
  if (info.signal === SIGKILL || info.onTake || hasRoom(group)) return info;
  if (info.signal >= SIGRTMIN && info.code !== SI_USER) return EAGAIN;
  return { signal: info.signal, code: SI_USER, pid: 0, uid: 0 };
}

/** Is there room for one more signal, or POSIX timer, of the process's real user? All that the user has queued counts,
 *  whichever process it waits for. */
export function hasRoom(group: ThreadGroup): boolean {
  const limit = group.limit(RLIMIT_SIGPENDING);
  const { kernel, cred } = group.leader;
  let queued = 0;
  for (const other of kernel.tasks.allGroups) {
    if (other.leader.cred.uid !== cred.uid) continue;
    queued += other.pending.count + (other.timers?.posix.size ?? 0);
    for (const thread of other.threads) queued += thread.pending.count;
    if (queued >= limit) return false;
  }
  return queued < limit;
}

/** The thread that is told of a process's signal: the first one if it is free to take it, else the next that is, from
 *  the one that was told last. undefined: those that may take it look at their signals soon anyway. */
function choose(group: ThreadGroup, signal: number): Task | undefined {
  const { leader, threads } = group;
  if (mayTake(leader, signal)) return leader;
  if (threads.size === 1) return undefined;
  const all = [...threads];
  const first = Math.max(0, group.signalTarget ? all.indexOf(group.signalTarget) : 0);
  for (let i = 0; i < all.length; i++) {
    const thread = all[(first + i) % all.length]!;
    if (!mayTake(thread, signal)) continue;
    group.signalTarget = thread;
    return thread;
  }
  return undefined;
}

function mayTake(task: Task, signal: number): boolean {
  if (task.exiting) return false;
  if (signal === SIGKILL) return true;
  if (isBlocked(task, signal) || task.state === "T" || task.state === "t") return false;
  // One that is on its way to other signals already is left to them.
  return task.state !== "R" || !task.attention || task === task.kernel.current;
}

/** Makes a task look at its signals, waking it from waits that they interrupt. */
export function signalWake(task: Task, signal: number): void {
  task.attention = true;
  const { scheduler } = task.kernel;
  if (signal === SIGKILL) {
    for (const thread of task.group.threads) {
      thread.attention = true;
      if (thread.state === "S" || thread.state === "D") scheduler.wake(thread);
      else if (thread.state === "t") scheduler.resume(thread);
    }
    return;
  }
  if (task.state === "S" || (task.state === "D" && killPending(task))) scheduler.wake(task);
}
