// syslog(2): the kernel log as one text. Its records as a device are in drivers/kmsg.ts.
import { EFAULT, EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import { toBytes } from "../../lib/byte-string.ts";
import { formatLine, type LogRecord } from "../log.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import { CAP_SYS_ADMIN, CAP_SYSLOG } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { Int, OutBytes, type Row, syscall } from "./table.ts";

const CLOSE = 0;
const OPEN = 1;
const READ = 2;
const READ_ALL = 3;
const READ_CLEAR = 4;
const CLEAR = 5;
const CONSOLE_OFF = 6;
const CONSOLE_ON = 7;
const CONSOLE_LEVEL = 8;
const SIZE_UNREAD = 9;
const SIZE_BUFFER = 10;

/** What Linux allots with CONFIG_LOG_BUF_SHIFT=17. */
const BUFFER_SIZE = 131072;
const DEFAULT_LEVEL = 7;

/** The newest whole records that fit, oldest first. */
function newest(records: readonly LogRecord[], room: number): string {
  const lines: string[] = [];
  let left = room;
  for (let i = records.length - 1; i >= 0; i--) {
    const line = formatLine(records[i]!);
    if (line.length > left) break;
    left -= line.length;
    lines.push(line);
  }
  return lines.reverse().join("");
}

function put(task: Task, buffer: UserAddress, text: string): number | Errno {
  return task.mm.write(buffer, toBytes(text)) < 0 ? EFAULT : text.length;
}

function readUnread(task: Task, buffer: UserAddress, length: number): number | Errno | Wait<number> {
  const { log } = task.kernel;
  let text = "";
  let taken = 0;
  for (const record of log.records) {
    if (record.sequence < log.syslogNext) continue;
    const line = formatLine(record);
    if (text.length + line.length > length) break;
    text += line;
    taken = record.sequence + 1;
  }
  if (taken === 0) {
    const any = log.records.some((record) => record.sequence >= log.syslogNext);
    return any ? 0 : waitOn(log.queue, () => readUnread(task, buffer, length));
  }
  log.syslogNext = taken;
  return put(task, buffer, text);
}

function syslog(task: Task, type: number, buffer: UserAddress, length: number): number | Errno | Wait<number> {
  const { kernel, cred } = task;
  const { log } = kernel;
  // Debian sets kernel.dmesg_restrict: reading too needs the capability.
  if (!cred.can(CAP_SYSLOG) && !cred.can(CAP_SYS_ADMIN)) return EPERM;
  const since = (sequence: number) => log.records.filter((record) => record.sequence >= sequence);
  switch (type) {
    case CLOSE:
    case OPEN:
      return 0;
    case READ:
    case READ_ALL:
    case READ_CLEAR: {
      if (buffer === NULL || length < 0) return EINVAL;
      if (length === 0) return 0;
      if (type === READ) return readUnread(task, buffer, length);
      const count = put(task, buffer, newest(since(log.clearedAt), length));
      if (type === READ_CLEAR && count >= 0) log.clearedAt = log.end;
      return count;
    }
    case CLEAR:
      log.clearedAt = log.end;
      return 0;
    case CONSOLE_OFF:
      log.savedLevel ??= log.consoleLevel;
      log.consoleLevel = 1;
      return 0;
    case CONSOLE_ON:
      log.consoleLevel = log.savedLevel ?? DEFAULT_LEVEL;
      log.savedLevel = undefined;
      return 0;
    case CONSOLE_LEVEL:
      if (length < 1 || length > 8) return EINVAL;
      log.consoleLevel = length;
      log.savedLevel = undefined;
      return 0;
    case SIZE_UNREAD:
      return since(log.syslogNext).reduce((sum, record) => sum + formatLine(record).length, 0);
    case SIZE_BUFFER:
      return BUFFER_SIZE;
    default:
      return EINVAL;
  }
}

export const rows: readonly Row[] = [syscall(116, "syslog", [Int("type"), OutBytes("buf", "len"), Int("len")], syslog)];
