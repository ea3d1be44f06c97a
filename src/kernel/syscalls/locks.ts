// Advisory locks: flock(2), and the record locks behind fcntl(2). Their state is in vfs/locks.ts.
import { EBADF, EINVAL, EOVERFLOW, type Errno } from "../../abi/errno.ts";
import {
  decodeFlock,
  encodeFlock,
  F_RDLCK,
  F_UNLCK,
  F_WRLCK,
  FLOCK_SIZE,
  type Flock,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from "../../abi/fcntl.ts";
import { SEEK_CUR, SEEK_END, SEEK_SET } from "../../abi/flags.ts";
import type { UserAddress } from "../mm/user.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";
import { conflict, OFFSET_MAX, type RecordLock, setFlock, setRecordLock } from "../vfs/locks.ts";
import { Fd, Int, type Row, type SyscallResult, syscall } from "./table.ts";

/** The range that a struct flock means, in bytes from the start of the file. Errors: EINVAL, EOVERFLOW. */
function range(file: File, lock: Flock): { start: bigint; end: bigint } | Errno {
  const base =
    lock.whence === SEEK_SET
      ? 0
      : lock.whence === SEEK_CUR
        ? file.position
        : lock.whence === SEEK_END
          ? file.inode.size
          : undefined;
  if (base === undefined) return EINVAL;
  let start = BigInt(base) + lock.start;
  if (start > OFFSET_MAX) return EOVERFLOW;
  if (start < 0n) return EINVAL;
  let end = OFFSET_MAX;
  if (lock.length > 0n) {
    end = start + lock.length - 1n;
    if (end > OFFSET_MAX) return EOVERFLOW;
  } else if (lock.length < 0n) {
    end = start - 1n;
    start += lock.length;
    if (start < 0n) return EINVAL;
  }
  return { start, end };
}

function wanted(task: Task, file: File, lock: Flock, ofd: boolean): RecordLock | Errno {
  const where = range(file, lock);
  if (typeof where === "number") return where;
  if (lock.type !== F_RDLCK && lock.type !== F_WRLCK && lock.type !== F_UNLCK) return EINVAL;
  return { owner: ofd ? file : task.files, type: lock.type, ...where, pid: ofd ? -1 : task.pid };
}

/** F_GETLK, F_OFD_GETLK: the lock that is in the way, or F_UNLCK. */
export function getRecordLock(task: Task, file: File, address: UserAddress, ofd: boolean): SyscallResult {
  const bytes = task.mm.read(address, FLOCK_SIZE);
  if (typeof bytes === "number") return bytes;
  const lock = decodeFlock(bytes);
  if (!(ofd && lock.type === F_UNLCK) && lock.type !== F_RDLCK && lock.type !== F_WRLCK) return EINVAL;
  if (ofd && lock.pid !== 0) return EINVAL;
  const request = wanted(task, file, lock, ofd);
  if (typeof request === "number") return request;
  const held = conflict(file.inode, request);
  if (!held) return task.mm.write(address, encodeFlock({ ...lock, type: F_UNLCK }));
  return task.mm.write(
    address,
    encodeFlock({
      type: held.type,
      whence: SEEK_SET,
      start: held.start,
      length: held.end === OFFSET_MAX ? 0n : held.end - held.start + 1n,
      pid: held.pid === -1 ? -1 : task.pidNamespace.of(held.pid),
    }),
  );
}

/** F_SETLK, F_SETLKW and their OFD kin. */
export function setRecordLockCall(
  task: Task,
  file: File,
  address: UserAddress,
  wait: boolean,
  ofd: boolean,
): SyscallResult {
  const bytes = task.mm.read(address, FLOCK_SIZE);
  if (typeof bytes === "number") return bytes;
  const lock = decodeFlock(bytes);
  const request = wanted(task, file, lock, ofd);
  if (typeof request === "number") return request;
  if (ofd && lock.pid !== 0) return EINVAL;
  if (lock.type === F_RDLCK && !file.readable) return EBADF;
  if (lock.type === F_WRLCK && !file.writable) return EBADF;
  return setRecordLock(task.kernel.vfs, file, request, wait);
}

function flock(task: Task, fd: number, operation: number): SyscallResult {
  const how = operation & ~LOCK_NB;
  if (how !== LOCK_SH && how !== LOCK_EX && how !== LOCK_UN) return EINVAL;
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (how !== LOCK_UN && !file.readable && !file.writable) return EBADF;
  return setFlock(file, how === LOCK_UN ? undefined : how === LOCK_EX, (operation & LOCK_NB) === 0);
}

export const rows: Row[] = [syscall(32, "flock", [Fd("fd"), Int("operation", "LOCK")], flock)];
