// What waits for a task, and whether it has to look: the tests that the hot paths make. signal(7)
import {
  bit,
  SIG_DFL,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGWINCH,
  type SigSet,
} from "../../abi/signal.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";

export const STOP_SIGNALS: SigSet = bit(SIGSTOP) | bit(SIGTSTP) | bit(SIGTTIN) | bit(SIGTTOU);
const IGNORED_BY_DEFAULT: SigSet = bit(SIGCHLD) | bit(SIGCONT) | bit(SIGURG) | bit(SIGWINCH);
/** Can't be blocked, caught or ignored. */
export const UNBLOCKABLE: SigSet = bit(SIGKILL) | bit(SIGSTOP);

export const isStop = (signal: number): boolean => (STOP_SIGNALS & bit(signal)) !== 0n;
export const isIgnoredByDefault = (signal: number): boolean => (IGNORED_BY_DEFAULT & bit(signal)) !== 0n;

/** Would the signal have no effect on this process? */
export function ignores(group: ThreadGroup, signal: number): boolean {
  const { handler } = group.handlers.get(signal);
  return handler === SIG_IGN || (handler === SIG_DFL && isIgnoredByDefault(signal));
}

/** Signals that may be delivered now. */
export function deliverable(task: Task): SigSet {
  return (task.pending.set | task.group.pending.set) & ~task.blocked;
}

/** Is there something for which an interruptible wait ends? */
export function signalPending(task: Task): boolean {
  if (!task.attention) return false;
  return task.group.exiting || task.fault !== undefined || deliverable(task) !== 0n;
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
    group.exiting || task.fault !== undefined || (group.stopSignal !== 0 && !task.stopped) || deliverable(task) !== 0n;
}

/** Replaces the mask of blocked signals. */
export function setBlocked(task: Task, mask: SigSet): void {
  task.blocked = mask & ~UNBLOCKABLE;
  recalculate(task);
}
