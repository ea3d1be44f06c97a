// Moving data between files: splice, tee, vmsplice, sendfile, copy_file_range.
import { EBADF, EFAULT, EINVAL, EISDIR, EOVERFLOW, type Errno, ESPIPE, EXDEV } from "../../abi/errno.ts";
import { O_APPEND, O_NONBLOCK, S_IFIFO, S_IFMT, S_IFSOCK } from "../../abi/flags.ts";
import { MAX_RW_COUNT, NULL, readIovec, type UserAddress } from "../mm/user.ts";
import { pipeOf } from "../pipe/file.ts";
import { duplicate, fileToFile, fileToPipe, memoryToPipe, pipeToFile, pipeToPipe } from "../pipe/splice.ts";
import { andThen } from "../sched/wait-queue.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { File, IoResult } from "../vfs/file.ts";
import { MAX_FILE_SIZE } from "../vfs/generic-file.ts";
import { roomFor } from "../vfs/io.ts";
import { Fd, Flags, In, InOut, type Row, Size, type SyscallResult, syscall, ULong } from "./table.ts";

const SPLICE_F_NONBLOCK = 2;
const SPLICE_F_ALL = 15;

/** An offset that the program may leave to the file (NULL). */
function takeOffset(task: Task, address: UserAddress): number | undefined | "fault" {
  if (address === NULL) return undefined;
  const value = task.mm.readU64(address);
  return value === undefined ? "fault" : Number(BigInt.asIntN(64, value));
}
function giveOffset(task: Task, address: UserAddress, value: number | undefined): 0 | Errno {
  return address === NULL || value === undefined ? 0 : task.mm.writeU64(address, BigInt(value));
}

function splice(
  task: Task,
  fdIn: number,
  offIn: UserAddress,
  fdOut: number,
  offOut: UserAddress,
  length: number,
  flags: number,
): SyscallResult {
  if (length === 0) return 0;
  if ((flags & ~SPLICE_F_ALL) !== 0) return EINVAL;
  const from = fileOf(task, fdIn);
  if (typeof from === "number") return from;
  const to = fileOf(task, fdOut);
  if (typeof to === "number") return to;
  const source = pipeOf(from);
  const target = pipeOf(to);
  if ((source && offIn !== NULL) || (target && offOut !== NULL)) return ESPIPE;
  const outOffset = takeOffset(task, offOut);
  const inOffset = takeOffset(task, offIn);
  if (outOffset === "fault" || inOffset === "fault") return EFAULT;
  if (!from.readable || !to.writable) return EBADF;
  const count = Math.min(length, MAX_RW_COUNT);
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0;
  if (source && target) {
    if (source === target) return EINVAL;
    return pipeToPipe(source, target, count, nonblocking || ((from.flags | to.flags) & O_NONBLOCK) !== 0);
  }
  const offset = source ? outOffset : inOffset;
  const file = source ? to : from;
  if (offset !== undefined && file.ops.stream) return EINVAL;
  if (offset !== undefined && offset < 0) return EINVAL;
  const given = (n: number): number | Errno => {
    const result = offset === undefined ? 0 : giveOffset(task, source ? offOut : offIn, offset + n);
    return result < 0 ? result : n;
  };
  if (source) {
    if ((to.flags & O_APPEND) !== 0 || !to.ops.write || plain(task, to)) return EINVAL;
    const still = nonblocking || (from.flags & O_NONBLOCK) !== 0;
    return andThen<number, number>(pipeToFile(task, source, to, outOffset, count, still), given);
  }
  if (target) {
    if (!from.ops.read || plain(task, from)) return EINVAL;
    const still = nonblocking || (to.flags & O_NONBLOCK) !== 0;
    return andThen<number, number>(fileToPipe(task, from, inOffset, target, count, still), given);
  }
  return EINVAL;
}

/** eventfd, timerfd, inotify and their like read and write messages of their own, which can't be spliced. */
function plain(task: Task, file: File): boolean {
  const type = file.inode.mode & S_IFMT;
  return file.path.mount === task.kernel.vfs.anonymous && type !== S_IFSOCK && type !== S_IFIFO;
}

function tee(task: Task, fdIn: number, fdOut: number, length: number, flags: number): SyscallResult {
  if ((flags & ~SPLICE_F_ALL) !== 0) return EINVAL;
  if (length === 0) return 0;
  const from = fileOf(task, fdIn);
  if (typeof from === "number") return from;
  const to = fileOf(task, fdOut);
  if (typeof to === "number") return to;
  if (!from.readable || !to.writable) return EBADF;
  const source = pipeOf(from);
  const target = pipeOf(to);
  if (!source || !target || source === target) return EINVAL;
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0 || ((from.flags | to.flags) & O_NONBLOCK) !== 0;
  return duplicate(source, target, length, nonblocking);
}

