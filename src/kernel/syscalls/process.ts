// Processes and threads: making them, ending them, waiting for them, their groups and sessions.
import { E2BIG, EACCES, EAGAIN, EBADF, EFAULT, EINVAL, ENOENT, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { PTRACE_EVENT_VFORK_DONE } from "../../abi/ptrace.ts";
import { encodeRusage } from "../../abi/rusage.ts";
import { NSIG, SIGCHLD } from "../../abi/signal.ts";
import { mayMove, mayWriteTo } from "../cgroup/attach.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import { enterFrozen, leaveFrozen } from "../cgroup/freeze.ts";
import { execute } from "../exec/exec.ts";
import { readStrings } from "../exec/strings.ts";
import { CgroupDirectory } from "../fs/cgroup2/inode.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { inheritTracer } from "../ptrace/attach.ts";
import { noteEvent } from "../ptrace/stop.ts";
import { registerRseq } from "../sched/rseq.ts";
import { andThen, type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { CAP_SYS_PTRACE } from "../security/cred.ts";
import {
  CLONE_DETACHED,
  CLONE_INTO_CGROUP,
  CLONE_NEWTIME,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_THREAD,
  CLONE_VFORK,
  type CloneArguments,
  cloneTask,
} from "../task/clone.ts";
import { installFile } from "../task/descriptors.ts";
import { exitGroup, exitTask } from "../task/exit.ts";
import { makePidfd, processOf } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import {
  type ChildReport,
  P_ALL,
  P_PGID,
  P_PID,
  P_PIDFD,
  selectByPid,
  WALL,
  WCLONE,
  WCONTINUED,
  WEXITED,
  WNOHANG,
  WNOTHREAD,
  WNOWAIT,
  WSTOPPED,
  WUNTRACED,
  waitForChild,
} from "../task/wait.ts";
import {
  Address,
  Bits,
  DirFd,
  Flags,
  In,
  InOut,
  Int,
  Out,
  PathName,
  Pid,
  type Row,
  Size,
  type SyscallResult,
  syscall,
  UInt,
} from "./table.ts";

/** What the tracer of a task calls another one. */
const shownToTracer = ({ tracee }: Task, tid: number): number => tracee?.tracer.pidNamespace.of(tid) ?? 0;

/** Starts a clone and, for vfork, waits until the child has its own program or is gone. */
function start(parent: Task, args: CloneArguments, pidfdAddress: UserAddress): SyscallResult {
  const wantsPidfd = (args.flags & CLONE_PIDFD) !== 0;
  if (wantsPidfd) {
    if ((args.flags & CLONE_DETACHED) !== 0) return EINVAL;
    if ((args.flags & CLONE_THREAD) !== 0) return EINVAL;
  }
  const child = cloneTask(parent, args);
  if (typeof child === "number") return child;
  if (wantsPidfd) {
    const fd = installFile(parent, makePidfd(parent.kernel, child.group), true);
    if (fd < 0 || parent.mm.writeU32(pidfdAddress, fd) < 0) {
      exitTask(child);
      return fd < 0 ? fd : EFAULT;
    }
  }
  const tid = child.tid;
  const shown = parent.pidNamespace.of(tid);
  const vfork = (args.flags & CLONE_VFORK) !== 0;
  const done = new WaitQueue();
  let over = false;
  if (vfork) {
    child.vforkDone = () => {
      over = true;
      done.wakeAll();
    };
  }
  const event = inheritTracer(parent, child, args);
  parent.kernel.scheduler.start(child);
  if (event !== 0) noteEvent(parent, event, shownToTracer(parent, tid));
  if (!vfork) return shown;
  const sleep = (): number | Wait => {
    if (!over) return waitOn(done, sleep, { killable: true });
    leaveFrozen(parent);
    noteEvent(parent, PTRACE_EVENT_VFORK_DONE, shownToTracer(parent, tid));
    return shown;
  };
  // A child that is frozen would keep its parent from coming to rest.
  enterFrozen(parent);
  return waitOn(done, sleep, { killable: true });
}

function clone(
  task: Task,
  flags: number,
  stack: UserAddress,
  parentTid: UserAddress,
  tls: bigint,
  childTid: UserAddress,
): SyscallResult {
  // The kernel's clone puts the exit signal in the low byte, and the pidfd where the parent's tid would go.
  if ((flags & CLONE_PIDFD) !== 0 && (flags & CLONE_PARENT_SETTID) !== 0) return EINVAL;
  return start(
    task,
    { flags: (flags & ~0xff) >>> 0, exitSignal: flags & 0xff, stack, tls, parentTid, childTid },
    parentTid,
  );
}

const CLONE_ARGS_SIZE_VER0 = 64;
const CLONE_ARGS_SIZE = 88;

function clone3(task: Task, address: UserAddress, size: number): SyscallResult {
  if (size > 4096) return E2BIG;
  if (size < CLONE_ARGS_SIZE_VER0) return EINVAL;
  const bytes = task.mm.read(address, size);
  if (typeof bytes === "number") return bytes;
  for (let i = CLONE_ARGS_SIZE; i < size; i++) if (bytes[i] !== 0) return E2BIG;
  const whole = new Uint8Array(CLONE_ARGS_SIZE);
  whole.set(bytes.subarray(0, CLONE_ARGS_SIZE));
  const view = new DataView(whole.buffer);
  const word = (index: number) => view.getBigUint64(index * 8, true);
  const number = (index: number) => Number(word(index));
  const flags = number(0);
  const exitSignal = number(4);
  const stack = number(5);
  const stackSize = number(6);
  const ids = number(8) as UserAddress;
  const idCount = number(9);
  if (flags >= 2 ** 34 || (flags & 0xff & ~CLONE_NEWTIME) !== 0 || (flags & CLONE_DETACHED) !== 0) return EINVAL;
  if (exitSignal > NSIG) return EINVAL;
  if ((flags & (CLONE_THREAD | 0x8000)) !== 0 && exitSignal !== 0) return EINVAL;
  if ((stack === 0) !== (stackSize === 0)) return EINVAL;
  if (idCount > 32 || (ids === 0) !== (idCount === 0)) return EINVAL;
  const given = idCount === 0 ? undefined : task.mm.read(ids, idCount * 4);
  if (typeof given === "number") return given;
  const tids = given && [...new Int32Array(given.buffer, given.byteOffset, idCount)];
  const thread = (flags & CLONE_THREAD) !== 0;
  const cgroup = flags >= CLONE_INTO_CGROUP ? cgroupToEnter(task, word(10), thread) : undefined;
  if (typeof cgroup === "number") return cgroup;
  return start(
    task,
    {
      flags,
      exitSignal,
      stack: stack + stackSize,
      tls: word(7),
      childTid: number(2) as UserAddress,
      parentTid: number(3) as UserAddress,
      tids,
      cgroup,
    },
    number(1) as UserAddress,
  );
}

/** The group of CLONE_INTO_CGROUP's descriptor. Errors: EINVAL, EBADF; ENODEV when it was removed; those of `mayMove`. */
function cgroupToEnter(task: Task, fd: bigint, thread: boolean): Cgroup | Errno {
  if (fd > 0x7fffffffn) return EINVAL;
  const file = task.files.get(Number(fd));
  const inode = file?.inode;
  if (!(inode instanceof CgroupDirectory)) return EBADF;
  const { cgroup } = inode;
  if (cgroup.dead) return ENOENT;
  const denied =
    mayWriteTo(cgroup, task.cred) || mayMove(task.cgroup, cgroup, !thread, task.cred, task.cgroupNamespace);
  return denied === 0 ? cgroup : denied;
}

function execve(task: Task, path: UserAddress, argv: UserAddress, envp: UserAddress): SyscallResult {
  return execveat(task, -100, path, argv, envp, 0);
}

function execveat(
  task: Task,
  dirfd: number,
  path: UserAddress,
  argv: UserAddress,
  envp: UserAddress,
  flags: number,
): SyscallResult {
  const name = task.mm.readString(path, 4096);
  if (typeof name === "number") return name;
  const args = readStrings(task, argv);
  if (typeof args === "number") return args;
  const env = readStrings(task, envp);
  if (typeof env === "number") return env;
  return execute(task, { dirfd, path: name, argv: args, envp: env, flags });
}

function exit(task: Task, code: number): SyscallResult {
  exitTask(task, (code & 0xff) << 8);
  return 0;
}

function exit_group(task: Task, code: number): SyscallResult {
  exitGroup(task, (code & 0xff) << 8);
  return 0;
}

function wait4(task: Task, pid: number, status: UserAddress, options: number, rusage: UserAddress): SyscallResult {
  if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE)) !== 0) return EINVAL;
  if (pid === -0x80000000) return ESRCH;
  return andThen<ChildReport | undefined, number>(
    waitForChild(task, selectByPid(task, pid), options | WEXITED),
    (report) => {
      if (!report) return 0;
      if (status !== 0) {
        const result = task.mm.writeU32(status, report.waitStatus);
        if (result < 0) return result;
      }
      if (rusage !== 0) {
        const result = task.mm.write(rusage, encodeRusage(report.usage));
        if (result < 0) return result;
      }
      return report.pid;
    },
  );
}

