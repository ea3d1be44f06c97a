// What a process keeps about itself in its own memory: arguments, environment, and that memory as a file. proc_pid_mem(5)
import { EFAULT, EINVAL, EIO, type Errno } from "../../../../abi/errno.ts";
import { fromBytes } from "../../../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../../../machine/ram.ts";
import { type AddressSpace, TASK_SIZE } from "../../../mm/address-space.ts";
import { readForced, writeForced } from "../../../mm/foreign.ts";
import { PAGE_MAP_ENTRY, pageMap } from "../../../mm/page-map.ts";
import type { UserAddress } from "../../../mm/user.ts";
import { CAP_SYS_ADMIN } from "../../../security/cred.ts";
import type { Task } from "../../../task/task.ts";
import type { FileOperations } from "../../../vfs/file.ts";
import type { Reader } from "../../rows/row.ts";
import { mmOf } from "../text.ts";

/** A process may have made its strings as long as it likes; nobody wants to read more. */
const LONGEST = 4 * 1024 * 1024;

function strings(mm: AddressSpace, start: number, end: number): string {
  if (end <= start) return "";
  const bytes = new Uint8Array(Math.min(end - start, LONGEST));
  return fromBytes(bytes, 0, mm.copyIn(start as UserAddress, bytes));
}

/** The arguments, each with its NUL. A program that has written over them (setproctitle) shows its title: once the last
 *  byte is no longer NUL, the title goes on into the environment up to its first NUL. proc_pid_cmdline(5) */
export function cmdline(task: Task): string {
  const mm = mmOf(task);
  if (!mm || mm.argEnd <= mm.argStart) return "";
  const own = strings(mm, mm.argStart, mm.argEnd);
  if (own.endsWith("\0") || mm.envEnd <= mm.envStart || mm.envStart !== mm.argEnd) return own;
  const whole = own + strings(mm, mm.envStart, mm.envEnd);
  const end = whole.indexOf("\0");
  return end < 0 ? whole : whole.slice(0, end + 1);
}

export function environ(task: Task): string {
  const mm = mmOf(task);
  return mm ? strings(mm, mm.envStart, mm.envEnd) : "";
}

export function auxv(task: Task): string {
  const mm = mmOf(task);
  return mm ? fromBytes(mm.auxv) : "";
}

/** /proc/PID/mem: a read or write at an offset is one at that address, whatever its protection.
 *  The memory is that of the program which ran when the file was opened: the next one may have more rights. */
export function memoryFile(task: Task): FileOperations {
  const chunk = 65536;
  const mm = mmOf(task);
  const move = (length: number, copy: (mm: AddressSpace, bytes: Uint8Array) => number): number | Errno => {
    if (!mm || mmOf(task) !== mm) return 0;
    if (length === 0) return 0;
    const n = copy(mm, new Uint8Array(Math.min(length, chunk)));
    return n > 0 ? n : EIO;
  };
  return {
    read: (_file, into, offset) =>
      move(into.length, (mm, bytes) => into.put(bytes.subarray(0, readForced(mm, offset, bytes)))),
    write: (_file, from, offset) =>
      move(from.length, (mm, bytes) => writeForced(mm, offset, bytes.subarray(0, from.take(bytes)))),
    seek: seekAddress,
  };
}

const seekAddress: FileOperations["seek"] = (file, offset, whence) => {
  if (whence > 1) return EINVAL;
  file.position = whence === 0 ? offset : file.position + offset;
  return file.position;
};

/** Pages of /proc/PID/pagemap made in one piece. */
const PAGES_AT_ONCE = 8192;

/** /proc/PID/pagemap: whole entries at their page's number times eight, up to the end of user space. Frame numbers show
 *  to those who had CAP_SYS_ADMIN when they opened it. */
export function pageMapFile(task: Task, opener: Reader): FileOperations {
  const frames = opener.task?.cred.can(CAP_SYS_ADMIN) ?? true;
  return {
    read(_file, into, offset) {
      const mm = mmOf(task);
      if (!mm) return 0;
      if (offset % PAGE_MAP_ENTRY !== 0 || into.length % PAGE_MAP_ENTRY !== 0) return EINVAL;
      const first = offset / PAGE_MAP_ENTRY;
      const last = Math.min(first + into.length / PAGE_MAP_ENTRY, TASK_SIZE / PAGE_SIZE);
      let done = 0;
      for (let at = first; at < last; at += PAGES_AT_ONCE) {
        const bytes = pageMap(mm, at, Math.min(PAGES_AT_ONCE, last - at), frames);
        const put = into.put(bytes);
        done += put;
        if (put < bytes.length) return done === 0 ? EFAULT : done;
      }
      return done;
    },
    seek: seekAddress,
  };
}
