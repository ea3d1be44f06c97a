// A filesystem that is nothing but rows: debugfs, securityfs, what a module shows.
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { RowInode, type RowSuperblock } from "./inode.ts";
import { bind, type Directory } from "./row.ts";

interface RowsOptions {
  /** f_type. */
  readonly magic: number;
  /** st_size of a page. */
  readonly pageSize?: number;
  readonly root: Directory<Kernel>;
  /** Told when a mount's superblock is made and when its last mount is gone. */
  readonly onMount?: () => void;
  readonly onUnmount?: () => void;
}

class RowsSuperblock implements RowSuperblock {
  readonly kernel: Kernel;
  readonly filesystem: FileSystem;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readonly pageSize: number;
  readonly refusesWriters = true;
  readonly volatile = true;
  readOnly = false;
  readonly unmount: (() => void) | undefined;
  private readonly magic: number;
  private last = 0;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string, options: RowsOptions) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.source = source;
    this.dev = kernel.vfs.allocateDev();
    this.pageSize = options.pageSize ?? 0;
    this.magic = options.magic;
    this.unmount = options.onUnmount;
    this.root = new Dentry(this, "", undefined, new RowInode(this, bind(options.root, kernel, undefined)));
  }
  nextIno(): number {
    return ++this.last;
  }
  statfs(): FilesystemStatistics {
    return { type: this.magic, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}

export function rowsFilesystem(name: string, options: RowsOptions): FileSystem {
  return {
    name,
    nodev: true,
    mount(kernel: Kernel, from: MountSource): Superblock {
      options.onMount?.();
      return new RowsSuperblock(kernel, this, from.source || name, options);
    },
  };
}
