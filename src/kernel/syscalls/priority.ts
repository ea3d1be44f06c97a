// Nice values and I/O priorities, of a process, a process group or a user. getpriority(2), ioprio_set(2)
import { EACCES, EINVAL, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { CAP_SYS_ADMIN, CAP_SYS_NICE } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { niceAllowed } from "./sched.ts";
import { Int, type Row, syscall } from "./table.ts";

const PROCESS = 0;
const GROUP = 1;
const USER = 2;

const IOPRIO_CLASS_NONE = 0;
const IOPRIO_CLASS_RT = 1;
const IOPRIO_CLASS_BE = 2;
const IOPRIO_CLASS_IDLE = 3;

/** The threads that `which` and `who` name; 0 means the caller's own. A process id names one thread. Errors: EINVAL. */
function* named(task: Task, which: number, who: number): Generator<Task> {
  const { tasks } = task.kernel;
  if (which === PROCESS) {
    const one = who === 0 ? task : tasks.task(task.pidNamespace.find(who));
    if (one) yield one;
    return;
  }
  const own = which === GROUP ? task.group.pgid : task.cred.uid;
  const { pidNamespace, cred } = task;
  const id = who === 0 ? own : which === GROUP ? pidNamespace.find(who) : cred.userNamespace.uid(who);
  for (const other of tasks.all) {
    if (which === GROUP ? other.group.pgid === id : other.cred.uid === id) yield other;
  }
}

/** 40 (nice -20) to 1 (nice 19): the highest of those named. Errors: EINVAL, ESRCH. getpriority(2) */
function getpriority(task: Task, which: number, who: number): number {
  if (which < PROCESS || which > USER) return EINVAL;
  let best: number = ESRCH;
  for (const other of named(task, which, who)) best = Math.max(best, 20 - other.entity.nice);
  return best;
}

/** Errors: EINVAL, ESRCH; EPERM for another user's; EACCES for a lower value than is allowed. getpriority(2) */
function setpriority(task: Task, which: number, who: number, value: number): number {
  if (which < PROCESS || which > USER) return EINVAL;
  const nice = Math.max(-20, Math.min(19, value));
  const { cred } = task;
  let result: number = ESRCH;
  for (const other of [...named(task, which, who)]) {
    const own = other.cred.uid === cred.euid || other.cred.euid === cred.euid;
    if (!own && !cred.canIn(other.cred.userNamespace, CAP_SYS_NICE)) {
      result = EPERM;
    } else if (nice < other.entity.nice && !niceAllowed(other, nice) && !cred.can(CAP_SYS_NICE)) {
      result = EACCES;
    } else {
      if (result === ESRCH) result = 0;
      task.kernel.scheduler.reposition(other, () => {
        other.entity.nice = nice;
      });
    }
  }
  return result;
}

function checkIoPriority(task: Task, priority: number): 0 | Errno {
  switch (priority >> 13) {
    case IOPRIO_CLASS_RT:
      return task.cred.can(CAP_SYS_ADMIN) || task.cred.can(CAP_SYS_NICE) ? 0 : EPERM;
    case IOPRIO_CLASS_BE:
    case IOPRIO_CLASS_IDLE:
      return 0;
    case IOPRIO_CLASS_NONE:
      return (priority & 7) === 0 ? 0 : EINVAL;
    default:
      return EINVAL;
  }
}

/** Kept and told; nothing here queues for a disk. ioprio_set(2) */
function ioprio_set(task: Task, which: number, who: number, priority: number): number {
  const checked = checkIoPriority(task, priority);
  if (checked < 0) return checked;
  if (which < 1 || which > 3) return EINVAL;
  const { cred } = task;
  let result: number = ESRCH;
  for (const other of named(task, which - 1, who)) {
    if (other.cred.uid !== cred.euid && other.cred.uid !== cred.uid && !cred.can(CAP_SYS_NICE)) return EPERM;
    other.entity.ioPriority = priority;
    result = 0;
  }
  return result;
}

/** Of several the best: the lowest class and level. ioprio_set(2) */
function ioprio_get(task: Task, which: number, who: number): number {
  if (which < 1 || which > 3) return EINVAL;
  let best: number = ESRCH;
  for (const other of named(task, which - 1, who)) {
    const { ioPriority } = other.entity;
    best = best < 0 ? ioPriority : Math.min(best, ioPriority);
  }
  return best;
}

export const rows: Row[] = [
  syscall(30, "ioprio_set", [Int("which"), Int("who"), Int("ioprio")], ioprio_set),
  syscall(31, "ioprio_get", [Int("which"), Int("who")], ioprio_get),
  syscall(140, "setpriority", [Int("which", "PRIO"), Int("who"), Int("niceval")], setpriority),
  syscall(141, "getpriority", [Int("which", "PRIO"), Int("who")], getpriority),
];
