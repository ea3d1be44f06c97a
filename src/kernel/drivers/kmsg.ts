// /dev/kmsg: the kernel log, one record a read; a write adds a record. Linux: Documentation/ABI/testing/dev-kmsg
import { EAGAIN, EFAULT, EINVAL, EPERM, EPIPE, ESPIPE } from "../../abi/errno.ts";
import {
  O_ACCMODE,
  O_WRONLY,
  POLLERR,
  POLLIN,
  POLLPRI,
  POLLRDNORM,
  SEEK_DATA,
  SEEK_END,
  SEEK_SET,
} from "../../abi/flags.ts";
import { toBytes } from "../../lib/byte-string.ts";
import type { Kernel } from "../kernel.ts";
import type { LogRecord } from "../log.ts";
import { waitOn } from "../sched/wait-queue.ts";
import { CAP_SYSLOG } from "../security/cred.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";
import type { CharDevice } from "./table.ts";

/** Longest text of one write. */
const LINE_MAX = 1024 - 32;
const LOG_USER = 1;

/** "6,339,5140900,-;text\n": priority with facility, sequence, microseconds, flags; odd bytes as \xNN. */
export function formatRecord(record: LogRecord): string {
  const escaped = record.text.replace(/[^ -[\]-~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
  const time = Math.floor(record.time / 1000);
  return `${(record.facility << 3) | record.priority},${record.sequence},${time},-;${escaped}\n`;
}

/** A reader's place in the log: the sequence number that it reads next. */
interface Cursor {
  next: number;
}

export function kmsgDevice(kernel: Kernel): CharDevice {
  const { log } = kernel;
  const end = () => (log.records.at(-1)?.sequence ?? -1) + 1;
  const oldest = () => log.records[0]?.sequence ?? 0;
  const cursorOf = (file: File): Cursor => file.data as Cursor;

  const read: NonNullable<FileOperations["read"]> = (file, into): IoResult => {
    const cursor = cursorOf(file);
    if (cursor.next < oldest()) {
      cursor.next = oldest();
      return EPIPE;
    }
    const record = log.records[cursor.next - oldest()];
    if (!record) return file.nonblocking ? EAGAIN : waitOn(log.queue, () => read(file, into, 0));
    const text = toBytes(formatRecord(record));
    if (text.length > into.length) return EINVAL;
    cursor.next++;
    return into.put(text) < text.length ? EFAULT : text.length;
  };

  const ops: FileOperations = {
    read,
    write(_file, from) {
      const length = from.length;
      if (length > LINE_MAX) return EINVAL;
      const bytes = from.takeAll();
      if (typeof bytes === "number") return bytes;
      if (bytes.length < length) return EFAULT;
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      const prefix = /^<(\d+)>/.exec(text);
      const number = prefix ? Number(prefix[1]) : 4;
      // The kernel's own facility is not for user space.
      log.write(number & 7, text.slice(prefix?.[0].length ?? 0).replace(/\n$/, ""), number >> 3 || LOG_USER);
      return length;
    },
    seek(file, offset, whence) {
      if (offset !== 0) return ESPIPE;
      const cursor = cursorOf(file);
      if (whence === SEEK_SET) cursor.next = oldest();
      else if (whence === SEEK_END) cursor.next = end();
      else if (whence === SEEK_DATA) cursor.next = oldest();
      else return EINVAL;
      return 0;
    },
    poll(file) {
      const { next } = cursorOf(file);
      if (next < oldest()) return POLLIN | POLLRDNORM | POLLERR | POLLPRI;
      return next < end() ? POLLIN | POLLRDNORM : 0;
    },
    pollQueues: () => [log.queue],
  };

  return {
    name: "kmsg",
    major: 1,
    minor: 11,
    mode: 0o644,
    open(file) {
      // Debian sets kernel.dmesg_restrict.
      const cred = kernel.current?.cred;
      if ((file.flags & O_ACCMODE) !== O_WRONLY && cred && !cred.can(CAP_SYSLOG)) return EPERM;
      file.data = { next: oldest() } satisfies Cursor;
      return ops;
    },
  };
}
