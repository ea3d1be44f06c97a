// Moving data: read(2), write(2), readv(2), pread(2) and their kin, lseek(2).
import { EBADF, EFAULT, EINVAL, EOPNOTSUPP, type Errno, ESPIPE } from "../../abi/errno.ts";
import { O_APPEND, O_NONBLOCK, SEEK_END } from "../../abi/flags.ts";
import { MAX_RW_COUNT, readIovec, type UserAddress } from "../mm/user.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { File, IoResult } from "../vfs/file.ts";
import { END, genericSeek } from "../vfs/generic-file.ts";
import { readFile, writeFile } from "../vfs/io.ts";
import {
  addressIn,
  Fd,
  Flags,
  In,
  InBytes,
  Int,
  Offset,
  OutBytes,
  type Row,
  Size,
  type SyscallResult,
  syscall,
  ULong,
} from "./table.ts";

/** No buffer is longer than user space. */
const ADDRESSES = 2 ** 47;
const length = (count: number): number => Math.min(count, MAX_RW_COUNT);

function reads(task: Task, file: File, address: UserAddress, count: number, offset: number | undefined): IoResult {
  const { buffers } = task.kernel;
  const buffer = buffers.take(task.mm, address, length(count));
  const result = readFile(task, file, buffer, offset);
  if (typeof result === "number") buffers.give(buffer);
  return result;
}

function writes(task: Task, file: File, address: UserAddress, count: number, offset: number | undefined): IoResult {
  const { buffers } = task.kernel;
  const buffer = buffers.take(task.mm, address, length(count));
  const result = writeFile(task, file, buffer, offset);
  if (typeof result === "number") buffers.give(buffer);
  return result;
}

function read(task: Task, fd: number, address: UserAddress, count: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.readable) return EBADF;
  if (count > ADDRESSES) return EFAULT;
  return reads(task, file, address, count, undefined);
}

function write(task: Task, fd: number, address: UserAddress, count: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.writable) return EBADF;
  if (count > ADDRESSES) return EFAULT;
  return writes(task, file, address, count, undefined);
}

function readv(task: Task, fd: number, address: UserAddress, count: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  return vector(task, file, address, count, false, undefined);
}

function writev(task: Task, fd: number, address: UserAddress, count: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  return vector(task, file, address, count, true, undefined);
}

function vector(
  task: Task,
  file: File,
  address: UserAddress,
  count: number,
  writes: boolean,
  offset: number | undefined,
): SyscallResult {
  if (writes ? !file.writable : !file.readable) return EBADF;
  const buffer = readIovec(task.mm, address, count);
  if (typeof buffer === "number") return buffer;
  return writes ? writeFile(task, file, buffer, offset) : readFile(task, file, buffer, offset);
}

/** The file for a call with an offset of its own. Errors: EINVAL for a negative one, EBADF, ESPIPE. */
function seekable(task: Task, fd: number, offset: number): File | Errno {
  if (offset < 0) return EINVAL;
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  return file.ops.stream ? ESPIPE : file;
}

function pread64(task: Task, fd: number, address: UserAddress, count: number, offset: number): SyscallResult {
  const file = seekable(task, fd, offset);
  if (typeof file === "number") return file;
  return reads(task, file, address, count, offset);
}

function pwrite64(task: Task, fd: number, address: UserAddress, count: number, offset: number): SyscallResult {
  const file = seekable(task, fd, offset);
  if (typeof file === "number") return file;
  return writes(task, file, address, count, offset);
}

function preadv(task: Task, fd: number, iov: UserAddress, count: number, offset: number): SyscallResult {
  const file = seekable(task, fd, offset);
  return typeof file === "number" ? file : vector(task, file, iov, count, false, offset);
}

function pwritev(task: Task, fd: number, iov: UserAddress, count: number, offset: number): SyscallResult {
  const file = seekable(task, fd, offset);
  return typeof file === "number" ? file : vector(task, file, iov, count, true, offset);
}

const RWF_NOWAIT = 0x8;
const RWF_APPEND = 0x10;
const RWF_NOAPPEND = 0x20;
const RWF_SUPPORTED = 0x3f;

