// A process that a signal kills may leave its memory in a file. What the file is called: kernel.core_pattern, kernel.
// core_uses_pid; how much of it: RLIMIT_CORE; what is in it: notes.ts, segments.ts. core(5)
import { EIO, type Errno } from "../../abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_EXCL, O_LARGEFILE, O_NOFOLLOW, O_RDONLY, O_RDWR, RLIMIT_CORE } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { type IoBuffer, KernelBuffer, putAll } from "../mm/user.ts";
import { userCred } from "../security/cred.ts";
import type { SignalInfo } from "../signal/pending.ts";
import { spawn } from "../spawn.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import { lookupChild } from "../vfs/dcache.ts";
import { File } from "../vfs/file.ts";
import { writeNow } from "../vfs/io.ts";
import { parentOf } from "../vfs/namei.ts";
import { removeName } from "../vfs/names.ts";
import { openPath } from "../vfs/open.ts";
import { pathName } from "../vfs/path-name.ts";
import { truncateInode } from "../vfs/setattr.ts";
import { coreNotes } from "./notes.ts";
import { contents, layOut, type Sink } from "./segments.ts";

/** Dumps core if that is to be. True when it did: the wait status says so. */
export function dumpCore(task: Task, info: SignalInfo): boolean {
  const { kernel, group } = task;
  const pattern = kernel.sysctl.get("kernel/core_pattern");
  if (task.dumpable !== 1) return false;
  const limit = group.limit(RLIMIT_CORE);
  if (pattern.startsWith("|")) return limit !== 1 && pipeCore(task, info, pattern.slice(1).trim());
  if (limit < PAGE_SIZE || pattern === "") return false;
  let name = expand(task, info, pattern);
  if (!/%p/.test(pattern) && kernel.sysctl.number("kernel/core_uses_pid") !== 0) name += `.${group.pid}`;
  return writeCore(task, info, name, limit);
}

/** What stands for `%` and a letter in core_pattern. */
function expand(task: Task, info: SignalInfo, pattern: string): string {
  const { group, cred, kernel } = task;
  const flat = (text: string): string => text.replaceAll("/", "!");
  const executable = group.executable ? pathName(group.executable, task.fs.root) : task.comm;
  const values: Readonly<Record<string, () => string>> = {
    "%": () => "%",
    p: () => String(group.pid),
    P: () => String(group.pid),
    i: () => String(task.tid),
    I: () => String(task.tid),
    u: () => String(cred.uid),
    g: () => String(cred.gid),
    d: () => String(task.dumpable),
    s: () => String(info.signal),
    t: () => String(kernel.clock.realtime() / 1_000_000_000n),
    h: () => flat(task.uts.hostname),
    e: () => flat(task.comm),
    f: () => flat(executable.slice(executable.lastIndexOf("/") + 1)),
    E: () => flat(executable),
    c: () => String(group.rlimits[RLIMIT_CORE]!.soft),
    C: () => "0",
  };
  return pattern.replace(/%(.?)/g, (_all, letter: string) => values[letter]?.() ?? "");
}

/** False when the sink took no more. */
function produce(task: Task, info: SignalInfo, sink: Sink): boolean {
  const { mm, group } = task;
  const { headers, parts } = layOut(mm, coreNotes(task, info), group.coredumpFilter);
  if (!sink(0, headers)) return false;
  for (const part of parts) {
    if (!contents(mm, part, sink)) return false;
    // The end of a part is there even if nothing was in it.
    if (!sink(part.offset + part.size, new Uint8Array(0))) return false;
  }
  return true;
}

/** An old file of the name goes first: nobody who has it open sees the new content. */
function removeOld(task: Task, name: string): void {
  const parent = parentOf(task, AT_FDCWD, name);
  if (typeof parent === "number" || parent.kind !== "name") return;
  const old = lookupChild(task.kernel.vfs, parent.path.dentry, parent.name);
  if (typeof old !== "number" && old.inode && !old.inode.isDirectory) removeName(task, parent.path.dentry, old);
}

function writeCore(task: Task, info: SignalInfo, name: string, limit: number): boolean {
  removeOld(task, name);
  const file = openPath(task, AT_FDCWD, name, O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE | O_EXCL, 0o600);
  if (!(file instanceof File)) return false;
  const { inode } = file;
  let end = 0;
  // Holes don't count towards the limit.
  let written = 0;
  if (inode.isRegular && inode.nlink === 1 && inode.uid === task.cred.fsuid) {
    const whole = produce(task, info, (at, bytes) => {
      written += bytes.length;
      if (written > limit) return false;
      end = Math.max(end, at + bytes.length);
      if (bytes.length === 0) return true;
      return writeNow(task, file, new KernelBuffer(bytes), at) === bytes.length;
    });
    if (whole && inode.size < end) truncateInode(task, inode, end, false);
  }
  file.unref();
  return end > 0;
}

/** `|program arguments`: a process that root starts reads the core from its standard input. */
function pipeCore(task: Task, info: SignalInfo, command: string): boolean {
  const { kernel } = task;
  const argv = command.split(/\s+/).map((word) => expand(task, info, word));
  if (!argv[0]?.startsWith("/")) return false;
  const pieces: Uint8Array[] = [];
  let length = 0;
  produce(task, info, (at, bytes) => {
    while (length < at) {
      const gap = new Uint8Array(Math.min(at - length, 1 << 20));
      pieces.push(gap);
      length += gap.length;
    }
    if (bytes.length > 0) pieces.push(bytes);
    length += bytes.length;
    return true;
  });
  const group = spawn(kernel, {
    argv,
    envp: ["HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin"],
    cwd: "/",
    cred: userCred(0, 0),
    files: () => [stream(task, pieces)],
  });
  return typeof group !== "number";
}

/** A file that gives out the pieces once. */
function stream(task: Task, pieces: Uint8Array[]): File {
  const read = (_file: File, into: IoBuffer): number | Errno => {
    const piece = pieces[0];
    if (!piece || into.length === 0) return 0;
    const n = putAll(into, piece);
    if (n <= 0) return n < 0 ? n : EIO;
    if (n === piece.length) pieces.shift();
    else pieces[0] = piece.subarray(n);
    return n;
  };
  return anonymousFile(task.kernel, "pipe:[core]", O_RDONLY, { stream: true, read }, undefined);
}