function waitid(
  task: Task,
  type: number,
  id: number,
  info: UserAddress,
  options: number,
  rusage: UserAddress,
): SyscallResult {
  if ((options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | WNOTHREAD | WALL | WCLONE)) !== 0)
    return EINVAL;
  if ((options & (WEXITED | WSTOPPED | WCONTINUED)) === 0) return EINVAL;
  let selects: (child: Task) => boolean;
  let nonblocking = false;
  if (type === P_ALL) selects = () => true;
  else if (type === P_PID) {
    if (id <= 0) return EINVAL;
    const tid = task.pidNamespace.find(id);
    selects = (child) => child.tid === tid;
  } else if (type === P_PGID) {
    if (id < 0) return EINVAL;
    const pgid = id === 0 ? task.group.pgid : task.pidNamespace.find(id);
    selects = (child) => child.group.pgid === pgid;
  } else if (type === P_PIDFD) {
    if (id < 0) return EINVAL;
    const file = task.files.get(id);
    const group = processOf(file)?.group;
    if (!file || !group) return EBADF;
    nonblocking = file.nonblocking;
    selects = (child) => child === group.leader;
  } else return EINVAL;
  const reported = waitForChild(task, selects, nonblocking ? options | WNOHANG : options);
  return andThen<ChildReport | undefined, number>(reported, (report) => {
    if (!report && nonblocking && (options & WNOHANG) === 0) return EAGAIN;
    if (report && rusage !== 0) {
      const result = task.mm.write(rusage, encodeRusage(report.usage));
      if (result < 0) return result;
    }
    if (info === 0) return 0;
    // Only the fields of a child's report are written: the rest of the caller's siginfo stays. waitid(2)
    const head = new Uint8Array(12);
    const rest = new Uint8Array(12);
    if (report) {
      const view = new DataView(head.buffer);
      view.setInt32(0, SIGCHLD, true);
      view.setInt32(8, report.code, true);
      const tail = new DataView(rest.buffer);
      tail.setInt32(0, report.pid, true);
      tail.setUint32(4, task.cred.userNamespace.showUid(report.uid), true);
      tail.setInt32(8, report.status, true);
    }
    const written = task.mm.write(info, head);
    return written < 0 ? written : task.mm.write(at(info, 16), rest);
  });
}

