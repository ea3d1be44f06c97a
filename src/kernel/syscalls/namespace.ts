// Joining namespaces. setns(2); unshare and clone are the processes' (process.ts).
import { EBADF, EINVAL, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { KINDS, NamespaceInode, type NamespaceKind, namespaceOf } from "../namespace/file.ts";
import { UtsNamespace } from "../namespace/uts.ts";
import { CAP_SYS_ADMIN, CAP_SYS_CHROOT } from "../security/cred.ts";
import { processOf } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import { MountNamespace, Path } from "../vfs/mount.ts";
import { leaveNamespace } from "../vfs/mount-tree.ts";
import { Fd, Flags, type Row, syscall } from "./table.ts";

function mayJoin(task: Task, kind: NamespaceKind): 0 | Errno {
  if (!task.cred.can(CAP_SYS_ADMIN)) return EPERM;
  // A thread can't move into another user namespace, nor back into its own; to another tree only alone.
  if (kind === "user") return EINVAL;
  if (kind !== "mnt") return 0;
  if (!task.cred.can(CAP_SYS_CHROOT)) return EPERM;
  for (const other of task.kernel.tasks.all) if (other !== task && other.fs === task.fs) return EINVAL;
  return 0;
}

/** Errors: EPERM, EINVAL. */
function join(task: Task, kind: NamespaceKind, namespace: object): 0 | Errno {
  const denied = mayJoin(task, kind);
  if (denied < 0) return denied;
  if (namespace instanceof UtsNamespace) task.uts = namespace;
  else if (namespace instanceof MountNamespace) {
    const old = task.mounts;
    task.mounts = namespace;
    const top = new Path(namespace.root, namespace.root.root);
    task.fs.root = task.fs.cwd = top;
    if (old !== namespace) leaveNamespace(task.kernel, old);
  }
  return 0;
}

function setns(task: Task, fd: number, flags: number): 0 | Errno {
  const file = task.files.get(fd);
  if (!file) return EBADF;
  if (file.inode instanceof NamespaceInode) {
    const { kind, namespace } = file.inode;
    return flags !== 0 && flags !== KINDS[kind] ? EINVAL : join(task, kind, namespace);
  }
  const process = processOf(file);
  if (!process) return EINVAL;
  // By pidfd: any number of kinds at once, in the order that Linux takes them.
  const kinds = (Object.keys(KINDS) as NamespaceKind[]).filter((kind) => (flags & KINDS[kind]) !== 0);
  const known = Object.values(KINDS).reduce<number>((all, flag) => all | flag, 0);
  if (flags === 0 || (flags & ~known) !== 0) return EINVAL;
  if (process.ended) return ESRCH;
  const target = process.group.leader;
  for (const kind of kinds) {
    const denied = mayJoin(task, kind);
    if (denied < 0) return denied;
  }
  for (const kind of kinds) {
    const result = join(task, kind, namespaceOf(target, kind));
    if (result < 0) return result;
  }
  return 0;
}

export const rows: readonly Row[] = [
  syscall(268, "setns", [Fd("fd"), Flags("flags", "clone")], setns, {
    gaps: "namespaces other than uts and mount: there is one of each",
  }),
];
