// Scheduling policies and affinity. sched(7). Nice values and I/O priorities are in priority.ts, the scheduler itself in
// sched/scheduler.ts.
import { E2BIG, EFAULT, EINVAL, EOPNOTSUPP, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { RLIMIT_NICE, RLIMIT_RTPRIO } from "../../abi/flags.ts";
import { at, type UserAddress } from "../mm/user.ts";
import {
  SCHED_BATCH,
  SCHED_DEADLINE,
  SCHED_FIFO,
  SCHED_IDLE,
  SCHED_OTHER,
  SCHED_RESET_ON_FORK,
  SCHED_RR,
} from "../sched/entity.ts";
import { CAP_SYS_NICE } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { Flags, In, InOut, Int, Out, OutBytes, Pid, type Row, syscall, UInt } from "./table.ts";

// sched_setattr(2)
const SCHED_FLAG_RESET_ON_FORK = 0x01;
const SCHED_FLAG_KEEP_POLICY = 0x08;
const SCHED_FLAG_KEEP_PARAMS = 0x10;
const SCHED_FLAG_UTIL_CLAMP = 0x60;
const SCHED_FLAG_ALL = 0x7f;
const ATTR_SIZE_0 = 48;
const ATTR_SIZE = 56;
const PAGE = 4096;

const RT_PRIORITY_MAX = 99;
/** SCHED_RR's turn, nanoseconds. */
const RR_INTERVAL = 100_000_000;
/** The mask of processors is one word: there is one. */
const MASK_SIZE = 8;

const isRealTime = (policy: number): boolean => policy === SCHED_FIFO || policy === SCHED_RR;
const isFair = (policy: number): boolean => policy === SCHED_OTHER || policy === SCHED_BATCH;

/** The task that a pid means here: 0 is the caller. Errors: ESRCH. */
function target(task: Task, pid: number): Task | Errno {
  return pid === 0 ? task : (task.kernel.tasks.task(pid) ?? ESRCH);
}

/** May the caller act on another's scheduling? */
const sameOwner = (task: Task, other: Task): boolean =>
  task.cred.euid === other.cred.euid || task.cred.euid === other.cred.uid;

/** RLIMIT_NICE counts from 1 (nice 19) to 40 (nice -20). getrlimit(2) */
export const niceAllowed = (task: Task, nice: number): boolean => 20 - nice <= task.group.limit(RLIMIT_NICE);

interface Change {
  /** undefined keeps it. */
  policy: number | undefined;
  priority: number;
  nice: number;
  flags: number;
}

/** Errors: EINVAL; EPERM. */
function setScheduler(task: Task, other: Task, change: Change): 0 | Errno {
  const { entity } = other;
  const { priority, nice } = change;
  const policy = change.policy ?? entity.policy;
  const reset = change.policy === undefined ? entity.resetOnFork : (change.flags & SCHED_FLAG_RESET_ON_FORK) !== 0;
  if (!isRealTime(policy) && !isFair(policy) && policy !== SCHED_IDLE && policy !== SCHED_DEADLINE) return EINVAL;
  if ((change.flags & ~SCHED_FLAG_ALL) !== 0) return EINVAL;
  if (priority > RT_PRIORITY_MAX || policy === SCHED_DEADLINE) return EINVAL;
  if (isRealTime(policy) !== (priority !== 0)) return EINVAL;
  if (!task.cred.can(CAP_SYS_NICE) && needsPrivilege(task, other, policy, priority, nice, reset)) return EPERM;
  if ((change.flags & SCHED_FLAG_UTIL_CLAMP) !== 0) return EOPNOTSUPP;
  entity.resetOnFork = reset;
  // Linux then keeps the policy too.
  if ((change.flags & SCHED_FLAG_KEEP_PARAMS) !== 0) return 0;
  task.kernel.scheduler.reposition(other, () => {
    entity.policy = policy;
    entity.priority = priority;
    if (isFair(policy)) entity.nice = nice;
  });
  return 0;
}

function needsPrivilege(
  task: Task,
  other: Task,
  policy: number,
  priority: number,
  nice: number,
  reset: boolean,
): boolean {
  const { entity } = other;
  if (isFair(policy) && nice < entity.nice && !niceAllowed(other, nice)) return true;
  if (isRealTime(policy)) {
    const limit = other.group.limit(RLIMIT_RTPRIO);
    if (policy !== entity.policy && limit === 0) return true;
    if (priority > entity.priority && priority > limit) return true;
  }
  // SCHED_IDLE counts as nice 20.
  if (entity.policy === SCHED_IDLE && policy !== SCHED_IDLE && !niceAllowed(other, entity.nice)) return true;
  return !sameOwner(task, other) || (entity.resetOnFork && !reset);
}

function setByParam(task: Task, pid: number, policy: number | undefined, param: UserAddress): 0 | Errno {
  if (param === 0 || pid < 0) return EINVAL;
  const priority = task.mm.readU32(param);
  if (priority === undefined) return EFAULT;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  const reset = policy !== undefined && (policy & SCHED_RESET_ON_FORK) !== 0;
  return setScheduler(task, other, {
    policy: policy === undefined ? undefined : policy & ~SCHED_RESET_ON_FORK,
    // As unsigned: a negative one is beyond every limit.
    priority,
    nice: other.entity.nice,
    flags: reset ? SCHED_FLAG_RESET_ON_FORK : 0,
  });
}

/** Errors: EINVAL, EFAULT, ESRCH, EPERM. sched_setscheduler(2) */
function sched_setscheduler(task: Task, pid: number, policy: number, param: UserAddress): number {
  return policy < 0 ? EINVAL : setByParam(task, pid, policy, param);
}

/** sched_setparam(2) */
function sched_setparam(task: Task, pid: number, param: UserAddress): number {
  return setByParam(task, pid, undefined, param);
}

/** sched_setscheduler(2) */
function sched_getscheduler(task: Task, pid: number): number {
  if (pid < 0) return EINVAL;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  const { policy, resetOnFork } = other.entity;
  return resetOnFork ? policy | SCHED_RESET_ON_FORK : policy;
}

/** sched_setparam(2) */
function sched_getparam(task: Task, pid: number, param: UserAddress): number {
  if (param === 0 || pid < 0) return EINVAL;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  return task.mm.writeU32(param, other.entity.priority);
}

/** Errors: EINVAL; E2BIG for a struct that says more than is known here; ESRCH; EPERM. sched_setattr(2) */
function sched_setattr(task: Task, pid: number, attr: UserAddress, flags: number): number {
  if (attr === 0 || pid < 0 || flags !== 0) return EINVAL;
  const { mm } = task;
  let size = mm.readU32(attr);
  if (size === undefined) return EFAULT;
  if (size === 0) size = ATTR_SIZE_0;
  const tooBig = (): Errno => {
    mm.writeU32(attr, ATTR_SIZE);
    return E2BIG;
  };
  if (size < ATTR_SIZE_0 || size > PAGE) return tooBig();
  const bytes = mm.read(attr, size);
  if (typeof bytes === "number") return bytes;
  if (bytes.subarray(ATTR_SIZE).some((byte) => byte !== 0)) return tooBig();
  const view = new DataView(bytes.buffer);
  const attrFlags = Number(view.getBigUint64(8, true));
  if ((attrFlags & SCHED_FLAG_UTIL_CLAMP) !== 0 && size < ATTR_SIZE) return EINVAL;
  const policy = view.getInt32(4, true);
  if (policy < 0) return EINVAL;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  const keep = (attrFlags & SCHED_FLAG_KEEP_PARAMS) !== 0;
  return setScheduler(task, other, {
    policy: (attrFlags & SCHED_FLAG_KEEP_POLICY) !== 0 ? undefined : policy,
    priority: keep ? other.entity.priority : view.getUint32(20, true),
    nice: keep ? other.entity.nice : Math.max(-20, Math.min(19, view.getInt32(16, true))),
    flags: attrFlags,
  });
}

/** sched_setattr(2) */
function sched_getattr(task: Task, pid: number, attr: UserAddress, size: number, flags: number): number {
  if (attr === 0 || pid < 0 || size > PAGE || size < ATTR_SIZE_0 || flags !== 0) return EINVAL;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  const { entity } = other;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.min(size, ATTR_SIZE), true);
  view.setUint32(4, entity.policy, true);
  view.setBigUint64(8, entity.resetOnFork ? 1n : 0n, true);
  if (isRealTime(entity.policy)) view.setUint32(20, entity.priority, true);
  else view.setInt32(16, entity.nice, true);
  return task.mm.write(attr, bytes);
}

