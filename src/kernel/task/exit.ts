// How tasks end: what a thread leaves, what a process leaves, who inherits its children. _exit(2), exit_group(2)

import { SI_KERNEL, SI_USER, SIGCONT, SIGHUP, SIGKILL } from "../../abi/signal.ts";
import { leaveCgroup, releaseFromCgroup } from "../cgroup/fork.ts";
import { panic } from "../crash/panic.ts";
import { disassociate } from "../drivers/tty/job-control.ts";
import { exitEvent, exitTracer, untrace } from "../ptrace/attach.ts";
import { releaseRobustList } from "../sched/robust-list.ts";
import { fromKernel, sendToGroup, sendToProcessGroup } from "../signal/send.ts";
import { closeFile, dropFiles } from "./descriptors.ts";
import { exitNotify, tracerExitNotify } from "./notify.ts";
import { hasStopped, isOrphaned } from "./process-group.ts";
import type { Task } from "./task.ts";
import type { ThreadGroup } from "./thread-group.ts";

/** The whole process ends with a wait status (code << 8, or a signal). Other threads end at once, the caller too. */
export function exitGroup(task: Task, status: number): void {
  const { group } = task;
  if (!group.exiting) {
    group.exiting = true;
    group.exitCode = status;
  }
  for (const thread of [...group.threads]) if (thread !== task) exitTask(thread);
  exitTask(task);
}

/** One thread ends. With the last one the process does, with status `status` unless the group has one already. */
export function exitTask(task: Task, status = 0): void {
  if (task.exiting) return;
  const { group, kernel } = task;
  kernel.scheduler.forget(task);
  // A call that is blocked is told that it won't go on: it undoes what it has begun.
  const interrupt = task.wait?.interrupt;
  if (typeof interrupt === "function") interrupt();
  task.wait = undefined;
  if (exitEvent(task, group.exiting ? group.exitCode : status, () => exitTask(task, status))) return;
  task.exiting = true;
  task.exitCode = status;
  task.attention = false;
  task.afterStop = undefined;
  releaseRobustList(task);
  if (task.clearChildTid !== 0 && task.mm.users > 1) {
    task.mm.writeU32(task.clearChildTid, 0);
    kernel.futexes.wakeAddress(task.mm, task.clearChildTid, 1);
  }
  task.vforkDone?.();
  task.vforkDone = undefined;
  kernel.trace.taskExit?.(task, group.exiting ? group.exitCode : status);
  task.files.unref((file) => closeFile(task, file));
  dropFiles(task);
  task.nsproxy.unref();
  task.cred.userNamespace.unref();
  task.peakRss = task.mm.peakRss;
  task.mm.unref();
  addUsage(task);
  group.threads.delete(task);
  leaveCgroup(task);
  task.seccomp?.filter?.release();
  if (task.parentDeathTargets.size > 0) sendParentDeath(task);
  task.parentTask?.parentDeathTargets.delete(task);
  task.parentTask = undefined;
  if (task.tracees.size > 0) exitTracer(task);
  if (task.isLeader) task.state = "Z";
  else if (task.tracee) {
    task.state = "Z";
    group.deadThreads.add(task);
    tracerExitNotify(task, group.exiting ? group.exitCode : status);
  } else removeThread(task);
  if (group.threads.size === 0) {
    if (!group.exiting) group.exitCode = status;
    group.exiting = true;
    exitProcess(group);
  }
}

function removeThread(task: Task): void {
  task.state = "X";
  releaseFromCgroup(task);
  task.kernel.tasks.removeTask(task.tid);
  task.context.free();
}

/** A traced thread that had ended is waited for, or its tracer is gone. */
export function releaseThread(task: Task): void {
  const { group } = task;
  untrace(task);
  if (!group.deadThreads.delete(task)) return;
  removeThread(task);
  if (group.zombie && group.deadThreads.size === 0) endProcess(group);
}

/** prctl(PR_SET_PDEATHSIG): children whose parent thread this was. */
function sendParentDeath(task: Task): void {
  for (const child of task.parentDeathTargets) {
    child.parentTask = undefined;
    if (child.parentDeathSignal !== 0) {
      sendToGroup(child.group, { signal: child.parentDeathSignal, code: SI_USER, pid: task.pid, uid: task.cred.uid });
    }
  }
}

