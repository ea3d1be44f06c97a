// The dentry tree: names in directories, as far as they have been looked up. A dentry without inode is negative.
import type { Inode } from "./inode.ts";
import type { Superblock } from "./superblock.ts";

export class Dentry {
  name: string;
  /** The root of a filesystem is its own parent. */
  parent: Dentry;
  readonly superblock: Superblock;
  inode: Inode | undefined;
  children: Map<string, Dentry> | undefined;
  /** Removed from the tree while still in use: shows as "(deleted)". */
  unlinked = false;
  /** How many mounts sit on it, in whatever namespace (a quick test while walking). */
  mounts = 0;

  constructor(superblock: Superblock, name: string, parent: Dentry | undefined, inode: Inode | undefined) {
    this.superblock = superblock;
    this.name = name;
    this.parent = parent ?? this;
    this.inode = inode;
  }
  get isRoot(): boolean {
    return this.parent === this;
  }
  child(name: string): Dentry | undefined {
    return this.children?.get(name);
  }
  /** Enters a child; a positive one stays until it is removed. */
  attach(name: string, inode: Inode | undefined): Dentry {
    const dentry = new Dentry(this.superblock, name, this, inode);
    (this.children ??= new Map()).set(name, dentry);
    return dentry;
  }
  detach(name: string): void {
    this.children?.delete(name);
  }
  /** Enters an existing dentry under a name: a negative one that got its inode, one that was moved. */
  adopt(dentry: Dentry, name: string): void {
    dentry.parent = this;
    dentry.name = name;
    (this.children ??= new Map()).set(name, dentry);
  }
}