const priorities =
  (real: number) =>
  (_task: Task, policy: number): number => {
    if (isRealTime(policy)) return real;
    return isFair(policy) || policy === SCHED_IDLE || policy === SCHED_DEADLINE ? 0 : EINVAL;
  };

/** sched_rr_get_interval(2) */
function sched_rr_get_interval(task: Task, pid: number, interval: UserAddress): number {
  if (pid < 0) return EINVAL;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  const time = other.entity.policy === SCHED_RR ? RR_INTERVAL : 0;
  const first = task.mm.writeU64(interval, 0n);
  return first < 0 ? first : task.mm.writeU64(at(interval, 8), BigInt(time));
}

/** Errors: EFAULT; ESRCH; EPERM; EINVAL for a mask without the one processor. sched_setaffinity(2) */
function sched_setaffinity(task: Task, pid: number, length: number, mask: UserAddress): number {
  const bytes = task.mm.read(mask, Math.min(length, MASK_SIZE));
  if (typeof bytes === "number") return bytes;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  if (!sameOwner(task, other) && !task.cred.canIn(other.cred.userNamespace, CAP_SYS_NICE)) return EPERM;
  return ((bytes[0] ?? 0) & 1) === 0 ? EINVAL : 0;
}

/** sched_setaffinity(2) */
function sched_getaffinity(task: Task, pid: number, length: number, mask: UserAddress): number {
  if (length * 8 < 1 || length % 8 !== 0) return EINVAL;
  const other = target(task, pid);
  if (typeof other === "number") return other;
  const bytes = new Uint8Array(MASK_SIZE);
  bytes[0] = other.entity.affinity;
  const result = task.mm.write(mask, bytes);
  return result < 0 ? result : MASK_SIZE;
}

