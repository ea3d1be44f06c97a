// Moving into namespaces that exist: setns(2). All that a call asks for is checked before anything changes.
import { EINVAL, EPERM, type Errno, EUSERS } from "../../abi/errno.ts";
import { CgroupNamespace } from "../cgroup/namespace.ts";
import { Ipc } from "../ipc/ipc.ts";
import { Net } from "../net/net.ts";
import { commitCred } from "../security/commit.ts";
import { CAP_SYS_ADMIN, CAP_SYS_CHROOT, type Cred } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { MountNamespace } from "../vfs/mount.ts";
import { credIn } from "./create.ts";
import type { Namespace } from "./namespace.ts";
import type { Namespaces } from "./nsproxy.ts";
import { PidNamespace } from "./pid.ts";
import { enterTime, TimeNamespace } from "./time.ts";
import { UserNamespace } from "./user.ts";
import { UtsNamespace } from "./uts.ts";

/** Errors: EPERM; EINVAL for one that can't be moved into from here; EUSERS with threads, for a time namespace. */
export function joinNamespaces(task: Task, targets: readonly (Namespace | UserNamespace)[]): 0 | Errno {
  let { cred } = task;
  const changes: { -readonly [K in keyof Namespaces]?: Namespaces[K] } = {};
  // The user namespace first: the others may be those that it owns.
  for (const target of targets) {
    if (!(target instanceof UserNamespace)) continue;
    const entered = joinUser(task, target);
    if (typeof entered === "number") return entered;
    cred = entered;
  }
  for (const target of targets) {
    if (target instanceof UserNamespace) continue;
    if (!cred.canIn(target.userNamespace, CAP_SYS_ADMIN) || !cred.has(CAP_SYS_ADMIN)) return EPERM;
    if (target instanceof MountNamespace) {
      if (!cred.has(CAP_SYS_CHROOT)) return EPERM;
      if (sharesDirectories(task)) return EINVAL;
      changes.mounts = target;
    } else if (target instanceof PidNamespace) {
      if (!task.pidNamespace.contains(target)) return EINVAL;
      changes.pidForChildren = target;
    } else if (target instanceof TimeNamespace) {
      if (task.group.threads.size > 1 || task.mm.users > 1) return EUSERS;
      changes.time = changes.timeForChildren = target;
    } else if (target instanceof UtsNamespace) changes.uts = target;
    else if (target instanceof Ipc) changes.ipc = target;
    else if (target instanceof Net) changes.net = target;
    else if (target instanceof CgroupNamespace) changes.cgroup = target;
  }
  if (cred !== task.cred) commitCred(task, cred);
  switchTo(task, changes);
  return 0;
}

function joinUser(task: Task, target: UserNamespace): Cred | Errno {
  const { cred } = task;
  // Into its own it would gain the capabilities that it has given up.
  if (target === cred.userNamespace) return EINVAL;
  if (task.group.threads.size > 1 || sharesDirectories(task)) return EINVAL;
  return cred.canIn(target, CAP_SYS_ADMIN) ? credIn(cred, target) : EPERM;
}

/** Does another task have the same root and working directory (CLONE_FS)? */
function sharesDirectories(task: Task): boolean {
  for (const other of task.kernel.tasks.all) if (other !== task && !other.exiting && other.fs === task.fs) return true;
  return false;
}

function switchTo(task: Task, changes: Partial<Namespaces>): void {
  if (Object.keys(changes).length === 0) return;
  const { nsproxy: old, fs } = task;
  if (changes.ipc && changes.ipc !== old.ipc) old.ipc.exit(task.group, task.pid);
  task.nsproxy = old.with(changes);
  if (changes.mounts) fs.root = fs.cwd = changes.mounts.top;
  if (changes.time && changes.time !== old.time) enterTime(task);
  old.unref();
}
