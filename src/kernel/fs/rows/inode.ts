// Rows as inodes. One class: what an inode is and does follows from its row.
import { EACCES, EINVAL, ENOENT, ENOTDIR, EPERM, type Errno, ESRCH } from "../../../abi/errno.ts";
import { S_IFDIR, S_IFLNK, S_IFREG, SEEK_CUR, SEEK_SET } from "../../../abi/flags.ts";
import { fromBytes, toBytes } from "../../../lib/byte-string.ts";
import type { Kernel } from "../../kernel.ts";
import { putAll } from "../../mm/user.ts";
import type { PidNamespace } from "../../namespace/pid.ts";
import type { Cred } from "../../security/cred.ts";
import { modePermission } from "../../security/permission.ts";
import { mayAttach, mayRead } from "../../security/ptrace-access.ts";
import type { Task } from "../../task/task.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { type Attributes, type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import type { Path } from "../../vfs/mount.ts";
import type { Superblock } from "../../vfs/superblock.ts";
import type { Bound, Directory, Link, Page, Reader, Row } from "./row.ts";

const TYPES = { page: S_IFREG, device: S_IFREG, link: S_IFLNK, directory: S_IFDIR } as const;
const DT = { page: 8, device: 8, link: 10, directory: 4 } as const;
const DT_OF_MODE = (row: Row<unknown>): number => DT[row.kind];

/** A filesystem of rows. */
export interface RowSuperblock extends Superblock {
  readonly kernel: Kernel;
  /** Whose processes it shows; only proc does. */
  readonly pidNamespace?: PidNamespace;
  /** st_size of pages, whose length is not known before they are made: 0 in proc, 4096 in sysfs. */
  readonly pageSize: number;
  /** Whoever opens a page to write that has nothing to take is refused (sysfs), rather than the write (proc). */
  readonly refusesWriters: boolean;
  /** May the reader go into this directory of a task? */
  bars?(row: Row<unknown>, owner: Task): 0 | Errno;
}

export class RowInode extends Inode {
  declare readonly superblock: RowSuperblock;
  readonly row: Row<unknown>;
  readonly of: unknown;
  /** The task whose IDs own the inode, and whose end empties it. */
  readonly owner: Task | undefined;
  private children: Map<string, RowInode> | undefined;
  private found: WeakMap<object, RowInode> | undefined;

  constructor(superblock: RowSuperblock, { row, of, owner }: Bound) {
    const shown = row as unknown as Row<unknown>;
    super(superblock, superblock.nextIno(), TYPES[shown.kind] | shown.mode);
    this.row = shown;
    this.of = of;
    this.owner = owner;
    this.atime = this.mtime = this.ctime = superblock.kernel.clock.now();
    if (shown.kind === "directory") this.nlink = 2 + shown.rows.filter(({ kind }) => kind === "directory").length;
    else if (shown.kind === "page") this.size = superblock.pageSize;
    this.refresh();
  }
  private get reader(): Reader {
    const { kernel } = this.superblock;
    return { kernel, task: kernel.current, pids: this.superblock.pidNamespace ?? kernel.pidNamespace };
  }
  /** A process that is gone has only its name left. */
  private get gone(): boolean {
    return this.owner !== undefined && this.superblock.kernel.tasks.task(this.owner.tid) !== this.owner;
  }
  private get guard(): 0 | Errno {
    const { guarded, attaching } = this.row;
    if (guarded === undefined || !this.owner) return 0;
    const { current } = this.superblock.kernel;
    const may = attaching ? mayAttach(current, this.owner, "filesystem") : mayRead(current, this.owner);
    return may ? 0 : guarded;
  }
  override get blocks(): number {
    return 0;
  }
  override get blockSize(): number {
    return 1024;
  }
  /** Files of a process belong to its effective user; to root when it may not be looked into. proc(5) */
  override refresh(): void {
    const { owner } = this;
    if (!owner) return;
    const open = owner.dumpable === 1 || (this.row.kind === "directory" && this.row.mode === 0o555);
    this.uid = open ? owner.cred.euid : 0;
    this.gid = open ? owner.cred.egid : 0;
    if (this.row.kind === "directory" && this.row.name === "fd") this.size = owner.files?.count ?? 0;
  }
  override permission(cred: Cred, mask: number): 0 | Errno | undefined {
    const { row, owner } = this;
    const barred = owner ? (this.superblock.bars?.(row, owner) ?? 0) : 0;
    if (barred !== 0) return barred;
    if (row.kind === "page" && row.permits?.(this.of, this.reader)) return 0;
    if (row.kind !== "directory" || !row.enter) return undefined;
    const plain = modePermission(cred, this, mask);
    return plain === 0 || row.enter(this.of, this.reader) ? 0 : plain;
  }

