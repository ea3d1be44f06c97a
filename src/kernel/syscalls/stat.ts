// stat(2), statx(2), readlink(2), access(2): asking about files.
import { EACCES, EINVAL, ENOENT, EROFS, type Errno } from "../../abi/errno.ts";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_NO_AUTOMOUNT,
  AT_SYMLINK_NOFOLLOW,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  W_OK,
  X_OK,
} from "../../abi/flags.ts";
import { MS_NOEXEC } from "../../abi/mount.ts";
import { STATX__RESERVED } from "../../abi/stat.ts";
import { toBytes } from "../../lib/byte-string.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Cred } from "../security/cred.ts";
import { inodePermission, MAY_WRITE } from "../security/permission.ts";
import { anyFileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { touchAtime } from "../vfs/atime.ts";
import { EMPTY, FOLLOW, optionalPath, pathArgument, walk, walkToInode } from "../vfs/namei.ts";
import { writeStat, writeStatx } from "../vfs/status.ts";
import { wantWrite } from "../vfs/write-access.ts";
import {
  addressIn,
  DirFd,
  Fd,
  Flags,
  Int,
  Out,
  OutBytes,
  PathName,
  type Row,
  type SyscallResult,
  syscall,
  UInt,
} from "./table.ts";

const AT_STATX_SYNC_TYPE = 0x6000;
const STAT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

/** A path argument, which may be NULL with AT_EMPTY_PATH. */
function nameOf(task: Task, address: UserAddress, flags: number): string | Errno {
  return (flags & AT_EMPTY_PATH) !== 0 ? optionalPath(task, address) : pathArgument(task, address);
}

const walkFlags = (flags: number): number =>
  ((flags & AT_SYMLINK_NOFOLLOW) === 0 ? FOLLOW : 0) | ((flags & AT_EMPTY_PATH) !== 0 ? EMPTY : 0);

function newfstatat(task: Task, dirfd: number, path: UserAddress, into: UserAddress, flags: number): SyscallResult {
  if ((flags & ~STAT_FLAGS) !== 0) return EINVAL;
  const name = nameOf(task, path, flags);
  if (typeof name === "number") return name;
  if (name === "" && dirfd >= 0 && (flags & AT_EMPTY_PATH) !== 0) return fstat(task, dirfd, into);
  const inode = walkToInode(task, dirfd, name, walkFlags(flags));
  return typeof inode === "number" ? inode : writeStat(task, inode, into);
}

function fstat(task: Task, fd: number, into: UserAddress): SyscallResult {
  const file = anyFileOf(task, fd);
  return typeof file === "number" ? file : writeStat(task, file.inode, into);
}

function statx(
  task: Task,
  dirfd: number,
  path: UserAddress,
  flags: number,
  mask: number,
  into: UserAddress,
): SyscallResult {
  if ((mask & STATX__RESERVED) !== 0) return EINVAL;
  if ((flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE || (flags & ~STAT_FLAGS) !== 0) return EINVAL;
  const name = nameOf(task, path, flags);
  if (typeof name === "number") return name;
  if (name === "" && dirfd >= 0 && (flags & AT_EMPTY_PATH) !== 0) {
    const file = anyFileOf(task, dirfd);
    return typeof file === "number" ? file : writeStatx(task, file.path, file.inode, mask, into);
  }
  const place = walk(task, dirfd, name, walkFlags(flags));
  return typeof place === "number" ? place : writeStatx(task, place, place.dentry.inode!, mask, into);
}

function readlinkat(task: Task, dirfd: number, address: UserAddress, into: UserAddress, size: number): SyscallResult {
  if (size <= 0) return EINVAL;
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const path = walk(task, dirfd, name, EMPTY);
  if (typeof path === "number") return path;
  const inode = path.dentry.inode!;
  if (!inode.isSymlink) return name === "" ? ENOENT : EINVAL;
  touchAtime(task.kernel, path.mount, inode);
  const target = inode.readlink();
  if (typeof target === "number") return target;
  const bytes = toBytes(target.length > size ? target.slice(0, size) : target);
  const result = task.mm.write(into, bytes);
  return result < 0 ? result : bytes.length;
}

/** access(2) asks for the real user, with the capabilities that one would have. */
function realCred(cred: Cred): Cred {
  const SECURE_NO_SETUID_FIXUP = 4;
  const changes = { fsuid: cred.uid, fsgid: cred.gid };
  if ((cred.securebits & SECURE_NO_SETUID_FIXUP) !== 0) return cred.with(changes);
  const root = cred.uid === cred.userNamespace.uid(0);
  return cred.with({ ...changes, effective: root ? cred.permitted : 0n });
}

function access(task: Task, dirfd: number, address: UserAddress, mode: number, flags: number): SyscallResult {
  if ((mode & ~7) !== 0 || (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return EINVAL;
  const name = nameOf(task, address, flags);
  if (typeof name === "number") return name;
  const own = task.cred;
  const cred =
    (flags & AT_EACCESS) !== 0 ||
    (own.uid === own.fsuid && own.gid === own.fsgid && own.uid === 0 && own.effective === own.permitted)
      ? own
      : realCred(own);
  const walker = cred === own ? task : { kernel: task.kernel, fs: task.fs, files: task.files, cred };
  const path = walk(walker, dirfd, name, walkFlags(flags));
  if (typeof path === "number") return path;
  const inode = path.dentry.inode!;
  const type = inode.mode & S_IFMT;
  if ((mode & X_OK) !== 0 && type === S_IFREG && (path.mount.flags & MS_NOEXEC) !== 0) return EACCES;
  const denied = inodePermission(cred, inode, mode);
  if (denied !== 0 || (mode & W_OK) === 0) return denied;
  const special = type === S_IFCHR || type === S_IFBLK || type === S_IFIFO || type === S_IFSOCK;
  return !special && (mode & MAY_WRITE) !== 0 && wantWrite(path.mount) < 0 ? EROFS : 0;
}

const place = [DirFd("dirfd"), PathName("path")] as const;

export const rows: Row[] = [
  syscall(48, "faccessat", [...place, Int("mode", "access")], (task, dirfd, path, mode) =>
    access(task, dirfd, path, mode, 0),
  ),
  syscall(78, "readlinkat", [...place, OutBytes("buf", "bufsiz"), Int("bufsiz")], readlinkat),
  syscall(79, "newfstatat", [...place, Out("statbuf", "stat"), Flags("flags", "AT")], newfstatat, {
    call: (task, x) => newfstatat(task, x.xi(10), addressIn(x, 11), addressIn(x, 12), x.xi(13) >>> 0),
  }),
  syscall(80, "fstat", [Fd("fd"), Out("statbuf", "stat")], fstat, {
    call: (task, x) => fstat(task, x.xi(10), addressIn(x, 11)),
  }),
  syscall(291, "statx", [...place, Flags("flags", "AT_STATX"), UInt("mask", "STATX"), Out("statxbuf", "statx")], statx),
  syscall(439, "faccessat2", [...place, Int("mode", "access"), Flags("flags", "AT_ACCESS")], access),
];
