// A mounted filesystem's own state, and the interface by which filesystems plug in.
import type { Errno } from "../../abi/errno.ts";
import type { IoDevice } from "../cgroup/io-device.ts";
import type { Kernel } from "../kernel.ts";
import type { UserNamespace } from "../namespace/user.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";

/** statfs(2); sizes in blocks of `bsize` bytes. */
export interface FilesystemStatistics {
  type: number;
  bsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
  namelen: number;
}

export interface Superblock {
  readonly filesystem: FileSystem;
  /** Minor number of the anonymous device (major 0) that st_dev shows. */
  readonly dev: number;
  readonly root: Dentry;
  /** What /proc/mounts shows as the source. */
  readonly source: string;
  /** The device that its files are on, where they are not in memory: what io.max and io.stat mean. */
  readonly io?: IoDevice | undefined;
  readOnly: boolean;
  /** Of the kernel itself, in no tree (Linux's SB_NOUSER): pipes, sockets, memfds. */
  readonly nouser?: boolean;
  /** Who mounted it; undefined for the first namespace. What lies on it has no more power than that one. */
  userNamespace?: UserNamespace | undefined;
  /** Names may appear, change and vanish behind our back: path walking asks the inode each time. */
  readonly volatile?: boolean;
  statfs(): FilesystemStatistics | Errno;
  /** What a new mount shows to its maker, where that is not all of it. Errors: ENOENT. */
  rootFor?(task: Task): Dentry | Errno;
  /** A mount's root as the reader of /proc/PID/mountinfo sees it, where its name alone does not say. */
  showRoot?(root: Dentry, reader: Task): string;
  /** Options for /proc/mounts beyond rw/ro, e.g. "size=65536k". */
  options?(): string;
  /** mount(2) with MS_REMOUNT and these options. Errors: EINVAL. */
  remount?(data: string): Errno | 0;
  /** A mount that shows `root` was made, or is gone. */
  pin?(root: Dentry): void;
  unpin?(root: Dentry): void;
  /** The last mount of it is gone. */
  unmount?(): void;
  /** Makes an inode number. */
  nextIno(): number;
}

/** Where a mount comes from: mount(2)'s arguments, plus host objects that only the boot code can pass. */
export interface MountSource {
  source: string;
  flags: number;
  data: string;
  /** For hostfs and image filesystems: the object that the host handed in. */
  host?: unknown;
}

export interface FileSystem {
  readonly name: string;
  /** Shown as "nodev" in /proc/filesystems; all that we have are. */
  readonly nodev: boolean;
  /** May be mounted by those with CAP_SYS_ADMIN in a user namespace below the first: in which one counts. */
  readonly userMount?: (task: Task) => UserNamespace;
  /** Shows what is the machine's: where a mount namespace sees only a part of an instance, it gets no other. */
  readonly revealing?: boolean;
  /** Its device nodes are its own making: they work whoever mounted it. */
  readonly ownDevices?: boolean;
  /** Never in a tree: the names of its dentries are labels ("pipe:[7]"). */
  readonly internal?: boolean;
  /** Makes a superblock whose root dentry has an inode. */
  mount(kernel: Kernel, from: MountSource): Superblock | Errno;
}