function set_tid_address(task: Task, address: UserAddress): SyscallResult {
  task.clearChildTid = address;
  return gettid(task);
}

const ROBUST_LIST_HEAD = 24;

function set_robust_list(task: Task, head: UserAddress, size: number): SyscallResult {
  if (size !== ROBUST_LIST_HEAD) return EINVAL;
  task.robustList = head;
  return 0;
}

function get_robust_list(task: Task, pid: number, head: UserAddress, size: UserAddress): SyscallResult {
  const target = pid === 0 ? task : task.kernel.tasks.task(pid);
  if (!target) return ESRCH;
  if (target.group !== task.group && target.cred.uid !== task.cred.uid && !task.cred.can(CAP_SYS_PTRACE)) return EPERM;
  const result = task.mm.writeU64(size, BigInt(ROBUST_LIST_HEAD));
  return result < 0 ? result : task.mm.writeU64(head, BigInt(target.robustList));
}

const rseq = (task: Task, address: UserAddress, length: number, flags: number, signature: number): SyscallResult =>
  registerRseq(task, address, length, flags, signature);

const getpid = (task: Task): number => task.pidNamespace.of(task.pid);
const gettid = (task: Task): number => task.pidNamespace.of(task.tid);
/** 0 when the parent is outside of the PID namespace. */
const getppid = (task: Task): number => task.pidNamespace.of(task.group.parent?.pid ?? 0);