/** sched_yield(2) */
function sched_yield(task: Task): number {
  task.kernel.scheduler.yield(task);
  return 0;
}

export const rows: Row[] = [
  syscall(118, "sched_setparam", [Pid("pid"), In("param", "sched_param")], sched_setparam),
  syscall(
    119,
    "sched_setscheduler",
    [Pid("pid"), Int("policy", "SCHED"), In("param", "sched_param")],
    sched_setscheduler,
  ),
  syscall(120, "sched_getscheduler", [Pid("pid")], sched_getscheduler),
  syscall(121, "sched_getparam", [Pid("pid"), Out("param", "sched_param")], sched_getparam),
  syscall(122, "sched_setaffinity", [Pid("pid"), UInt("len"), In("mask", "cpu-set")], sched_setaffinity),
  syscall(123, "sched_getaffinity", [Pid("pid"), UInt("len"), OutBytes("mask", "cpu-set")], sched_getaffinity),
  syscall(124, "sched_yield", [], sched_yield),
  syscall(125, "sched_get_priority_max", [Int("policy", "SCHED")], priorities(RT_PRIORITY_MAX)),
  syscall(126, "sched_get_priority_min", [Int("policy", "SCHED")], priorities(1)),
  syscall(127, "sched_rr_get_interval", [Pid("pid"), Out("interval", "timespec")], sched_rr_get_interval),
  syscall(274, "sched_setattr", [Pid("pid"), InOut("attr", "sched_attr"), Flags("flags")], sched_setattr, {
    gaps: "SCHED_DEADLINE, utilization clamps",
  }),
  syscall(275, "sched_getattr", [Pid("pid"), OutBytes("attr", "size"), UInt("size"), Flags("flags")], sched_getattr),
];
