// Making tasks: fork, vfork and threads are all clone. clone(2)
import { EAGAIN, EEXIST, EINVAL, EMFILE, ENOMEM, EPERM, type Errno } from "../../abi/errno.ts";
import { Context } from "../../machine/hart.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import { cancelFork, enterCgroup, mayFork } from "../cgroup/fork.ts";
import { copyAddressSpace } from "../mm/fork.ts";
import type { UserAddress } from "../mm/user.ts";
import { UtsNamespace } from "../namespace/uts.ts";
import { Entity, SCHED_OTHER } from "../sched/entity.ts";
import { inheritSeccomp } from "../seccomp/attach.ts";
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN } from "../security/cred.ts";
import { SignalHandlers } from "../signal/handlers.ts";
import { atProcessLimit } from "./process-limit.ts";
import { Task } from "./task.ts";
import { ThreadGroup } from "./thread-group.ts";

export const CLONE_VM = 0x00000100;
export const CLONE_FS = 0x00000200;
export const CLONE_FILES = 0x00000400;
export const CLONE_SIGHAND = 0x00000800;
export const CLONE_PIDFD = 0x00001000;
export const CLONE_PTRACE = 0x00002000;
export const CLONE_VFORK = 0x00004000;
export const CLONE_PARENT = 0x00008000;
export const CLONE_THREAD = 0x00010000;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_SYSVSEM = 0x00040000;
export const CLONE_SETTLS = 0x00080000;
export const CLONE_PARENT_SETTID = 0x00100000;
export const CLONE_CHILD_CLEARTID = 0x00200000;
export const CLONE_DETACHED = 0x00400000;
export const CLONE_UNTRACED = 0x00800000;
export const CLONE_CHILD_SETTID = 0x01000000;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWUTS = 0x04000000;
export const CLONE_NEWIPC = 0x08000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;
/** clone3 only. */
export const CLONE_CLEAR_SIGHAND = 0x1_0000_0000;
export const CLONE_INTO_CGROUP = 0x2_0000_0000;
/** Namespaces that every task shares so far: asking for a new one is refused. */
const UNSUPPORTED = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

export interface CloneArguments {
  /** Up to 34 bits: test with `has`. */
  flags: number;
  exitSignal: number;
  /** New stack pointer, 0 keeps the parent's. */
  stack: number;
  tls: bigint;
  parentTid: UserAddress;
  childTid: UserAddress;
  /** The id that the task is to have (clone3's set_tid); undefined: any. */
  tid?: number | undefined;
  /** The group to be in (CLONE_INTO_CGROUP); undefined: the parent's. */
  cgroup?: Cgroup | undefined;
}

const has = (flags: number, flag: number): boolean =>
  flag > 0xffffffff ? Math.floor(flags / flag) % 2 === 1 : (flags & flag) !== 0;

/** Makes a task like `parent`, not yet running. Errors: EINVAL for flags that contradict each other, EPERM, EAGAIN, EMFILE, ENOMEM, EEXIST. */
export function cloneTask(parent: Task, args: CloneArguments): Task | Errno {
  const { flags } = args;
  const { kernel } = parent;
  const thread = has(flags, CLONE_THREAD);
  if (has(flags, CLONE_NEWNS) && has(flags, CLONE_FS)) return EINVAL;
  if (thread && !has(flags, CLONE_SIGHAND)) return EINVAL;
  if (has(flags, CLONE_SIGHAND) && !has(flags, CLONE_VM)) return EINVAL;
  if (has(flags, CLONE_SIGHAND) && has(flags, CLONE_CLEAR_SIGHAND)) return EINVAL;
  if (has(flags, CLONE_PARENT) && parent.group === kernel.tasks.init) return EINVAL;
  if (has(flags, UNSUPPORTED)) return parent.cred.can(CAP_SYS_ADMIN) ? EINVAL : EPERM;
  if (has(flags, CLONE_NEWNS | CLONE_NEWUTS) && !parent.cred.can(CAP_SYS_ADMIN)) return EPERM;
  if (kernel.tasks.taskCount >= kernel.maxTasks || atProcessLimit(parent)) return EAGAIN;
  if (!has(flags, CLONE_FILES) && !parent.files.fits(kernel.sysctl.number("fs/nr_open"))) return EMFILE;
  const chosen = args.tid === undefined ? 0 : mayHave(parent, args.tid);
  if (chosen !== 0) return chosen;

  const cgroup = args.cgroup ?? parent.cgroup;
  const refused = mayFork(cgroup, parent);
  if (refused !== 0) return refused;
  const task = copyTask(parent, args, thread);
  if (typeof task === "number") {
    cancelFork(cgroup);
    return task;
  }
  kernel.tasks.add(task);
  enterCgroup(task, cgroup);
  kernel.trace.taskFork?.(parent, task);
  return task;
}

