// Making, removing and changing names: mkdir(2), mknod(2), unlink(2), symlink(2), link(2), rename(2).
import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  type Errno,
  EXDEV,
} from "../../abi/errno.ts";
import { RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT } from "../../abi/fcntl.ts";
import {
  AT_EMPTY_PATH,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from "../../abi/flags.ts";
import { LANDLOCK_ACCESS_FS_REMOVE_DIR, LANDLOCK_ACCESS_FS_REMOVE_FILE } from "../../abi/landlock.ts";
import { makingRight, mayAccessPath } from "../landlock/paths.ts";
import { mayMove } from "../landlock/refer.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_DAC_READ_SEARCH, CAP_MKNOD } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { instantiate, lookupChild } from "../vfs/dcache.ts";
import type { Dentry } from "../vfs/dentry.ts";
import type { Inode } from "../vfs/inode.ts";
import { EMPTY, FOLLOW, type Parent, parentOf, pathArgument, type Walker, walk } from "../vfs/namei.ts";
import { linkName, mayCreate, mayHardlink, removeDirectory, removeName, renameName } from "../vfs/names.ts";
import { notifyCreate } from "../vfs/notify.ts";
import { creation } from "../vfs/open.ts";
import { wantWrite } from "../vfs/write-access.ts";
import { DirFd, Flags, Mode, PathName, type Row, type SyscallResult, syscall, UInt } from "./table.ts";

interface Slot {
  parent: Parent;
  /** Negative: free to be made. */
  dentry: Dentry;
}

/** A name that is to be made (Linux's filename_create). Errors: EEXIST, EROFS; ENOENT for "new/" of a non-directory. */
export function newName(task: Walker, dirfd: number, path: string, directory: boolean): Slot | Errno {
  const parent = parentOf(task, dirfd, path);
  if (typeof parent === "number") return parent;
  if (parent.kind !== "name") return EEXIST;
  const readOnly = wantWrite(parent.path.mount);
  const dentry = lookupChild(task.kernel.vfs, parent.path.dentry, parent.name);
  if (typeof dentry === "number") return dentry;
  if (dentry.inode) return EEXIST;
  if (parent.slash && !directory) return ENOENT;
  return readOnly !== 0 ? readOnly : { parent, dentry };
}

function mkdirat(task: Task, dirfd: number, address: UserAddress, mode: number): SyscallResult {
  const path = pathArgument(task, address);
  if (typeof path === "number") return path;
  const slot = newName(task, dirfd, path, true);
  if (typeof slot === "number") return slot;
  return make(task, slot, S_IFDIR, (parent) =>
    parent.mkdir(slot.parent.name, creation(task, parent, S_IFDIR | (mode & 0o1777))),
  );
}

/** Permission, the filesystem's own part, and what follows for the dentry and for watchers. */
function make(task: Walker, slot: Slot, mode: number, work: (parent: Inode) => Inode | Errno): 0 | Errno {
  const { dentry } = slot.parent.path;
  const denied = mayMake(task, slot, mode);
  if (denied !== 0) return denied;
  const parent = dentry.inode!;
  const inode = work(parent);
  if (typeof inode === "number") return inode;
  instantiate(task.kernel.vfs, slot.dentry, inode);
  notifyCreate(parent, slot.dentry.name, inode);
  return 0;
}

/** Errors: EACCES, ENOENT. */
function mayMake(task: Walker, { parent }: Slot, mode: number): 0 | Errno {
  const { landlock } = task.cred;
  const barred = landlock ? mayAccessPath(landlock, parent.path, makingRight(mode)) : 0;
  return barred !== 0 ? barred : mayCreate(task, parent.path.dentry);
}

/** mknod(2), and bind(2) of a socket. `mode` with its type. */
export function makeNode(task: Walker, dirfd: number, path: string, mode: number, dev: number): 0 | Errno {
  const slot = newName(task, dirfd, path, false);
  if (typeof slot === "number") return slot;
  const type = mode & S_IFMT;
  const device = type === S_IFCHR || type === S_IFBLK;
  const denied = mayMake(task, slot, mode);
  if (denied !== 0) return denied;
  // The device 0:0 is a whiteout, which everyone may make.
  if (device && !(type === S_IFCHR && dev === 0) && !task.cred.can(CAP_MKNOD)) return EPERM;
  return make(task, slot, mode, (parent) =>
    parent.create(slot.parent.name, creation(task, parent, mode, device ? dev : 0)),
  );
}

function mknodat(task: Task, dirfd: number, address: UserAddress, mode: number, dev: number): SyscallResult {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return EPERM;
  if (type !== 0 && ![S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK].includes(type)) return EINVAL;
  const path = pathArgument(task, address);
  if (typeof path === "number") return path;
  return makeNode(task, dirfd, path, (type === 0 ? S_IFREG : type) | (mode & 0o7777), dev);
}

function symlinkat(task: Task, target: UserAddress, dirfd: number, address: UserAddress): SyscallResult {
  const text = pathArgument(task, target);
  if (typeof text === "number") return text;
  if (text === "") return ENOENT;
  const path = pathArgument(task, address);
  if (typeof path === "number") return path;
  const slot = newName(task, dirfd, path, false);
  if (typeof slot === "number") return slot;
  return make(task, slot, S_IFLNK, (parent) =>
    parent.symlink(slot.parent.name, text, { ...creation(task, parent, S_IFLNK | 0o777), mode: S_IFLNK | 0o777 }),
  );
}

function linkat(
  task: Task,
  olddirfd: number,
  oldpath: UserAddress,
  newdirfd: number,
  newpath: UserAddress,
  flags: number,
): SyscallResult {
  if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) !== 0) return EINVAL;
  const from = pathArgument(task, oldpath);
  if (typeof from === "number") return from;
  const empty = (flags & AT_EMPTY_PATH) !== 0;
  const source = walk(task, olddirfd, from, ((flags & AT_SYMLINK_FOLLOW) !== 0 ? FOLLOW : 0) | (empty ? EMPTY : 0));
  if (typeof source === "number") return source;
  // By descriptor alone only who could open it anyway. open(2)
  if (empty && from === "" && !task.cred.can(CAP_DAC_READ_SEARCH) && task.files.get(olddirfd) === undefined)
    return ENOENT;
  const to = pathArgument(task, newpath);
  if (typeof to === "number") return to;
  const slot = newName(task, newdirfd, to, false);
  if (typeof slot === "number") return slot;
  const { parent, dentry } = slot;
  if (source.mount !== parent.path.mount) return EXDEV;
  const inode = source.dentry.inode!;
  if (!mayHardlink(task, inode)) return EPERM;
  const { landlock } = task.cred;
  if (landlock) {
    const move = { source: source.dentry, directory: parent.path, target: dentry, removes: false, exchanges: false };
    const barred = mayMove(landlock, move);
    if (barred !== 0) return barred;
  }
  return linkName(task, inode, parent.path.dentry, dentry);
}