function setpgid(task: Task, pid: number, pgid: number): SyscallResult {
  if (pgid < 0) return EINVAL;
  const { tasks } = task.kernel;
  if (pgid === 0 && pid < 0) return EINVAL;
  const target = pid === 0 ? task.group : tasks.group(pid);
  if (!target) return pid > 0 && tasks.task(pid) ? EINVAL : ESRCH;
  const wanted = pgid === 0 ? target.pid : pgid;
  if (target.parent === task.group) {
    if (target.sid !== task.group.sid) return EPERM;
    if (target.execed) return EACCES;
  } else if (target !== task.group) return ESRCH;
  if (target.sid === target.pid) return EPERM;
  if (wanted !== target.pid) {
    const members = tasks.processGroup(wanted);
    if (!members.some((member) => member.sid === task.group.sid)) return EPERM;
  }
  tasks.regroup(target, wanted, target.sid);
  return 0;
}

function getpgid(task: Task, pid: number): SyscallResult {
  if (pid === 0) return task.pidNamespace.of(task.group.pgid);
  const target = pid > 0 ? task.kernel.tasks.task(pid) : undefined;
  return target ? task.pidNamespace.of(target.group.pgid) : ESRCH;
}

function getsid(task: Task, pid: number): SyscallResult {
  if (pid === 0) return task.pidNamespace.of(task.group.sid);
  const target = pid > 0 ? task.kernel.tasks.task(pid) : undefined;
  return target ? task.pidNamespace.of(target.group.sid) : ESRCH;
}

function setsid(task: Task): SyscallResult {
  const { group } = task;
  if (group.sid === group.pid || task.kernel.tasks.processGroup(group.pid).length > 0) return EPERM;
  task.kernel.tasks.regroup(group, group.pid, group.pid);
  group.tty = undefined;
  return getpid(task);
}

export const rows: readonly Row[] = [
  syscall(93, "exit", [Int("status")], exit),
  syscall(94, "exit_group", [Int("status")], exit_group),
  syscall(
    95,
    "waitid",
    [Int("idtype", "P"), Int("id"), Out("infop", "siginfo"), Flags("options", "waitid"), Out("rusage", "rusage")],
    waitid,
  ),
  syscall(96, "set_tid_address", [Address("tidptr")], set_tid_address),
  syscall(99, "set_robust_list", [Address("head"), Size("len")], set_robust_list),
  syscall(100, "get_robust_list", [Pid("pid"), Out("head"), Out("len")], get_robust_list),
  syscall(154, "setpgid", [Pid("pid"), Pid("pgid")], setpgid),
  syscall(155, "getpgid", [Pid("pid")], getpgid),
  syscall(156, "getsid", [Pid("pid")], getsid),
  syscall(157, "setsid", [], setsid),
  syscall(172, "getpid", [], getpid),
  syscall(173, "getppid", [], getppid),
  syscall(178, "gettid", [], gettid),
  syscall(
    220,
    "clone",
    [Flags("flags", "clone"), Address("stack"), Address("parent_tid"), Bits("tls"), Address("child_tid")],
    clone,
  ),
  syscall(221, "execve", [PathName("pathname"), In("argv", "strings"), In("envp", "environment")], execve),
  syscall(
    260,
    "wait4",
    [Pid("pid"), Out("wstatus", "wait-status"), Flags("options", "wait"), Out("rusage", "rusage")],
    wait4,
  ),
  syscall(
    281,
    "execveat",
    [DirFd("dirfd"), PathName("pathname"), In("argv", "strings"), In("envp", "environment"), Flags("flags", "AT")],
    execveat,
  ),
  syscall(293, "rseq", [InOut("rseq", "rseq"), UInt("rseq_len"), Flags("flags"), UInt("sig")], rseq),
  syscall(435, "clone3", [In("cl_args", "clone_args"), Size("size")], clone3),
];