  // directories
  override lookup(name: string): Inode | Errno | undefined {
    const { row } = this;
    if (row.kind !== "directory") return ENOTDIR;
    if (this.gone) return ENOENT;
    const known = this.children?.get(name);
    if (known) {
      known.refresh();
      return known;
    }
    const fixed = row.rows.find((child) => child.name === name);
    if (fixed) {
      const inode = new RowInode(this.superblock, {
        row: fixed as unknown as Row<never>,
        of: this.of,
        owner: this.owner,
      });
      (this.children ??= new Map()).set(name, inode);
      return inode;
    }
    const found = (row as Directory<unknown>).dynamic?.find(this.of, name, this.reader);
    if (!found) return ENOENT;
    const cached = this.found?.get(found.key);
    if (cached) {
      cached.refresh();
      return cached;
    }
    const inode = new RowInode(this.superblock, found.show);
    (this.found ??= new WeakMap()).set(found.key, inode);
    return inode;
  }
  override entries(): readonly DirectoryEntry[] | Errno {
    const { row } = this;
    if (row.kind !== "directory") return ENOTDIR;
    if (this.gone) return ENOENT;
    const list = row.rows.map((child) => ({
      name: child.name,
      ino: this.numberOf(child.name),
      type: DT_OF_MODE(child),
    }));
    for (const { name, type } of row.dynamic?.list(this.of, this.reader) ?? []) {
      list.push({ name, ino: this.numberOf(name), type });
    }
    return list;
  }
  /** The number that stat will show: the inode is made for it, as Linux does too. */
  private numberOf(name: string): number {
    const inode = this.lookup(name);
    return inode instanceof Inode ? inode.ino : 1;
  }

  // links
  override readlink(): string | Errno {
    const { row } = this;
    if (row.kind !== "link") return EINVAL;
    if (this.gone) return ENOENT;
    const denied = this.guard;
    return denied < 0 ? (denied as Errno) : row.text(this.of, this.reader);
  }
  override follow(): Path | Errno | undefined {
    const { row } = this;
    if (row.kind !== "link" || !row.follow) return undefined;
    if (this.gone) return ENOENT;
    const denied = this.guard;
    return denied < 0 ? (denied as Errno) : (row as Link<unknown>).follow!(this.of, this.reader);
  }

  override setattr(changes: Attributes): Errno | 0 {
    // Opening with O_TRUNC is fine; owner and mode are not for changing.
    const { size: _size, ...rest } = changes;
    if (rest.mode !== undefined || rest.uid !== undefined || rest.gid !== undefined) return EPERM;
    return super.setattr(rest);
  }

  override open(file: File): FileOperations | Errno {
    const { row } = this;
    if (row.kind === "directory") return EINVAL;
    if (this.gone) return ENOENT;
    const denied = this.guard;
    if (denied < 0) return denied as Errno;
    if (row.kind === "device") {
      const refused = file.writable ? (row.mayWrite?.(this.of, this.reader) ?? 0) : 0;
      return refused < 0 ? (refused as Errno) : row.ops(this.of, this.reader);
    }
    if (row.kind === "link") return EINVAL;
    if (file.writable && !row.write && this.superblock.refusesWriters) return EACCES;
    return pageFile;
  }
  /** The page's bytes, made anew at the start of the file. */
  bytes(file: File, offset: number): Uint8Array | Errno {
    if (offset > 0 && file.data instanceof Uint8Array) return file.data;
    if (this.gone) return ESRCH;
    const text = (this.row as Page<unknown>).text(this.of, this.reader);
    if (typeof text === "number") return text;
    const bytes = toBytes(text);
    file.data = bytes;
    return bytes;
  }
  store(bytes: Uint8Array): 0 | Errno {
    if (this.gone) return ESRCH;
    return (this.row as Page<unknown>).write?.(this.of, fromBytes(bytes), this.reader) ?? EINVAL;
  }
}

const pageFile: FileOperations = {
  read(file, into, offset) {
    const bytes = (file.inode as RowInode).bytes(file, offset);
    if (typeof bytes === "number") return bytes;
    return putAll(into, bytes.subarray(offset));
  },
  write(file, from) {
    const bytes = from.takeAll(65536);
    if (typeof bytes === "number") return bytes;
    const result = (file.inode as RowInode).store(bytes);
    return result < 0 ? result : bytes.length;
  },
  seek(file, offset, whence) {
    const target = whence === SEEK_SET ? offset : whence === SEEK_CUR ? file.position + offset : -1;
    if (target < 0) return EINVAL;
    file.position = target;
    return target;
  },
};
