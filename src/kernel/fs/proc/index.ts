// proc: the kernel's state as files. Rows say what there is (node.ts); this file puts the top of the tree together.
import type { Kernel } from "../../kernel.ts";
import type { PidNamespace } from "../../namespace/pid.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { RowInode, type RowSuperblock } from "../rows/inode.ts";
import { bind, type Directory, directory } from "../rows/row.ts";
import { processDirectory } from "./process/index.ts";
import { systemRows } from "./system.ts";

const MAGIC = 0x9fa0;
const DT_DIR = 4;
/** Where Linux's numbers for inodes made on the fly begin; the root is 1. */
const FIRST_NUMBER = 0xf0000000;

export class Proc implements RowSuperblock {
  readonly pageSize = 0;
  readonly refusesWriters = false;
  readonly kernel: Kernel;
  readonly filesystem: FileSystem;
  readonly pidNamespace: PidNamespace;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readOnly = false;
  /** Processes come and go without telling. */
  readonly volatile = true;
  private last = 0;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.source = source;
    this.pidNamespace = (kernel.current?.pidNamespace ?? kernel.pidNamespace).ref();
    this.dev = kernel.vfs.allocateDev();
    const top: Directory<Kernel> = directory("", systemRows, {
      dynamic: {
        list: ({ tasks }, { pids }) =>
          [...tasks.allGroups]
            .map(({ pid }) => pids.of(pid))
            .filter((pid) => pid > 0)
            .sort((a, b) => a - b)
            .map((pid) => ({ name: String(pid), type: DT_DIR })),
        find({ tasks }, name, { pids }) {
          const task = /^[1-9]\d{0,9}$/.test(name) ? tasks.task(pids.find(Number(name))) : undefined;
          return task ? { show: bind(processDirectory, task, task), key: task } : undefined;
        },
      },
    });
    this.root = new Dentry(this, "", undefined, new RowInode(this, bind(top, kernel, undefined)));
  }
  unmount(): void {
    this.pidNamespace.unref();
  }
  nextIno(): number {
    return this.last++ === 0 ? 1 : FIRST_NUMBER + this.last;
  }
  statfs(): FilesystemStatistics {
    return { type: MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}

export const proc: FileSystem = {
  name: "proc",
  nodev: true,
  mount(kernel: Kernel, from: MountSource): Superblock {
    return new Proc(kernel, this, from.source || "proc");
  },
};
