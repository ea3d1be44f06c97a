// tmpfs: a filesystem in memory. Its directories are Maps, its files' content is their page cache. tmpfs(5)
// Inodes are in inode.ts, mount options in options.ts.

import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { S_IFDIR } from "../../../abi/flags.ts";
import { PAGE_SIZE } from "../../../machine/ram.ts";
import type { Kernel } from "../../kernel.ts";
import { FIRST_USER_NAMESPACE, type UserNamespace } from "../../namespace/user.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { PageBudget } from "../../vfs/page-cache.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { TmpfsDirectory } from "./inode.ts";
import { parseOptions, type TmpfsOptions } from "./options.ts";

const TMPFS_MAGIC = 0x01021994;

export class TmpfsSuperblock implements Superblock, PageBudget {
  readonly kernel: Kernel;
  readonly filesystem: FileSystem;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readOnly = false;
  nouser = false;
  private blocks: number;
  private inodes: number;
  private usedBlocks = 0;
  private usedInodes = 0;
  private lastIno = 0;
  private readonly shown: TmpfsOptions;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string, options: TmpfsOptions) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.source = source;
    this.dev = kernel.vfs.allocateDev();
    this.blocks = options.blocks;
    this.inodes = options.inodes;
    this.shown = options;
    this.usedInodes = 1;
    const root = new TmpfsDirectory(this, {
      mode: S_IFDIR | (options.mode ?? 0o1777),
      uid: options.uid ?? kernel.current?.cred.fsuid ?? 0,
      gid: options.gid ?? kernel.current?.cred.fsgid ?? 0,
    });
    this.root = new Dentry(this, "", undefined, root);
  }
  nextIno(): number {
    return ++this.lastIno;
  }
  charge(): boolean {
    if (this.usedBlocks >= this.blocks) return false;
    this.usedBlocks++;
    return true;
  }
  uncharge(): void {
    this.usedBlocks--;
  }
  /** Can so many more pages be had? */
  hasRoom(pages: number): boolean {
    return this.usedBlocks + pages <= this.blocks;
  }
  chargeInode(): boolean {
    if (this.usedInodes >= this.inodes) return false;
    this.usedInodes++;
    return true;
  }
  unchargeInode(): void {
    this.usedInodes--;
  }
  statfs(): FilesystemStatistics {
    const limited = Number.isFinite(this.blocks);
    const free = limited ? this.blocks - this.usedBlocks : 0;
    const countsInodes = Number.isFinite(this.inodes);
    return {
      type: TMPFS_MAGIC,
      bsize: PAGE_SIZE,
      blocks: limited ? this.blocks : 0,
      bfree: free,
      bavail: free,
      files: countsInodes ? this.inodes : 0,
      ffree: countsInodes ? this.inodes - this.usedInodes : 0,
      namelen: 255,
    };
  }
  options(): string {
    const { blocks, inodes, mode, uid, gid } = this.shown;
    const parts: string[] = [];
    if (Number.isFinite(blocks)) parts.push(`size=${blocks * 4}k`);
    if (Number.isFinite(inodes)) parts.push(`nr_inodes=${inodes}`);
    if (mode !== undefined && mode !== 0o1777) parts.push(`mode=${mode.toString(8).padStart(3, "0")}`);
    if (uid) parts.push(`uid=${uid}`);
    if (gid) parts.push(`gid=${gid}`);
    parts.push("inode64");
    return parts.join(",");
  }
  /** Errors: EINVAL for limits below what is in use. */
  remount(data: string): Errno | 0 {
    const changed: TmpfsOptions = { ...this.shown };
    const result = parseOptions(data, this.kernel.ram.totalFrames * PAGE_SIZE, idsOf(this.kernel), changed);
    if (result !== 0) return result;
    if (changed.blocks < this.usedBlocks || changed.inodes < this.usedInodes) return EINVAL;
    this.blocks = changed.blocks;
    this.inodes = changed.inodes;
    Object.assign(this.shown, { blocks: changed.blocks, inodes: changed.inodes });
    return 0;
  }
  /** The last mount is gone: so is all that it held. */
  unmount(): void {
    const root = this.root.inode as TmpfsDirectory;
    root.dropAll();
  }
}

function mount(this: FileSystem, kernel: Kernel, from: MountSource): TmpfsSuperblock | Errno {
  const half = Math.floor(kernel.ram.totalFrames / 2);
  const options: TmpfsOptions = { blocks: half, inodes: half, mode: undefined, uid: undefined, gid: undefined };
  const result = parseOptions(from.data, kernel.ram.totalFrames * PAGE_SIZE, idsOf(kernel), options);
  return result !== 0 ? result : new TmpfsSuperblock(kernel, this, from.source || "none", options);
}

/** Whose numbers the owners among the options are: the mounting task's. */
const idsOf = ({ current }: Kernel): UserNamespace => current?.cred.userNamespace ?? FIRST_USER_NAMESPACE;

export const tmpfs: FileSystem = {
  name: "tmpfs",
  nodev: true,
  userMount: ({ cred }) => cred.userNamespace,
  mount,
};
