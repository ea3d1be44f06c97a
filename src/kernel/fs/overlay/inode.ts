// A file of an overlay: what the upper layer has of it, or else what lies below. Every change copies it up first
// (copy-up.ts). Directories are merged (directory.ts); content is the real inode's (file.ts).
import { EINVAL, ENOTDIR, ENOTEMPTY, EPERM, EROFS, type Errno } from "../../../abi/errno.ts";
import { O_ACCMODE, O_RDONLY, O_TRUNC } from "../../../abi/flags.ts";
import type { Wait } from "../../sched/wait-queue.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { type Attributes, type Creation, type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import { copyUp } from "./copy-up.ts";
import { lookupIn, lowerHas, mergedEntries } from "./directory.ts";
import { openReal, overlayFile } from "./file.ts";
import type { Overlay } from "./layers.ts";
import { rename } from "./rename.ts";

/** Attributes of the layers' own bookkeeping: not for programs. */
const PRIVATE = "trusted.overlay.";

export class OverlayInode extends Inode {
  readonly overlay: Overlay;
  /** Its part in the writable layer. */
  upper: Inode | undefined;
  /** Its parts in the layers below, the topmost first. More than one only for merged directories. */
  lower: readonly Inode[];
  /** Names that lead to it, as far as they were looked up: where a copy up puts it. A directory has one at most. */
  readonly names: { directory: OverlayInode; name: string }[] = [];

  constructor(overlay: Overlay, upper: Inode | undefined, lower: readonly Inode[]) {
    const real = upper ?? lower[0]!;
    super(overlay.superblock, overlay.number(lower[0] ?? real), real.mode);
    this.overlay = overlay;
    this.upper = upper;
    this.lower = lower;
    this.nlink = real.nlink;
    if (upper) upper.opens++;
    this.copyAttributes();
  }
  /** The inode that holds its content now. */
  get real(): Inode {
    return this.upper ?? this.lower[0]!;
  }
  override get blocks(): number {
    return this.real.blocks;
  }
  /** Takes over the real inode's attributes; the count of names is the overlay's own. */
  copyAttributes(): void {
    const { real } = this;
    this.mode = real.mode;
    this.uid = real.uid;
    this.gid = real.gid;
    this.rdev = real.rdev;
    this.size = real.size;
    this.atime = real.atime;
    this.mtime = real.mtime;
    this.ctime = real.ctime;
    this.btime = real.btime;
    this.pages = real.pages;
    // A merged directory's subdirectories are not counted: 1 tells programs so.
    if (this.isDirectory && this.nlink !== 0) this.nlink = this.lower.length > 0 && this.upper ? 1 : real.nlink;
  }
  override refresh(): void {
    const { upper } = this;
    // Reading touched it through this inode.
    if (upper && this.atime > upper.atime) upper.atime = this.atime;
    this.real.refresh();
    this.copyAttributes();
  }
  override dropCapabilities(): void {
    this.upper?.dropCapabilities();
  }
  override get blockSize(): number {
    return this.real.blockSize;
  }
  /** Its part in the upper layer, made if need be. Without `data` the copy is empty (it is about to be truncated). */
  up(data = true): Inode | Errno {
    return this.upper ?? copyUp(this, data);
  }
  /** Becomes a file of the upper layer. */
  adopt(upper: Inode): void {
    upper.opens++;
    this.upper = upper;
    this.overlay.enter(upper, this);
    this.copyAttributes();
  }
  named(directory: OverlayInode, name: string): void {
    if (this.isDirectory) this.names.length = 0;
    else if (this.names.some((place) => place.directory === directory && place.name === name)) return;
    this.names.push({ directory, name });
  }
  unnamed(directory: OverlayInode, name: string): void {
    const at = this.names.findIndex((place) => place.directory === directory && place.name === name);
    if (at >= 0) this.names.splice(at, 1);
  }

