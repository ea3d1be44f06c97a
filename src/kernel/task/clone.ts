// Making tasks: fork, vfork and threads are all clone. clone(2)
import { EAGAIN, EINVAL, EMFILE, ENOMEM, EPERM, type Errno } from "../../abi/errno.ts";
import { Context } from "../../machine/hart.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import { cancelFork, enterCgroup, mayFork } from "../cgroup/fork.ts";
import { copyAddressSpace } from "../mm/fork.ts";
import type { UserAddress } from "../mm/user.ts";
import { NSPROXY_FLAGS, newNamespaces, newUserNamespace } from "../namespace/create.ts";
import type { Nsproxy } from "../namespace/nsproxy.ts";
import type { PidNamespace } from "../namespace/pid.ts";
import { enterTime } from "../namespace/time.ts";
import { Entity, SCHED_OTHER } from "../sched/entity.ts";
import { inheritSeccomp } from "../seccomp/attach.ts";
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, type Cred } from "../security/cred.ts";
import { SignalHandlers } from "../signal/handlers.ts";
import type { FsContext } from "./fs-context.ts";
import { atProcessLimit } from "./process-limit.ts";
import { Task } from "./task.ts";
import { ThreadGroup } from "./thread-group.ts";

export const CLONE_NEWTIME = 0x00000080;
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

