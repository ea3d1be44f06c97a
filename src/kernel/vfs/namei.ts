// From path names to places in the tree. path_resolution(7), symlink(7), openat2(2).
// Name look-ups are in dcache.ts, permissions in security/permission.ts, the way back (getcwd) in path-name.ts.
import {
  EACCES,
  EAGAIN,
  EBADF,
  EFAULT,
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  type Errno,
  EXDEV,
} from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/flags.ts";
import {
  MS_NOSYMFOLLOW,
  RESOLVE_BENEATH,
  RESOLVE_CACHED,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from "../../abi/mount.ts";
import type { UserAddress } from "../mm/user.ts";
import { inodePermission, MAY_EXEC } from "../security/permission.ts";
import type { Task } from "../task/task.ts";
import { touchAtime } from "./atime.ts";
import { lookupChild } from "./dcache.ts";
import type { Dentry } from "./dentry.ts";
import type { Inode } from "./inode.ts";
import { type Mount, Path } from "./mount.ts";
import { joined } from "./path-parts.ts";

/** In whose name a path is walked: a task, or the kernel with a task's root and other credentials. */
export type Walker = Pick<Task, "kernel" | "fs" | "cred" | "files">;

/** Follow a symlink at the end. */
export const FOLLOW = 1;
/** The end must be a directory. */
export const DIRECTORY = 2;
/** An empty path is the place of the descriptor (AT_EMPTY_PATH). */
export const EMPTY = 4;
const PARENT = 8;

export const PATH_MAX = 4096;
const MAXSYMLINKS = 40;
const SLASH = 47;

/** The last name of a path, and the directory in which it is to be made, removed or changed. */
export interface Parent {
  readonly path: Path;
  readonly name: string;
  /** "." and ".." and "/" name nothing that could be made or removed. */
  readonly kind: "name" | "." | ".." | "/";
  /** The path ended in a slash. */
  readonly slash: boolean;
}

/** Reads a path argument. Errors: EFAULT, ENAMETOOLONG. */
export function pathArgument(task: Task, address: UserAddress): string | Errno {
  return task.mm.readString(address, PATH_MAX);
}

/** A path argument that may be NULL, which then is the empty path (AT_EMPTY_PATH since Linux 6.11). */
export function optionalPath(task: Task, address: UserAddress): string | Errno {
  const path = address === 0 ? "" : pathArgument(task, address);
  return path === EFAULT ? EFAULT : path;
}

/** Where a path leads. Errors: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EBADF, and those of RESOLVE_*. */
export function walk(task: Walker, dirfd: number, path: string, flags: number, resolve = 0): Path | Errno {
  const walker = begin(task, flags, resolve);
  const result = walker.start(dirfd, path);
  const place = result < 0 ? (result as Errno) : new Path(walker.mount, walker.dentry);
  task.kernel.vfs.spareWalk = walker;
  return place;
}

/** As `walk`, for calls that ask only what is there. */
export function walkToInode(task: Walker, dirfd: number, path: string, flags: number): Inode | Errno {
  const walker = begin(task, flags, 0);
  const result = walker.start(dirfd, path);
  const inode = result < 0 ? (result as Errno) : walker.dentry.inode!;
  task.kernel.vfs.spareWalk = walker;
  return inode;
}

/** The walk that was made last is used again, unless one is under way. */
function begin(task: Walker, flags: number, resolve: number): Walk {
  const { vfs } = task.kernel;
  const spare = vfs.spareWalk;
  if (!spare) return new Walk(task, flags, resolve);
  vfs.spareWalk = undefined;
  spare.begin(task, flags, resolve);
  return spare;
}

/** As `walk`, from a path instead of a descriptor. */
export function walkFrom(task: Walker, base: Path, path: string, flags: number): Path | Errno {
  const walker = new Walk(task, flags, 0);
  const result = walker.startAt(base, path);
  return result < 0 ? (result as Errno) : new Path(walker.mount, walker.dentry);
}

/** The directory that holds a path's last name; the name need not exist. */
export function parentOf(task: Walker, dirfd: number, path: string, resolve = 0): Parent | Errno {
  const walker = new Walk(task, PARENT, resolve);
  const result = walker.start(dirfd, path);
  return result < 0 ? (result as Errno) : walker.parent();
}

/** The walk that open(2) with O_CREAT makes: to the directory, then perhaps along symlinks at the end. */
export class Walk {
  private task: Walker;
  private flags: number;
  private resolve: number;
  mount: Mount;
  dentry: Dentry;
  private rootMount: Mount;
  private rootDentry: Dentry;
  private links = 0;
  private last = "";
  private slash = false;

  constructor(task: Walker, flags: number, resolve: number) {
    this.task = task;
    this.flags = flags;
    this.resolve = resolve;
    const { root } = task.fs;
    this.mount = this.rootMount = root.mount;
    this.dentry = this.rootDentry = root.dentry;
  }
  /** As new. */
  begin(task: Walker, flags: number, resolve: number): void {
    this.task = task;
    this.flags = flags;
    this.resolve = resolve;
    const { root } = task.fs;
    this.mount = this.rootMount = root.mount;
    this.dentry = this.rootDentry = root.dentry;
    this.links = 0;
    this.last = "";
    this.slash = false;
  }
  static toParent(task: Walker, resolve: number): Walk {
    return new Walk(task, PARENT, resolve);
  }
  parent(): Parent {
    const { last } = this;
    const kind = last === "" ? "/" : last === "." || last === ".." ? last : "name";
    return { path: new Path(this.mount, this.dentry), name: last, kind, slash: this.slash };
  }
  start(dirfd: number, path: string): 0 | Errno {
    if (path === "" && (this.flags & EMPTY) === 0) return ENOENT;
    if (path.charCodeAt(0) !== SLASH || this.scoped) {
      if (dirfd === AT_FDCWD) this.moveTo(this.task.fs.cwd);
      else {
        const file = this.task.files.get(dirfd);
        if (!file) return EBADF;
        this.moveTo(file.path);
        if (path !== "" && !this.dentry.inode?.isDirectory) return ENOTDIR;
      }
      if (this.scoped) {
        this.rootMount = this.mount;
        this.rootDentry = this.dentry;
      }
    }
    return this.run(path);
  }
  startAt(base: Path, path: string): 0 | Errno {
    this.moveTo(base);
    return this.run(path);
  }
  /** From a parent found before, goes on along the symlink that is its last name. */
  followLast(link: Dentry, slash: boolean): 0 | Errno {
    if (this.foreignLink(this.dentry.inode!, link.inode!)) return EACCES;
    const target = this.target(link);
    if (typeof target === "number") return target;
    if (target === undefined) {
      this.last = "";
      return 0;
    }
    return this.run(slash ? `${target}/` : target);
  }
  private get scoped(): boolean {
    return (this.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0;
  }
  private moveTo(path: Path): void {
    this.mount = path.mount;
    this.dentry = path.dentry;
  }
  private jumpToRoot(): 0 | Errno {
    if ((this.resolve & RESOLVE_BENEATH) !== 0) return EXDEV;
    if ((this.resolve & RESOLVE_NO_XDEV) !== 0 && this.mount !== undefined && this.mount !== this.rootMount)
      return EXDEV;
    this.mount = this.rootMount;
    this.dentry = this.rootDentry;
    return 0;
  }

  private run(path: string): 0 | Errno {
    const { task, flags, resolve } = this;
    const { cred } = task;
    const { vfs } = task.kernel;
    let parts = vfs.paths.cut(path, task.kernel.strings);
    let next = 0;
    this.last = "";
    if (parts.absolute) {
      const result = this.jumpToRoot();
      if (result < 0) return result;
    }
    while (next < parts.names.length) {
      const name = parts.names[next++]!;
      const parent = this.dentry;
      const directory = parent.inode;
      if (!directory?.isDirectory) return ENOTDIR;
      const denied = inodePermission(cred, directory, MAY_EXEC);
      if (denied < 0) return denied;
      const final = next === parts.names.length;
      if (final && (flags & PARENT) !== 0) {
        this.last = name;
        this.slash = parts.slash;
        return 0;
      }
      if (name === ".") continue;
      if (name === "..") {
        const result = this.up();
        if (result < 0) return result;
        continue;
      }
      if ((resolve & RESOLVE_CACHED) !== 0 && !parent.child(name)) return EAGAIN;
      const child = lookupChild(vfs, parent, name);
      if (typeof child === "number") return child;
      const mount = this.mount;
      const into = child.mounts > 0 ? this.into(child) : 0;
      if (into < 0) return into as Errno;
      const dentry = into === 1 ? this.dentry : child;
      const { inode } = dentry;
      if (!inode) return ENOENT;
      const more = !final || parts.slash;
      if (inode.isSymlink && (more || (flags & FOLLOW) !== 0)) {
        if (into === 1) return ELOOP;
        if (!more && this.foreignLink(directory, inode)) return EACCES;
        this.mount = mount;
        const target = this.target(dentry);
        if (typeof target === "number") return target;
        if (target === undefined) {
          if (more && !this.dentry.inode?.isDirectory) return ENOTDIR;
          continue;
        }
        parts = joined(vfs.paths.cutTarget(target), parts, next);
        next = 0;
        if (parts.absolute) {
          const result = this.jumpToRoot();
          if (result < 0) return result;
        }
        continue;
      }
      if (more && !inode.isDirectory) return ENOTDIR;
      this.dentry = dentry;
    }
    if ((flags & DIRECTORY) !== 0 && !this.dentry.inode?.isDirectory) return ENOTDIR;
    return 0;
  }

  /** Steps on to what is mounted on `dentry`. Returns 1 when it did, 0 when nothing is mounted there in this tree. */
  private into(dentry: Dentry): number {
    let moved = 0;
    while (dentry.mounts > 0) {
      const mounted = this.mount.children?.get(dentry);
      if (!mounted) break;
      if ((this.resolve & RESOLVE_NO_XDEV) !== 0) return EXDEV;
      this.mount = mounted;
      dentry = this.dentry = mounted.root;
      moved = 1;
    }
    return moved;
  }

  private up(): 0 | Errno {
    for (;;) {
      if (this.dentry === this.rootDentry && this.mount === this.rootMount) {
        return (this.resolve & RESOLVE_BENEATH) !== 0 ? EXDEV : 0;
      }
      if (this.dentry !== this.mount.root) break;
      const { parent, mountpoint } = this.mount;
      if (!parent || !mountpoint) return 0;
      if ((this.resolve & RESOLVE_NO_XDEV) !== 0) return EXDEV;
      this.mount = parent;
      this.dentry = mountpoint;
    }
    this.dentry = this.dentry.parent;
    const into = this.dentry.mounts > 0 ? this.into(this.dentry) : 0;
    return into < 0 ? (into as Errno) : 0;
  }

  /** fs.protected_symlinks: in a directory that all may write to, one follows one's own links and its owner's. proc(5) */
  private foreignLink(directory: Inode, link: Inode): boolean {
    if ((directory.mode & 0o1002) !== 0o1002) return false;
    if (link.uid === this.task.cred.fsuid || link.uid === directory.uid) return false;
    return this.task.kernel.sysctl.number("fs/protected_symlinks") !== 0;
  }

  /** What a symlink says; undefined when a magic link has led on by itself. */
  private target(link: Dentry): string | undefined | Errno {
    if (this.links++ >= MAXSYMLINKS) return ELOOP;
    if ((this.resolve & RESOLVE_NO_SYMLINKS) !== 0 || (this.mount.flags & MS_NOSYMFOLLOW) !== 0) return ELOOP;
    const inode = link.inode!;
    touchAtime(this.task.kernel, this.mount, inode);
    const magic = inode.follow();
    if (magic !== undefined) {
      if (typeof magic === "number") return magic;
      if ((this.resolve & RESOLVE_NO_MAGICLINKS) !== 0) return ELOOP;
      if ((this.resolve & RESOLVE_NO_XDEV) !== 0 && magic.mount !== this.mount) return EXDEV;
      if (this.scoped) return EXDEV;
      this.moveTo(magic);
      return undefined;
    }
    const target = inode.readlink();
    if (typeof target === "string" && target.length >= PATH_MAX) return ENAMETOOLONG;
    return target;
  }
}