function unlinkat(task: Task, dirfd: number, address: UserAddress, flags: number): SyscallResult {
  if ((flags & ~AT_REMOVEDIR) !== 0) return EINVAL;
  const path = pathArgument(task, address);
  if (typeof path === "number") return path;
  const parent = parentOf(task, dirfd, path);
  if (typeof parent === "number") return parent;
  const directory = (flags & AT_REMOVEDIR) !== 0;
  if (parent.kind !== "name") {
    if (!directory) return EISDIR;
    return parent.kind === "." ? EINVAL : parent.kind === ".." ? ENOTEMPTY : EBUSY;
  }
  const readOnly = wantWrite(parent.path.mount);
  if (readOnly !== 0) return readOnly;
  const dentry = lookupChild(task.kernel.vfs, parent.path.dentry, parent.name);
  if (typeof dentry === "number") return dentry;
  if (!dentry.inode) return ENOENT;
  if (!directory && parent.slash) return dentry.inode.isDirectory ? EISDIR : ENOTDIR;
  const { landlock } = task.cred;
  const right = directory ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE;
  const barred = landlock ? mayAccessPath(landlock, parent.path, right) : 0;
  if (barred !== 0) return barred;
  if (directory) return removeDirectory(task, parent.path.dentry, dentry);
  return removeName(task, parent.path.dentry, dentry);
}

