// Descriptors and the open descriptions behind them: close(2), dup(2), fcntl(2), ioctl(2), and what flushes files.
// Record locks behind fcntl are in locks.ts.
import {
  EACCES,
  EBADF,
  EFAULT,
  EINVAL,
  EISDIR,
  ENOTTY,
  EOPNOTSUPP,
  EPERM,
  type Errno,
  ESPIPE,
  ESRCH,
  EXDEV,
} from "../../abi/errno.ts";
import {
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_UNSHARE,
  F_CREATED_QUERY,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_DUPFD_QUERY,
  F_GET_FILE_RW_HINT,
  F_GET_RW_HINT,
  F_GETFD,
  F_GETFL,
  F_GETLEASE,
  F_GETLK,
  F_GETOWN,
  F_GETOWN_EX,
  F_GETPIPE_SZ,
  F_GETSIG,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_OWNER_PGRP,
  F_OWNER_PID,
  F_OWNER_TID,
  F_SET_FILE_RW_HINT,
  F_SET_RW_HINT,
  F_SETFD,
  F_SETFL,
  F_SETLEASE,
  F_SETLK,
  F_SETLKW,
  F_SETOWN,
  F_SETOWN_EX,
  F_SETPIPE_SZ,
  F_SETSIG,
  FS_APPEND_FL,
  FS_IMMUTABLE_FL,
  FS_IOC_GETFLAGS,
  FS_IOC_SETFLAGS,
  FS_NOATIME_FL,
  FS_NODUMP_FL,
} from "../../abi/fcntl.ts";
import {
  FD_CLOEXEC,
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
  O_PATH,
  RLIMIT_NOFILE,
  S_IFIFO,
  S_IFMT,
} from "../../abi/flags.ts";
import {
  FICLONE,
  FICLONERANGE,
  FIGETBSZ,
  FIOASYNC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIONREAD,
  FIOQSIZE,
} from "../../abi/ioctl.ts";
import { NSIG } from "../../abi/signal.ts";
import { withholdsIoctl } from "../landlock/paths.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_LINUX_IMMUTABLE } from "../security/cred.ts";
import { ownerOrCapable } from "../security/permission.ts";
import { anyFileOf, closeFile, fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { switchAsync } from "../vfs/async.ts";
import type { File } from "../vfs/file.ts";
import { leaseType, setLease } from "../vfs/leases.ts";
import { IN_ATTRIB, notifyFile } from "../vfs/notify.ts";
import { wantWrite } from "../vfs/write-access.ts";
import { getRecordLock, setRecordLockCall } from "./locks.ts";
import { Address, Fd, Flags, Int, Long, Offset, type Row, Size, type SyscallResult, syscall, UInt } from "./table.ts";

function close(task: Task, fd: number): SyscallResult {
  const file = task.files.remove(fd);
  return typeof file === "number" ? file : closeFile(task, file);
}

function close_range(task: Task, first: number, last: number, flags: number): SyscallResult {
  if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) !== 0 || first > last) return EINVAL;
  if ((flags & CLOSE_RANGE_UNSHARE) !== 0 && task.files.shared) {
    const shared = task.files;
    task.files = shared.copy();
    shared.unref((file) => closeFile(task, file));
  }
  for (const [fd] of [...task.files.open()]) {
    if (fd < first || fd > last) continue;
    if ((flags & CLOSE_RANGE_CLOEXEC) !== 0) task.files.setCloseOnExec(fd, true);
    else {
      const file = task.files.remove(fd);
      if (typeof file !== "number") closeFile(task, file);
    }
  }
  return 0;
}

function duplicate(task: Task, file: File, from: number, closeOnExec: boolean): number | Errno {
  const fd = task.files.install(file.ref(), closeOnExec, task.group.limit(RLIMIT_NOFILE), from);
  if (fd < 0) file.unref();
  return fd;
}