function addUsage(task: Task): void {
  const { usage } = task.group;
  usage.utime += task.utime;
  usage.stime += task.stime;
  usage.minorFaults += task.minorFaults;
  usage.majorFaults += task.majorFaults;
  usage.voluntarySwitches += task.voluntarySwitches;
  usage.involuntarySwitches += task.involuntarySwitches;
  usage.syscalls += task.syscalls;
  usage.maxRss = Math.max(usage.maxRss, task.peakRss);
}

/** All threads are gone. */
function exitProcess(group: ThreadGroup): void {
  const { kernel } = group.leader;
  group.onExit?.();
  group.leader.ipc.exit(group, group.pid);
  group.zombie = true;
  group.stopSignal = 0;
  disassociate(group, kernel, true);
  group.tty = undefined;
  if (group === group.pidNamespace.init && group.pidNamespace.parent) endNamespace(group);
  orphan(group);
  // A process group that loses its last link to the session while stopped is told to go on and hang up. exit(3)
  const { parent } = group;
  if (parent && parent.pgid !== group.pgid && parent.sid === group.sid) hangUpOrphans(group, group.pgid, group);
  if (group.deadThreads.size === 0) endProcess(group);
}

/** Nothing of the process is left but what its parent waits for. */
function endProcess(group: ThreadGroup): void {
  const { kernel } = group.leader;
  const released = exitNotify(group);
  group.exited.wakeAll();
  group.onZombie?.(group.exitCode);
  if (released) release(group);
  if (group === kernel.tasks.init)
    panic(kernel, `Attempted to kill init! exitcode=0x${group.exitCode.toString(16).padStart(8, "0")}`);
}

/** The first process of a PID namespace ends: with it all that are in it, and in those below. pid_namespaces(7) */
function endNamespace(init: ThreadGroup): void {
  const { pidNamespace } = init;
  pidNamespace.ended = true;
  // What becomes a child of its is not waited for any more.
  init.reapsItself = true;
  for (const group of [...init.leader.kernel.tasks.allGroups]) {
    if (group === init || group.exiting || !pidNamespace.contains(group.pidNamespace)) continue;
    for (const thread of group.threads) thread.exitReported = true;
    exitGroup(group.leader, SIGKILL);
  }
}

/** Children go to the nearest ancestor in the same PID namespace that is a subreaper, or to its first process. */
function orphan(group: ThreadGroup): void {
  const { pidNamespace } = group;
  let heir = group.parent;
  while (heir && !(heir.subreaper && !heir.exiting) && heir.pidNamespace === pidNamespace) heir = heir.parent;
  if (!heir || heir.pidNamespace !== pidNamespace) heir = pidNamespace.init;
  for (const child of [...group.children]) {
    group.children.delete(child);
    const wasLinked = child.pgid !== group.pgid && child.sid === group.sid;
    child.parent = heir;
    heir?.children.add(child);
    if (child.zombie) {
      child.leader.exitSignal = 17;
      if (!child.leader.tracee && child.deadThreads.size === 0 && exitNotify(child)) release(child);
    } else if (wasLinked) hangUpOrphans(child, child.pgid);
  }
}

function hangUpOrphans(group: ThreadGroup, pgid: number, ignoring?: ThreadGroup): void {
  const { kernel } = group.leader;
  if (!isOrphaned(kernel, pgid, ignoring) || !hasStopped(kernel, pgid)) return;
  sendToProcessGroup(kernel, pgid, { signal: SIGHUP, code: SI_KERNEL });
  sendToProcessGroup(kernel, pgid, fromKernel(SIGCONT));
}

/** A zombie has been waited for, or nobody will: its id is free again. */
export function release(group: ThreadGroup): void {
  const { kernel } = group.leader;
  untrace(group.leader);
  group.parent?.children.delete(group);
  group.parent = undefined;
  group.leader.state = "X";
  releaseFromCgroup(group.leader);
  group.leader.context.free();
  kernel.tasks.removeTask(group.leader.tid);
  kernel.tasks.removeGroup(group.pid);
}
