// On the way back to user space: signals are taken and acted on, interrupted calls are restarted or end with EINTR.
// signal(7), kernel/signal.c's rules
import { EINTR, ERESTART_RESTARTBLOCK, ERESTARTNOHAND, ERESTARTNOINTR, ERESTARTSYS } from "../../abi/errno.ts";
import {
  bit,
  highBit,
  highOf,
  lowBit,
  lowOf,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  SIG_DFL,
  SIG_IGN,
  SIGKILL,
  SIGSEGV,
  SIGSTOP,
  SIGTRAP,
} from "../../abi/signal.ts";
import { freezeTask, leaveFrozen } from "../cgroup/freeze.ts";
import { dumpCore } from "../coredump/coredump.ts";
import { rest } from "../mm/pause.ts";
import { enterStop, goOn, jobStop, signalStop, trapStop } from "../ptrace/stop.ts";
import { CALL_STEP } from "../ptrace/tracee.ts";
import { abortSequence } from "../sched/rseq.ts";
import { exitGroup, exitTask } from "../task/exit.ts";
import { isOrphaned } from "../task/process-group.ts";
import type { Task } from "../task/task.ts";
import { pushFrame } from "./frame.ts";
import type { SignalInfo } from "./pending.ts";
import {
  dumpsCore,
  fatalSignal,
  isIgnoredByDefault,
  isStop,
  killPending,
  recalculate,
  setBlocked,
  setBlockedHalves,
  UNBLOCKABLE_LOW,
} from "./state.ts";
import { beginStop, joinStop } from "./stop.ts";
import { reportFatal } from "./unhandled.ts";

const RESTART_SYSCALL = 128n;

/** Called with `attention` set, before the next instruction in user space. May stop or end the task. */
export function deliverSignals(task: Task): void {
  const { group } = task;
  if (task.afterStop || task.tracee?.stop) {
    leaveFrozen(task);
    goOn(task);
    if (task.state !== "R") return;
  }
  for (;;) {
    if (group.exiting) {
      exitTask(task);
      return;
    }
    let info = task.taken;
    if (info) task.taken = undefined;
    else {
      const { tracee } = task;
      const dies = killPending(task);
      if (task.stopPending && !dies) {
        if (tracee) tracee.trapStop = true;
        else {
          joinStop(task);
          return;
        }
      }
      if (tracee && !dies && (tracee.trapStop || tracee.trapNotify)) {
        jobStop(task, tracee);
        return;
      }
      if (task.cgroup.freezing && !dies) {
        const fatal = fatalSignal(task);
        if (fatal === 0) freezeTask(task);
        else exitGroup(task, fatal);
        return;
      }
      if (task.frozen) leaveFrozen(task);
      if (task.pausedUntil > 0 && !dies && rest(task)) return;
      info = next(task);
      if (!info) break;
      if (isStop(info.signal)) task.stopDequeued = true;
      if (tracee && info.signal !== SIGKILL) {
        signalStop(task, info);
        return;
      }
    }
    const { signal } = info;
    const action = group.handlers.get(signal);
    task.kernel.trace.signalDeliver?.(task, info, action);
    if (signal !== SIGKILL && action.handler === SIG_IGN) continue;
    if (signal === SIGKILL || action.handler === SIG_DFL) {
      if (signal !== SIGKILL && isIgnoredByDefault(signal)) continue;
      // SIGKILL and SIGSTOP were only let through when they came from above its PID namespace (send.ts).
      if (group.unkillable && !info.forced && signal !== SIGKILL && signal !== SIGSTOP) continue;
      if (isStop(signal)) {
        if (signal !== SIGSTOP && isOrphaned(task.kernel, group.pgid)) continue;
        beginStop(task, signal);
        continue;
      }
      if (dumpsCore(signal)) reportFatal(task, signal);
      exitGroup(task, signal | (dumpsCore(signal) && dumpCore(task, info) ? 0x80 : 0));
      return;
    }
    if (task.rseq) abortSequence(task);
    interruptCall(task, (action.flags & SA_RESTART) !== 0);
    if (!pushFrame(task, info, action)) {
      // No room for the frame: the program can't be told otherwise. signal(7): SIGSEGV, by default fatal
      group.handlers.set(SIGSEGV, { handler: SIG_DFL, flags: 0, mask: 0n });
      task.blocked &= ~bit(SIGSEGV);
      task.fault = { signal: SIGSEGV, code: 0x80, forced: true };
      continue;
    }
    if (action.flags & SA_RESETHAND) group.handlers.set(signal, { ...action, handler: SIG_DFL });
    task.savedMask = undefined;
    let low = task.blockedLow;
    let high = task.blockedHigh;
    if (action.mask !== 0n) {
      low |= lowOf(action.mask);
      high |= highOf(action.mask);
    }
    if ((action.flags & SA_NODEFER) === 0) {
      low |= lowBit(signal);
      high |= highBit(signal);
    }
    setBlockedHalves(task, low, high);
    if ((task.callWork & CALL_STEP) !== 0) {
      // The step led to the handler's first instruction.
      enterStop(task, trapStop(task, SIGTRAP, 0), () => undefined);
      return;
    }
    if (!task.attention) return;
  }
  restartCall(task);
  if (task.savedMask !== undefined) {
    const mask = task.savedMask;
    task.savedMask = undefined;
    setBlocked(task, mask);
  }
  recalculate(task);
}

function next(task: Task): SignalInfo | undefined {
  const { group } = task;
  const { fault } = task;
  if (task.pending.has(SIGKILL) || group.pending.has(SIGKILL)) return { signal: SIGKILL, code: 0 };
  if (fault) {
    task.fault = undefined;
    return fault;
  }
  const low = ~task.blockedLow | UNBLOCKABLE_LOW;
  const high = ~task.blockedHigh;
  const mine = task.pending.takeFrom(low, high);
  if (mine) return mine;
  const ours = group.pending.takeFrom(low, high);
  if (!ours) return undefined;
  ours.onTake?.(ours);
  ours.shared = true;
  return ours;
}

/** A handler is about to run in an interrupted call. */
function interruptCall(task: Task, restart: boolean): void {
  if (task.syscall < 0) return;
  const result = task.context.xs(10);
  if (result === ERESTARTNOINTR || (result === ERESTARTSYS && restart)) rewind(task);
  else if (result <= ERESTARTSYS && result >= ERESTART_RESTARTBLOCK) {
    task.context.setXn(10, EINTR);
  }
  task.syscall = -1;
}

/** No handler ran: the call goes on as if nothing had been. */
function restartCall(task: Task): void {
  if (task.syscall < 0) return;
  const result = task.context.xs(10);
  if (result === ERESTARTSYS || result === ERESTARTNOHAND || result === ERESTARTNOINTR) rewind(task);
  else if (result === ERESTART_RESTARTBLOCK) {
    rewind(task);
    task.context.setX(17, RESTART_SYSCALL);
  }
  task.syscall = -1;
}

function rewind(task: Task): void {
  task.context.pc -= 4;
  task.context.setHalves(10, task.originalLow, task.originalHigh);
}
