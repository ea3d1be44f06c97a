// Signals: sending, masks, handlers, waiting, alternate stacks. What happens at delivery is in signal/.
import { EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ERESTARTNOHAND, type Errno, ESRCH } from "../../abi/errno.ts";
import { LANDLOCK_SCOPE_SIGNAL } from "../../abi/landlock.ts";
import { decodeSiginfo, encodeSiginfo, SIGINFO_SIZE } from "../../abi/siginfo.ts";
import {
  bit,
  MINSIGSTKSZ,
  NSIG,
  SI_TKILL,
  SI_USER,
  SIG_BLOCK,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGCONT,
  SIGSEGV,
  SS_AUTODISARM,
  SS_DISABLE,
  SS_ONSTACK,
} from "../../abi/signal.ts";
import { isScoped } from "../landlock/scope.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import { CAP_KILL } from "../security/cred.ts";
import { onAltStack, popFrame } from "../signal/frame.ts";
import type { SignalInfo } from "../signal/pending.ts";
import { forceSignal, sendToGroup, sendToTask } from "../signal/send.ts";
import { isIgnoredByDefault, recalculate, setBlocked, setBlockedHalves, UNBLOCKABLE } from "../signal/state.ts";
import { signalTarget } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import {
  Fd,
  Flags,
  In,
  Int,
  NO_RESULT,
  Out,
  Pid,
  type Row,
  Signal,
  Size,
  type SyscallResult,
  syscall,
} from "./table.ts";

const SIGSET_SIZE = 8;

/** May `task` signal `target`? kill(2): the real or effective uid is the target's real or saved one, or CAP_KILL. */
export function maySignal(task: Task, target: Task, signal: number): boolean {
  const { cred } = task;
  const other = target.cred;
  if (task.group !== target.group && isScoped(cred.landlock, other.landlock, LANDLOCK_SCOPE_SIGNAL)) return false;
  if (cred.euid === other.suid || cred.euid === other.uid || cred.uid === other.suid || cred.uid === other.uid)
    return true;
  if (cred.canIn(other.userNamespace, CAP_KILL)) return true;
  return signal === SIGCONT && task.group.sid === target.group.sid;
}

const sender = (task: Task, signal: number, code: number = SI_USER): SignalInfo => ({
  signal,
  code,
  pid: task.pid,
  uid: task.cred.uid,
});

function sendOne(task: Task, group: ThreadGroup, info: SignalInfo): 0 | Errno {
  if (info.signal < 0 || info.signal > NSIG) return EINVAL;
  if (!maySignal(task, group.leader, info.signal)) return EPERM;
  return sendToGroup(group, info);
}

/** kill(-1): all that the caller sees, but for itself and the first process. */
function all({ group: own, kernel, pidNamespace }: Task): ThreadGroup[] {
  return [...kernel.tasks.allGroups].filter(
    (group) => group !== own && group !== pidNamespace.init && pidNamespace.contains(group.pidNamespace),
  );
}

// That there is nobody is said before that the signal is none.
function kill(task: Task, pid: number, signal: number): SyscallResult {
  const { tasks } = task.kernel;
  const info = sender(task, signal);
  if (pid > 0) {
    const group = tasks.task(pid)?.group;
    return group ? sendOne(task, group, info) : ESRCH;
  }
  if (pid === -0x80000000) return ESRCH;
  let targets: ThreadGroup[];
  if (pid === -1) targets = all(task);
  else targets = tasks.processGroup(pid === 0 ? task.group.pgid : -pid);
  if (targets.length === 0) return ESRCH;
  let result: 0 | Errno = pid === -1 ? 0 : EPERM;
  for (const group of targets) {
    const sent = sendOne(task, group, { ...info });
    if (sent === EINVAL) return EINVAL;
    if (sent === 0) result = 0;
  }
  return result;
}

function toThread(task: Task, tgid: number, tid: number, info: SignalInfo): 0 | Errno {
  const target = task.kernel.tasks.task(tid);
  if (!target || (tgid > 0 && target.pid !== tgid)) return ESRCH;
  if (!maySignal(task, target, info.signal)) return EPERM;
  if (info.signal < 0 || info.signal > NSIG) return EINVAL;
  return sendToTask(target, info);
}

