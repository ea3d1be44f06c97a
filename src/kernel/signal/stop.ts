// The stop of a whole thread group (job control). A traced task takes part with a ptrace-stop of its own. signal(7)

import { enterFrozen } from "../cgroup/freeze.ts";
import { kick, notifyJob } from "../ptrace/stop.ts";
import { stopNotify } from "../task/notify.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";

/** A stopping signal is acted upon: every thread is to stop; those that sleep are stopped where they are. */
export function beginStop(task: Task, signal: number): void {
  const { group } = task;
  // SIGCONT came after the signal was taken; or the thread is to stop anyway.
  if (!task.stopDequeued || task.stopPending) return;
  if (!group.stopDone) group.stopSignal = signal;
  group.continueReport = false;
  for (const thread of group.threads) {
    if (thread.exiting || thread.state === "T") continue;
    thread.stopPending = true;
    thread.stopped = false;
    thread.lastStop = signal;
    if (thread === task) continue;
    const { tracee } = thread;
    if (tracee) {
      if (tracee.seized) notifyJob(thread, tracee);
      else kick(thread);
    } else if (thread.state === "S" || thread.state === "D") joinStop(thread);
    else thread.attention = true;
  }
}

/** An untraced thread stops. */
export function joinStop(task: Task): void {
  task.kernel.scheduler.forget(task);
  task.state = "T";
  task.voluntarySwitches++;
  enterFrozen(task);
  if (participate(task)) stopNotify(task.group, task.group.stopSignal);
}

/** The thread has stopped; true when the group has with it, which was not before. */
export function participate(task: Task): boolean {
  const { group } = task;
  task.stopPending = false;
  task.stopped = true;
  if (group.stopDone) return false;
  for (const thread of group.threads) if (!thread.stopped && !thread.exiting) return false;
  group.stopDone = true;
  group.stopReport = group.stopSignal;
  return true;
}

/** SIGCONT, or a fatal signal: a stopped group runs again. */
export function continueGroup(group: ThreadGroup, silent: boolean, signal: number): void {
  const wasStopped = group.stopSignal !== 0;
  group.stopSignal = 0;
  group.stopReport = 0;
  group.stopDone = false;
  for (const thread of group.threads) {
    thread.stopPending = false;
    thread.stopDequeued = false;
    const { tracee } = thread;
    const stopped = thread.stopped;
    thread.stopped = false;
    if (tracee?.seized && !silent) notifyJob(thread, tracee);
    if (!stopped || thread.state !== "T") continue;
    thread.attention = true;
    thread.kernel.scheduler.resume(thread);
  }
  if (silent || !wasStopped) return;
  group.continueReport = true;
  stopNotify(group, signal);
}

/** A thread that is no longer traced takes part in the stop of its group. */
export function reinstateStop(task: Task): void {
  if (task.group.stopSignal === 0 || task.exiting) return;
  task.stopPending = true;
  if (task.state === "S" || task.state === "D") joinStop(task);
  else task.attention = true;
}
