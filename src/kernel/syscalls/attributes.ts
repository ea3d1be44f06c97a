// Changing attributes and sizes: chmod(2), chown(2), utimensat(2), truncate(2), fallocate(2), umask(2).
import {
  EACCES,
  EBADF,
  EFBIG,
  EINVAL,
  EISDIR,
  ENODEV,
  EOPNOTSUPP,
  EPERM,
  type Errno,
  ESPIPE,
} from "../../abi/errno.ts";
import {
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_ZERO_RANGE,
  UTIME_NOW,
  UTIME_OMIT,
} from "../../abi/fcntl.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, RLIMIT_FSIZE, S_IFIFO, S_IFMT } from "../../abi/flags.ts";
import { LANDLOCK_ACCESS_FS_TRUNCATE } from "../../abi/landlock.ts";
import { mayAccessPath } from "../landlock/paths.ts";
import type { UserAddress } from "../mm/user.ts";
import { INVALID_ID } from "../namespace/user.ts";
import { andThen } from "../sched/wait-queue.ts";
import { inodePermission, MAY_WRITE } from "../security/permission.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { MAX_FILE_SIZE } from "../vfs/generic-file.ts";
import type { Inode } from "../vfs/inode.ts";
import { removePrivileges } from "../vfs/io.ts";
import { breakLeases } from "../vfs/leases.ts";
import type { Path } from "../vfs/mount.ts";
import { EMPTY, FOLLOW, pathArgument, walk } from "../vfs/namei.ts";
import { IN_ACCESS, IN_ATTRIB, IN_MODIFY, notifyDentry, notifyFile } from "../vfs/notify.ts";
import { changeMode, changeOwner, changeTimes, truncateInode } from "../vfs/setattr.ts";
import { getWriteAccess, wantWrite } from "../vfs/write-access.ts";
import {
  DirFd,
  Fd,
  Flags,
  In,
  Int,
  Mode,
  Offset,
  PathName,
  type Row,
  type SyscallResult,
  syscall,
  Uid,
} from "./table.ts";

/** The place that dirfd, path and AT_* flags mean. Errors: EINVAL for other flags. */
function placeOf(task: Task, dirfd: number, address: UserAddress, flags: number): Path | Errno {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) !== 0) return EINVAL;
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0 ? FOLLOW : 0;
  return walk(task, dirfd, name, follow | ((flags & AT_EMPTY_PATH) !== 0 ? EMPTY : 0));
}

/** IN_ATTRIB, when the change was made. */
function told(path: Path, result: 0 | Errno): 0 | Errno {
  if (result === 0) notifyDentry(path.dentry, IN_ATTRIB);
  return result;
}

function chmodAt(task: Task, path: Path, mode: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const readOnly = wantWrite(path.mount);
  if (readOnly !== 0) return readOnly;
  if (inode.isSymlink) return EOPNOTSUPP;
  return told(path, changeMode(task, path.mount, inode, mode));
}

function fchmod(task: Task, fd: number, mode: number): SyscallResult {
  const file = fileOf(task, fd);
  return typeof file === "number" ? file : told(file.path, changeMode(task, file.path.mount, file.inode, mode));
}

function fchmodat2(task: Task, dirfd: number, address: UserAddress, mode: number, flags: number): SyscallResult {
  const path = placeOf(task, dirfd, address, flags);
  return typeof path === "number" ? path : chmodAt(task, path, mode);
}

/** Owners as they are said; -1 leaves one. Errors: EINVAL for one that has no number in the caller's user namespace. */
function chown(task: Task, path: Path, inode: Inode, uid: number, gid: number): SyscallResult {
  const { userNamespace } = task.cred;
  const owner = uid === INVALID_ID ? undefined : userNamespace.uid(uid);
  const group = gid === INVALID_ID ? undefined : userNamespace.gid(gid);
  if (owner === INVALID_ID || group === INVALID_ID) return EINVAL;
  return told(path, changeOwner(task, path.mount, inode, owner, group));
}

function fchown(task: Task, fd: number, uid: number, gid: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  return chown(task, file.path, file.inode, uid, gid);
}

function fchownat(
  task: Task,
  dirfd: number,
  address: UserAddress,
  uid: number,
  gid: number,
  flags: number,
): SyscallResult {
  const path = placeOf(task, dirfd, address, flags);
  if (typeof path === "number") return path;
  return chown(task, path, path.dentry.inode!, uid, gid);
}

interface Time {
  seconds: bigint;
  nanoseconds: bigint;
}

const validTime = ({ nanoseconds }: Time): boolean =>
  nanoseconds === UTIME_NOW || nanoseconds === UTIME_OMIT || (nanoseconds >= 0n && nanoseconds < 1_000_000_000n);

function utimensat(task: Task, dirfd: number, address: UserAddress, times: UserAddress, flags: number): SyscallResult {
  let both: [Time, Time] | undefined;
  if (times !== 0) {
    const bytes = task.mm.read(times, 32);
    if (typeof bytes === "number") return bytes;
    const view = new DataView(bytes.buffer);
    const time = (at: number): Time => ({
      seconds: view.getBigInt64(at, true),
      nanoseconds: view.getBigInt64(at + 8, true),
    });
    both = [time(0), time(16)];
    if (both[0].nanoseconds === UTIME_OMIT && both[1].nanoseconds === UTIME_OMIT) return 0;
  }
  let path: Path | Errno;
  if (address === 0 && dirfd !== AT_FDCWD) {
    if (flags !== 0) return EINVAL;
    const file = fileOf(task, dirfd);
    path = typeof file === "number" ? file : file.path;
  } else path = placeOf(task, dirfd, address, flags);
  if (typeof path === "number") return path;
  if (both && !both.every(validTime)) return EINVAL;
  const now = task.kernel.clock.now();
  const [access, modification] = both ?? [];
  const value = (time: Time | undefined): bigint =>
    !time || time.nanoseconds === UTIME_NOW ? now : time.seconds * 1_000_000_000n + time.nanoseconds;
  const changes: { atime?: bigint; mtime?: bigint } = {};
  if (access?.nanoseconds !== UTIME_OMIT) changes.atime = value(access);
  if (modification?.nanoseconds !== UTIME_OMIT) changes.mtime = value(modification);
  const touch = !both || both.every((time) => time.nanoseconds === UTIME_NOW);
  const result = changeTimes(task, path.mount, path.dentry.inode!, changes, touch);
  if (result === 0) {
    const { atime, mtime } = changes;
    notifyDentry(path.dentry, atime === undefined ? IN_MODIFY : mtime === undefined ? IN_ACCESS : IN_ATTRIB);
  }
  return result;
}

