// What hostfs needs of a host: one folder of its own, and what is in it, by name within a directory. Nothing here takes
// a path: a name is one component, never "." or "..", and no call follows a symlink. The kernel walks paths itself, in
// the guest's terms; so a guest can't name what is outside. All calls return at once; errors are errno values.
import type { Errno } from "../../../abi/errno.ts";

export interface HostStatus {
  dev: number;
  ino: number;
  /** Type and permission bits, as Linux encodes them. */
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  /** 512-byte units. */
  blocks: number;
  blockSize: number;
  // nanoseconds since 1970
  atime: bigint;
  mtime: bigint;
  ctime: bigint;
  btime: bigint;
}

export interface HostEntry {
  name: string;
  ino: number;
  /** DT_*. */
  type: number;
}

/** Changes to make; fields not given stay. Times in nanoseconds. */
export interface HostChanges {
  mode?: number;
  uid?: number;
  gid?: number;
  atime?: bigint;
  mtime?: bigint;
}

export interface HostFile {
  status(): HostStatus | Errno;
  /** Fills `count` bytes of `into` from `at` on with what the file has at `offset`. Bytes read, 0 at the end. */
  read(into: Uint8Array, at: number, count: number, offset: number): number | Errno;
  write(from: Uint8Array, at: number, count: number, offset: number): number | Errno;
  truncate(size: number): 0 | Errno;
  change(changes: HostChanges): 0 | Errno;
  sync(dataOnly: boolean): 0 | Errno;
  close(): void;
}

export type HostAccess = "read" | "write";

/** A directory of the folder. Its names are byte strings. */
export interface HostDirectory {
  status(): HostStatus | Errno;
  /** What has this name, a symlink itself. Errors: ENOENT. */
  child(name: string): HostStatus | Errno;
  /** The directory of this name, which `child` has just shown. */
  directory(name: string, status: HostStatus): HostDirectory;
  /** The directory is now there: someone has renamed it. */
  moved(parent: HostDirectory, name: string): void;
  entries(): HostEntry[] | Errno;
  /** Opens the regular file of this name, which must be the one with this number. Errors: ESTALE when it no longer is. */
  open(name: string, ino: number, access: HostAccess): HostFile | Errno;
  /** Makes a regular file and opens it for reading and writing. Errors: EEXIST. */
  create(name: string, mode: number): HostFile | Errno;
  /** As `create`, without a name. */
  temporary(mode: number): HostFile | Errno;
  mkdir(name: string, mode: number): 0 | Errno;
  symlink(name: string, target: string): 0 | Errno;
  readlink(name: string): string | Errno;
  /** A further name here for what `from` has as `fromName`. */
  link(name: string, from: HostDirectory, fromName: string): 0 | Errno;
  unlink(name: string): 0 | Errno;
  rmdir(name: string): 0 | Errno;
  /** Moves within the folder, replacing what is there. */
  rename(name: string, to: HostDirectory, newName: string): 0 | Errno;
  /** Swaps two names. */
  exchange(name: string, to: HostDirectory, newName: string): 0 | Errno;
  /** Changes what has this name and number, a symlink itself; "" is the directory. */
  change(name: string, ino: number, changes: HostChanges): 0 | Errno;
}

/** statfs(2), in blocks of `bsize`. */
export interface HostSpace {
  bsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
}

export interface HostFolder {
  readonly root: HostDirectory;
  /** As /proc/mounts shows it. */
  readonly name: string;
  readonly readOnly: boolean;
  space(): HostSpace | Errno;
  close(): void;
}