function vector2(
  task: Task,
  fd: number,
  iov: UserAddress,
  count: number,
  offset: number,
  flags: number,
  writes: boolean,
): SyscallResult {
  const file = offset === -1 ? fileOf(task, fd) : seekable(task, fd, offset);
  if (typeof file === "number") return file;
  if ((flags & ~RWF_SUPPORTED) !== 0) return EOPNOTSUPP;
  if ((flags & RWF_APPEND) !== 0 && (flags & RWF_NOAPPEND) !== 0) return EINVAL;
  const own = offset === -1 ? undefined : offset;
  const wanted = file.flags;
  // These hold for this one call: the operations look at the file's flags.
  let changed = wanted;
  if (writes && (flags & RWF_APPEND) !== 0) changed |= O_APPEND;
  if (writes && (flags & RWF_NOAPPEND) !== 0) changed &= ~O_APPEND;
  if ((flags & RWF_NOWAIT) !== 0) {
    if (!file.ops.stream) return EOPNOTSUPP;
    changed |= O_NONBLOCK;
  }
  if (changed === wanted) return vector(task, file, iov, count, writes, own);
  file.flags = changed;
  const result = vector(task, file, iov, count, writes, own);
  file.flags = wanted;
  return result;
}

function lseek(task: Task, fd: number, offset: number, whence: number): SyscallResult {
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (whence >>> 0 > 4) return EINVAL;
  if (file.ops.stream && !file.ops.seek) return ESPIPE;
  if (whence >= SEEK_END && file.inode.superblock.volatile) file.inode.refresh();
  const position = (file.ops.seek ?? genericSeek)(file, offset, whence);
  // The last position there is, 2^63 - 1, is no number: it is kept as 2^63.
  return position === END ? 0x7fffffffffffffffn : position;
}

const iov = [In("iov", "iovec"), Int("iovcnt")] as const;

export const rows: Row[] = [
  syscall(62, "lseek", [Fd("fd"), Offset("offset"), Int("whence", "SEEK")], lseek, {
    call: (task, x) => lseek(task, x.xi(10), x.xs(11), x.xi(12)),
  }),
  syscall(63, "read", [Fd("fd"), OutBytes("buf", "count"), Size("count")], read, {
    call: (task, x) => read(task, x.xi(10), addressIn(x, 11), x.xn(12)),
  }),
  syscall(64, "write", [Fd("fd"), InBytes("buf", "count"), Size("count")], write, {
    call: (task, x) => write(task, x.xi(10), addressIn(x, 11), x.xn(12)),
  }),
  syscall(65, "readv", [Fd("fd"), ...iov], readv),
  syscall(66, "writev", [Fd("fd"), ...iov], writev),
  syscall(67, "pread64", [Fd("fd"), OutBytes("buf", "count"), Size("count"), Offset("offset")], pread64),
  syscall(68, "pwrite64", [Fd("fd"), InBytes("buf", "count"), Size("count"), Offset("offset")], pwrite64),
  syscall(69, "preadv", [Fd("fd"), ...iov, Offset("offset")], preadv),
  syscall(70, "pwritev", [Fd("fd"), ...iov, Offset("offset")], pwritev),
  syscall(
    286,
    "preadv2",
    [Fd("fd"), ...iov, Offset("offset"), ULong("offset_high"), Flags("flags", "RWF")],
    (task, fd, address, count, offset, _high, flags) => vector2(task, fd, address, count, offset, flags, false),
    { gaps: "RWF_HIPRI, RWF_DSYNC and RWF_SYNC change nothing" },
  ),
  syscall(
    287,
    "pwritev2",
    [Fd("fd"), ...iov, Offset("offset"), ULong("offset_high"), Flags("flags", "RWF")],
    (task, fd, address, count, offset, _high, flags) => vector2(task, fd, address, count, offset, flags, true),
    { gaps: "RWF_HIPRI, RWF_DSYNC and RWF_SYNC change nothing" },
  ),
];