export interface CloneArguments {
  /** Up to 34 bits: test with `has`. */
  flags: number;
  exitSignal: number;
  /** New stack pointer, 0 keeps the parent's. */
  stack: number;
  tls: bigint;
  parentTid: UserAddress;
  childTid: UserAddress;
  /** The ids that the task is to have (clone3's set_tid), in its own PID namespace and those above; undefined: any. */
  tids?: readonly number[] | undefined;
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
  const { nsproxy } = parent;
  if (has(flags, CLONE_NEWNS | CLONE_NEWUSER) && has(flags, CLONE_FS)) return EINVAL;
  if (has(flags, CLONE_NEWIPC) && has(flags, CLONE_SYSVSEM)) return EINVAL;
  if (thread && !has(flags, CLONE_SIGHAND)) return EINVAL;
  if (has(flags, CLONE_SIGHAND) && !has(flags, CLONE_VM)) return EINVAL;
  if (has(flags, CLONE_SIGHAND) && has(flags, CLONE_CLEAR_SIGHAND)) return EINVAL;
  if (has(flags, CLONE_PARENT) && parent.group === parent.pidNamespace.init) return EINVAL;
  // Threads are in one PID namespace and one user namespace.
  if (thread && (has(flags, CLONE_NEWUSER | CLONE_NEWPID) || parent.pidNamespace !== nsproxy.pidForChildren))
    return EINVAL;
  if (kernel.tasks.taskCount >= kernel.maxTasks || atProcessLimit(parent)) return EAGAIN;
  if (!has(flags, CLONE_FILES) && !parent.files.fits(kernel.sysctl.number("fs/nr_open"))) return EMFILE;

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

/** Errors: EAGAIN, ENOMEM; EPERM, ENOSPC, EINVAL for new namespaces; EEXIST. */
function copyTask(parent: Task, args: CloneArguments, thread: boolean): Task | Errno {
  const { kernel } = parent;
  const { flags } = args;
  const surroundings = childSurroundings(parent, flags);
  if (typeof surroundings === "number") return surroundings;
  const { fs, cred } = surroundings;
  const pids = surroundings.nsproxy.pidForChildren;
  const tid = takeNumber(parent, pids, args.tids);
  const context = tid < 0 ? undefined : Context.create(kernel.ram);
  const mm = !context ? undefined : has(flags, CLONE_VM) ? parent.mm.ref() : copyAddressSpace(parent.mm);
  if (!context || !mm) {
    context?.free();
    if (tid > 0) kernel.tasks.giveBack(tid);
    surroundings.nsproxy.unref();
    cred.userNamespace.unref();
    return tid < 0 ? (tid as Errno) : ENOMEM;
  }
  const group = thread ? parent.group : cloneGroup(parent, pids, tid, flags);
  const task = new Task({
    kernel,
    tid,
    group,
    context,
    mm,
    files: has(flags, CLONE_FILES) ? parent.files.ref() : parent.files.copy(),
    fs,
    cred,
    nsproxy: surroundings.nsproxy,
    entity: cloneEntity(parent.entity),
  });
  if (parent.seccomp) inheritSeccomp(parent, task);
  if (task.nsproxy.time !== parent.nsproxy.time) enterTime(task);
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
  if (has(flags, CLONE_PARENT_SETTID)) parent.mm.writeU32(args.parentTid, parent.pidNamespace.of(tid));
  if (has(flags, CLONE_CHILD_SETTID)) mm.writeU32(args.childTid, pids.of(tid));
  if (!thread) {
    if (!pids.init) becomeInit(group);
    group.parent?.children.add(group);
    task.parentTask = parent;
    parent.parentDeathTargets.add(task);
  }
  return task;
}

/** With a reference to the user namespace and to the others for the child. */
interface Surroundings {
  readonly cred: Cred;
  readonly fs: FsContext;
  readonly nsproxy: Nsproxy;
}

/** Who the child is, and where. Errors: EPERM, ENOSPC, EINVAL. */
function childSurroundings(parent: Task, flags: number): Surroundings | Errno {
  const fs = has(flags, CLONE_FS) ? parent.fs : parent.fs.copy();
  const cred = has(flags, CLONE_NEWUSER) ? newUserNamespace(parent) : parent.cred;
  if (typeof cred === "number") return cred;
  cred.userNamespace.ref();
  let nsproxy = has(flags, NSPROXY_FLAGS) ? newNamespaces(parent, flags, cred, fs) : parent.nsproxy.ref();
  if (typeof nsproxy === "number") {
    cred.userNamespace.unref();
    return nsproxy;
  }
  if (nsproxy.time !== nsproxy.timeForChildren && !has(flags, CLONE_VM)) {
    const entered = nsproxy.with({ time: nsproxy.timeForChildren });
    nsproxy.unref();
    nsproxy = entered;
  }
  return { cred, fs, nsproxy };
}

/** An id for a new task. Errors: ENOMEM in a PID namespace whose first process has ended; EINVAL, EPERM, EEXIST, EAGAIN. */
function takeNumber({ kernel, cred }: Task, pids: PidNamespace, wanted: readonly number[] | undefined): number | Errno {
  if (pids.ended) return ENOMEM;
  if (!wanted) return pids.parent ? kernel.tasks.allocateIn(pids) : kernel.tasks.allocate();
  // Restoring a process gives it the ids that it had.
  if (wanted.length > pids.level + 1) return EINVAL;
  const end = kernel.sysctl.number("kernel/pid_max");
  let at: PidNamespace | undefined = pids;
  for (const tid of wanted) {
    if (tid < 1 || tid >= end || (tid !== 1 && !at!.init)) return EINVAL;
    if (!cred.canIn(at!.userNamespace, CAP_SYS_ADMIN) && !cred.canIn(at!.userNamespace, CAP_CHECKPOINT_RESTORE))
      return EPERM;
    at = at!.parent;
  }
  return kernel.tasks.allocateIn(pids, wanted);
}

/** The first process of a PID namespace: signals that it has no handler for don't reach it from inside. */
function becomeInit(group: ThreadGroup): void {
  group.pidNamespace.init = group;
  group.unkillable = true;
}

function cloneGroup(parent: Task, pids: PidNamespace, pid: number, flags: number): ThreadGroup {
  const from = parent.group;
  let handlers = has(flags, CLONE_SIGHAND) ? from.handlers : from.handlers.copy();
  if (has(flags, CLONE_CLEAR_SIGHAND)) {
    handlers = new SignalHandlers();
    for (let i = 1; i <= 64; i++) if (from.handlers.get(i).handler === 1) handlers.set(i, from.handlers.get(i));
  }
  const group = new ThreadGroup(pids, pid, from.pgid, from.sid, handlers, from.rlimits);
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
