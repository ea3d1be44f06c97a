// proc: the kernel's state as files. Rows say what there is (node.ts); this file puts the top of the tree together.
import { EPERM, type Errno } from "../../../abi/errno.ts";
import type { Kernel } from "../../kernel.ts";
import type { PidNamespace } from "../../namespace/pid.ts";
import type { Task } from "../../task/task.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { RowInode, type RowSuperblock } from "../rows/inode.ts";
import { bind, type Directory, directory, type Row } from "../rows/row.ts";
import {
  HIDEPID_INVISIBLE,
  HIDEPID_NO_ACCESS,
  HIDEPID_OFF,
  type ProcOptions,
  parseProcOptions,
  showProcOptions,
  showsProcess,
} from "./options.ts";
import { processDirectory } from "./process/index.ts";
import { selfRows, systemRows } from "./system.ts";

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
  private readonly shown: ProcOptions;
  private last = 0;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string, options: ProcOptions) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.source = source;
    this.pidNamespace = (kernel.current?.pidNamespace ?? kernel.pidNamespace).ref();
    this.dev = kernel.vfs.allocateDev();
    this.shown = options;
    const top: Directory<Kernel> = {
      ...directory<Kernel>("", []),
      get rows() {
        return options.pidOnly ? selfRows : systemRows;
      },
      dynamic: {
        list: ({ tasks }, { pids, task: reader }) =>
          [...tasks.allGroups]
            .filter(({ leader }) => showsProcess(options, reader, leader, HIDEPID_INVISIBLE))
            .map(({ pid }) => pids.of(pid))
            .filter((pid) => pid > 0)
            .sort((a, b) => a - b)
            .map((pid) => ({ name: String(pid), type: DT_DIR })),
        find({ tasks }, name, { pids, task: reader }) {
          const task = /^[1-9]\d{0,9}$/.test(name) ? tasks.task(pids.find(Number(name))) : undefined;
          if (task && !showsProcess(options, reader, task, HIDEPID_INVISIBLE)) return undefined;
          return task ? { show: bind(processDirectory, task, task), key: task } : undefined;
        },
      },
    };
    this.root = new Dentry(this, "", undefined, new RowInode(this, bind(top, kernel, undefined)));
  }
  /** May the reader enter a process's directory? Errors: EPERM. */
  bars(row: Row<unknown>, owner: Task): 0 | Errno {
    if (this.shown.hidepid === HIDEPID_OFF || row !== (processDirectory as unknown as Row<unknown>)) return 0;
    return showsProcess(this.shown, this.kernel.current, owner, HIDEPID_NO_ACCESS) ? 0 : EPERM;
  }
  options(): string {
    return showProcOptions(this.shown);
  }
  remount(data: string): 0 | Errno {
    const changed = { ...this.shown };
    const result = parseProcOptions(data, changed);
    if (result === 0) Object.assign(this.shown, changed);
    return result;
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
  userMount: ({ pidNamespace }) => pidNamespace.userNamespace,
  revealing: true,
  mount(kernel: Kernel, from: MountSource): Superblock | Errno {
    const options: ProcOptions = { hidepid: HIDEPID_OFF, gid: 0, pidOnly: false };
    const result = parseProcOptions(from.data, options);
    return result < 0 ? (result as Errno) : new Proc(kernel, this, from.source || "proc", options);
  },
};