function truncate(task: Task, address: UserAddress, size: number): SyscallResult {
  if (size < 0) return EINVAL;
  const name = pathArgument(task, address);
  if (typeof name === "number") return name;
  const path = walk(task, AT_FDCWD, name, FOLLOW);
  if (typeof path === "number") return path;
  const inode = path.dentry.inode!;
  if (inode.isDirectory) return EISDIR;
  if (!inode.isRegular) return EINVAL;
  const readOnly = wantWrite(path.mount);
  if (readOnly !== 0) return readOnly;
  const denied = inodePermission(task.cred, inode, MAY_WRITE);
  if (denied !== 0) return denied;
  if (inode.appendOnly) return EPERM;
  const { landlock } = task.cred;
  const barred = landlock ? mayAccessPath(landlock, path, LANDLOCK_ACCESS_FS_TRUNCATE) : 0;
  if (barred !== 0) return barred;
  return andThen<number, number>(breakLeases(task.kernel, inode, true, false), () => {
    const busy = getWriteAccess(inode);
    if (busy !== 0) return busy;
    const result = truncateInode(task, inode, size, true);
    inode.writers--;
    if (result === 0) notifyDentry(path.dentry, IN_MODIFY);
    return result;
  });
}

function ftruncate(task: Task, fd: number, size: number): SyscallResult {
  if (size < 0) return EINVAL;
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.inode.isRegular || !file.writable) return EINVAL;
  if (file.inode.appendOnly) return EPERM;
  if ((file.withheld & LANDLOCK_ACCESS_FS_TRUNCATE) !== 0) return EACCES;
  const result = truncateInode(task, file.inode, size, true);
  if (result === 0) notifyDentry(file.path.dentry, IN_MODIFY, file.inode);
  return result;
}

/** Is this one of the things that fallocate can be asked for? */
function knownFallocate(mode: number): boolean {
  const keep = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  switch (mode & ~FALLOC_FL_KEEP_SIZE) {
    case 0:
    case FALLOC_FL_UNSHARE_RANGE:
    case FALLOC_FL_ZERO_RANGE:
      return true;
    case FALLOC_FL_PUNCH_HOLE:
      return keep;
    case FALLOC_FL_COLLAPSE_RANGE:
    case FALLOC_FL_INSERT_RANGE:
      return !keep;
    default:
      return false;
  }
}

function fallocate(task: Task, fd: number, mode: number, offset: number, length: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (offset < 0 || length <= 0) return EINVAL;
  if (!knownFallocate(mode)) return EOPNOTSUPP;
  if (!file.writable) return EBADF;
  const { inode } = file;
  if (inode.immutable || (inode.appendOnly && (mode & ~FALLOC_FL_KEEP_SIZE) !== 0)) return EPERM;
  if ((inode.mode & S_IFMT) === S_IFIFO) return ESPIPE;
  if (inode.isDirectory) return EISDIR;
  if (!inode.isRegular) return ENODEV;
  if (offset + length > MAX_FILE_SIZE) return EFBIG;
  if (offset + length > inode.size && (mode & FALLOC_FL_KEEP_SIZE) === 0) {
    const room = task.group.limit(RLIMIT_FSIZE);
    if (offset + length > room) return truncateInode(task, inode, offset + length, false);
  }
  removePrivileges(task, inode);
  const result = inode.fallocate(mode, offset, length);
  if (result === 0) notifyFile(file, IN_MODIFY);
  return result;
}

function umask(task: Task, mask: number): SyscallResult {
  const old = task.fs.umask;
  task.fs.umask = mask & 0o777;
  return old;
}

const place = [DirFd("dirfd"), PathName("path")] as const;
const owners = [Uid("owner"), Uid("group")] as const;

export const rows: Row[] = [
  syscall(45, "truncate", [PathName("path"), Offset("length")], truncate),
  syscall(46, "ftruncate", [Fd("fd"), Offset("length")], ftruncate),
  syscall(47, "fallocate", [Fd("fd"), Int("mode", "FALLOC_FL"), Offset("offset"), Offset("len")], fallocate, {
    gaps: "FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE and FALLOC_FL_ZERO_RANGE, as tmpfs",
  }),
  syscall(52, "fchmod", [Fd("fd"), Mode("mode")], fchmod),
  syscall(53, "fchmodat", [...place, Mode("mode")], (task, dirfd, path, mode) => fchmodat2(task, dirfd, path, mode, 0)),
  syscall(54, "fchownat", [...place, ...owners, Flags("flags", "AT")], fchownat),
  syscall(55, "fchown", [Fd("fd"), ...owners], fchown),
  syscall(88, "utimensat", [...place, In("times", "timespec2"), Flags("flags", "AT")], utimensat),
  syscall(166, "umask", [Mode("mask")], umask),
  syscall(452, "fchmodat2", [...place, Mode("mode"), Flags("flags", "AT")], fchmodat2),
];