function renameat2(
  task: Task,
  olddirfd: number,
  oldpath: UserAddress,
  newdirfd: number,
  newpath: UserAddress,
  flags: number,
): SyscallResult {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) return EINVAL;
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  if (exchange && (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) !== 0) return EINVAL;
  const fromPath = pathArgument(task, oldpath);
  if (typeof fromPath === "number") return fromPath;
  const toPath = pathArgument(task, newpath);
  if (typeof toPath === "number") return toPath;
  const from = parentOf(task, olddirfd, fromPath);
  if (typeof from === "number") return from;
  const to = parentOf(task, newdirfd, toPath);
  if (typeof to === "number") return to;
  if (from.path.mount !== to.path.mount) return EXDEV;
  if (from.kind !== "name") return EBUSY;
  if (to.kind !== "name") return (flags & RENAME_NOREPLACE) !== 0 ? EEXIST : EBUSY;
  const readOnly = wantWrite(from.path.mount);
  if (readOnly !== 0) return readOnly;
  const { vfs } = task.kernel;
  const old = lookupChild(vfs, from.path.dentry, from.name);
  if (typeof old === "number") return old;
  if (!old.inode) return ENOENT;
  const target = lookupChild(vfs, to.path.dentry, to.name);
  if (typeof target === "number") return target;
  if ((flags & RENAME_NOREPLACE) !== 0 && target.inode) return EEXIST;
  if (exchange) {
    if (!target.inode) return ENOENT;
    if (!target.inode.isDirectory && to.slash) return ENOTDIR;
  }
  if (!old.inode.isDirectory && (from.slash || (!exchange && to.slash))) return ENOTDIR;
  // A directory can't go into itself, nor replace one it is in.
  if (contains(old, to.path.dentry)) return EINVAL;
  if (contains(target, from.path.dentry)) return exchange ? EINVAL : ENOTEMPTY;
  const { landlock } = task.cred;
  if (landlock) {
    const barred = mayMove(landlock, { source: old, directory: to.path, target, removes: true, exchanges: exchange });
    if (barred !== 0) return barred;
  }
  return renameName(task, from.path.dentry, old, to.path.dentry, target, flags);
}

/** Is `inner` the directory `outer`, or below it? */
function contains(outer: Dentry, inner: Dentry): boolean {
  for (let dentry = inner; ; dentry = dentry.parent) {
    if (dentry === outer) return true;
    if (dentry.isRoot) return false;
  }
}

const from = [DirFd("olddirfd"), PathName("oldpath")] as const;
const to = [DirFd("newdirfd"), PathName("newpath")] as const;
const place = [DirFd("dirfd"), PathName("path")] as const;

export const rows: Row[] = [
  syscall(33, "mknodat", [...place, Mode("mode"), UInt("dev", "dev")], mknodat),
  syscall(34, "mkdirat", [...place, Mode("mode")], mkdirat),
  syscall(35, "unlinkat", [...place, Flags("flags", "AT")], unlinkat),
  syscall(36, "symlinkat", [PathName("target"), DirFd("newdirfd"), PathName("linkpath")], symlinkat),
  syscall(37, "linkat", [...from, ...to, Flags("flags", "AT")], linkat),
  syscall(38, "renameat", [...from, ...to], (task, olddirfd, oldpath, newdirfd, newpath) =>
    renameat2(task, olddirfd, oldpath, newdirfd, newpath, 0),
  ),
  syscall(276, "renameat2", [...from, ...to, Flags("flags", "RENAME")], renameat2),
];