  // directories
  override lookup(name: string): Inode | Errno | undefined {
    return this.isDirectory ? lookupIn(this, name) : ENOTDIR;
  }
  override entries(): readonly DirectoryEntry[] | Errno {
    return this.isDirectory ? mergedEntries(this) : ENOTDIR;
  }
  override create(name: string, creation: Creation): Inode | Errno {
    return this.make(name, (upper) => upper.create(name, creation));
  }
  override symlink(name: string, target: string, creation: Creation): Inode | Errno {
    return this.make(name, (upper) => upper.symlink(name, target, creation));
  }
  override mkdir(name: string, creation: Creation): Inode | Errno {
    return this.make(name, (upper) => {
      const hidden = lowerHas(this, name);
      const made = upper.mkdir(name, creation);
      if (typeof made === "number" || !hidden) return made;
      const marked = this.overlay.marks.setOpaque(made);
      return marked < 0 ? (marked as Errno) : made;
    });
  }
  override temporary(creation: Creation, linkable: boolean): Inode | Errno {
    const upper = this.up();
    if (typeof upper === "number") return upper;
    const made = upper.temporary(creation, linkable);
    return typeof made === "number" ? made : this.overlay.inode(made, []);
  }
  /** Makes a new file in the upper layer under a name that is free, or hidden by a whiteout. */
  private make(name: string, create: (upper: Inode) => Inode | Errno): Inode | Errno {
    const { marks } = this.overlay;
    if (marks.reserved(name)) return EPERM;
    const upper = this.up();
    if (typeof upper === "number") return upper;
    const revealed = marks.reveal(upper, name);
    if (revealed < 0) return revealed as Errno;
    const made = create(upper);
    if (typeof made === "number") {
      if (lowerHas(this, name)) marks.hide(upper, name);
      return made;
    }
    const inode = this.overlay.inode(made, []);
    inode.named(this, name);
    this.copyAttributes();
    return inode;
  }
  override link(name: string, inode: Inode): Errno | 0 {
    if (!(inode instanceof OverlayInode)) return EPERM;
    const { marks } = this.overlay;
    if (marks.reserved(name)) return EPERM;
    const target = inode.up();
    if (typeof target === "number") return target;
    const upper = this.up();
    if (typeof upper === "number") return upper;
    const revealed = marks.reveal(upper, name);
    if (revealed < 0) return revealed as Errno;
    const linked = upper.link(name, target);
    if (linked < 0) {
      if (lowerHas(this, name)) marks.hide(upper, name);
      return linked;
    }
    inode.nlink++;
    inode.named(this, name);
    inode.copyAttributes();
    this.copyAttributes();
    return 0;
  }
  override unlink(name: string, inode: Inode): Errno | 0 {
    if (!(inode instanceof OverlayInode)) return EPERM;
    const removed = this.remove(name, inode);
    if (removed < 0) return removed;
    inode.nlink--;
    inode.real.ctime = this.overlay.kernel.clock.now();
    inode.copyAttributes();
    return 0;
  }
  override rmdir(name: string, inode: Inode): Errno | 0 {
    if (!(inode instanceof OverlayInode)) return EPERM;
    const left = inode.entries();
    if (typeof left === "number") return left;
    if (left.length > 0) return ENOTEMPTY;
    const removed = this.remove(name, inode);
    if (removed < 0) return removed;
    inode.nlink = 0;
    return 0;
  }
  /** Takes a name out of the upper layer, and hides what lies below it. */
  private remove(name: string, inode: OverlayInode): Errno | 0 {
    const { marks } = this.overlay;
    const hide = lowerHas(this, name);
    const upper = this.upper || hide ? this.up() : EROFS;
    if (typeof upper === "number") return upper;
    const found = upper.lookup(name);
    if (found instanceof Inode) {
      const cleared = found.isDirectory ? clearMarks(inode) : 0;
      if (cleared < 0) return cleared;
      const removed = found.isDirectory ? upper.rmdir(name, found) : upper.unlink(name, found);
      if (removed < 0) return removed;
    }
    const hidden = hide ? marks.hide(upper, name) : 0;
    inode.unnamed(this, name);
    this.copyAttributes();
    return hidden;
  }
  override rename(name: string, newParent: Inode, newName: string, exchange: boolean): Errno | 0 {
    if (!(newParent instanceof OverlayInode)) return EPERM;
    return rename(this, name, newParent, newName, exchange);
  }

  override readlink(): string | Errno {
    return this.isSymlink ? this.real.readlink() : EINVAL;
  }

  // attributes
  override setattr(changes: Attributes): Errno | 0 {
    const upper = this.up(changes.size !== 0);
    if (typeof upper === "number") return upper;
    const result = upper.setattr(changes);
    this.copyAttributes();
    return result;
  }
  override truncate(size: number): Errno | 0 {
    return this.setattr({ size });
  }
  override fallocate(mode: number, offset: number, length: number): Errno | 0 {
    const upper = this.up();
    if (typeof upper === "number") return upper;
    const result = upper.fallocate(mode, offset, length);
    this.copyAttributes();
    return result;
  }
  override getxattr(name: string): Uint8Array | Errno {
    return this.real.getxattr(name);
  }
  override listxattr(): readonly string[] | Errno {
    const names = this.real.listxattr();
    return typeof names === "number" ? names : names.filter((name) => !name.startsWith(PRIVATE));
  }
  override setxattr(name: string, value: Uint8Array, flags: number): Errno | 0 {
    if (name.startsWith(PRIVATE)) return EPERM;
    const upper = this.up();
    if (typeof upper === "number") return upper;
    const result = upper.setxattr(name, value, flags);
    this.copyAttributes();
    return result;
  }
  override removexattr(name: string): Errno | 0 {
    if (name.startsWith(PRIVATE)) return EPERM;
    const upper = this.up();
    if (typeof upper === "number") return upper;
    const result = upper.removexattr(name);
    this.copyAttributes();
    return result;
  }

  override open(file: File): FileOperations | Errno | Wait<FileOperations> {
    if (!this.isRegular) return EINVAL;
    if ((file.flags & O_ACCMODE) !== O_RDONLY) {
      const upper = this.up((file.flags & O_TRUNC) === 0);
      if (typeof upper === "number") return upper;
    }
    const opened = openReal(file, this);
    return opened < 0 ? (opened as Errno) : overlayFile;
  }
  override evict(): void {
    const { upper, overlay } = this;
    overlay.forget(upper);
    overlay.forget(this.lower[0]);
    if (!upper) return;
    upper.opens--;
    if (upper.opens === 0 && upper.nlink === 0) upper.evict();
  }
}

/** A directory that is empty to programs may still hold whiteouts in its upper part. */
export function clearMarks(directory: OverlayInode): Errno | 0 {
  const { upper, overlay } = directory;
  const entries = upper?.entries() ?? [];
  if (typeof entries === "number") return entries;
  for (const entry of entries) {
    if (!upper || !overlay.marks.isMark(upper, entry)) continue;
    const found = upper.lookup(entry.name);
    if (!(found instanceof Inode)) continue;
    const removed = upper.unlink(entry.name, found);
    if (removed < 0) return removed;
  }
  return 0;
}
