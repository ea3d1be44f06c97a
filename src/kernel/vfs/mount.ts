// Mounts: filesystems put together into one tree, for each mount namespace. A place in the tree is a Path.
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

export class MountNamespace {
  readonly id: number;
  root: Mount;
  /** All mounts in the order they were made. */
  readonly mounts = new Set<Mount>();

  constructor(id: number, root: Mount) {
    this.id = id;
    this.root = root;
    this.mounts.add(root);
  }
  /** The mount that covers `path`'s directory, the newest first. */
  mountedOn(path: Path): Mount | undefined {
    if (path.dentry.mounts === 0) return undefined;
    let found: Mount | undefined;
    for (const mount of this.mounts) if (mount.parent === path.mount && mount.mountpoint === path.dentry) found = mount;
    return found;
  }
}
