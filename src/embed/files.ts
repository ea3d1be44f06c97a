// A machine's files from outside: read, write, list. Everything goes through the guest's own tree, as its root user.
import { EBUSY, EEXIST, EIO, ENOENT, type Errno, errnoName } from "../abi/errno.ts";
import { AT_FDCWD, O_CREAT, O_DIRECTORY, O_RDONLY, O_TRUNC, O_WRONLY, S_IFDIR, S_IFMT } from "../abi/flags.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { KernelBuffer } from "../kernel/mm/user.ts";
import type { Task } from "../kernel/task/task.ts";
import { instantiate, lookupChild } from "../kernel/vfs/dcache.ts";
import { File } from "../kernel/vfs/file.ts";
import type { Inode } from "../kernel/vfs/inode.ts";
import { readFile, writeFile } from "../kernel/vfs/io.ts";
import { FOLLOW, parentOf, walk } from "../kernel/vfs/namei.ts";
import { mayCreate, removeDirectory, removeName } from "../kernel/vfs/names.ts";
import { creation, openPath } from "../kernel/vfs/open.ts";
import { fromText, toText } from "../lib/byte-string.ts";

/** A file operation failed; `errno` is Linux's name for why. */
export class FileError extends Error {
  readonly errno: string;
  constructor(path: string, errno: Errno) {
    super(`${path}: ${errnoName(errno)}`);
    this.name = "FileError";
    this.errno = errnoName(errno);
  }
}

export interface FileStatus {
  type: "file" | "directory" | "symlink" | "other";
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Milliseconds since 1970. */
  mtime: number;
}

const CHUNK = 256 * 1024;

export class GuestFiles {
  private readonly kernel: Kernel;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  /** A file's bytes. Throws a FileError. */
  read(path: string): Uint8Array {
    return this.as((task) => {
      const file = this.open(task, path, O_RDONLY);
      const parts: Uint8Array[] = [];
      // Files of /proc say that they are empty, and are not.
      let room = Math.min(CHUNK, Math.max(4096, file.inode.size + 1));
      for (;;) {
        const chunk = new Uint8Array(room);
        const n = readFile(task, file, new KernelBuffer(chunk));
        if (typeof n !== "number" || n < 0) {
          file.unref();
          throw new FileError(path, typeof n === "number" ? (n as Errno) : EIO);
        }
        if (n === 0) break;
        parts.push(chunk.subarray(0, n));
        room = n < chunk.length ? 4096 : CHUNK;
      }
      file.unref();
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    });
  }
  /** A file as UTF-8; empty when it is not there. */
  text(path: string): string {
    return this.exists(path) ? new TextDecoder().decode(this.read(path)) : "";
  }
  /** The first bytes of a file, none if it can't be read. */
  head(path: string, length: number): Uint8Array {
    return this.exists(path) ? this.read(path).subarray(0, length) : new Uint8Array(0);
  }
  /** Writes a whole file, made with `mode` if it is not there. Throws a FileError. */
  write(path: string, data: Uint8Array | string, mode = 0o644): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.as((task) => {
      const file = this.open(task, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
      for (let at = 0; at < bytes.length; ) {
        const n = writeFile(task, file, new KernelBuffer(bytes.subarray(at)));
        if (typeof n !== "number" || n <= 0) {
          file.unref();
          throw new FileError(path, typeof n === "number" && n < 0 ? (n as Errno) : EIO);
        }
        at += n;
      }
      file.unref();
    });
  }
  /** Names in a directory, without "." and "..". Throws a FileError. */
  list(path: string): string[] {
    return this.as((task) => {
      const file = this.open(task, path, O_RDONLY | O_DIRECTORY);
      const entries = file.ops.entries?.(file) ?? file.inode.entries();
      file.unref();
      if (typeof entries === "number") throw new FileError(path, entries);
      return entries.map((entry) => toText(entry.name)).filter((name) => name !== "." && name !== "..");
    });
  }
  exists(path: string): boolean {
    return this.as((task) => typeof walk(task, AT_FDCWD, fromText(path), FOLLOW) !== "number");
  }
  /** Throws a FileError. */
  /** The filesystem that a path leads to, as "major:minor". Throws a FileError. */
  device(path: string): string {
    return this.as((task) => {
      const found = walk(task, AT_FDCWD, fromText(path), FOLLOW);
      if (typeof found === "number") throw new FileError(path, found);
      return `0:${found.mount.superblock.dev}`;
    });
  }
  stat(path: string): FileStatus {
    return this.as((task) => {
      const found = walk(task, AT_FDCWD, fromText(path), FOLLOW);
      const inode: Inode | undefined = typeof found === "number" ? undefined : found.dentry.inode;
      if (!inode) throw new FileError(path, typeof found === "number" ? found : ENOENT);
      inode.refresh();
      const kind = inode.mode & S_IFMT;
      return {
        type: kind === S_IFDIR ? "directory" : inode.isRegular ? "file" : inode.isSymlink ? "symlink" : "other",
        mode: inode.mode & 0o7777,
        uid: inode.uid,
        gid: inode.gid,
        size: inode.size,
        mtime: Number(inode.mtime / 1_000_000n),
      };
    });
  }
  /** Makes a directory. Throws a FileError. */
  mkdir(path: string, mode = 0o755): void {
    this.check(path, (task) => {
      const parent = parentOf(task, AT_FDCWD, fromText(path));
      if (typeof parent === "number") return parent;
      if (parent.kind !== "name") return EEXIST;
      const directory = parent.path.dentry;
      const dentry = lookupChild(this.kernel.vfs, directory, parent.name);
      if (typeof dentry === "number") return dentry;
      if (dentry.inode) return EEXIST;
      const denied = mayCreate(task, directory);
      if (denied !== 0) return denied;
      const inode = directory.inode!.mkdir(parent.name, creation(task, directory.inode!, S_IFDIR | mode));
      if (typeof inode === "number") return inode;
      instantiate(this.kernel.vfs, dentry, inode);
      return 0;
    });
  }
  /** Removes a file or an empty directory. Throws a FileError. */
  remove(path: string): void {
    this.check(path, (task) => {
      const parent = parentOf(task, AT_FDCWD, fromText(path));
      if (typeof parent === "number") return parent;
      if (parent.kind !== "name") return EBUSY;
      const directory = parent.path.dentry;
      const victim = lookupChild(this.kernel.vfs, directory, parent.name);
      if (typeof victim === "number") return victim;
      if (!victim.inode) return ENOENT;
      return victim.inode.isDirectory ? removeDirectory(task, directory, victim) : removeName(task, directory, victim);
    });
  }

  private check(path: string, action: (task: Task) => 0 | Errno): void {
    const result = this.as(action);
    if (result < 0) throw new FileError(path, result as Errno);
  }
  private open(task: Task, path: string, flags: number, mode = 0): File {
    const file = openPath(task, AT_FDCWD, fromText(path), flags, mode);
    if (file instanceof File) return file;
    throw new FileError(path, typeof file === "number" ? file : EIO);
  }
  /** Does something in init's name. */
  private as<T>(action: (task: Task) => T): T {
    const { kernel } = this;
    const task = kernel.tasks.init!.leader;
    let failed: FileError | undefined;
    const result = kernel.fromHost(() => {
      kernel.current = task;
      try {
        return action(task);
      } catch (error) {
        // Meant for who asked; all else is the kernel's.
        if (!(error instanceof FileError)) throw error;
        failed = error;
        return undefined;
      }
    });
    if (failed) throw failed;
    return result as T;
  }
}