function dup(task: Task, fd: number): SyscallResult {
  const file = anyFileOf(task, fd);
  return typeof file === "number" ? file : duplicate(task, file, 0, false);
}

function dup3(task: Task, oldfd: number, newfd: number, flags: number): SyscallResult {
  if ((flags & ~O_CLOEXEC) !== 0 || oldfd === newfd) return EINVAL;
  if (newfd >>> 0 >= task.group.limit(RLIMIT_NOFILE)) return EBADF;
  const file = anyFileOf(task, oldfd);
  if (typeof file === "number") return file;
  const replaced = task.files.replace(newfd, file.ref(), (flags & O_CLOEXEC) !== 0);
  if (replaced) closeFile(task, replaced);
  return newfd;
}

function setFlags(task: Task, fd: number, file: File, flags: number): 0 | Errno {
  const changeable = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_ASYNC;
  const added = flags & ~file.flags;
  if (file.inode.appendOnly && ((flags ^ file.flags) & O_APPEND) !== 0) return EPERM;
  if ((added & O_NOATIME) !== 0 && !ownerOrCapable(task.cred, file.inode)) return EPERM;
  const changed = (file.flags & ~changeable) | (flags & changeable);
  if (changed === file.flags) return 0;
  const result = file.ops.setFlags?.(file, changed) ?? 0;
  if (result !== 0) return result;
  const switched = ((changed ^ file.flags) & O_ASYNC) !== 0;
  file.flags = switched ? switchAsync(task.kernel, file, fd, changed) : changed;
  return 0;
}

/** `owner` as F_SETOWN has it: a process, or minus a process group. Errors: ESRCH. */
function setOwner(task: Task, file: File, said: number, thread = false): 0 | Errno {
  const { tasks } = task.kernel;
  const { pidNamespace } = task;
  if (said === -2147483648) return EINVAL;
  const owner = said < 0 ? -pidNamespace.find(-said) : said === 0 ? 0 : pidNamespace.find(said);
  if (owner > 0 && !tasks.task(owner) && !tasks.group(owner)) return ESRCH;
  if (owner < 0 && ![...tasks.allGroups].some((group) => group.pgid === -owner)) return ESRCH;
  file.owner = owner;
  file.ownerThread = thread;
  file.ownerCred = task.cred;
  return 0;
}

function setOwnerEx(task: Task, file: File, address: UserAddress): SyscallResult {
  const bytes = task.mm.read(address, 8);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer);
  const type = view.getInt32(0, true);
  const id = view.getInt32(4, true);
  if (type !== F_OWNER_TID && type !== F_OWNER_PID && type !== F_OWNER_PGRP) return EINVAL;
  return setOwner(task, file, type === F_OWNER_PGRP ? -id : id, type === F_OWNER_TID);
}

function getOwnerEx(task: Task, file: File, address: UserAddress): SyscallResult {
  const fields = Int32Array.of(
    file.owner < 0 ? F_OWNER_PGRP : file.ownerThread ? F_OWNER_TID : F_OWNER_PID,
    task.pidNamespace.of(Math.abs(file.owner)),
  );
  return task.mm.write(address, new Uint8Array(fields.buffer));
}

