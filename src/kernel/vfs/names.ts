// Names in directories: permission to make, remove and move them, the filesystem's part, and what follows for dentries,
// watchers and inodes without a name. The system calls are in syscalls/names.ts.
import { EBUSY, EISDIR, EMLINK, ENOENT, ENOTDIR, EPERM, type Errno, EXDEV } from "../../abi/errno.ts";
import { RENAME_EXCHANGE, RENAME_WHITEOUT } from "../../abi/fcntl.ts";
import { S_IFCHR, S_ISGID, S_ISUID } from "../../abi/flags.ts";
import {
  inodePermission,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  ownerOrCapable,
  stickyPermission,
} from "../security/permission.ts";
import { instantiate, lookupChild, moved, nameDropped, removed } from "./dcache.ts";
import type { Dentry } from "./dentry.ts";
import type { Inode } from "./inode.ts";
import type { Walker } from "./namei.ts";
import { notifyLink, notifyMove, notifyUnlink } from "./notify.ts";
import { creation } from "./open.ts";

const LINK_MAX = 2147483647;

/** May an entry be made in this directory? Errors: ENOENT in a removed one; EACCES. */
export function mayCreate(task: Walker, directory: Dentry): 0 | Errno {
  if (directory.unlinked || !directory.inode) return ENOENT;
  return inodePermission(task.cred, directory.inode, MAY_WRITE | MAY_EXEC);
}

/** May this entry be removed? Errors: EACCES, EPERM, ENOTDIR, EISDIR, EBUSY. */
function mayDelete(task: Walker, directory: Dentry, victim: Dentry, isDirectory: boolean): 0 | Errno {
  const parent = directory.inode;
  const { inode } = victim;
  if (!parent || !inode) return ENOENT;
  const denied = inodePermission(task.cred, parent, MAY_WRITE | MAY_EXEC);
  if (denied !== 0) return denied;
  if (parent.appendOnly || inode.immutable || inode.appendOnly) return EPERM;
  const sticky = stickyPermission(task.cred, parent, inode);
  if (sticky !== 0) return sticky;
  if (isDirectory) {
    if (!inode.isDirectory) return ENOTDIR;
    if (victim.isRoot) return EBUSY;
  } else if (inode.isDirectory) return EISDIR;
  return directory.unlinked ? ENOENT : 0;
}

/** Is something mounted on it in the task's own mount namespace? Others' mounts keep nobody from removing a name. */
function isMountpoint({ fs }: Walker, dentry: Dentry): boolean {
  if (dentry.mounts === 0) return false;
  for (const mount of fs.root.mount.namespace?.mounts ?? []) if (mount.mountpoint === dentry) return true;
  return false;
}

/** unlink(2), once the entry is found. */
export function removeName(task: Walker, directory: Dentry, victim: Dentry): 0 | Errno {
  const denied = mayDelete(task, directory, victim, false);
  if (denied !== 0) return denied;
  if (isMountpoint(task, victim)) return EBUSY;
  const inode = victim.inode!;
  const { name } = victim;
  const result = directory.inode!.unlink(name, inode);
  if (result !== 0) return result;
  removed(victim);
  notifyUnlink(directory.inode!, name, inode);
  nameDropped(inode);
  return 0;
}

/** rmdir(2), once the entry is found. */
export function removeDirectory(task: Walker, directory: Dentry, victim: Dentry): 0 | Errno {
  const denied = mayDelete(task, directory, victim, true);
  if (denied !== 0) return denied;
  if (isMountpoint(task, victim)) return EBUSY;
  const inode = victim.inode!;
  const { name } = victim;
  const result = directory.inode!.rmdir(name, inode);
  if (result !== 0) return result;
  removed(victim);
  notifyUnlink(directory.inode!, name, inode);
  nameDropped(inode);
  return 0;
}

/** fs.protected_hardlinks: no links to files that are not one's own and that one may not both read and write. proc(5) */
export function mayHardlink(task: Walker, inode: Inode): boolean {
  if (ownerOrCapable(task.cred, inode)) return true;
  if (!inode.isRegular || (inode.mode & S_ISUID) !== 0) return false;
  if ((inode.mode & (S_ISGID | 0o010)) === (S_ISGID | 0o010)) return false;
  return inodePermission(task.cred, inode, MAY_READ | MAY_WRITE) === 0;
}

/** link(2), once source and target are found. */
export function linkName(task: Walker, inode: Inode, directory: Dentry, target: Dentry): 0 | Errno {
  const denied = mayCreate(task, directory);
  if (denied !== 0) return denied;
  const parent = directory.inode!;
  if (inode.superblock !== parent.superblock) return EXDEV;
  if (inode.isDirectory || inode.immutable || inode.appendOnly) return EPERM;
  if (inode.nlink === 0 && !inode.linkable) return ENOENT;
  if (inode.nlink >= LINK_MAX) return EMLINK;
  const result = parent.link(target.name, inode);
  if (result !== 0) return result;
  inode.linkable = false;
  instantiate(task.kernel.vfs, target, inode);
  notifyLink(parent, target.name, inode);
  return 0;
}

/** rename(2), once both entries are found; `target` may be negative. */
export function renameName(
  task: Walker,
  from: Dentry,
  source: Dentry,
  to: Dentry,
  target: Dentry,
  flags: number,
): 0 | Errno {
  const { vfs } = task.kernel;
  const inode = source.inode!;
  const victim = target.inode;
  if (victim === inode) return 0;
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  let denied = mayDelete(task, from, source, inode.isDirectory);
  if (denied !== 0) return denied;
  if (!victim) denied = mayCreate(task, to);
  else denied = mayDelete(task, to, target, exchange ? victim.isDirectory : inode.isDirectory);
  if (denied !== 0) return denied;
  if (from !== to) {
    // Moving a directory changes its "..".
    if (inode.isDirectory) denied = inodePermission(task.cred, inode, MAY_WRITE);
    if (denied === 0 && exchange && victim?.isDirectory) denied = inodePermission(task.cred, victim, MAY_WRITE);
    if (denied !== 0) return denied;
  }
  if (isMountpoint(task, source) || isMountpoint(task, target)) return EBUSY;
  const oldParent = from.inode!;
  const newParent = to.inode!;
  const oldName = source.name;
  const newName = target.name;
  const result = oldParent.rename(oldName, newParent, newName, exchange);
  if (result !== 0) return result;
  if (exchange) {
    from.detach(oldName);
    to.detach(newName);
    from.adopt(target, oldName);
    to.adopt(source, newName);
    notifyMove(vfs, oldParent, oldName, newParent, newName, inode);
    notifyMove(vfs, newParent, newName, oldParent, oldName, victim!);
    return 0;
  }
  if (victim) removed(target);
  moved(vfs, source, to, newName);
  if ((flags & RENAME_WHITEOUT) !== 0) leaveWhiteout(task, from, oldName);
  notifyMove(vfs, oldParent, oldName, newParent, newName, inode, victim);
  if (victim) nameDropped(victim);
  return 0;
}

/** What overlay filesystems take for "removed here": a character device 0:0 under the old name. */
function leaveWhiteout(task: Walker, directory: Dentry, name: string): void {
  const { vfs } = task.kernel;
  const dentry = lookupChild(vfs, directory, name);
  if (typeof dentry === "number" || dentry.inode) return;
  const parent = directory.inode!;
  const inode = parent.create(name, { ...creation(task, parent, S_IFCHR), mode: S_IFCHR, rdev: 0 });
  if (typeof inode !== "number") instantiate(vfs, dentry, inode);
}