/** Errors: EAGAIN, ENOMEM. */
function copyTask(parent: Task, args: CloneArguments, thread: boolean): Task | Errno {
  const { kernel } = parent;
  const { flags } = args;
  const tid = args.tid ?? kernel.tasks.allocate();
  if (tid < 0) return tid as Errno;
  const context = Context.create(kernel.ram);
  if (!context) return ENOMEM;
  const mm = has(flags, CLONE_VM) ? parent.mm.ref() : copyAddressSpace(parent.mm);
  if (!mm) {
    context.free();
    return ENOMEM;
  }
  const group = thread ? parent.group : cloneGroup(parent, tid, flags);
  const task = new Task({
    kernel,
    tid,
    group,
    context,
    mm,
    files: has(flags, CLONE_FILES) ? parent.files.ref() : parent.files.copy(),
    fs: has(flags, CLONE_FS) ? parent.fs : parent.fs.copy(),
    cred: parent.cred,
    mounts: parent.mounts,
    uts: has(flags, CLONE_NEWUTS) ? new UtsNamespace(parent.uts.hostname, parent.uts.domainname) : parent.uts,
    entity: cloneEntity(parent.entity),
  });
  if (has(flags, CLONE_NEWNS)) {
    const copied = kernel.vfs.copyMountNamespace(parent.mounts, task.fs);
    task.mounts = copied;
  }
  task.cgroupNamespace = parent.cgroupNamespace;
  if (parent.seccomp) inheritSeccomp(parent, task);
  task.comm = parent.comm;
  task.blockedLow = parent.blockedLow;
  task.blockedHigh = parent.blockedHigh;
  task.dumpable = parent.dumpable;
  task.timerSlack = task.defaultTimerSlack = parent.timerSlack;
  task.memoryPolicy = parent.memoryPolicy;
  // A thread registers its own area; a new process has the parent's at the same place. rseq(2)
  if (!has(flags, CLONE_VM)) task.rseq = parent.rseq;
  if (!thread) group.leader = task;
  group.threads.add(task);
  task.exitSignal = thread ? -1 : has(flags, CLONE_PARENT) ? parent.group.leader.exitSignal : args.exitSignal;
  // A vfork child or a new process keeps the alternate stack; a thread has its own stack and none. sigaltstack(2)
  if (!has(flags, CLONE_VM) || has(flags, CLONE_VFORK)) task.altStack = { ...parent.altStack };

  context.copyFrom(parent.context);
  context.setXn(10, 0);
  if (args.stack !== 0) context.setXn(2, args.stack);
  if (has(flags, CLONE_SETTLS)) context.setX(4, args.tls);
  if (has(flags, CLONE_CHILD_CLEARTID)) task.clearChildTid = args.childTid;
  if (has(flags, CLONE_PARENT_SETTID)) parent.mm.writeU32(args.parentTid, tid);
  if (has(flags, CLONE_CHILD_SETTID)) mm.writeU32(args.childTid, tid);
  if (!thread) {
    group.parent?.children.add(group);
    task.parentTask = parent;
    parent.parentDeathTargets.add(task);
  }
  return task;
}

/** Restoring a process gives it the id that it had. Errors: EINVAL, EPERM, EEXIST. */
function mayHave({ kernel, cred }: Task, tid: number): 0 | Errno {
  if (tid < 1 || tid >= kernel.sysctl.number("kernel/pid_max")) return EINVAL;
  if (!cred.can(CAP_SYS_ADMIN) && !cred.can(CAP_CHECKPOINT_RESTORE)) return EPERM;
  return kernel.tasks.inUse(tid) ? EEXIST : 0;
}

function cloneGroup(parent: Task, pid: number, flags: number): ThreadGroup {
  const from = parent.group;
  let handlers = has(flags, CLONE_SIGHAND) ? from.handlers : from.handlers.copy();
  if (has(flags, CLONE_CLEAR_SIGHAND)) {
    handlers = new SignalHandlers();
    for (let i = 1; i <= 64; i++) if (from.handlers.get(i).handler === 1) handlers.set(i, from.handlers.get(i));
  }
  const group = new ThreadGroup(pid, from.pgid, from.sid, handlers, from.rlimits);
  group.parent = has(flags, CLONE_PARENT) ? from.parent : from;
  group.tty = from.tty;
  group.executable = from.executable;
  group.oomScoreAdj = from.oomScoreAdj;
  group.personality = from.personality;
  group.coredumpFilter = from.coredumpFilter;
  return group;
}

function cloneEntity(from: Entity): Entity {
  const entity = new Entity();
  entity.nice = from.nice;
  entity.ioPriority = from.ioPriority;
  entity.policy = from.policy;
  entity.priority = from.priority;
  entity.affinity = from.affinity;
  if (from.resetOnFork) {
    entity.policy = SCHED_OTHER;
    entity.priority = 0;
    if (entity.nice < 0) entity.nice = 0;
  }
  return entity;
}