function tkill(task: Task, tid: number, signal: number): SyscallResult {
  if (tid <= 0 || signal < 0 || signal > NSIG) return EINVAL;
  return toThread(task, 0, tid, sender(task, signal, SI_TKILL));
}

function tgkill(task: Task, tgid: number, tid: number, signal: number): SyscallResult {
  if (tid <= 0 || tgid <= 0 || signal < 0 || signal > NSIG) return EINVAL;
  return toThread(task, tgid, tid, sender(task, signal, SI_TKILL));
}

/** Reads a program's own siginfo. Errors: EFAULT; EPERM for one that claims to come from the kernel or from kill. */
function queuedInfo(task: Task, signal: number, address: UserAddress, self: boolean): SignalInfo | Errno {
  const bytes = task.mm.read(address, SIGINFO_SIZE);
  if (typeof bytes === "number") return bytes;
  const info = { ...decodeSiginfo(new DataView(bytes.buffer)), signal };
  if ((info.code >= 0 || info.code === SI_TKILL) && !self) return EPERM;
  const { pidNamespace, cred } = task;
  if (info.pid !== undefined && pidNamespace.parent) info.pid = pidNamespace.find(info.pid);
  if (info.uid !== undefined && cred.userNamespace.parent) info.uid = cred.userNamespace.uid(info.uid);
  return info;
}

function rt_sigqueueinfo(task: Task, pid: number, signal: number, address: UserAddress): SyscallResult {
  const info = queuedInfo(task, signal, address, pid === task.pid);
  if (typeof info === "number") return info;
  if (signal < 0 || signal > NSIG) return EINVAL;
  const group = task.kernel.tasks.task(pid)?.group;
  return group ? sendOne(task, group, info) : ESRCH;
}

function rt_tgsigqueueinfo(task: Task, tgid: number, tid: number, signal: number, address: UserAddress): SyscallResult {
  const info = queuedInfo(task, signal, address, tgid === task.pid);
  if (typeof info === "number") return info;
  if (tid <= 0 || tgid <= 0 || signal < 0 || signal > NSIG) return EINVAL;
  return toThread(task, tgid, tid, info);
}

const PIDFD_SIGNAL_THREAD = 1;
const PIDFD_SIGNAL_THREAD_GROUP = 2;
const PIDFD_SIGNAL_PROCESS_GROUP = 4;

function pidfd_send_signal(task: Task, fd: number, signal: number, address: UserAddress, flags: number): SyscallResult {
  if ((flags & ~7) !== 0 || (flags & (flags - 1)) !== 0) return EINVAL;
  const process = signalTarget(task.kernel, task.files.get(fd));
  if (typeof process === "number") return process;
  if (signal < 0 || signal > NSIG) return EINVAL;
  if (process.reaped) return ESRCH;
  const { group } = process;
  let info: SignalInfo | Errno = sender(task, signal);
  if (address !== 0) {
    info = queuedInfo(task, signal, address, group === task.group);
    if (typeof info === "number") return info;
    const bytes = task.mm.read(address, 4);
    if (typeof bytes === "number") return bytes;
    if (new DataView(bytes.buffer).getInt32(0, true) !== signal) return EINVAL;
  }
  if ((flags & PIDFD_SIGNAL_PROCESS_GROUP) !== 0) return kill(task, -group.pgid, signal);
  const thread = process.task ?? ((flags & PIDFD_SIGNAL_THREAD) !== 0 ? group.leader : undefined);
  if (thread && (flags & PIDFD_SIGNAL_THREAD_GROUP) === 0) return toThread(task, group.pid, thread.tid, info);
  return sendOne(task, group, info);
}

