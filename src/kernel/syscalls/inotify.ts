// Watching files and directories: inotify_init1, inotify_add_watch, inotify_rm_watch. inotify(7)
import { EBADF, EINVAL, EMFILE, type Errno } from "../../abi/errno.ts";
import { AT_FDCWD, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "../../abi/flags.ts";
import type { UserAddress } from "../mm/user.ts";
import {
  IN_ALL_EVENTS,
  IN_DONT_FOLLOW,
  IN_EXCL_UNLINK,
  IN_IGNORED,
  IN_MASK_ADD,
  IN_MASK_CREATE,
  IN_ONESHOT,
  IN_ONLYDIR,
  IN_Q_OVERFLOW,
  Inotify,
  inotifyOperations,
} from "../notify/inotify.ts";
import { inodePermission, MAY_READ } from "../security/permission.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import { DIRECTORY, FOLLOW, pathArgument, walk } from "../vfs/namei.ts";
import { IN_ISDIR, IN_UNMOUNT } from "../vfs/notify.ts";
import { Fd, Flags, Int, PathName, type Row, type SyscallResult, syscall } from "./table.ts";

/** Bits that add_watch knows; those that only events carry count too, as in Linux. */
const KNOWN =
  IN_ALL_EVENTS |
  IN_UNMOUNT |
  IN_Q_OVERFLOW |
  IN_IGNORED |
  IN_ONLYDIR |
  IN_DONT_FOLLOW |
  IN_EXCL_UNLINK |
  IN_MASK_ADD |
  IN_MASK_CREATE |
  IN_ISDIR |
  IN_ONESHOT;

function inotify_init1(task: Task, flags: number): SyscallResult {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return EINVAL;
  const { kernel, cred } = task;
  const limits = kernel.inotify;
  if ((limits.instances.get(cred.uid) ?? 0) >= limits.maxUserInstances) return EMFILE;
  const data = new Inotify(kernel.vfs, limits, cred.uid);
  const file = anonymousFile(kernel, "anon_inode:inotify", O_RDONLY | (flags & O_NONBLOCK), inotifyOperations, data);
  return installFile(task, file, (flags & O_CLOEXEC) !== 0);
}

function inotifyOf(task: Task, fd: number): Inotify | Errno {
  const file = task.files.get(fd);
  if (!file) return EBADF;
  return file.data instanceof Inotify ? file.data : EINVAL;
}

function inotify_add_watch(task: Task, fd: number, address: UserAddress, mask: number): SyscallResult {
  if ((mask & ~KNOWN) !== 0 || (mask & KNOWN) === 0) return EINVAL;
  if (!task.files.get(fd)) return EBADF;
  if ((mask & IN_MASK_ADD) !== 0 && (mask & IN_MASK_CREATE) !== 0) return EINVAL;
  const inotify = inotifyOf(task, fd);
  if (typeof inotify === "number") return inotify;
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const flags = ((mask & IN_DONT_FOLLOW) !== 0 ? 0 : FOLLOW) | ((mask & IN_ONLYDIR) !== 0 ? DIRECTORY : 0);
  const path = walk(task, AT_FDCWD, name, flags);
  if (typeof path === "number") return path;
  const inode = path.dentry.inode!;
  const allowed = inodePermission(task.cred, inode, MAY_READ);
  return allowed < 0 ? allowed : inotify.watch(inode, mask);
}

function inotify_rm_watch(task: Task, fd: number, descriptor: number): SyscallResult {
  const inotify = inotifyOf(task, fd);
  return typeof inotify === "number" ? inotify : inotify.removeWatch(descriptor);
}

export const rows: Row[] = [
  syscall(26, "inotify_init1", [Flags("flags", "IN")], inotify_init1),
  syscall(27, "inotify_add_watch", [Fd("fd"), PathName("pathname"), Flags("mask", "IN_EVENT")], inotify_add_watch),
  syscall(28, "inotify_rm_watch", [Fd("fd"), Int("wd")], inotify_rm_watch),
];
