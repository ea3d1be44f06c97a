// sysfs: devices and the kernel's parts as directories with one value in a file. Rows as in proc (../rows). sysfs(5)
import { EINVAL } from "../../../abi/errno.ts";
import { coreFiles } from "../../cgroup/core-files.ts";
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { RowInode, type RowSuperblock } from "../rows/inode.ts";
import { bind, directory, page, type Row } from "../rows/row.ts";
import { deviceTrees } from "./devices.ts";
import { moduleTree } from "./modules.ts";
import { buses, systemDevices } from "./processor.ts";

const MAGIC = 0x62656572;

const value = (name: string, text: string): Row<Kernel> => page(name, 0o444, () => `${text}\n`);
/** A value that may be written, to no effect: there is nothing to switch. */
const choice = (name: string, choices: string): Row<Kernel> => {
  const known = choices.replaceAll(/[[\]]/g, "").split(" ");
  return page(name, 0o644, () => `${choices}\n`, {
    write: (_kernel, text) => (known.includes(text.trim()) ? 0 : EINVAL),
  });
};

const memory = directory<Kernel>("mm", [
  directory("hugepages", [
    directory("hugepages-2048kB", [
      value("free_hugepages", "0"),
      value("nr_hugepages", "0"),
      value("nr_overcommit_hugepages", "0"),
      value("resv_hugepages", "0"),
      value("surplus_hugepages", "0"),
    ]),
  ]),
  directory("ksm", [value("pages_shared", "0"), value("pages_sharing", "0"), value("run", "0")]),
  directory("transparent_hugepage", [
    choice("defrag", "always defer defer+madvise madvise [never]"),
    choice("enabled", "always madvise [never]"),
    value("hpage_pmd_size", "2097152"),
    choice("shmem_enabled", "always within_size advise [never] deny force"),
    value("use_zero_page", "0"),
  ]),
]);

/** cgroup2's mount options (fs/cgroup2). */
const FEATURES =
  "nsdelegate\nfavordynmods\nmemory_localevents\nmemory_recursiveprot\nmemory_hugetlb_accounting\npids_localevents";

/** Files that the owner of a delegated group writes. */
function delegatableFiles({ cgroups }: Kernel): string {
  const files = [...coreFiles, ...cgroups.controllers.flatMap((controller) => controller.files)];
  return files.map(({ name, delegatable }) => (delegatable ? `${name}\n` : "")).join("");
}

const kernelRows: Row<Kernel> = directory("kernel", [
  value("address_bits", "64"),
  directory("cgroup", [page("delegate", 0o444, delegatableFiles), value("features", FEATURES)]),
  directory("config", []),
  value("cpu_byteorder", "little"),
  directory("debug", [], { mode: 0o700 }),
  value("fscaps", "1"),
  value("kexec_crash_loaded", "0"),
  value("kexec_loaded", "0"),
  memory,
  page("oops_count", 0o444, ({ oopses }) => `${oopses}\n`),
  value("profiling", "0"),
  value("rcu_expedited", "0"),
  value("rcu_normal", "0"),
  directory("security", []),
  directory("tracing", [], { mode: 0o700 }),
  value("uevent_seqnum", "0"),
  page("warn_count", 0o444, ({ warnings }) => `${warnings}\n`),
]);

class Sysfs implements RowSuperblock {
  readonly kernel: Kernel;
  readonly filesystem: FileSystem;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readonly pageSize = 4096;
  readonly refusesWriters = true;
  readOnly = false;
  /** Network interfaces come and go. */
  readonly volatile = true;
  private last = 0;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.source = source;
    this.dev = kernel.vfs.allocateDev();
    const trees = deviceTrees();
    const top = directory<Kernel>("", [
      directory("block", []),
      buses,
      trees.classes,
      trees.numbers,
      directory("devices", [systemDevices, trees.virtual]),
      directory("firmware", []),
      directory("fs", [directory("cgroup", [])]),
      kernelRows,
      moduleTree,
      directory("power", [value("state", "")]),
    ]);
    this.root = new Dentry(this, "", undefined, new RowInode(this, bind(top, kernel, undefined)));
  }
  nextIno(): number {
    return ++this.last;
  }
  statfs(): FilesystemStatistics {
    return { type: MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
}

export const sysfs: FileSystem = {
  name: "sysfs",
  nodev: true,
  userMount: ({ net }) => net.userNamespace,
  revealing: true,
  mount(kernel: Kernel, from: MountSource): Superblock {
    return new Sysfs(kernel, this, from.source || "sysfs");
  },
};