/** struct sigaction on riscv64: handler, flags (64 bits), mask. */
function rt_sigaction(task: Task, signal: number, act: UserAddress, old: UserAddress, size: number): SyscallResult {
  if (size !== SIGSET_SIZE || signal < 1 || signal > NSIG) return EINVAL;
  const { handlers } = task.group;
  const previous = handlers.get(signal);
  if (act !== 0) {
    const bytes = task.mm.read(act, 24);
    if (typeof bytes === "number") return bytes;
    if ((UNBLOCKABLE & bit(signal)) !== 0n) return EINVAL;
    const view = new DataView(bytes.buffer);
    const handler = Number(view.getBigUint64(0, true));
    // SA_UNSUPPORTED and unknown bits are cleared, so that a program can find out what there is. sigaction(2)
    const flags = (Number(view.getBigUint64(8, true) & 0xffffffffn) & (0xf8000807 | 0)) >>> 0;
    handlers.set(signal, { handler, flags, mask: view.getBigUint64(16, true) & ~UNBLOCKABLE });
    // POSIX: setting SIG_IGN, or SIG_DFL where that ignores, discards what is pending.
    if (handler === SIG_IGN || (handler === SIG_DFL && isIgnoredByDefault(signal))) {
      task.group.pending.discard(bit(signal));
      for (const thread of task.group.threads) {
        thread.pending.discard(bit(signal));
        recalculate(thread);
      }
    }
  } else if ((UNBLOCKABLE & bit(signal)) !== 0n && old === 0) return 0;
  if (old !== 0) {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(previous.handler), true);
    view.setBigUint64(8, BigInt(previous.flags), true);
    view.setBigUint64(16, previous.mask, true);
    return task.mm.write(old, bytes);
  }
  return 0;
}

function rt_sigprocmask(task: Task, how: number, set: UserAddress, old: UserAddress, size: number): SyscallResult {
  if (size !== SIGSET_SIZE) return EINVAL;
  const { mm, blockedLow, blockedHigh } = task;
  if (set !== 0) {
    const low = mm.readU32(set);
    const high = mm.readU32(at(set, 4));
    if (low === undefined || high === undefined) return EFAULT;
    if (how === SIG_BLOCK) setBlockedHalves(task, blockedLow | low, blockedHigh | high);
    else if (how === SIG_UNBLOCK) setBlockedHalves(task, blockedLow & ~low, blockedHigh & ~high);
    else if (how === SIG_SETMASK) setBlockedHalves(task, low, high);
    else return EINVAL;
  }
  if (old === 0) return 0;
  const written = mm.writeU32(old, blockedLow >>> 0);
  return written < 0 ? written : mm.writeU32(at(old, 4), blockedHigh >>> 0);
}

function rt_sigpending(task: Task, set: UserAddress, size: number): SyscallResult {
  if (size > SIGSET_SIZE) return EINVAL;
  const pending = (task.pending.set | task.group.pending.set) & task.blocked;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, pending, true);
  return task.mm.write(set, bytes.subarray(0, size));
}

function rt_sigsuspend(task: Task, set: UserAddress, size: number): SyscallResult {
  if (size !== SIGSET_SIZE) return EINVAL;
  const mask = task.mm.readU64(set);
  if (mask === undefined) return EFAULT;
  task.savedMask = task.blocked;
  setBlocked(task, mask);
  const sleep = (): Wait => waitOn([], sleep, { interrupt: ERESTARTNOHAND });
  return sleep();
}

function rt_sigtimedwait(
  task: Task,
  set: UserAddress,
  infoAddress: UserAddress,
  timeout: UserAddress,
  size: number,
): SyscallResult {
  if (size !== SIGSET_SIZE) return EINVAL;
  const wanted = task.mm.readU64(set);
  if (wanted === undefined) return EFAULT;
  let deadline: number | undefined;
  if (timeout !== 0) {
    const bytes = task.mm.read(timeout, 16);
    if (typeof bytes === "number") return bytes;
    const view = new DataView(bytes.buffer);
    const seconds = Number(view.getBigInt64(0, true));
    const nanoseconds = Number(view.getBigInt64(8, true));
    if (seconds < 0 || nanoseconds < 0 || nanoseconds >= 1e9) return EINVAL;
    deadline = task.kernel.clock.monotonic() + seconds * 1e9 + nanoseconds;
  }
  const mask = wanted & ~UNBLOCKABLE;
  // While it waits the signals count as unblocked, so that they are kept and wake it even where they would be ignored.
  const original = task.blocked;
  const take = (): number | Errno | undefined => {
    const info = task.pending.take(mask) ?? task.group.pending.take(mask);
    if (!info) return undefined;
    info.onTake?.(info);
    recalculate(task);
    if (infoAddress !== 0) {
      const bytes = new Uint8Array(SIGINFO_SIZE);
      encodeSiginfo(info, new DataView(bytes.buffer));
      const result = task.mm.write(infoAddress, bytes);
      if (result < 0) return result;
    }
    return info.signal;
  };
  const now = take();
  if (now !== undefined) return now;
  if (deadline !== undefined && deadline <= task.kernel.clock.monotonic()) return EAGAIN;
  setBlocked(task, original & ~mask);
  task.awaited = original & mask;
  const restore = () => {
    task.awaited = 0n;
    setBlocked(task, original);
  };
  const finish = (fallback: Errno): number | Errno => {
    restore();
    return take() ?? fallback;
  };
  const sleep = (): number | Errno | Wait => {
    const taken = take();
    if (taken !== undefined) {
      restore();
      return taken;
    }
    return waitOn(task.group.signalQueue, sleep, {
      ...(deadline === undefined ? {} : { deadline }),
      onTimeout: () => finish(EAGAIN),
      interrupt: () => finish(EINTR),
    });
  };
  return sleep();
}

