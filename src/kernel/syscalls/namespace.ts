// Leaving and joining namespaces: unshare(2), setns(2). clone's are made with the child (task/clone.ts).
import { EBADF, EINVAL, EMFILE, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { NSPROXY_FLAGS, newNamespaces, newUserNamespace } from "../namespace/create.ts";
import { NamespaceInode, namespaceOf } from "../namespace/file.ts";
import { joinNamespaces } from "../namespace/join.ts";
import { KINDS, type NamespaceKind } from "../namespace/namespace.ts";
import { commitCred } from "../security/commit.ts";
import { mayRead } from "../security/ptrace-access.ts";
import {
  CLONE_FILES,
  CLONE_FS,
  CLONE_NEWIPC,
  CLONE_NEWNS,
  CLONE_NEWUSER,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VM,
} from "../task/clone.ts";
import { processOf } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import { Fd, Flags, type Row, syscall } from "./table.ts";

const ALL_KINDS = Object.values(KINDS).reduce<number>((all, flag) => all | flag, 0);
const UNSHARABLE = CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM | CLONE_FILES | CLONE_SYSVSEM | ALL_KINDS;

function unshare(task: Task, asked: number): 0 | Errno {
  if ((asked & ~UNSHARABLE) !== 0) return EINVAL;
  let flags = asked;
  if ((flags & CLONE_NEWUSER) !== 0) flags |= CLONE_THREAD | CLONE_FS;
  if ((flags & CLONE_NEWNS) !== 0) flags |= CLONE_FS;
  if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) !== 0 && task.group.threads.size > 1) return EINVAL;
  if ((flags & (CLONE_SIGHAND | CLONE_VM)) !== 0 && task.handlersShared) return EINVAL;
  if ((flags & CLONE_VM) !== 0 && task.mm.users > 1) return EINVAL;
  const splitsFiles = (flags & CLONE_FILES) !== 0 && task.files.shared;
  if (splitsFiles && !task.files.fits(task.kernel.sysctl.number("fs/nr_open"))) return EMFILE;
  const fs = (flags & CLONE_FS) !== 0 ? task.fs.copy() : task.fs;
  const cred = (flags & CLONE_NEWUSER) !== 0 ? newUserNamespace(task) : task.cred;
  if (typeof cred === "number") return cred;
  const nsproxy = (flags & NSPROXY_FLAGS) !== 0 ? newNamespaces(task, flags, cred, fs) : task.nsproxy.ref();
  if (typeof nsproxy === "number") {
    if (cred !== task.cred) cred.userNamespace.ref().unref();
    return nsproxy;
  }
  if (cred !== task.cred) commitCred(task, cred);
  task.fs = fs;
  if ((flags & (CLONE_SYSVSEM | CLONE_NEWIPC)) !== 0) task.ipc.exit(task.group, task.pid);
  const old = task.nsproxy;
  task.nsproxy = nsproxy;
  old.unref();
  if (splitsFiles) {
    const copy = task.files.copy();
    task.files.unref((file) => file.unref());
    task.files = copy;
  }
  return 0;
}

function setns(task: Task, fd: number, flags: number): 0 | Errno {
  const file = task.files.get(fd);
  if (!file) return EBADF;
  if (file.inode instanceof NamespaceInode) {
    const { namespace } = file.inode;
    return flags !== 0 && flags !== KINDS[namespace.kind] ? EINVAL : joinNamespaces(task, [namespace]);
  }
  const process = processOf(file);
  if (!process) return EINVAL;
  // By pidfd: any number of kinds at once.
  if (flags === 0 || (flags & ~ALL_KINDS) !== 0) return EINVAL;
  if (process.ended) return ESRCH;
  const target = process.group.leader;
  if (!mayRead(task, target)) return EPERM;
  const kinds = (Object.keys(KINDS) as NamespaceKind[]).filter((kind) => (flags & KINDS[kind]) !== 0);
  return joinNamespaces(
    task,
    kinds.map((kind) => namespaceOf(target, kind)),
  );
}

export const rows: readonly Row[] = [
  syscall(97, "unshare", [Flags("flags", "clone")], unshare),
  syscall(268, "setns", [Fd("fd"), Flags("flags", "clone")], setns),
];
