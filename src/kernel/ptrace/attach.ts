// Who traces whom: attaching and detaching, children that are traced from the start, and the ends of tracers.
import { EIO, EPERM, type Errno } from "../../abi/errno.ts";
import {
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_EXEC,
  PTRACE_EVENT_EXIT,
  PTRACE_EVENT_FORK,
  PTRACE_EVENT_VFORK,
  PTRACE_O_EXITKILL,
} from "../../abi/ptrace.ts";
import { SA_NOCLDWAIT, SI_KERNEL, SI_USER, SIG_IGN, SIGCHLD, SIGKILL, SIGSTOP, SIGTRAP } from "../../abi/signal.ts";
import type { Cred } from "../security/cred.ts";
import { mayAttach, mayBeTracedBy } from "../security/ptrace-access.ts";
import { sendToTask } from "../signal/send.ts";
import { reinstateStop } from "../signal/stop.ts";
import { CLONE_PTRACE, CLONE_UNTRACED, CLONE_VFORK, type CloneArguments } from "../task/clone.ts";
import { release, releaseThread } from "../task/exit.ts";
import { exitNotify } from "../task/notify.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import { enterStop, kick, leaveStop, noteEvent, trapStop } from "./stop.ts";
import { Tracee } from "./tracee.ts";

function trace(task: Task, tracer: Task, cred: Cred, seized: boolean, options: number): Tracee {
  const tracee = new Tracee(tracer, cred, seized, options);
  task.tracee = tracee;
  tracer.tracees.add(task);
  return tracee;
}

/** PTRACE_TRACEME: the parent traces. Errors: EPERM. */
export function traceMe(task: Task): 0 | Errno {
  const parent = task.parentTask ?? task.group.parent?.leader;
  if (task.tracee || !parent) return EPERM;
  if (!mayBeTracedBy(task, parent)) return EPERM;
  if (!parent.exiting) trace(task, parent, task.cred, false, 0);
  return 0;
}

/** PTRACE_ATTACH and PTRACE_SEIZE. Errors: EPERM. */
export function attach(tracer: Task, task: Task, seized: boolean, options: number): 0 | Errno {
  if (task.group === tracer.group || !mayAttach(tracer, task, "real")) return EPERM;
  if (task.tracee || task.exiting || task.group === task.kernel.tasks.init) return EPERM;
  const tracee = trace(task, tracer, tracer.cred, seized, options);
  if (!seized) sendToTask(task, { signal: SIGSTOP, code: SI_KERNEL, pid: 0, uid: 0 });
  if (task.state === "T") {
    // What was stopped with its group is now stopped for its tracer.
    tracee.trapStop = true;
    task.attention = true;
    task.kernel.scheduler.resume(task);
  }
  return 0;
}

/** The task is its own again, where it is; if it was in a stop it goes on, with `signal`. */
export function untrace(task: Task, signal = 0): void {
  const { tracee } = task;
  if (!tracee) return;
  const stopped = tracee.stop !== undefined;
  tracee.tracer.tracees.delete(task);
  task.tracee = undefined;
  task.callWork = 0;
  task.event = undefined;
  if (task.exiting) return;
  reinstateStop(task);
  if (stopped && task.state === "t") leaveStop(task, signal);
}

/** PTRACE_DETACH, in a stop. Errors: EIO for a signal that is none. */
export function detach(task: Task, signal: number): 0 | Errno {
  if (signal < 0 || signal > 64) return EIO;
  untrace(task, signal);
  return 0;
}

/** A thread that traces ends: its tracees go on, or end with it. */
export function exitTracer(tracer: Task): void {
  for (const task of [...tracer.tracees]) {
    if ((task.tracee!.options & PTRACE_O_EXITKILL) !== 0 && !task.exiting) {
      sendToTask(task, { signal: SIGKILL, code: SI_KERNEL, pid: 0, uid: 0 });
    }
    if (!task.exiting) untrace(task);
    else if (!task.isLeader) releaseThread(task);
    else abandonZombie(task, tracer.group);
  }
}

/** A process that has ended and was to be waited for by its tracer first is now its parent's. */
export function abandonZombie(task: Task, tracer: ThreadGroup): void {
  const { group } = task;
  untrace(task);
  if (!group.zombie || group.deadThreads.size > 0) return;
  if (group.parent !== tracer) {
    if (exitNotify(group)) release(group);
    return;
  }
  const action = tracer.handlers.get(SIGCHLD);
  if (action.handler === SIG_IGN || (action.flags & SA_NOCLDWAIT) !== 0) release(group);
}

/** A new task, before it runs: its maker's tracer may trace it too. Answers the event that this is, 0 for none. */
export function inheritTracer(parent: Task, child: Task, args: CloneArguments): number {
  const { tracee } = parent;
  if (!tracee) return 0;
  const flags = args.flags % 0x1_0000_0000;
  let event = 0;
  if ((flags & CLONE_UNTRACED) === 0) {
    if ((flags & CLONE_VFORK) !== 0) event = PTRACE_EVENT_VFORK;
    else event = args.exitSignal === SIGCHLD ? PTRACE_EVENT_FORK : PTRACE_EVENT_CLONE;
    if (!tracee.wants(event)) event = 0;
  }
  if (event === 0 && (flags & CLONE_PTRACE) === 0) return 0;
  const own = trace(child, tracee.tracer, tracee.cred, tracee.seized, tracee.options);
  if (tracee.seized) {
    own.trapStop = true;
    child.attention = true;
  } else {
    child.pending.add({ signal: SIGSTOP, code: SI_USER, pid: 0, uid: 0 });
    child.attention = true;
  }
  return event;
}

/** A traced task has a new program; `tid`: the one that it had before. */
export function reportExec(task: Task, tid: number): void {
  if (noteEvent(task, PTRACE_EVENT_EXEC, task.tracee!.tracer.pidNamespace.of(tid))) return;
  if (!task.tracee!.seized) sendToTask(task, { signal: SIGTRAP, code: SI_USER, pid: task.pid, uid: task.cred.uid });
}

/** PTRACE_EVENT_EXIT, while everything is still there to be looked at. False: nobody asked for it. */
export function exitEvent(task: Task, status: number, then: () => void): boolean {
  if (task.exitReported || !task.tracee?.wants(PTRACE_EVENT_EXIT)) return false;
  task.exitReported = true;
  task.faulting = false;
  enterStop(task, trapStop(task, SIGTRAP | (PTRACE_EVENT_EXIT << 8), status), then);
  return true;
}

/** PTRACE_INTERRUPT. */
export function interrupt(task: Task, tracee: Tracee): void {
  tracee.trapStop = true;
  if (task.state === "t" && tracee.listening) leaveStop(task, 0);
  else kick(task);
}