function fcntl(task: Task, fd: number, command: number, argument: number): SyscallResult {
  const file = anyFileOf(task, fd);
  if (typeof file === "number") return file;
  const value = argument | 0;
  const address = argument as UserAddress;
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if (argument >= task.group.limit(RLIMIT_NOFILE) || value < 0) return EINVAL;
      return duplicate(task, file, value, command === F_DUPFD_CLOEXEC);
    case F_GETFD:
      return task.files.closesOnExec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
      task.files.setCloseOnExec(fd, (value & FD_CLOEXEC) !== 0);
      return 0;
    case F_GETFL:
      return file.flags;
    case F_DUPFD_QUERY:
      return task.files.get(value) === file ? 1 : task.files.get(value) ? 0 : EBADF;
  }
  if ((file.flags & O_PATH) !== 0) return EBADF;
  const own = file.ops.fcntl?.(file, task, command, argument);
  if (own !== undefined) return own;
  switch (command) {
    case F_SETFL:
      return setFlags(task, fd, file, value);
    case F_GETLK:
    case F_OFD_GETLK:
      return getRecordLock(task, file, address, command === F_OFD_GETLK);
    case F_SETLK:
    case F_SETLKW:
      return setRecordLockCall(task, file, address, command === F_SETLKW, false);
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
      return setRecordLockCall(task, file, address, command === F_OFD_SETLKW, true);
    case F_SETOWN:
      return setOwner(task, file, value);
    case F_GETOWN:
      return file.owner < 0 ? -task.pidNamespace.of(-file.owner) : task.pidNamespace.of(file.owner);
    case F_SETOWN_EX:
      return setOwnerEx(task, file, address);
    case F_GETOWN_EX:
      return getOwnerEx(task, file, address);
    case F_SETSIG:
      if (value < 0 || value > NSIG) return EINVAL;
      file.signal = value;
      return 0;
    case F_GETSIG:
      return file.signal;
    case F_SETLEASE:
      return setLease(task, file, fd, value);
    case F_GETLEASE:
      return leaseType(file);
    case F_CREATED_QUERY:
      return file.created ? 1 : 0;
    case F_GET_RW_HINT:
    case F_GET_FILE_RW_HINT:
      return task.mm.writeU64(address, 0n);
    case F_SET_RW_HINT:
    case F_SET_FILE_RW_HINT: {
      const hint = task.mm.readU64(address);
      return hint === undefined || hint > 5n ? EINVAL : 0;
    }
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
      return EBADF;
    default:
      return EINVAL;
  }
}

const FIBMAP = 1;

/** chattr(1). Errors: EROFS, EPERM, EOPNOTSUPP. ioctl_iflags(2) */
function setInodeFlags(task: Task, file: File, address: UserAddress): SyscallResult {
  const flags = task.mm.readU32(address);
  if (flags === undefined) return EFAULT;
  const { inode } = file;
  const readOnly = wantWrite(file.path.mount);
  if (readOnly !== 0) return readOnly;
  if (!ownerOrCapable(task.cred, inode)) return EPERM;
  const locked = FS_IMMUTABLE_FL | FS_APPEND_FL;
  if (((flags ^ inode.flags) & locked) !== 0 && !task.cred.can(CAP_LINUX_IMMUTABLE)) return EPERM;
  if ((flags & ~(locked | FS_NODUMP_FL | FS_NOATIME_FL)) !== 0) return EOPNOTSUPP;
  inode.flags = flags;
  inode.ctime = task.kernel.clock.now();
  notifyFile(file, IN_ATTRIB);
  return 0;
}

/** FICLONE: no filesystem here shares blocks between files. The errors come in Linux's order. ioctl_ficlone(2) */
function cloneFile(task: Task, to: File, fd: number): Errno {
  const from = fileOf(task, fd);
  if (typeof from === "number") return from;
  if (from.inode.superblock !== to.inode.superblock) return EXDEV;
  if (from.inode.isDirectory || to.inode.isDirectory) return EISDIR;
  if (!from.inode.isRegular || !to.inode.isRegular) return EINVAL;
  if (!from.readable || !to.writable || (to.flags & O_APPEND) !== 0) return EBADF;
  return EOPNOTSUPP;
}

