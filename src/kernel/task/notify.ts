// Telling a parent what became of its child. wait(2), sigaction(2) on SIGCHLD
import {
  CLD_CONTINUED,
  CLD_DUMPED,
  CLD_EXITED,
  CLD_KILLED,
  CLD_STOPPED,
  NSIG,
  SA_NOCLDSTOP,
  SA_NOCLDWAIT,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
} from "../../abi/signal.ts";
import { isReparented, type Stop } from "../ptrace/tracee.ts";
import type { SignalInfo } from "../signal/pending.ts";
import { sendToGroup } from "../signal/send.ts";
import type { Task } from "./task.ts";
import type { ThreadGroup } from "./thread-group.ts";

const TICK = 1e7;

/** A child stopped or went on. */
export function stopNotify(group: ThreadGroup, signal: number): void {
  const { parent } = group;
  if (!parent) return;
  if ((parent.handlers.get(SIGCHLD).flags & SA_NOCLDSTOP) === 0) {
    sendToGroup(parent, {
      signal: SIGCHLD,
      code: signal === SIGCONT ? CLD_CONTINUED : CLD_STOPPED,
      pid: group.pid,
      uid: group.leader.cred.uid,
      status: signal,
      utime: group.usage.utime / TICK,
      stime: group.usage.stime / TICK,
    });
  }
  parent.childEvents.wakeAll();
}

/** A traced task is in a stop: its tracer is told, whoever its parent is. ptrace(2) */
export function tracerNotify(task: Task, stop: Stop): void {
  const { group } = task.tracee!.tracer;
  if ((group.handlers.get(SIGCHLD).flags & SA_NOCLDSTOP) === 0) {
    sendToGroup(group, {
      signal: SIGCHLD,
      code: stop.why,
      pid: task.tid,
      uid: task.cred.uid,
      status: stop.code & 0x7f,
      utime: task.utime / TICK,
      stime: task.stime / TICK,
    });
  }
  group.childEvents.wakeAll();
}

/** A traced task has ended, and its tracer is to wait for it. */
export function tracerExitNotify(task: Task, status: number): void {
  const { group } = task.tracee!.tracer;
  sendToGroup(group, exitInfo(task, SIGCHLD, status));
  group.childEvents.wakeAll();
}

function exitInfo(task: Task, signal: number, status: number): SignalInfo {
  const killed = status & 0x7f;
  return {
    signal,
    code: killed === 0 ? CLD_EXITED : (status & 0x80) !== 0 ? CLD_DUMPED : CLD_KILLED,
    pid: task.tid,
    uid: task.cred.uid,
    status: killed === 0 ? status >> 8 : killed,
    utime: task.group.usage.utime / TICK,
    stime: task.group.usage.stime / TICK,
  };
}

/** A child has ended. Returns true when nobody will wait for it: it is released at once. */
export function exitNotify(group: ThreadGroup): boolean {
  const { parent, exitCode, leader } = group;
  // Its tracer waits first; then the parent is told.
  if (isReparented(leader)) {
    tracerExitNotify(leader, exitCode);
    return false;
  }
  if (!parent || parent.reapsItself) return true;
  let autoReap = false;
  let { exitSignal } = leader;
  if (exitSignal === SIGCHLD) {
    const action = parent.handlers.get(SIGCHLD);
    autoReap = action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0;
    // Ignored it is not sent at all, not even to be kept while it is blocked.
    if (action.handler === SIG_IGN) exitSignal = 0;
  }
  if (exitSignal > 0 && exitSignal <= NSIG) {
    sendToGroup(parent, exitInfo(leader, exitSignal, exitCode));
  }
  parent.childEvents.wakeAll();
  return autoReap && !leader.tracee;
}
