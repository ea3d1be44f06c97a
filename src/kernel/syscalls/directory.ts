// Directories as such: getdents64(2), chdir(2), chroot(2), getcwd(2).
import { EFAULT, EINVAL, ENOENT, ENOTDIR, EPERM, ERANGE, type Errno } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/flags.ts";
import { direntSize, encodeDirent } from "../../abi/stat.ts";
import { toBytes } from "../../lib/byte-string.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_SYS_CHROOT } from "../security/cred.ts";
import { inodePermission, MAY_EXEC } from "../security/permission.ts";
import { anyFileOf, fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { touchAtime } from "../vfs/atime.ts";
import type { Path } from "../vfs/mount.ts";
import { DIRECTORY, FOLLOW, pathArgument, walk } from "../vfs/namei.ts";
import { IN_ACCESS, notifyFile } from "../vfs/notify.ts";
import { pathName } from "../vfs/path-name.ts";
import { Fd, OutBytes, PathName, type Row, Size, type SyscallResult, syscall, UInt } from "./table.ts";

/** A listing goes out in parts of at most this many bytes. */
const CHUNK = 65536;

function getdents64(task: Task, fd: number, address: UserAddress, count: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.ops.entries) return ENOTDIR;
  if (file.path.dentry.unlinked) return ENOENT;
  if (!file.listing) {
    const listing = file.ops.entries(file);
    if (typeof listing === "number") return listing;
    file.listing = listing;
    touchAtime(task.kernel, file.path.mount, file.inode);
  }
  const { listing } = file;
  let next = file.position;
  if (next >= listing.length) return 0;
  const room = Math.min(count, CHUNK);
  let used = 0;
  let last = next;
  while (last < listing.length) {
    const size = direntSize(listing[last]!.name.length);
    if (used + size > room) break;
    used += size;
    last++;
  }
  if (used === 0) return EINVAL;
  const bytes = new Uint8Array(used);
  for (let at = 0; next < last; next++) at += encodeDirent(bytes, at, listing[next]!, next + 1);
  if (task.mm.copyOut(address, bytes) !== used) return EFAULT;
  file.position = last;
  notifyFile(file, IN_ACCESS);
  return used;
}

function searchable(task: Task, path: Path): 0 | Errno {
  const { inode } = path.dentry;
  return inode?.isDirectory ? inodePermission(task.cred, inode, MAY_EXEC) : ENOTDIR;
}

function chdir(task: Task, address: UserAddress): SyscallResult {
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const path = walk(task, AT_FDCWD, name, FOLLOW | DIRECTORY);
  if (typeof path === "number") return path;
  const denied = searchable(task, path);
  if (denied !== 0) return denied;
  task.fs.cwd = path;
  return 0;
}

function fchdir(task: Task, fd: number): SyscallResult {
  const file = anyFileOf(task, fd);
  if (typeof file === "number") return file;
  const denied = searchable(task, file.path);
  if (denied !== 0) return denied;
  task.fs.cwd = file.path;
  return 0;
}

function chroot(task: Task, address: UserAddress): SyscallResult {
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const path = walk(task, AT_FDCWD, name, FOLLOW | DIRECTORY);
  if (typeof path === "number") return path;
  const denied = searchable(task, path);
  if (denied !== 0) return denied;
  if (!task.cred.has(CAP_SYS_CHROOT)) return EPERM;
  task.fs.root = path;
  return 0;
}

function getcwd(task: Task, address: UserAddress, size: number): SyscallResult {
  const { cwd, root } = task.fs;
  if (cwd.dentry.unlinked) return ENOENT;
  const bytes = toBytes(`${pathName(cwd, root, true)}\0`);
  if (bytes.length > size) return ERANGE;
  const result = task.mm.write(address, bytes);
  return result < 0 ? result : bytes.length;
}

export const rows: Row[] = [
  syscall(17, "getcwd", [OutBytes("buf", "size"), Size("size")], getcwd),
  syscall(49, "chdir", [PathName("path")], chdir),
  syscall(50, "fchdir", [Fd("fd")], fchdir),
  syscall(51, "chroot", [PathName("path")], chroot),
  syscall(61, "getdents64", [Fd("fd"), OutBytes("dirp", "dirents"), UInt("count")], getdents64),
];