function ioctl(task: Task, fd: number, command: number, argument: UserAddress): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (file.withheld !== 0 && withholdsIoctl(file, command)) return EACCES;
  switch (command) {
    case FIOCLEX:
      task.files.setCloseOnExec(fd, true);
      return 0;
    case FIONCLEX:
      task.files.setCloseOnExec(fd, false);
      return 0;
    case FIONBIO:
    case FIOASYNC: {
      const on = task.mm.readU32(argument);
      if (on === undefined) return EFAULT;
      const flag = command === FIONBIO ? O_NONBLOCK : O_ASYNC;
      return setFlags(task, fd, file, on !== 0 ? file.flags | flag : file.flags & ~flag);
    }
  }
  if (command === FICLONE) return cloneFile(task, file, argument | 0);
  if (command === FICLONERANGE) {
    const from = task.mm.readU64(argument);
    return from === undefined ? EFAULT : cloneFile(task, file, Number(BigInt.asIntN(32, from)));
  }
  const { inode } = file;
  if (inode.isRegular) {
    if (command === FIONREAD) return task.mm.writeU32(argument, Math.max(0, inode.size - file.position) | 0);
    if (command === FIBMAP) return EINVAL;
  }
  if (command === FS_IOC_GETFLAGS && inode.keepsFlags) return task.mm.writeU32(argument, inode.flags);
  if (command === FS_IOC_SETFLAGS && inode.keepsFlags) return setInodeFlags(task, file, argument);
  if (inode.isRegular || inode.isDirectory) {
    if (command === FIOQSIZE) return task.mm.writeU64(argument, BigInt(inode.size));
    if (command === FIGETBSZ) return task.mm.writeU32(argument, inode.blockSize);
  }
  return file.ops.ioctl?.(file, task, command, argument) ?? ENOTTY;
}

function flush(task: Task, fd: number, dataOnly: boolean): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  return file.ops.fsync?.(file, dataOnly) ?? EINVAL;
}

function sync_file_range(task: Task, fd: number, offset: number, bytes: number, flags: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if ((flags & ~7) !== 0 || offset < 0 || bytes < 0) return EINVAL;
  return file.inode.isRegular || file.inode.isDirectory ? 0 : ESPIPE;
}

function fadvise64(task: Task, fd: number, _offset: number, length: number, advice: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if ((file.inode.mode & S_IFMT) === S_IFIFO) return ESPIPE;
  return length < 0 || advice >>> 0 > 5 ? EINVAL : 0;
}

function readahead(task: Task, fd: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.readable) return EBADF;
  return file.inode.isRegular ? 0 : EINVAL;
}

export const rows: Row[] = [
  syscall(23, "dup", [Fd("fd")], dup),
  syscall(24, "dup3", [Fd("oldfd"), Fd("newfd"), Flags("flags", "O_FLAGS")], dup3),
  syscall(25, "fcntl", [Fd("fd"), Int("cmd", "F"), Long("arg", "fcntl")], fcntl, {
    gaps: "F_NOTIFY; F_SETOWN_EX with a thread means its process",
  }),
  syscall(29, "ioctl", [Fd("fd"), UInt("request", "ioctl"), Address("argp", "ioctl")], ioctl),
  syscall(57, "close", [Fd("fd")], close),
  syscall(81, "sync", [], () => 0),
  syscall(82, "fsync", [Fd("fd")], (task, fd) => flush(task, fd, false)),
  syscall(83, "fdatasync", [Fd("fd")], (task, fd) => flush(task, fd, true)),
  syscall(
    84,
    "sync_file_range",
    [Fd("fd"), Offset("offset"), Offset("nbytes"), Flags("flags", "SYNC_FILE_RANGE")],
    sync_file_range,
  ),
  syscall(213, "readahead", [Fd("fd"), Offset("offset"), Size("count")], readahead),
  syscall(223, "fadvise64", [Fd("fd"), Offset("offset"), Offset("len"), Int("advice", "POSIX_FADV")], fadvise64),
  syscall(267, "syncfs", [Fd("fd")], (task, fd) => {
    const file = fileOf(task, fd);
    return typeof file === "number" ? file : 0;
  }),
  syscall(436, "close_range", [UInt("first"), UInt("last"), Flags("flags", "CLOSE_RANGE")], close_range),
];
