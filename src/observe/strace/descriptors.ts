// Descriptors with what they refer to: -y's paths, -yy's devices.
import { S_IFBLK, S_IFCHR, S_IFMT } from "../../abi/flags.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { File } from "../../kernel/vfs/file.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import type { Call } from "./call.ts";
import { signalSet } from "./signals.ts";
import { socketName } from "./socket-names.ts";

/** The path behind a descriptor; undefined for one that is not open. */
export function descriptorPath(task: Task, fd: number): string | undefined {
  const file = task.files.get(fd);
  return file && toText(pathName(file.path, task.fs.root));
}

/** "3", or "3</etc/passwd>". */
export function descriptor(call: Call, fd: number): string {
  const { decode } = call.options;
  if (decode.size === 0 || fd < 0) return String(fd);
  const file = call.task.files.get(fd);
  if (!file) return String(fd);
  const { mode, rdev } = file.inode;
  const kind = mode & S_IFMT;
  const name = (): string => escaped(descriptorPath(call.task, fd) ?? "");
  if (decode.has("dev") && (kind === S_IFCHR || kind === S_IFBLK)) {
    const [major, minor] = [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & ~0xff)];
    return `${fd}<${name()}<${kind === S_IFCHR ? "char" : "block"} ${major}:${minor}>>`;
  }
  const socket = decode.has("socket") ? socketName(file) : undefined;
  if (socket !== undefined) return `${fd}<${socket}>`;
  const told = decode.size > 1 ? details(call, file) : undefined;
  if (told !== undefined) return `${fd}<${told}>`;
  if (!decode.has("path")) return String(fd);
  const text = name();
  return text.endsWith(" (deleted)") ? `${fd}<${text.slice(0, -10)}>(deleted)` : `${fd}<${text}>`;
}

/** What /proc/PID/fdinfo tells of an event counter, a pidfd or a signalfd. */
function details(call: Call, file: File): string | undefined {
  const { decode } = call.options;
  const info = file.ops.fdinfo?.(file, call.task.kernel.pidNamespace) ?? "";
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(info)?.[1];
  const count = field("eventfd-count");
  if (count !== undefined && decode.has("eventfd")) {
    const hex = count === "0" ? "0" : `0x${count}`;
    return `{eventfd-count=${hex}, eventfd-id=${field("eventfd-id")}, eventfd-semaphore=${field("eventfd-semaphore")}}`;
  }
  const pid = field("Pid");
  if (pid !== undefined && decode.has("pidfd")) return `pid:${pid}`;
  const mask = field("sigmask");
  if (mask !== undefined && decode.has("signalfd")) return `signalfd:${signalSet(BigInt(`0x${mask}`))}`;
  return undefined;
}

export function directory(call: Call, fd: number): string {
  if (fd !== -100) return descriptor(call, fd);
  if (!call.options.decode.has("path")) return "AT_FDCWD";
  return `AT_FDCWD<${escaped(toText(pathName(call.task.fs.cwd, call.task.fs.root)))}>`;
}

const escaped = (name: string): string => name.replace(/[<>\n]/g, (c) => `\\${c.charCodeAt(0).toString(8)}`);
