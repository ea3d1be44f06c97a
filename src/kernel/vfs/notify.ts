// Where the filesystem layer tells what happened to files and names; inotify listens (notify/inotify.ts). A call costs
// two property reads where nobody watches. The caller has done the work and succeeded: failures are not told.
//
//   notifyFile    a descriptor was read, written, opened or closed        IN_ACCESS MODIFY OPEN CLOSE_WRITE CLOSE_NOWRITE
//   notifyDentry  a file changed by its path: chmod, truncate, setxattr   IN_ATTRIB MODIFY
//   notifyCreate  a name appeared (create, mkdir, mknod, symlink)         IN_CREATE
//   notifyLink    a second name appeared (link)                           IN_ATTRIB on the inode, IN_CREATE
//   notifyUnlink  a name is gone (unlink, rmdir)                          IN_ATTRIB, IN_DELETE_SELF on it, IN_DELETE
//   notifyMove    a name moved (rename), over a victim perhaps            IN_MOVED_FROM, MOVED_TO, MOVE_SELF…
//   notifyGone    an unlinked inode lost its last opener                  IN_DELETE_SELF, IN_IGNORED
//   notifyUnmount a filesystem was unmounted                              IN_UNMOUNT, IN_IGNORED
import type { Dentry } from "./dentry.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { Superblock } from "./superblock.ts";
import type { Vfs } from "./vfs.ts";

// inotify(7); each has its value in the ABI
export const IN_ACCESS = 0x1;
export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_CLOSE_WRITE = 0x8;
export const IN_CLOSE_NOWRITE = 0x10;
export const IN_OPEN = 0x20;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_UNMOUNT = 0x2000;
export const IN_ISDIR = 0x40000000;

const O_PATH = 0o10000000;

/** Those who watch an inode: hangs on Inode.watches. */
export interface Watches {
  /** An event of the inode itself (no name) or of the name `name` in the directory. `child` is the file named so. */
  notify(mask: number, name: string | undefined, cookie: number, child: Inode | undefined, unlinked: boolean): void;
  /** The inode is gone (IN_DELETE_SELF, IN_UNMOUNT): tells so and ends all watches. */
  gone(mask: number): void;
}

const directoryBit = (inode: Inode | undefined): number => (inode?.isDirectory ? IN_ISDIR : 0);

/** Tells of something done to `inode` through the name `dentry`: its watches, and those of the directory it is in. */
export function notifyDentry(
  dentry: Dentry,
  mask: number,
  inode: Inode | undefined = dentry.inode,
  unlinked = false,
): void {
  const own = inode?.watches;
  const parent = dentry.parent === dentry ? undefined : dentry.parent.inode?.watches;
  if (!own && !parent) return;
  mask |= directoryBit(inode);
  parent?.notify(mask, dentry.name, 0, inode, unlinked);
  own?.notify(mask, undefined, 0, inode, unlinked);
}

/** Tells of something done through an open file. IN_EXCL_UNLINK concerns these alone. */
export function notifyFile(file: File, mask: number): void {
  if ((file.flags & O_PATH) !== 0) return;
  const { dentry } = file.path;
  notifyDentry(dentry, mask, file.inode, dentry.unlinked);
}

/** A name appeared in `directory`. */
export function notifyCreate(directory: Inode, name: string, inode: Inode | undefined): void {
  directory.watches?.notify(IN_CREATE | directoryBit(inode), name, 0, inode, false);
}

/** A further name of `inode` appeared in `directory`. */
export function notifyLink(directory: Inode, name: string, inode: Inode): void {
  inode.watches?.notify(IN_ATTRIB, undefined, 0, inode, false);
  notifyCreate(directory, name, inode);
}

/** The name is gone; `inode.nlink` is already lowered (0 for a directory). */
export function notifyUnlink(directory: Inode, name: string, inode: Inode): void {
  if (!inode.isDirectory) inode.watches?.notify(IN_ATTRIB, undefined, 0, inode, false);
  if (inode.opens === 0 && (inode.nlink === 0 || inode.isDirectory)) notifyGone(inode);
  directory.watches?.notify(IN_DELETE | directoryBit(inode), name, 0, inode, false);
}

/** `moved` was `name` in `from` and is `newName` in `to`; `victim` is what had that name before. Twice for an exchange. */
export function notifyMove(
  vfs: Vfs,
  from: Inode,
  name: string,
  to: Inode,
  newName: string,
  moved: Inode,
  victim?: Inode,
): void {
  if (!from.watches && !to.watches && !moved.watches && !victim?.watches) return;
  const cookie = vfs.nextCookie();
  const type = directoryBit(moved);
  from.watches?.notify(IN_MOVED_FROM | type, name, cookie, moved, false);
  to.watches?.notify(IN_MOVED_TO | type, newName, cookie, moved, false);
  moved.watches?.notify(IN_MOVE_SELF, undefined, 0, moved, false);
  if (!victim) return;
  victim.watches?.notify(IN_ATTRIB | directoryBit(victim), undefined, 0, victim, false);
  if (victim.opens === 0 && (victim.nlink === 0 || victim.isDirectory)) notifyGone(victim);
}

/** The inode has neither a name nor an opener any more. */
export function notifyGone(inode: Inode): void {
  inode.watches?.gone(IN_DELETE_SELF);
}

/** The filesystem is no longer mounted anywhere. */
export function notifyUnmount(vfs: Vfs, superblock: Superblock): void {
  for (const inode of [...vfs.watched]) if (inode.superblock === superblock) inode.watches?.gone(IN_UNMOUNT);
}
