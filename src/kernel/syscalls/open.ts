// open(2), openat2(2).
import { E2BIG, EAGAIN, EFAULT, EINVAL, EMFILE, type Errno } from "../../abi/errno.ts";
import {
  O_ACCMODE,
  O_APPEND,
  O_ASYNC,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_DSYNC,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_SYNC,
  O_TMPFILE,
  O_TRUNC,
  RLIMIT_NOFILE,
} from "../../abi/flags.ts";
import { RESOLVE_BENEATH, RESOLVE_CACHED, RESOLVE_IN_ROOT } from "../../abi/mount.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { andThen, type Wait } from "../sched/wait-queue.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { File } from "../vfs/file.ts";
import { pathArgument } from "../vfs/namei.ts";
import { openPath } from "../vfs/open.ts";
import { addressIn, DirFd, Flags, In, Mode, PathName, type Row, Size, type SyscallResult, syscall } from "./table.ts";

const TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;
const VALID =
  O_ACCMODE |
  O_CREAT |
  O_EXCL |
  O_NOCTTY |
  O_TRUNC |
  O_APPEND |
  O_NONBLOCK |
  O_SYNC |
  O_DSYNC |
  O_ASYNC |
  O_DIRECT |
  O_LARGEFILE |
  O_DIRECTORY |
  O_NOFOLLOW |
  O_NOATIME |
  O_CLOEXEC |
  O_PATH |
  TMPFILE_BIT;
const WITH_O_PATH = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;

/** Combinations that make no sense (Linux's build_open_flags). */
function impossible(flags: number): boolean {
  if ((flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY)) return true;
  if ((flags & TMPFILE_BIT) === 0) return false;
  return (flags & O_DIRECTORY) === 0 || (flags & O_ACCMODE) === O_RDONLY;
}

function open(
  task: Task,
  dirfd: number,
  address: UserAddress,
  flags: number,
  mode: number,
  resolve: number,
): SyscallResult {
  const path = pathArgument(task, address);
  if (typeof path === "number") return path;
  if (task.files.full(task.group.limit(RLIMIT_NOFILE))) return EMFILE;
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const file = openPath(task, dirfd, path, (flags & ~O_CLOEXEC) | O_LARGEFILE, mode, resolve);
  if (typeof file === "number") return file;
  return file instanceof File ? installFile(task, file, closeOnExec) : installLater(task, file, closeOnExec);
}

function installLater(task: Task, file: Wait<File>, closeOnExec: boolean): SyscallResult {
  return andThen<File, number>(file, (opened) => installFile(task, opened, closeOnExec));
}

function openat(task: Task, dirfd: number, path: UserAddress, flags: number, mode: number): SyscallResult {
  flags &= VALID;
  if ((flags & O_PATH) !== 0) flags &= WITH_O_PATH;
  else if (impossible(flags)) return EINVAL;
  return open(task, dirfd, path, flags, mode & 0o7777, 0);
}

const HOW_SIZE = 24;

function openat2(task: Task, dirfd: number, path: UserAddress, how: UserAddress, size: number): SyscallResult {
  const fields = readHow(task, how, size);
  if (typeof fields === "number") return fields;
  const { flags, mode, resolve } = fields;
  if ((flags & ~VALID) !== 0 || (resolve & ~0x3f) !== 0) return EINVAL;
  if ((resolve & RESOLVE_BENEATH) !== 0 && (resolve & RESOLVE_IN_ROOT) !== 0) return EINVAL;
  const creates = (flags & (O_CREAT | TMPFILE_BIT)) !== 0;
  if (creates ? (mode & ~0o7777) !== 0 : mode !== 0) return EINVAL;
  if ((flags & O_PATH) !== 0 && (flags & ~WITH_O_PATH) !== 0) return EINVAL;
  if (impossible(flags)) return EINVAL;
  if ((resolve & RESOLVE_CACHED) !== 0 && (flags & (O_TRUNC | O_CREAT | TMPFILE_BIT)) !== 0) return EAGAIN;
  return open(task, dirfd, path, flags, mode, resolve);
}

/** struct open_how, which may grow: what this kernel does not know must be zero. Errors: EINVAL, E2BIG, EFAULT. */
function readHow(
  task: Task,
  address: UserAddress,
  size: number,
): { flags: number; mode: number; resolve: number } | Errno {
  if (size < HOW_SIZE) return EINVAL;
  if (size > 4096) return E2BIG;
  const bytes = new Uint8Array(size);
  if (task.mm.copyIn(at(address, 0), bytes) !== size) return EFAULT;
  for (let i = HOW_SIZE; i < size; i++) if (bytes[i] !== 0) return E2BIG;
  const view = new DataView(bytes.buffer);
  if (view.getUint32(4, true) !== 0 || view.getUint32(12, true) !== 0 || view.getUint32(20, true) !== 0) return EINVAL;
  const flags = view.getUint32(0, true);
  if (flags >>> 31 !== 0) return EINVAL;
  return { flags, mode: view.getUint32(8, true), resolve: view.getUint32(16, true) };
}

export const rows: Row[] = [
  syscall(56, "openat", [DirFd("dirfd"), PathName("path"), Flags("flags", "O"), Mode("mode", "open")], openat, {
    call: (task, x) => openat(task, x.xi(10), addressIn(x, 11), x.xi(12) >>> 0, x.xi(13) >>> 0),
  }),
  syscall(437, "openat2", [DirFd("dirfd"), PathName("path"), In("how", "open_how"), Size("size")], openat2),
];
