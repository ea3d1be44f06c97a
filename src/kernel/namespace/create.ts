// New namespaces, for a child (clone) or for the caller (unshare). clone(2), unshare(2), namespaces(7)
import { EINVAL, ENOSPC, EPERM, type Errno } from "../../abi/errno.ts";
import { CgroupNamespace } from "../cgroup/namespace.ts";
import { Ipc } from "../ipc/ipc.ts";
import type { Kernel } from "../kernel.ts";
import { Net } from "../net/net.ts";
import { ALL_CAPABILITIES, CAP_SETFCAP, CAP_SYS_ADMIN, type Cred } from "../security/cred.ts";
import { Sysctl } from "../sysctl.ts";
import type { FsContext } from "../task/fs-context.ts";
import type { Task } from "../task/task.ts";
import { KINDS, type NamespaceKind, type Ownership } from "./namespace.ts";
import type { Nsproxy } from "./nsproxy.ts";
import { MAX_PID_LEVEL, PidNamespace } from "./pid.ts";
import { INVALID_ID, MAX_LEVEL, UserNamespace } from "./user.ts";

/** All that a task has an Nsproxy for. */
export const NSPROXY_FLAGS = KINDS.mnt | KINDS.uts | KINDS.ipc | KINDS.pid | KINDS.cgroup | KINDS.net | KINDS.time;

/** Credentials in a new user namespace, with all capabilities there and no ID mapped yet. The caller takes a reference to
 *  it, or gives it up with one.
 *  Errors: ENOSPC below 32 levels or over a limit; EPERM in a chroot, or where the caller itself is not mapped. */
export function newUserNamespace(task: Task): Cred | Errno {
  const { cred, kernel } = task;
  const parent = cred.userNamespace;
  if (parent.level > MAX_LEVEL) return ENOSPC;
  const charge = kernel.ucounts.charge(parent, cred.euid, "user");
  if (typeof charge === "number") return charge;
  const denied =
    isChrooted(task) || parent.uids.up(cred.euid) === INVALID_ID || parent.gids.up(cred.egid) === INVALID_ID;
  if (denied) {
    charge.release();
    return EPERM;
  }
  const parentCouldSetfcap = cred.has(CAP_SETFCAP);
  const init = { parent, owner: cred.euid, group: cred.egid, parentCouldSetfcap, charge };
  return credIn(cred, new UserNamespace(init));
}

/** Who comes into a user namespace has all capabilities in it. user_namespaces(7) */
export function credIn(cred: Cred, userNamespace: UserNamespace): Cred {
  return cred.with({
    userNamespace,
    securebits: 0,
    inheritable: 0n,
    permitted: ALL_CAPABILITIES,
    effective: ALL_CAPABILITIES,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
  });
}

/** Is its root not that of its mount namespace? */
function isChrooted({ fs, mounts }: Task): boolean {
  return !fs.root.equals(mounts.top);
}

/** The namespaces of `task` with new ones for `flags`; with a new mount namespace the root and working directory of `fs`
 *  move to its mounts. `cred` is who will own them. Errors: EPERM; ENOSPC over a limit, or below 32 levels of PID
 *  namespaces; EINVAL for one that would not be below the caller's own. */
export function newNamespaces(task: Task, flags: number, cred: Cred, fs: FsContext): Nsproxy | Errno {
  const { kernel, nsproxy } = task;
  if (!cred.has(CAP_SYS_ADMIN)) return EPERM;
  const made: Partial<Record<NamespaceKind, Ownership>> = {};
  for (const kind of Object.keys(KINDS) as NamespaceKind[]) {
    if ((flags & KINDS[kind] & NSPROXY_FLAGS) === 0) continue;
    const ownership = newOwnership(kernel, cred, kind);
    if (typeof ownership === "number") {
      for (const each of Object.values(made)) each.charge?.release();
      return ownership;
    }
    made[kind] = ownership;
  }
  const { pidForChildren } = nsproxy;
  // A PID namespace is made below the maker's own, and belongs to its tree of user namespaces.
  const inTree =
    !made.pid || (pidForChildren === task.pidNamespace && pidForChildren.userNamespace.contains(cred.userNamespace));
  const tooDeep = made.pid !== undefined && pidForChildren.level >= MAX_PID_LEVEL;
  if (!inTree || tooDeep) {
    for (const each of Object.values(made)) each.charge?.release();
    return inTree ? ENOSPC : EINVAL;
  }
  return nsproxy.with({
    ...(made.mnt && { mounts: kernel.vfs.copyMountNamespace(nsproxy.mounts, fs, made.mnt) }),
    ...(made.uts && { uts: nsproxy.uts.copy(made.uts) }),
    ...(made.ipc && { ipc: new Ipc(new Sysctl(), made.ipc) }),
    ...(made.net && { net: new Net(kernel, made.net) }),
    ...(made.cgroup && { cgroup: new CgroupNamespace(task.cgroup, made.cgroup) }),
    ...(made.pid && { pidForChildren: new PidNamespace(pidForChildren, made.pid) }),
    ...(made.time && { timeForChildren: nsproxy.timeForChildren.copy(made.time) }),
  });
}

function newOwnership({ ucounts }: Kernel, cred: Cred, kind: NamespaceKind): Ownership | Errno {
  const { userNamespace } = cred;
  const charge = ucounts.charge(userNamespace, cred.euid, kind);
  return typeof charge === "number" ? charge : { userNamespace, charge };
}
