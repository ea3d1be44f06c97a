// tmpfs's inodes. Extended attributes are in vfs/xattr-store.ts.
import {
  EFBIG,
  EINVAL,
  EISDIR,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EOPNOTSUPP,
  EPERM,
  type Errno,
} from "../../../abi/errno.ts";
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
} from "../../../abi/fcntl.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../../abi/flags.ts";
import { PAGE_SIZE } from "../../../machine/ram.ts";
import type { FileOperations } from "../../vfs/file.ts";
import { genericFile, MAX_FILE_SIZE } from "../../vfs/generic-file.ts";
import { type Creation, type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import { PageCache } from "../../vfs/page-cache.ts";
import { XattrStore } from "../../vfs/xattr-store.ts";
import { sealedFile } from "./seals.ts";
import type { TmpfsSuperblock } from "./tmpfs.ts";

/** What an entry adds to a directory's size. */
const ENTRY_SIZE = 20;

export class TmpfsInode extends Inode {
  declare readonly superblock: TmpfsSuperblock;
  private xattrs: XattrStore | undefined;

  constructor(superblock: TmpfsSuperblock, from: Creation) {
    super(superblock, superblock.nextIno(), from.mode);
    this.uid = from.uid;
    this.gid = from.gid;
    this.rdev = from.rdev ?? 0;
    this.atime = this.mtime = this.ctime = this.btime = superblock.kernel.clock.now();
  }
  override get blocks(): number {
    return 0;
  }
  override get keepsFlags(): boolean {
    return true;
  }
  override getxattr(name: string): Uint8Array | Errno {
    return (this.xattrs ??= new XattrStore()).get(name);
  }
  override setxattr(name: string, value: Uint8Array, flags: number): Errno | 0 {
    const result = (this.xattrs ??= new XattrStore()).set(name, value, flags);
    if (result === 0) this.ctime = this.superblock.kernel.clock.now();
    return result;
  }
  override listxattr(): readonly string[] {
    return this.xattrs?.list() ?? [];
  }
  override removexattr(name: string): Errno | 0 {
    const result = (this.xattrs ??= new XattrStore()).remove(name);
    if (result === 0) this.ctime = this.superblock.kernel.clock.now();
    return result;
  }
  override dropCapabilities(): void {
    this.xattrs?.remove("security.capability");
  }
  override evict(): void {
    super.evict();
    this.superblock.unchargeInode();
  }
}

export class TmpfsFile extends TmpfsInode {
  declare pages: PageCache;
  /** F_SEAL_*; memfd_create(2) alone opens them. */
  seals = 0;
  sealable = false;

  constructor(superblock: TmpfsSuperblock, from: Creation) {
    super(superblock, from);
    this.pages = new PageCache(superblock.kernel.ram, undefined, superblock);
    this.pages.reclaim = superblock.kernel.vfs.reclaim;
  }
  override get blocks(): number {
    return this.pages.count * 8;
  }
  override open(): FileOperations {
    return this.sealable ? sealedFile : genericFile;
  }
  override truncate(size: number): Errno | 0 {
    if (size < 0) return EINVAL;
    if (size > MAX_FILE_SIZE) return EFBIG;
    if (size < this.size && (this.seals & F_SEAL_SHRINK) !== 0) return EPERM;
    if (size > this.size && (this.seals & F_SEAL_GROW) !== 0) return EPERM;
    const shrinks = size < this.size;
    this.size = size;
    if (shrinks) this.pages.truncate(size);
    return 0;
  }
  override fallocate(mode: number, offset: number, length: number): Errno | 0 {
    if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return EOPNOTSUPP;
    const end = offset + length;
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0) {
      if ((this.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) return EPERM;
      this.clear(offset, Math.min(end, Math.ceil(this.size / PAGE_SIZE) * PAGE_SIZE));
      this.changed();
      return 0;
    }
    const grows = (mode & FALLOC_FL_KEEP_SIZE) === 0 && end > this.size;
    if (grows && (this.seals & F_SEAL_GROW) !== 0) return EPERM;
    const first = Math.floor(offset / PAGE_SIZE);
    const last = Math.ceil(end / PAGE_SIZE);
    if (last - first > this.superblock.kernel.ram.totalFrames || !this.superblock.hasRoom(this.missing(first, last))) {
      return ENOSPC;
    }
    const made: number[] = [];
    for (let index = first; index < last; index++) {
      if (this.pages.has(index)) continue;
      const frame = this.pages.get(index);
      if (typeof frame !== "number" || frame < 0) {
        // All or nothing: what was reserved goes back.
        for (const undo of made) this.pages.invalidate(undo, undo + 1);
        return typeof frame === "number" ? (frame as Errno) : ENOSPC;
      }
      made.push(index);
    }
    if (grows) this.size = end;
    if (grows) this.changed();
    else this.ctime = this.superblock.kernel.clock.now();
    return 0;
  }
  private missing(first: number, last: number): number {
    let count = 0;
    for (let index = first; index < last; index++) if (!this.pages.has(index)) count++;
    return count;
  }
  /** Makes a range read as zeros, giving back whole pages. */
  private clear(offset: number, end: number): void {
    const { ram } = this.pages;
    const first = Math.ceil(offset / PAGE_SIZE);
    const last = Math.floor(end / PAGE_SIZE);
    const zero = (from: number, to: number): void => {
      const index = Math.floor(from / PAGE_SIZE);
      if (to <= from || !this.pages.has(index)) return;
      const frame = this.pages.get(index);
      if (typeof frame !== "number" || frame < 0) return;
      ram.u8.fill(0, frame + (from % PAGE_SIZE), frame + (from % PAGE_SIZE) + (to - from));
    };
    if (first > last) {
      zero(offset, end);
      return;
    }
    if (offset < first * PAGE_SIZE) zero(offset, Math.min(first * PAGE_SIZE, end));
    if (end > last * PAGE_SIZE) zero(last * PAGE_SIZE, end);
    if (first < last) this.pages.invalidate(first, last);
  }
  private changed(): void {
    this.mtime = this.ctime = this.superblock.kernel.clock.now();
  }
}

export class TmpfsSymlink extends TmpfsInode {
  private readonly target: string;
  constructor(superblock: TmpfsSuperblock, from: Creation, target: string) {
    super(superblock, { ...from, mode: S_IFLNK | 0o777 });
    this.target = target;
    this.size = target.length;
  }
  override readlink(): string {
    return this.target;
  }
}

export class TmpfsDirectory extends TmpfsInode {
  private readonly names = new Map<string, TmpfsInode>();

  constructor(superblock: TmpfsSuperblock, from: Creation) {
    super(superblock, from);
    this.nlink = 2;
    this.size = 2 * ENTRY_SIZE;
  }
  override lookup(name: string): Inode | undefined {
    return this.names.get(name);
  }
  override entries(): DirectoryEntry[] {
    const list: DirectoryEntry[] = [];
    for (const [name, inode] of this.names) list.push({ name, ino: inode.ino, type: (inode.mode >> 12) & 15 });
    return list;
  }
  override create(name: string, from: Creation): Inode | Errno {
    return this.enter(name, this.make(from));
  }
  override mkdir(name: string, from: Creation): Inode | Errno {
    const { superblock } = this;
    if (!superblock.chargeInode()) return ENOSPC;
    this.nlink++;
    return this.enter(name, new TmpfsDirectory(superblock, { ...from, mode: S_IFDIR | (from.mode & 0o7777) }));
  }
  override symlink(name: string, target: string, from: Creation): Inode | Errno {
    const { superblock } = this;
    if (!superblock.chargeInode()) return ENOSPC;
    return this.enter(name, new TmpfsSymlink(superblock, from, target));
  }
  override temporary(from: Creation): Inode | Errno {
    const inode = this.make(from);
    if (inode instanceof Inode) inode.nlink = 0;
    return inode;
  }
  private make(from: Creation): TmpfsInode | Errno {
    const { superblock } = this;
    if (!superblock.chargeInode()) return ENOSPC;
    return (from.mode & S_IFMT) === S_IFREG ? new TmpfsFile(superblock, from) : new TmpfsInode(superblock, from);
  }
  private enter(name: string, inode: TmpfsInode | Errno): Inode | Errno {
    if (typeof inode === "number") return inode;
    this.names.set(name, inode);
    this.size += ENTRY_SIZE;
    this.touch();
    return inode;
  }
  private touch(): bigint {
    return (this.mtime = this.ctime = this.superblock.kernel.clock.now());
  }
  override link(name: string, inode: Inode): Errno | 0 {
    if (!(inode instanceof TmpfsInode)) return EPERM;
    // A further name takes an inode's room too, as in Linux; an O_TMPFILE file has paid for its first.
    if (inode.nlink > 0 && !this.superblock.chargeInode()) return ENOSPC;
    inode.nlink++;
    this.enter(name, inode);
    inode.ctime = this.ctime;
    return 0;
  }
  override unlink(name: string, inode: Inode): Errno | 0 {
    this.names.delete(name);
    this.size -= ENTRY_SIZE;
    if (inode.nlink > 1) this.superblock.unchargeInode();
    inode.nlink--;
    inode.ctime = this.touch();
    return 0;
  }
  override rmdir(name: string, inode: Inode): Errno | 0 {
    if (!(inode instanceof TmpfsDirectory)) return ENOTDIR;
    if (inode.names.size > 0) return ENOTEMPTY;
    this.names.delete(name);
    this.size -= ENTRY_SIZE;
    this.nlink--;
    inode.nlink = 0;
    inode.ctime = this.touch();
    return 0;
  }
  override rename(name: string, newParent: Inode, newName: string, exchange: boolean): Errno | 0 {
    const inode = this.names.get(name);
    if (!inode || !(newParent instanceof TmpfsDirectory)) return EISDIR;
    const victim = newParent.names.get(newName);
    if (exchange) {
      if (!victim) return EINVAL;
      this.names.set(name, victim);
      newParent.names.set(newName, inode);
      const difference = (inode.isDirectory ? 1 : 0) - (victim.isDirectory ? 1 : 0);
      if (this !== newParent) {
        this.nlink -= difference;
        newParent.nlink += difference;
      }
      victim.ctime = inode.ctime = this.touch();
      newParent.touch();
      return 0;
    }
    if (victim) {
      if (victim instanceof TmpfsDirectory) {
        const result = newParent.rmdir(newName, victim);
        if (result !== 0) return result;
      } else newParent.unlink(newName, victim);
    }
    this.names.delete(name);
    this.size -= ENTRY_SIZE;
    newParent.enter(newName, inode);
    if (inode.isDirectory && this !== newParent) {
      this.nlink--;
      newParent.nlink++;
    }
    inode.ctime = this.touch();
    newParent.touch();
    return 0;
  }
  /** Unmounting: frees all content below. */
  dropAll(): void {
    for (const inode of this.names.values()) {
      if (inode instanceof TmpfsDirectory) inode.dropAll();
      else if (inode.opens === 0) inode.pages?.dispose();
    }
    this.names.clear();
  }
}
