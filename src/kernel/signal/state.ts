// What waits for a task, and whether it has to look: the tests that the hot paths make. signal(7)
import {
  bit,
  highOf,
  holds,
  lowOf,
  NSIG,
  SIG_DFL,
  SIG_IGN,
  SIGABRT,
  SIGBUS,
  SIGCHLD,
  SIGCONT,
  SIGFPE,
  SIGILL,
  SIGKILL,
  SIGQUIT,
  SIGSEGV,
  SIGSTOP,
  SIGSYS,
  SIGTRAP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGWINCH,
  SIGXCPU,
  SIGXFSZ,
  type SigSet,
} from "../../abi/signal.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";

export const STOP_SIGNALS: SigSet = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
/** All of these, and those below, are in the lower half. */
export const STOP_LOW = lowOf(STOP_SIGNALS);
const DUMP_LOW = lowOf(
  [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ].reduce(
    (set, signal) => set | bit(signal),
    0n,
  ),
);
const IGNORED_LOW = lowOf(bit(SIGCHLD) | bit(SIGCONT) | bit(SIGURG) | bit(SIGWINCH));
/** Can't be blocked, caught or ignored. */
export const UNBLOCKABLE: SigSet = bit(SIGKILL) | bit(SIGSTOP);
export const UNBLOCKABLE_LOW = lowOf(UNBLOCKABLE);

export const isStop = (signal: number): boolean => holds(STOP_LOW, 0, signal);
/** Default action: terminate with a core dump. */
export const dumpsCore = (signal: number): boolean => holds(DUMP_LOW, 0, signal);
export const isIgnoredByDefault = (signal: number): boolean => holds(IGNORED_LOW, 0, signal);

/** Would the signal have no effect on this process? */
export function ignores(group: ThreadGroup, signal: number): boolean {
  const { handler } = group.handlers.get(signal);
  return handler === SIG_IGN || (handler === SIG_DFL && isIgnoredByDefault(signal));
}

/** Are there signals that may be delivered now? */
function deliverable(task: Task): boolean {
  const mine = task.pending;
  const ours = task.group.pending;
  return (((mine.low | ours.low) & ~task.blockedLow) | ((mine.high | ours.high) & ~task.blockedHigh)) !== 0;
}

/** Is the signal in the task's mask? */
export function isBlocked(task: Task, signal: number): boolean {
  return holds(task.blockedLow, task.blockedHigh, signal);
}
/** Blocked, or taken by sigtimedwait(2): it is kept even where it would be ignored. */
export function isKept(task: Task, signal: number): boolean {
  return holds(task.blockedLow | task.awaitedLow, task.blockedHigh | task.awaitedHigh, signal);
}

/** Is there something for which an interruptible wait ends? */
export function signalPending(task: Task): boolean {
  if (!task.attention) return false;
  return task.group.exiting || task.fault !== undefined || jobPending(task) || deliverable(task);
}

/** Does the task have to stop, for its group, for its tracer or for the freezer? */
export function jobPending(task: Task): boolean {
  if (task.stopPending || task.cgroup.freezing) return true;
  const { tracee } = task;
  return tracee !== undefined && (tracee.trapStop || tracee.trapNotify);
}

/** A signal that will end the process, whatever else there is; 0 for none. It gets through to a frozen task, as SIGKILL
 *  does; what dumps core, or is a tracer's to decide, does not. */
export function fatalSignal(task: Task): number {
  const { pending, group } = task;
  if (task.tracee || group.unkillable) return 0;
  const low = (pending.low | group.pending.low) & ~task.blockedLow & ~(DUMP_LOW | STOP_LOW | IGNORED_LOW);
  const high = (pending.high | group.pending.high) & ~task.blockedHigh;
  if ((low | high) === 0) return 0;
  for (let signal = 1; signal <= NSIG; signal++) {
    if (holds(low, high, signal) && group.handlers.get(signal).handler === SIG_DFL) return signal;
  }
  return 0;
}

/** Is the task about to die? */
export function killPending(task: Task): boolean {
  if (!task.attention) return false;
  return task.group.exiting || task.pending.has(SIGKILL) || task.group.pending.has(SIGKILL);
}

/** After a change of mask or of what is pending: does the task have to look before it goes on? */
export function recalculate(task: Task): void {
  const { group } = task;
  task.attention =
    group.exiting ||
    task.fault !== undefined ||
    task.afterStop !== undefined ||
    task.taken !== undefined ||
    jobPending(task) ||
    deliverable(task);
}

/** Replaces the mask of blocked signals. */
export function setBlocked(task: Task, mask: SigSet): void {
  setBlockedHalves(task, lowOf(mask), highOf(mask));
}
export function setBlockedHalves(task: Task, low: number, high: number): void {
  task.blockedLow = low & ~UNBLOCKABLE_LOW;
  task.blockedHigh = high | 0;
  recalculate(task);
}
