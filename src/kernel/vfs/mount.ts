// Mounts: filesystems put together into one tree, for each mount namespace. A place in the tree is a Path.
import { Namespace, type Ownership } from "../namespace/namespace.ts";
import type { Dentry } from "./dentry.ts";
import type { Superblock } from "./superblock.ts";

export class Mount {
  readonly id: number;
  readonly superblock: Superblock;
  /** The part of the filesystem that is visible: its root, or a directory for a bind mount. */
  readonly root: Dentry;
  /** Where it is mounted; undefined for the root of a namespace. */
  parent: Mount | undefined;
  mountpoint: Dentry | undefined;
  /** What is mounted on directories (or files) of this one; at most one on each, as a second covers the first's root. */
  children: Map<Dentry, Mount> | undefined;
  /** undefined once it is out of every tree. */
  namespace: MountNamespace | undefined;
  /** Peer group of a shared mount and master of a slave one, 0 for none. mount_namespaces(7) */
  peerGroup = 0;
  master = 0;
  unbindable = false;
  /** It came from a mount namespace of a user namespace above: it stays where it is, and covers what it covers. */
  locked = false;
  /** Those of `flags` that stay set, and the rule of access times (MS_RELATIME stands for all of them). */
  lockedFlags = 0;
  /** Unused since it was looked at last. umount2(2), MNT_EXPIRE */
  expiring = false;
  /** MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME… */
  flags: number;

  constructor(id: number, superblock: Superblock, root: Dentry, flags: number) {
    this.id = id;
    this.superblock = superblock;
    this.root = root;
    this.flags = flags;
  }
}

/** A place in the tree. Immutable. */
export class Path {
  readonly mount: Mount;
  readonly dentry: Dentry;
  constructor(mount: Mount, dentry: Dentry) {
    this.mount = mount;
    this.dentry = dentry;
  }
  equals(other: Path): boolean {
    return this.mount === other.mount && this.dentry === other.dentry;
  }
}

export class MountNamespace extends Namespace {
  readonly kind = "mnt";
  readonly id: number;
  root: Mount;
  /** All mounts in the order they were made. */
  readonly mounts = new Set<Mount>();

  /** Told when nobody uses it any more. */
  onRelease: (() => void) | undefined;

  constructor(id: number, root: Mount, ownership?: Ownership) {
    super(ownership);
    this.id = id;
    this.root = root;
    this.mounts.add(root);
    root.namespace = this;
  }
  protected override release(): void {
    this.onRelease?.();
  }
  /** Where a task that comes in stands: the root, or what was mounted over it. */
  get top(): Path {
    let mount = this.root;
    for (let over = mount.children?.get(mount.root); over; over = mount.children?.get(mount.root)) mount = over;
    return new Path(mount, mount.root);
  }
  /** The mount that covers `path`. */
  mountedOn(path: Path): Mount | undefined {
    return path.dentry.mounts === 0 ? undefined : path.mount.children?.get(path.dentry);
  }
}
