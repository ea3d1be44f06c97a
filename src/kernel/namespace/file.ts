// Namespaces as files: what /proc/PID/ns leads to. An open one holds the namespace for setns(2). namespaces(7), ioctl_ns(2)
import { EINVAL, ENOTTY, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { O_CLOEXEC, O_RDONLY, RLIMIT_NOFILE, S_IFREG } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { internalMount } from "../vfs/anonymous.ts";
import { Dentry } from "../vfs/dentry.ts";
import { File, type FileOperations } from "../vfs/file.ts";
import { Inode } from "../vfs/inode.ts";
import { type Mount, MountNamespace, Path } from "../vfs/mount.ts";
import type { Superblock } from "../vfs/superblock.ts";
import { KINDS, type Namespace, type NamespaceKind } from "./namespace.ts";
import { PidNamespace } from "./pid.ts";
import type { UserNamespace } from "./user.ts";

export type AnyNamespace = Namespace | UserNamespace;

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
  readonly namespace: AnyNamespace;

  constructor(kernel: Kernel, superblock: Superblock, number: number, namespace: AnyNamespace) {
    super(superblock, number, S_IFREG | 0o444);
    this.namespace = namespace;
    this.atime = this.mtime = this.ctime = this.btime = kernel.clock.now();
  }
  /** An open file holds the namespace. */
  override open(): FileOperations {
    this.namespace.ref();
    return namespaceFile;
  }
}

/** A task's namespace of a kind; those of its children may be others (nsproxy.ts). */
export function namespaceOf({ nsproxy, cred, pidNamespace }: Task, kind: NamespaceKind): AnyNamespace {
  switch (kind) {
    case "user":
      return cred.userNamespace;
    case "pid":
      return pidNamespace;
    case "mnt":
      return nsproxy.mounts;
    default:
      return nsproxy[kind];
  }
}

/** Where each namespace is found: one inode for one namespace. */
export class NamespacePlaces {
  private readonly kernel: Kernel;
  private readonly places = new WeakMap<AnyNamespace, Path>();
  private last = LATER;
  private mount: Mount | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  of(namespace: AnyNamespace): Path {
    const known = this.places.get(namespace);
    if (known) return known;
    const { kernel } = this;
    const { kind } = namespace;
    const init = kernel.tasks.init?.leader;
    const number = init && namespaceOf(init, kind) === namespace ? FIRST[kind] : this.last++;
    this.mount ??= internalMount(kernel, "nsfs", NSFS_MAGIC, holder);
    const { superblock, root } = this.mount;
    const inode = new NamespaceInode(kernel, superblock, number, namespace);
    const path = new Path(this.mount, new Dentry(superblock, `${kind}:[${number}]`, root, inode));
    this.places.set(namespace, path);
    return path;
  }
}

/** A mount of a namespace's file holds the namespace. */
const holder = {
  pin: ({ inode }: Dentry) => {
    if (inode instanceof NamespaceInode) inode.namespace.ref();
  },
  unpin: ({ inode }: Dentry) => {
    if (inode instanceof NamespaceInode) inode.namespace.unref();
  },
};

const NS_GET_USERNS = 0xb701;
const NS_GET_PARENT = 0xb702;
const NS_GET_NSTYPE = 0xb703;
const NS_GET_OWNER_UID = 0xb704;
/** 64 bits: what statmount(2) calls a mount namespace. */
const NS_GET_MNTNS_ID = 0x8008b705;
// Numbers of processes, there and here; the argument is a number itself.
const NS_GET_PID_FROM_PIDNS = 0x8004b706;
const NS_GET_TGID_FROM_PIDNS = 0x8004b707;
const NS_GET_PID_IN_PIDNS = 0x8004b708;
const NS_GET_TGID_IN_PIDNS = 0x8004b709;

/** A new descriptor of a namespace. Errors: EMFILE. */
export function openNamespace(task: Task, namespace: AnyNamespace): number | Errno {
  const path = task.kernel.namespaces.of(namespace);
  const file = new File(path, path.dentry.inode!, O_RDONLY | O_CLOEXEC, namespaceFile);
  namespace.ref();
  const fd = task.files.install(file, true, task.group.limit(RLIMIT_NOFILE));
  if (fd < 0) file.unref();
  return fd;
}

const namespaceFile: FileOperations = {
  release({ inode }) {
    (inode as NamespaceInode).namespace.unref();
  },
  ioctl(file, task, command, argument) {
    const { namespace } = file.inode as NamespaceInode;
    switch (command) {
      case NS_GET_NSTYPE:
        return KINDS[namespace.kind];
      case NS_GET_USERNS:
        return openOwner(task, namespace.kind === "user" ? namespace.parent : namespace.userNamespace);
      case NS_GET_PARENT:
        if (namespace.kind === "user") return openOwner(task, namespace.parent);
        return namespace instanceof PidNamespace ? openAbove(task, namespace.parent) : EINVAL;
      case NS_GET_OWNER_UID:
        if (namespace.kind !== "user") return EINVAL;
        return task.mm.writeU32(argument, task.cred.userNamespace.showUid(namespace.owner));
      case NS_GET_MNTNS_ID:
        return namespace instanceof MountNamespace ? task.mm.writeU64(argument, BigInt(namespace.id)) : EINVAL;
      case NS_GET_PID_FROM_PIDNS:
      case NS_GET_TGID_FROM_PIDNS:
      case NS_GET_PID_IN_PIDNS:
      case NS_GET_TGID_IN_PIDNS:
        return namespace instanceof PidNamespace ? translate(task, namespace, command, argument | 0) : EINVAL;
      default:
        return ENOTTY;
    }
  },
};

/** User namespaces are seen from themselves and from above. Errors: EPERM. ioctl_ns(2) */
function openOwner(task: Task, owner: UserNamespace | undefined): number | Errno {
  return owner && task.cred.userNamespace.contains(owner) ? openNamespace(task, owner) : EPERM;
}

function openAbove(task: Task, parent: PidNamespace | undefined): number | Errno {
  return parent && task.pidNamespace.contains(parent) ? openNamespace(task, parent) : EPERM;
}

/** Errors: ESRCH. */
function translate(task: Task, namespace: PidNamespace, command: number, number: number): number | Errno {
  const outward = command === NS_GET_PID_FROM_PIDNS || command === NS_GET_TGID_FROM_PIDNS;
  const [from, to] = outward ? [namespace, task.pidNamespace] : [task.pidNamespace, namespace];
  const found = task.kernel.tasks.task(from.find(number));
  if (!found) return ESRCH;
  const whole = command === NS_GET_TGID_FROM_PIDNS || command === NS_GET_TGID_IN_PIDNS;
  return to.of(whole ? found.pid : found.tid) || ESRCH;
}
