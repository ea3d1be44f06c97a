// Inodes: what a filesystem knows of a file. A filesystem subclasses Inode; what it leaves out gets Linux's default
// answer. Path walking and permission checks happen above (namei.ts): an inode's methods are called with them done.
import { EACCES, EINVAL, ENODATA, ENOTDIR, EOPNOTSUPP, EPERM, type Errno } from "../../abi/errno.ts";
import { FS_APPEND_FL, FS_IMMUTABLE_FL } from "../../abi/fcntl.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../abi/flags.ts";
import type { Wait } from "../sched/wait-queue.ts";
import type { Cred } from "../security/cred.ts";
import type { File, FileOperations } from "./file.ts";
import type { Leases } from "./leases.ts";
import type { Watches } from "./notify.ts";
import type { PageCache } from "./page-cache.ts";
import type { Superblock } from "./superblock.ts";

/** What setattr changes: only the fields given. Times in nanoseconds since 1970. */
export interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  size?: number;
  atime?: bigint;
  mtime?: bigint;
  ctime?: bigint;
}

/** Who creates an inode: owner and mode are already settled (umask, setgid directories). */
export interface Creation {
  /** Type and permission bits. */
  mode: number;
  uid: number;
  gid: number;
  rdev?: number;
}

/** One entry of a directory. `type` is DT_* (mode >> 12). */
export interface DirectoryEntry {
  name: string;
  ino: number;
  type: number;
}

export abstract class Inode {
  // identity
  readonly superblock: Superblock;
  readonly ino: number;
  rdev = 0;
  // attributes, as statx(2) gives them; times in nanoseconds since 1970
  mode: number;
  uid = 0;
  gid = 0;
  nlink = 1;
  size = 0;
  atime = 0n;
  mtime = 0n;
  ctime = 0n;
  btime = 0n;
  /** FS_IMMUTABLE_FL, FS_APPEND_FL…; `keepsFlags` says whether they can be set. ioctl_iflags(2) */
  flags = 0;
  get keepsFlags(): boolean {
    return false;
  }
  get immutable(): boolean {
    return (this.flags & FS_IMMUTABLE_FL) !== 0;
  }
  get appendOnly(): boolean {
    return (this.flags & FS_APPEND_FL) !== 0;
  }
  // content: a regular file's pages, shared by read, write and mmap
  pages: PageCache | undefined;
  // used by others: each owner keeps its own state for the inode here
  locks: unknown;
  leases: Leases | undefined;
  watches: Watches | undefined;
  /** A FIFO's pipe, a socket bound to this name. */
  special: unknown;
  /** Open files that may write, minus mappings that deny it (ETXTBSY). */
  writers = 0;
  /** Without a name, but linkat(2) may give it one (O_TMPFILE without O_EXCL). */
  linkable = false;
  /** Open descriptions on this inode; with nlink 0 and none left, the inode is evicted. */
  opens = 0;

  constructor(superblock: Superblock, ino: number, mode: number) {
    this.superblock = superblock;
    this.ino = ino;
    this.mode = mode;
  }
  get isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }
  get isRegular(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }
  get isSymlink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK;
  }
  /** 512-byte units. */
  get blocks(): number {
    return Math.ceil(this.size / 4096) * 8;
  }

  /** A rule of its own instead of mode bits and capabilities (proc); `mask` is MAY_*. */
  permission(_cred: Cred, _mask: number): 0 | Errno | undefined {
    return undefined;
  }
  /** Preferred size of transfers, st_blksize. */
  get blockSize(): number {
    return 4096;
  }
  /** The size that mappings of its pages see: SIGBUS lies behind it. A device has no end. */
  mapSize(): number {
    return this.isRegular ? this.size : Number.POSITIVE_INFINITY;
  }

  /** Brings the attributes up to date where they change behind our back (hostfs, proc). */
  refresh(): void {
    // Nothing to do where the inode is the truth.
  }

  // directories. ENOENT for an absent name: undefined.
  lookup(_name: string): Inode | Errno | undefined {
    return ENOTDIR;
  }
  /** Creates a regular file, FIFO, socket or device. */
  create(_name: string, { mode }: Creation): Inode | Errno {
    return (mode & S_IFMT) === S_IFREG ? EACCES : EPERM;
  }
  mkdir(_name: string, _creation: Creation): Inode | Errno {
    return EPERM;
  }
  symlink(_name: string, _target: string, _creation: Creation): Inode | Errno {
    return EPERM;
  }
  /** An unnamed file in this directory's filesystem (O_TMPFILE). */
  temporary(_creation: Creation, _linkable: boolean): Inode | Errno {
    return EOPNOTSUPP;
  }
  link(_name: string, _inode: Inode): Errno | 0 {
    return EPERM;
  }
  unlink(_name: string, _inode: Inode): Errno | 0 {
    return EPERM;
  }
  /** Errors: ENOTEMPTY. rmdir(2) */
  rmdir(_name: string, _inode: Inode): Errno | 0 {
    return EPERM;
  }
  /** Moves `name` to `newName` in `newParent`, replacing what is there (already checked), or exchanging both. */
  rename(_name: string, _newParent: Inode, _newName: string, _exchange: boolean): Errno | 0 {
    return EPERM;
  }
  /** All entries but "." and "..", in a stable order. */
  entries(): readonly DirectoryEntry[] | Errno {
    return ENOTDIR;
  }

  // symlinks
  readlink(): string | Errno {
    return EINVAL;
  }
  /** A magic link of proc: where it leads, without a path walk. */
  follow(): import("./mount.ts").Path | Errno | undefined {
    return undefined;
  }

  // attributes
  setattr(changes: Attributes): Errno | 0 {
    if (changes.size !== undefined && changes.size !== this.size) {
      const result = this.truncate(changes.size);
      if (result < 0) return result;
    }
    if (changes.mode !== undefined) this.mode = (this.mode & S_IFMT) | (changes.mode & ~S_IFMT);
    if (changes.uid !== undefined) this.uid = changes.uid;
    if (changes.gid !== undefined) this.gid = changes.gid;
    if (changes.atime !== undefined) this.atime = changes.atime;
    if (changes.mtime !== undefined) this.mtime = changes.mtime;
    if (changes.ctime !== undefined) this.ctime = changes.ctime;
    return 0;
  }
  truncate(_size: number): Errno | 0 {
    return EINVAL;
  }
  /** fallocate(2). */
  fallocate(_mode: number, _offset: number, _length: number): Errno | 0 {
    return EOPNOTSUPP;
  }
  getxattr(_name: string): Uint8Array | Errno {
    return EOPNOTSUPP;
  }
  /** flags: 0, XATTR_CREATE 1 or XATTR_REPLACE 2. */
  setxattr(_name: string, _value: Uint8Array, _flags: number): Errno | 0 {
    return EOPNOTSUPP;
  }
  listxattr(): readonly string[] | Errno {
    return [];
  }
  removexattr(_name: string): Errno | 0 {
    return ENODATA;
  }

  /** The content changed: forgets security.capability, where the filesystem keeps it. */
  dropCapabilities(): void {
    // Nothing to forget by default.
  }

  /** The operations of a file opened on this inode (devices and FIFOs are dispatched before: open.ts). */
  open(_file: File): FileOperations | Errno | Wait<FileOperations> {
    return EINVAL;
  }
  /** The last name and the last open description are gone: release what it holds. */
  evict(): void {
    this.pages?.dispose();
  }
}