function rt_sigreturn(task: Task): SyscallResult {
  if (popFrame(task) < 0) forceSignal(task, { signal: SIGSEGV, code: 0x80 });
  return NO_RESULT;
}

function sigaltstack(task: Task, stack: UserAddress, old: UserAddress): SyscallResult {
  const { altStack } = task;
  const on = onAltStack(task, task.context.xn(2));
  if (stack !== 0) {
    const bytes = task.mm.read(stack, 24);
    if (typeof bytes === "number") return bytes;
    if (on) return EPERM;
    const view = new DataView(bytes.buffer);
    const flags = view.getUint32(8, true);
    const mode = (flags & ~SS_AUTODISARM) >>> 0;
    if (mode !== 0 && mode !== SS_ONSTACK && mode !== SS_DISABLE) return EINVAL;
    let address = Number(view.getBigUint64(0, true));
    let size = Number(view.getBigUint64(16, true));
    if (mode === SS_DISABLE) address = size = 0;
    else if (size < MINSIGSTKSZ) return ENOMEM;
    task.altStack = { address, size, flags };
  }
  if (old !== 0) {
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(altStack.address), true);
    const state = altStack.size === 0 ? SS_DISABLE : on ? SS_ONSTACK : 0;
    view.setUint32(8, (state | (altStack.flags & SS_AUTODISARM)) >>> 0, true);
    view.setBigUint64(16, BigInt(altStack.size), true);
    return task.mm.write(old, bytes);
  }
  return 0;
}

function restart_syscall(task: Task): SyscallResult {
  const { restart } = task;
  task.restart = undefined;
  return restart ? restart() : EINTR;
}

export const rows: readonly Row[] = [
  syscall(128, "restart_syscall", [], restart_syscall),
  syscall(129, "kill", [Pid("pid"), Signal("sig")], kill),
  syscall(130, "tkill", [Pid("tid"), Signal("sig")], tkill),
  syscall(131, "tgkill", [Pid("tgid"), Pid("tid"), Signal("sig")], tgkill),
  syscall(132, "sigaltstack", [In("ss", "stack_t"), Out("old_ss", "stack_t")], sigaltstack),
  syscall(133, "rt_sigsuspend", [In("mask", "sigset"), Size("sigsetsize")], rt_sigsuspend),
  syscall(
    134,
    "rt_sigaction",
    [Signal("signum"), In("act", "sigaction"), Out("oldact", "sigaction"), Size("sigsetsize")],
    rt_sigaction,
  ),
  syscall(
    135,
    "rt_sigprocmask",
    [Int("how", "SIG_HOW"), In("set", "sigset"), Out("oldset", "sigset"), Size("sigsetsize")],
    rt_sigprocmask,
  ),
  syscall(136, "rt_sigpending", [Out("set", "sigset"), Size("sigsetsize")], rt_sigpending),
  syscall(
    137,
    "rt_sigtimedwait",
    [In("set", "sigset"), Out("info", "siginfo"), In("timeout", "timespec"), Size("sigsetsize")],
    rt_sigtimedwait,
  ),
  syscall(138, "rt_sigqueueinfo", [Pid("pid"), Signal("sig"), In("info", "siginfo")], rt_sigqueueinfo),
  syscall(139, "rt_sigreturn", [], rt_sigreturn),
  syscall(240, "rt_tgsigqueueinfo", [Pid("tgid"), Pid("tid"), Signal("sig"), In("info", "siginfo")], rt_tgsigqueueinfo),
  syscall(
    424,
    "pidfd_send_signal",
    [Fd("pidfd"), Signal("sig"), In("info", "siginfo"), Flags("flags")],
    pidfd_send_signal,
  ),
];
