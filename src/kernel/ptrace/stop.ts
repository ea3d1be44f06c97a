// Entering and leaving ptrace-stops. What happened before goes on in `then`, with the signal that the tracer gives.

import { PTRACE_EVENT_STOP, PTRACE_EVENTMSG_SYSCALL_ENTRY, PTRACE_EVENTMSG_SYSCALL_EXIT } from "../../abi/ptrace.ts";
import { CLD_STOPPED, CLD_TRAPPED, SIGTRAP } from "../../abi/signal.ts";
import { enterFrozen } from "../cgroup/freeze.ts";
import { abortSequence } from "../sched/rseq.ts";
import type { SignalInfo } from "../signal/pending.ts";
import { sendToGroup, sendToTask } from "../signal/send.ts";
import { isBlocked, killPending } from "../signal/state.ts";
import { participate } from "../signal/stop.ts";
import { stopNotify, tracerNotify } from "../task/notify.ts";
import type { Task } from "../task/task.ts";
import { CALL_EVENT, isReparented, type Stop, type Tracee } from "./tracee.ts";

/** Stops a traced task that runs, or is about to. Without a tracer it goes on at once, as it does when it is to die: only
 *  the stop for that is left to it. */
export function enterStop(task: Task, stop: Stop, then: (signal: number) => void): void {
  const { tracee } = task;
  if (!tracee || (!task.exitReported && killPending(task))) {
    then(0);
    return;
  }
  const complete = stop.why === CLD_STOPPED && task.stopPending && participate(task);
  tracee.trapStop = false;
  if (stop.code >>> 8 === PTRACE_EVENT_STOP) tracee.trapNotify = false;
  tracee.stop = stop;
  tracee.unreported = true;
  task.afterStop = then;
  task.kernel.scheduler.forget(task);
  task.state = "t";
  task.voluntarySwitches++;
  enterFrozen(task);
  tracerNotify(task, stop);
  if (complete && isReparented(task)) stopNotify(task.group, task.group.stopSignal);
}

/** Lets a task go on; `signal`: what it is to have got. */
export function leaveStop(task: Task, signal: number): void {
  task.resumeSignal = signal;
  task.attention = true;
  task.kernel.scheduler.resume(task);
}

/** A stop that the kernel itself reports: SIGTRAP, with what it is about in si_code. */
export function trapStop(task: Task, code: number, message: number, why: number = CLD_TRAPPED): Stop {
  const signal = code >>> 8 === PTRACE_EVENT_STOP ? code & 0xff : SIGTRAP;
  return {
    code,
    why,
    message,
    info: {
      signal,
      code,
      pid: task.pidNamespace.of(task.tid),
      uid: task.cred.userNamespace.showUid(task.cred.uid),
      trap: true,
    },
  };
}

/** An event within a system call: it is reported before the call goes on. False when nobody asked for it. */
export function noteEvent(task: Task, event: number, message: number): boolean {
  if (!task.tracee?.wants(event)) return false;
  task.event = { event, message };
  task.callWork |= CALL_EVENT;
  return true;
}

/** Reports the event noted before and goes on with the call. */
export function eventStop(task: Task, then: () => void): void {
  const { event, message } = task.event!;
  task.event = undefined;
  task.callWork &= ~CALL_EVENT;
  enterStop(task, trapStop(task, SIGTRAP | (event << 8), message), then);
}

/** A signal given in a stop at a system call is sent: it will be reported like any other. */
function sendGiven(task: Task, signal: number): void {
  if (signal !== 0) sendToTask(task, { signal, code: 0x80, pid: 0, uid: 0 });
}

export function systemCallStop(task: Task, tracee: Tracee, entry: boolean, then: () => void): void {
  const message = entry ? PTRACE_EVENTMSG_SYSCALL_ENTRY : PTRACE_EVENTMSG_SYSCALL_EXIT;
  enterStop(task, trapStop(task, tracee.systemCallStop, message), (signal) => {
    sendGiven(task, signal);
    then();
  });
}

/** A signal is about to be delivered: the tracer may change it, or take it away. */
export function signalStop(task: Task, info: SignalInfo): void {
  const stop: Stop = { code: info.signal, why: CLD_TRAPPED, message: 0, info };
  task.stopDequeued = true;
  enterStop(task, stop, (signal) => {
    if (signal === 0) return;
    let given = stop.info!;
    if (given.signal !== signal) {
      const tracer = task.tracee?.tracer ?? task.group.parent?.leader;
      const pid = task.pidNamespace.of(tracer?.pid ?? 0);
      given = { signal, code: 0, pid, uid: task.cred.userNamespace.showUid(tracer?.cred.uid ?? 0) };
    }
    // Blocked meanwhile, it waits again where it did.
    if (isBlocked(task, signal)) {
      if (info.shared) sendToGroup(task.group, given);
      else sendToTask(task, given);
    } else task.taken = given;
  });
}

/** The group's stop, PTRACE_INTERRUPT, and what a seized task tells of either. */
export function jobStop(task: Task, tracee: Tracee): void {
  const { group } = task;
  const going = () => undefined;
  if (!tracee.seized) {
    enterStop(task, { code: task.lastStop, why: CLD_STOPPED, message: 0, info: undefined }, going);
    return;
  }
  const signal = group.stopSignal === 0 ? SIGTRAP : task.lastStop || group.stopSignal;
  enterStop(task, trapStop(task, signal | (PTRACE_EVENT_STOP << 8), 0, CLD_STOPPED), going);
}

/** At the head of the way back to user space: what a stop interrupted goes on. */
export function goOn(task: Task): void {
  const { afterStop, resumeSignal, tracee } = task;
  task.afterStop = undefined;
  task.resumeSignal = 0;
  if (tracee) {
    tracee.stop = undefined;
    tracee.unreported = false;
    tracee.listening = false;
  }
  if (afterStop && !killPending(task)) afterStop(resumeSignal);
  // Others may have run meanwhile.
  if (task.rseq && task.state === "R") abortSequence(task);
}

/** A task that is to look at something its tracer or its group wants: also out of a wait that signals interrupt. */
export function kick(task: Task): void {
  task.attention = true;
  if (task.state === "S") task.kernel.scheduler.wake(task);
}

/** Seized tasks tell of each change of their group's stop; one that listens stops anew. */
export function notifyJob(task: Task, tracee: Tracee): void {
  tracee.trapNotify = true;
  retrap(task, tracee);
}

/** A task that listens comes back to its stop; any other looks when it can. */
export function retrap(task: Task, tracee: Tracee): void {
  if (task.state === "t" && tracee.listening) leaveStop(task, 0);
  else kick(task);
}
