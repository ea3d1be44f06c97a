// Namespaces as files: what /proc/PID/ns leads to. An open one holds the namespace for setns(2). namespaces(7), ioctl_ns(2)
import { EINVAL, ENOTTY, EPERM, type Errno } from "../../abi/errno.ts";
import { O_CLOEXEC, O_RDONLY, RLIMIT_NOFILE, S_IFREG } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { internalMount } from "../vfs/anonymous.ts";
import { Dentry } from "../vfs/dentry.ts";
import { File, type FileOperations } from "../vfs/file.ts";
import { Inode } from "../vfs/inode.ts";
import { type Mount, Path } from "../vfs/mount.ts";
import type { Superblock } from "../vfs/superblock.ts";

/** Kinds with their CLONE_NEW* flags. */
export const KINDS = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  mnt: 0x00020000,
  net: 0x40000000,
  pid: 0x20000000,
  time: 0x00000080,
  user: 0x10000000,
  uts: 0x04000000,
} as const;
export type NamespaceKind = keyof typeof KINDS;

/** Linux's numbers for the first namespaces (include/linux/proc_ns.h). */
const FIRST: Readonly<Record<NamespaceKind, number>> = {
  time: 0xeffffffa,
  cgroup: 0xeffffffb,
  pid: 0xeffffffc,
  user: 0xeffffffd,
  uts: 0xeffffffe,
  ipc: 0xefffffff,
  mnt: 0xf0000000,
  net: 0xf0000001,
};
const NSFS_MAGIC = 0x6e736673;
const LATER = 0xf0000100;

export class NamespaceInode extends Inode {
  readonly kind: NamespaceKind;
  /** What stands for it: the kernel itself where there is only one of the kind. */
  readonly namespace: object;

  constructor(kernel: Kernel, superblock: Superblock, number: number, kind: NamespaceKind, namespace: object) {
    super(superblock, number, S_IFREG | 0o444);
    this.kind = kind;
    this.namespace = namespace;
    this.atime = this.mtime = this.ctime = this.btime = kernel.clock.now();
  }
  override open(): FileOperations {
    return namespaceFile;
  }
}

/** The object that stands for a task's namespace of a kind. */
export function namespaceOf(task: Task, kind: NamespaceKind): object {
  if (kind === "uts") return task.uts;
  return kind === "mnt" ? task.mounts : task.kernel;
}

/** Where each namespace is found: one inode for one namespace. */
export class NamespacePlaces {
  private readonly kernel: Kernel;
  private readonly places = new WeakMap<object, Map<NamespaceKind, Path>>();
  private last = LATER;
  private mount: Mount | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  of(task: Task, kind: NamespaceKind): Path {
    const { kernel } = this;
    const namespace = namespaceOf(task, kind);
    let kinds = this.places.get(namespace);
    if (!kinds) {
      kinds = new Map();
      this.places.set(namespace, kinds);
    }
    let path = kinds.get(kind);
    if (!path) {
      const first = kernel.tasks.init?.leader;
      const number = !first || namespaceOf(first, kind) === namespace ? FIRST[kind] : this.last++;
      this.mount ??= internalMount(kernel, "nsfs", NSFS_MAGIC);
      const { superblock, root } = this.mount;
      const inode = new NamespaceInode(kernel, superblock, number, kind, namespace);
      path = new Path(this.mount, new Dentry(superblock, `${kind}:[${number}]`, root, inode));
      kinds.set(kind, path);
    }
    return path;
  }
}

const NS_GET_USERNS = 0xb701;
const NS_GET_PARENT = 0xb702;
const NS_GET_NSTYPE = 0xb703;
const NS_GET_OWNER_UID = 0xb704;

function openPlace(task: Task, path: Path): number | Errno {
  const file = new File(path, path.dentry.inode!, O_RDONLY | O_CLOEXEC, namespaceFile);
  const fd = task.files.install(file, true, task.group.limit(RLIMIT_NOFILE));
  if (fd < 0) file.unref();
  return fd;
}

const namespaceFile: FileOperations = {
  ioctl(file, task, command, argument) {
    const { kind } = file.inode as NamespaceInode;
    switch (command) {
      case NS_GET_NSTYPE:
        return KINDS[kind];
      case NS_GET_USERNS:
        // All belong to the only one; that one's own parent is not to be seen.
        return kind === "user" ? EPERM : openPlace(task, task.kernel.namespaces.of(task, "user"));
      case NS_GET_PARENT:
        return kind === "user" || kind === "pid" ? EPERM : EINVAL;
      case NS_GET_OWNER_UID:
        return kind === "user" ? task.mm.writeU32(argument, 0) : EINVAL;
      default:
        return ENOTTY;
    }
  },
};
