// Descriptors with what they refer to: -y's paths, -yy's devices.
import { S_IFBLK, S_IFCHR, S_IFMT } from "../../abi/flags.ts";
import type { Task } from "../../kernel/task/task.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import type { Call } from "./call.ts";

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
  return decode.has("path") ? `${fd}<${name()}>` : String(fd);
}

export function directory(call: Call, fd: number): string {
  if (fd !== -100) return descriptor(call, fd);
  if (!call.options.decode.has("path")) return "AT_FDCWD";
  return `AT_FDCWD<${escaped(toText(pathName(call.task.fs.cwd, call.task.fs.root)))}>`;
}

const escaped = (name: string): string => name.replace(/[<>\n]/g, (c) => `\\${c.charCodeAt(0).toString(8)}`);
