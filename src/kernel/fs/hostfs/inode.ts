// Files of a host folder as inodes. The host's attributes are the truth and are asked for; content goes to the host as it
// is written (content.ts). Where an inode is on the host it knows as a name in a directory: the last that led to it.
import {
  EINVAL,
  EIO,
  EISDIR,
  ENOENT,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  type Errno,
  ESTALE,
  EXDEV,
} from "../../../abi/errno.ts";
import { S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from "../../../abi/flags.ts";
import type { Task } from "../../task/task.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { type Attributes, type Creation, type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import { Content, contentFile } from "./content.ts";
import type { HostAccess, HostChanges, HostDirectory, HostFile, HostStatus } from "./host-folder.ts";
import type { HostSuperblock } from "./index.ts";

/** Where an inode is: a name in a directory. undefined: the root, or a file without a name. */
export interface Place {
  directory: HostInode;
  name: string;
}

export class HostInode extends Inode {
  declare readonly superblock: HostSuperblock;
  place: Place | undefined;
  /** Directories: the host's. */
  readonly directory: HostDirectory | undefined;
  /** Regular files: handles and pages. */
  readonly content: Content | undefined;
  private status: HostStatus;
  /** The call in which the host was asked last: until it is over what it said holds, unless the call itself changes it. */
  private askedBy: Task | undefined;
  private askedIn = 0;
  private exact: { host: HostStatus; atime: bigint | undefined; mtime: bigint | undefined } | undefined;

  constructor(superblock: HostSuperblock, status: HostStatus, place: Place | undefined, directory?: HostDirectory) {
    super(superblock, status.ino, status.mode);
    this.place = place;
    this.directory = directory;
    this.status = status;
    if (this.isRegular) {
      this.content = new Content(this, superblock.kernel.ram);
      this.pages = this.content.pages;
    }
    this.update(status);
  }
  /** Takes over what the host says now. Content that someone else has changed is read anew. */
  update(given: HostStatus): void {
    const status = this.superblock.shown(this.exactly(given));
    const changed = status.mtime !== this.mtime || status.size !== this.size;
    this.status = status;
    this.mode = status.mode;
    this.uid = status.uid;
    this.gid = status.gid;
    this.nlink = status.nlink;
    this.rdev = status.rdev;
    this.atime = status.atime;
    this.ctime = status.ctime;
    this.btime = status.btime;
    if (changed) {
      this.content?.changedOutside(status.size);
      this.size = status.size;
      this.mtime = status.mtime;
    }
  }
  /** Times that were set, to the nanosecond, where the host keeps what it could of them. */
  private exactly(status: HostStatus): HostStatus {
    const { exact } = this;
    if (!exact) return status;
    const { atime, mtime } = status;
    return {
      ...status,
      atime: atime === exact.host.atime ? (exact.atime ?? atime) : atime,
      mtime: mtime === exact.host.mtime ? (exact.mtime ?? mtime) : mtime,
    };
  }
  override get blocks(): number {
    return this.status.blocks;
  }
  override get blockSize(): number {
    return this.status.blockSize;
  }
  override refresh(): void {
    const { current } = this.superblock.kernel;
    if (current !== undefined && current === this.askedBy && current.syscalls === this.askedIn) return;
    const status = this.now();
    if (typeof status !== "number") this.update(status);
    // Gone, and not open: whoever still holds the inode has the last that was known of it.
    else if (status === ENOENT || status === ESTALE) this.nlink = 0;
  }
  /** A look-up has just brought its status. */
  asked(): void {
    const { current } = this.superblock.kernel;
    this.askedBy = current;
    this.askedIn = current?.syscalls ?? 0;
  }
  /** The call that is being made has changed something. */
  changed(): void {
    this.askedBy = undefined;
  }
  /** It has been found, or put, at this place. */
  moveTo(place: Place): void {
    const { directory, place: old } = this;
    this.place = place;
    const parent = place.directory.directory;
    if (directory && parent && (old?.directory !== place.directory || old.name !== place.name)) {
      directory.moved(parent, place.name);
    }
  }
  /** The host's word on this very file. */
  private now(): HostStatus | Errno {
    const { content, directory, place } = this;
    if (directory) return directory.status();
    const open = content?.status();
    if (open !== undefined) return open;
    const status = place?.directory.directory?.child(place.name) ?? ENOENT;
    return typeof status === "number" || this.superblock.same(this, status) ? status : ESTALE;
  }
  get dev(): number {
    return this.status.dev;
  }
  openHost(access: HostAccess): HostFile | Errno {
    const { place } = this;
    return place?.directory.directory?.open(place.name, this.ino, access) ?? ESTALE;
  }

  // directories
  private own(): HostDirectory {
    return this.directory!;
  }
  override lookup(name: string): Inode | Errno | undefined {
    if (!this.directory) return ENOTDIR;
    const status = this.directory.child(name);
    if (typeof status === "number") return status === ENOENT ? undefined : status;
    const inode = this.superblock.inode(status, { directory: this, name });
    inode.asked();
    return inode;
  }
  override entries(): readonly DirectoryEntry[] | Errno {
    const entries = this.directory?.entries() ?? ENOTDIR;
    return typeof entries === "number" ? entries : this.superblock.withStandIns(this.dev, entries);
  }
  override create(name: string, creation: Creation): Inode | Errno {
    if (this.superblock.readOnly) return EROFS;
    const type = creation.mode & S_IFMT;
    // Devices would be the host's own. A FIFO or a socket is the machine's: on the host it is an empty file.
    if (type !== S_IFREG && type !== S_IFIFO && type !== S_IFSOCK) return EPERM;
    const file = this.own().create(name, creation.mode & 0o7777);
    if (typeof file === "number") return file;
    if (type !== S_IFREG) {
      const status = file.status();
      if (typeof status !== "number") this.superblock.standIn(status, type);
    }
    const inode = this.made(name, creation);
    if (inode instanceof HostInode && inode.content) inode.content.adopt(file);
    else file.close();
    return inode;
  }
  /** Only for good: the host has no call that gives it a name later. */
  override temporary(creation: Creation, linkable: boolean): Inode | Errno {
    if (this.superblock.readOnly) return EROFS;
    if (linkable) return EOPNOTSUPP;
    const file = this.own().temporary(creation.mode & 0o7777);
    if (typeof file === "number") return file;
    file.change({ uid: creation.uid, gid: creation.gid });
    file.change({ mode: creation.mode & 0o7777 });
    const status = file.status();
    if (typeof status === "number") {
      file.close();
      return status;
    }
    const inode = new HostInode(this.superblock, status, undefined);
    inode.content?.adopt(file);
    return inode;
  }
  override mkdir(name: string, creation: Creation): Inode | Errno {
    if (this.superblock.readOnly) return EROFS;
    const result = this.own().mkdir(name, creation.mode & 0o7777);
    return result < 0 ? (result as Errno) : this.made(name, creation);
  }
  override symlink(name: string, target: string, creation: Creation): Inode | Errno {
    if (this.superblock.readOnly) return EROFS;
    const result = this.own().symlink(name, target);
    return result < 0 ? (result as Errno) : this.made(name, creation);
  }
  /** The inode of what was just made, given its owner and mode where the host lets us. */
  private made(name: string, creation: Creation): Inode | Errno {
    const status = this.own().child(name);
    if (typeof status === "number") return status;
    const changes: HostChanges = {};
    if (status.uid !== creation.uid || status.gid !== creation.gid) {
      changes.uid = creation.uid;
      changes.gid = creation.gid;
    }
    // An owner that the host refuses stays the one who runs us; the file is there all the same.
    if (changes.uid !== undefined) this.own().change(name, status.ino, changes);
    const mode = creation.mode & 0o7777;
    if ((status.mode & S_IFMT) !== S_IFLNK && (status.mode & 0o7777) !== mode) {
      this.own().change(name, status.ino, { mode });
    }
    const inode = this.lookup(name);
    return inode ?? ENOENT;
  }
  override link(name: string, inode: Inode): Errno | 0 {
    if (this.superblock.readOnly) return EROFS;
    if (!(inode instanceof HostInode) || inode.superblock !== this.superblock) return EXDEV;
    const { place } = inode;
    if (!place?.directory.directory) return ENOENT;
    // The name must still lead to this file, not to what someone has put there since.
    const status = place.directory.directory.child(place.name);
    if (typeof status === "number") return status;
    if (!this.superblock.same(inode, status)) return ESTALE;
    const result = this.own().link(name, place.directory.directory, place.name);
    inode.changed();
    if (result === 0) inode.refresh();
    return result;
  }
  override unlink(name: string, inode: Inode): Errno | 0 {
    if (this.superblock.readOnly) return EROFS;
    if (!(inode instanceof HostInode)) return EPERM;
    // Its pages may be wanted after its name is gone.
    if (inode.opens > 0) inode.content?.hold();
    const result = this.own().unlink(name);
    if (result === 0) inode.dropped(this, name);
    return result;
  }
  override rmdir(name: string, inode: Inode): Errno | 0 {
    if (this.superblock.readOnly) return EROFS;
    if (!(inode instanceof HostInode)) return EPERM;
    const result = this.own().rmdir(name);
    if (result === 0) {
      inode.nlink = 0;
      this.superblock.forget(inode);
    }
    return result;
  }
  /** A name of it is gone. */
  private dropped(directory: HostInode, name: string): void {
    this.changed();
    const { place } = this;
    if (place?.directory === directory && place.name === name) this.place = undefined;
    this.nlink--;
    if (this.nlink > 0) return;
    this.nlink = 0;
    this.superblock.forget(this);
  }
  override rename(name: string, newParent: Inode, newName: string, exchange: boolean): Errno | 0 {
    if (this.superblock.readOnly) return EROFS;
    if (!(newParent instanceof HostInode) || newParent.superblock !== this.superblock) return EXDEV;
    const moved = this.lookup(name);
    if (!(moved instanceof HostInode)) return typeof moved === "number" ? moved : ENOENT;
    const replaced = newParent.lookup(newName);
    if (exchange) {
      if (!(replaced instanceof HostInode)) return ENOENT;
      const result = this.own().exchange(name, newParent.own(), newName);
      if (result < 0) return result;
      moved.moveTo({ directory: newParent, name: newName });
      replaced.moveTo({ directory: this, name });
      return 0;
    }
    if (replaced instanceof HostInode && replaced.opens > 0) replaced.content?.hold();
    const result = this.own().rename(name, newParent.own(), newName);
    if (result < 0) return result as Errno;
    moved.moveTo({ directory: newParent, name: newName });
    if (replaced instanceof HostInode && replaced !== moved) {
      if (replaced.isDirectory) {
        replaced.nlink = 0;
        this.superblock.forget(replaced);
      } else replaced.dropped(newParent, newName);
    }
    return 0;
  }

  override readlink(): string | Errno {
    const { place } = this;
    return place?.directory.directory?.readlink(place.name) ?? EINVAL;
  }

  override setattr(changes: Attributes): Errno | 0 {
    if (this.superblock.readOnly) return EROFS;
    this.changed();
    if (changes.size !== undefined) {
      const result = this.content?.truncate(changes.size) ?? EISDIR;
      if (result < 0) return result as Errno;
    }
    const { mode, uid, gid, atime, mtime } = changes;
    // A cut has set the time already: the host's own clock is as good as ours.
    const times = changes.size === undefined;
    const wanted: HostChanges = {
      ...(mode === undefined ? {} : { mode: mode & 0o7777 }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      ...(times && atime !== undefined ? { atime } : {}),
      ...(times && mtime !== undefined ? { mtime } : {}),
    };
    if (Object.keys(wanted).length > 0) {
      const result = this.change(wanted);
      const same = (uid ?? this.uid) === this.uid && (gid ?? this.gid) === this.gid;
      // A host user may not even give a file to whom it belongs; nothing was to change by it.
      if (result < 0 && !(result === EPERM && same && uid !== undefined)) return result as Errno;
    }
    const status = this.now();
    if (typeof status === "number") return 0;
    if (wanted.atime !== undefined || wanted.mtime !== undefined) {
      this.exact = {
        host: status,
        atime: wanted.atime ?? (status.atime === this.exact?.host.atime ? this.exact.atime : undefined),
        mtime: wanted.mtime ?? (status.mtime === this.exact?.host.mtime ? this.exact.mtime : undefined),
      };
    }
    this.update(status);
    return 0;
  }
  private change(wanted: HostChanges): 0 | Errno {
    const { place } = this;
    if (place?.directory.directory) return place.directory.directory.change(place.name, this.ino, wanted);
    if (this.directory) return this.directory.change("", this.ino, wanted);
    return this.content?.change(wanted) ?? EIO;
  }
  override truncate(size: number): Errno | 0 {
    return this.setattr({ size });
  }
  override fallocate(mode: number, offset: number, length: number): Errno | 0 {
    if (this.superblock.readOnly) return EROFS;
    return this.content?.fallocate(mode, offset, length) ?? EISDIR;
  }

  override open(file: File): FileOperations | Errno {
    const { content } = this;
    if (!content) return EINVAL;
    const opened = content.openFor(file);
    return opened < 0 ? (opened as Errno) : contentFile;
  }
  override evict(): void {
    this.content?.close();
    this.superblock.forget(this);
    super.evict();
  }
}
