// Reading and writing open files: the checks, the position, times and limits around an operation of the file. System
// calls, sendfile and core dumps all come through here. read(2), write(2)
import { EBADF, EFBIG, EINVAL, EISDIR, type Errno } from "../../abi/errno.ts";
import { O_APPEND, O_NOATIME, RLIMIT_FSIZE, S_ISGID, S_ISUID } from "../../abi/flags.ts";
import { SIGXFSZ } from "../../abi/signal.ts";
import { countTransfer, throttleTransfer } from "../cgroup/io.ts";
import type { IoDevice } from "../cgroup/io-device.ts";
import { type IoBuffer, limitBuffer } from "../mm/user.ts";
import { andThen, type Wait } from "../sched/wait-queue.ts";
import { CAP_FSETID } from "../security/cred.ts";
import { sendToTask } from "../signal/send.ts";
import type { Task } from "../task/task.ts";
import { touchAtime } from "./atime.ts";
import type { File, IoResult } from "./file.ts";
import { END, MAX_FILE_SIZE } from "./generic-file.ts";
import type { Inode } from "./inode.ts";
import { IN_ACCESS, IN_MODIFY, notifyFile } from "./notify.ts";

/** Reads at `offset`, or at the file's position, which then moves. Errors: EBADF, EISDIR, EINVAL. */
export function readFile(task: Task, file: File, into: IoBuffer, offset?: number): IoResult {
  if (file.io !== undefined && task.cgroup.parent !== undefined) return readInTurn(task, file, file.io, into, offset);
  return readNow(task, file, into, offset);
}

function readNow(task: Task, file: File, into: IoBuffer, offset: number | undefined): IoResult {
  if (!file.readable) return EBADF;
  const { ops } = file;
  if (!ops.read) return file.inode.isDirectory ? EISDIR : EINVAL;
  const at = ops.stream ? 0 : (offset ?? file.position);
  if (at >= END) return EINVAL;
  const result = ops.read(file, into, at);
  if (typeof result !== "number") return readLater(task, file, result, offset);
  return result > 0 ? wasRead(task, file, result, offset) : result;
}

// Tasks of groups that share devices, or may use only so much of one.
function readInTurn(task: Task, file: File, io: IoDevice, into: IoBuffer, offset: number | undefined): IoResult {
  const bytes = Math.min(into.length, file.inode.size - (offset ?? file.position));
  const go = (): IoResult => readNow(task, file, into, offset);
  if (!file.readable || !(bytes > 0)) return go();
  return throttleTransfer<number>(task, io, false, bytes, go) ?? go();
}
function writeInTurn(task: Task, file: File, io: IoDevice, from: IoBuffer, offset: number | undefined): IoResult {
  const go = (): IoResult => writeNow(task, file, from, offset);
  if (!file.writable || from.length === 0) return go();
  return throttleTransfer<number>(task, io, true, from.length, go) ?? go();
}

// In functions of their own: one that makes a closure allocates what it captures, whether it comes to that or not.
const readLater = (task: Task, file: File, wait: Wait, offset: number | undefined): IoResult =>
  andThen<number, number>(wait, (n) => wasRead(task, file, n, offset));
const writtenLater = (task: Task, file: File, wait: Wait, offset: number | undefined, at: number): IoResult =>
  andThen<number, number>(wait, (n) => wasWritten(task, file, n, offset, at));

function wasRead(task: Task, file: File, count: number, offset: number | undefined): number {
  task.io.reads++;
  task.io.readBytes += count;
  if (count > 0) {
    if (file.io !== undefined) countTransfer(task, file.io, false, count);
    if (!file.ops.stream) {
      if (offset === undefined) file.position += count;
      // A device's driver leaves it alone, or sees to it.
      if (file.isRegular && (file.flags & O_NOATIME) === 0) touchAtime(task.kernel, file.path.mount, file.inode);
    }
    if (task.kernel.vfs.watched.size > 0) notifyFile(file, IN_ACCESS);
  }
  return count;
}

/** Writes at `offset`, or at the file's position, which then moves; with O_APPEND at the end in any case.
 *  Errors: EBADF, EINVAL, EFBIG. */
export function writeFile(task: Task, file: File, from: IoBuffer, offset?: number): IoResult {
  if (file.io !== undefined && task.cgroup.parent !== undefined) return writeInTurn(task, file, file.io, from, offset);
  return writeNow(task, file, from, offset);
}

/** As `writeFile`, for whoever can't wait for a turn. */
export function writeNow(task: Task, file: File, from: IoBuffer, offset: number | undefined): IoResult {
  if (!file.writable) return EBADF;
  const { ops, inode } = file;
  if (!ops.write) return EINVAL;
  if (!file.isRegular) {
    const result = ops.write(file, from, ops.stream ? 0 : (offset ?? file.position));
    if (typeof result !== "number") return writtenLater(task, file, result, offset, 0);
    return result > 0 ? wasWritten(task, file, result, offset, 0) : result;
  }
  let { length } = from;
  if (length === 0) return 0;
  if ((offset ?? file.position) >= END) return EINVAL;
  if ((file.flags & O_APPEND) !== 0) inode.refresh();
  const at = (file.flags & O_APPEND) !== 0 ? inode.size : (offset ?? file.position);
  if (at + length > task.group.limit(RLIMIT_FSIZE) || at + length > MAX_FILE_SIZE) {
    length = roomFor(task, at, length);
    if (length < 0) return length;
  }
  removePrivileges(task, inode);
  const result = ops.write(file, limitBuffer(from, length), at);
  if (typeof result !== "number") return writtenLater(task, file, result, offset, at);
  return result > 0 ? wasWritten(task, file, result, offset, at) : result;
}

function wasWritten(task: Task, file: File, count: number, offset: number | undefined, at: number): number {
  task.io.writes++;
  task.io.writtenBytes += count;
  if (count > 0) {
    if (file.io !== undefined) countTransfer(task, file.io, true, count);
    if (file.isRegular) {
      const { inode } = file;
      if (offset === undefined) file.position = at + count;
      if (!inode.superblock.volatile) inode.mtime = inode.ctime = task.kernel.clock.now();
    } else if (offset === undefined && !file.ops.stream) file.position += count;
    if (task.kernel.vfs.watched.size > 0) notifyFile(file, IN_MODIFY);
  }
  return count;
}

/** How much of a write at `at` the limits allow. Errors: EFBIG, with SIGXFSZ when it is the task's own limit. */
export function roomFor(task: Task, at: number, length: number): number | Errno {
  const limit = task.group.limit(RLIMIT_FSIZE);
  if (at >= limit) {
    sendToTask(task, { signal: SIGXFSZ, code: 0, pid: 0, uid: 0 });
    return EFBIG;
  }
  if (at >= MAX_FILE_SIZE) return EFBIG;
  return Math.min(length, limit - at, MAX_FILE_SIZE - at);
}

/** A changed program is not what was given its privileges: set-user-id bits and file capabilities go. write(2) */
export function removePrivileges(task: Task, inode: Inode): void {
  const { mode } = inode;
  if ((mode & (S_ISUID | S_ISGID)) !== 0 && !task.cred.can(CAP_FSETID)) {
    const changed = mode & ~S_ISUID & ((mode & 0o010) !== 0 ? ~S_ISGID : -1);
    if (changed !== mode) inode.setattr({ mode: changed });
  }
  inode.dropCapabilities();
}
