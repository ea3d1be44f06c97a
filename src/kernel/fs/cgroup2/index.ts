// cgroup2: the hierarchy of cgroups as directories, and its files. There is one hierarchy, so every mount shows the same;
// what the files say is cgroup/*'s matter, the inodes are in inode.ts. cgroups(7)
import { EINVAL, ENOENT, type Errno } from "../../../abi/errno.ts";
import type { Cgroup } from "../../cgroup/cgroup.ts";
import type { CgroupHierarchy, HierarchyOptions } from "../../cgroup/hierarchy.ts";
import { pathIn } from "../../cgroup/namespace.ts";
import type { Kernel } from "../../kernel.ts";
import type { Task } from "../../task/task.ts";
import { lookupChild } from "../../vfs/dcache.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { CgroupDirectory, directoryOf } from "./inode.ts";

const MAGIC = 0x63677270;

/** Options and what they set. Those that are only accepted change how costs are counted, not what programs see. */
const OPTIONS: Readonly<Record<string, keyof HierarchyOptions>> = {
  nsdelegate: "nsdelegate",
  favordynmods: "favordynmods",
  memory_localevents: "memoryLocalevents",
  memory_recursiveprot: "memoryRecursiveprot",
  memory_hugetlb_accounting: "memoryHugetlbAccounting",
  pids_localevents: "pidsLocalevents",
};

export class CgroupSuperblock implements Superblock {
  readonly kernel: Kernel;
  readonly filesystem: FileSystem;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readOnly = false;
  /** Files come and go with the controllers. */
  readonly volatile = true;
  private last = 0;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.source = source;
    this.dev = kernel.vfs.allocateDev();
    this.root = new Dentry(this, "", undefined, directoryOf(this, kernel.cgroups.root));
  }
  nextIno(): number {
    return ++this.last;
  }
  /** Whoever is in a cgroup namespace sees no more than its root. */
  rootFor(task: Task): Dentry | Errno {
    const { vfs } = this.kernel;
    const walk = (cgroup: Cgroup): Dentry | Errno => {
      if (!cgroup.parent) return this.root;
      const parent = walk(cgroup.parent);
      return typeof parent === "number" ? parent : lookupChild(vfs, parent, cgroup.name);
    };
    const found = walk(task.cgroupNamespace.root);
    return typeof found === "number" || found.inode ? found : ENOENT;
  }
  showRoot({ inode }: Dentry, reader: Task): string {
    return inode instanceof CgroupDirectory ? pathIn(inode.cgroup, reader.cgroupNamespace) : "/";
  }
  statfs(): FilesystemStatistics {
    return { type: MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
  options(): string {
    const { options } = this.kernel.cgroups;
    return Object.keys(OPTIONS)
      .filter((name) => options[OPTIONS[name]!])
      .join(",");
  }
  remount(data: string): Errno | 0 {
    return setOptions(this.kernel.cgroups, data);
  }
}

/** A mount sets the options of them all; those that it does not name are off. Errors: EINVAL. */
function setOptions(cgroups: CgroupHierarchy, data: string): Errno | 0 {
  const named = data.split(",").filter((word) => word !== "");
  if (named.some((word) => !Object.hasOwn(OPTIONS, word))) return EINVAL;
  // The hierarchy is the first namespace's to configure.
  const { current } = cgroups.kernel;
  if (current && current.cgroupNamespace !== cgroups.namespace) return 0;
  for (const [word, option] of Object.entries(OPTIONS)) cgroups.options[option] = named.includes(word);
  return 0;
}

export const cgroup2: FileSystem = {
  name: "cgroup2",
  nodev: true,
  userMount: ({ cgroupNamespace }) => cgroupNamespace.userNamespace,
  mount(kernel: Kernel, from: MountSource): Superblock | Errno {
    const { cgroups } = kernel;
    const result = setOptions(cgroups, from.data);
    if (result !== 0) return result;
    cgroups.superblock ??= new CgroupSuperblock(kernel, this, from.source || "none");
    return cgroups.superblock;
  },
};