function vmsplice(task: Task, fd: number, iov: UserAddress, count: number, flags: number): SyscallResult {
  if ((flags & ~SPLICE_F_ALL) !== 0) return EINVAL;
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.writable && !file.readable) return EBADF;
  const buffer = readIovec(task.mm, iov, count);
  if (typeof buffer === "number") return buffer;
  if (buffer.length === 0) return 0;
  const pipe = pipeOf(file);
  if (!pipe) return EBADF;
  const nonblocking = (flags & SPLICE_F_NONBLOCK) !== 0;
  return file.writable ? memoryToPipe(buffer, pipe, nonblocking) : pipe.read(buffer, nonblocking);
}

function sendfile(task: Task, fdOut: number, fdIn: number, offset: UserAddress, length: number): SyscallResult {
  const own = takeOffset(task, offset);
  if (own === "fault") return EFAULT;
  const from = fileOf(task, fdIn);
  if (typeof from === "number") return from;
  if (!from.readable) return EBADF;
  if (own !== undefined && from.ops.stream) return ESPIPE;
  const start = own ?? from.position;
  if (start < 0) return EINVAL;
  const to = fileOf(task, fdOut);
  if (typeof to === "number") return to;
  if (!to.writable) return EBADF;
  let count = Math.min(length, MAX_RW_COUNT);
  if (start + count > MAX_FILE_SIZE) {
    if (start >= MAX_FILE_SIZE) return EOVERFLOW;
    count = MAX_FILE_SIZE - start;
  }
  const target = pipeOf(to);
  let moved: IoResult;
  if (target) moved = fileToPipe(task, from, own, target, count, (to.flags & O_NONBLOCK) !== 0);
  else {
    if (from.ops.stream || !from.ops.read || !to.ops.write || (to.flags & O_APPEND) !== 0) return EINVAL;
    moved = fileToFile(task, from, own, to, undefined, count);
  }
  if (own === undefined) return moved;
  return andThen<number, number>(moved, (n) => giveOffset(task, offset, own + n) || n);
}

/** Errors: EISDIR, EINVAL for what is no regular file, EBADF, EXDEV. copy_file_range(2) */
function checkCopy(from: File, to: File): 0 | Errno {
  if (from.inode.isDirectory || to.inode.isDirectory) return EISDIR;
  if (!from.inode.isRegular || !to.inode.isRegular) return EINVAL;
  if (!from.readable || !to.writable || (to.flags & O_APPEND) !== 0) return EBADF;
  return from.inode.superblock === to.inode.superblock ? 0 : EXDEV;
}

function copy_file_range(
  task: Task,
  fdIn: number,
  offIn: UserAddress,
  fdOut: number,
  offOut: UserAddress,
  length: number,
  flags: number,
): SyscallResult {
  const from = fileOf(task, fdIn);
  if (typeof from === "number") return from;
  const to = fileOf(task, fdOut);
  if (typeof to === "number") return to;
  const inOffset = takeOffset(task, offIn);
  const outOffset = takeOffset(task, offOut);
  if (inOffset === "fault" || outOffset === "fault") return EFAULT;
  if (flags !== 0) return EINVAL;
  const fit = checkCopy(from, to);
  if (fit < 0) return fit;
  const start = inOffset ?? from.position;
  const target = outOffset ?? to.position;
  // Linux adds as unsigned: only what goes from below zero to above overflows.
  if ((start < 0 && start + length >= 0) || (target < 0 && target + length >= 0)) return EOVERFLOW;
  if (start < 0 || target < 0) return EINVAL;
  from.inode.refresh();
  let count = Math.min(Math.max(from.inode.size - start, 0), length);
  if (count > 0) {
    count = roomFor(task, target, count);
    if (count < 0) return count;
  }
  if (from.inode === to.inode && target + count > start && target < start + count) return EINVAL;
  if (count === 0) return 0;
  const moved = fileToFile(task, from, inOffset, to, outOffset, Math.min(count, MAX_RW_COUNT));
  return andThen<number, number>(moved, (n) => {
    if (inOffset !== undefined && giveOffset(task, offIn, inOffset + n) < 0) return EFAULT;
    if (outOffset !== undefined && giveOffset(task, offOut, outOffset + n) < 0) return EFAULT;
    return n;
  });
}

const spliceFlags = Flags("flags", "SPLICE_F");
export const rows: Row[] = [
  syscall(71, "sendfile", [Fd("out_fd"), Fd("in_fd"), InOut("offset", "off_t"), Size("count")], sendfile),
  syscall(75, "vmsplice", [Fd("fd"), In("iov", "iovec"), ULong("nr_segs"), spliceFlags], vmsplice, {
    gaps: "memory is copied, so that later changes of it don't show in the pipe",
  }),
  syscall(
    76,
    "splice",
    [Fd("fd_in"), InOut("off_in", "off_t"), Fd("fd_out"), InOut("off_out", "off_t"), Size("len"), spliceFlags],
    splice,
  ),
  syscall(77, "tee", [Fd("fd_in"), Fd("fd_out"), Size("len"), spliceFlags], tee),
  syscall(
    285,
    "copy_file_range",
    [Fd("fd_in"), InOut("off_in", "off_t"), Fd("fd_out"), InOut("off_out", "off_t"), Size("len"), Flags("flags")],
    copy_file_range,
  ),
];
