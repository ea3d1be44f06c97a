// The dentry cache: which names of directories are known, the absent ones included. A filesystem whose names change
// behind our back (superblock.volatile) is asked each time, and keeps its dentry while the same inode comes back.
import { ENAMETOOLONG, ENOENT, ENOTDIR, type Errno } from "../../abi/errno.ts";
import { Dentry } from "./dentry.ts";
import type { Inode } from "./inode.ts";
import type { Vfs } from "./vfs.ts";

export const NAME_MAX = 255;
const NEGATIVES_MAX = 4096;
/** A volatile directory forgets its entries beyond this number (they are asked for again anyway). */
const VOLATILE_MAX = 4096;

/** The dentry of a name, negative when there is no such entry. Errors: ENAMETOOLONG, ENOENT in a removed directory. */
export function lookupChild(vfs: Vfs, parent: Dentry, name: string): Dentry | Errno {
  const cached = parent.children?.get(name);
  if (parent.superblock.volatile) return lookupVolatile(parent, name, cached);
  if (cached) return cached;
  if (name.length > NAME_MAX) return ENAMETOOLONG;
  if (parent.unlinked) return ENOENT;
  const { inode: directory } = parent;
  if (!directory) return ENOTDIR;
  const inode = directory.lookup(name);
  if (typeof inode === "number" && inode !== ENOENT) return inode;
  const dentry = parent.attach(name, typeof inode === "number" ? undefined : inode);
  if (!dentry.inode) rememberAbsent(vfs, dentry);
  return dentry;
}

function lookupVolatile(parent: Dentry, name: string, cached: Dentry | undefined): Dentry | Errno {
  if (name.length > NAME_MAX) return ENAMETOOLONG;
  const inode = parent.inode ? parent.inode.lookup(name) : ENOENT;
  if (typeof inode !== "object") {
    if (cached) {
      cached.unlinked = true;
      parent.detach(name);
    }
    // ENOENT instead of an absent name: nothing can be made there either (proc).
    return inode === undefined ? new Dentry(parent.superblock, name, parent, undefined) : inode;
  }
  if (cached) {
    if (cached.inode === inode) return cached;
    cached.unlinked = true;
  }
  // Looking through all of them is dear: not again before there are twice as many.
  const size = parent.children?.size ?? 0;
  if (size >= VOLATILE_MAX && (size & (size - 1)) === 0) forgetIdle(parent);
  return parent.attach(name, inode);
}

function forgetIdle(parent: Dentry): void {
  for (const [name, child] of parent.children!) if (isIdle(child)) parent.detach(name);
}

/** Nothing is open or mounted there, nor below. */
function isIdle(dentry: Dentry): boolean {
  if (dentry.mounts > 0 || (dentry.inode?.opens ?? 0) > 0) return false;
  if (dentry.children) for (const child of dentry.children.values()) if (!isIdle(child)) return false;
  return true;
}

function rememberAbsent(vfs: Vfs, dentry: Dentry): void {
  const { negatives } = vfs;
  negatives.add(dentry);
  if (negatives.size <= NEGATIVES_MAX) return;
  for (const oldest of negatives) {
    negatives.delete(oldest);
    if (oldest.parent.child(oldest.name) === oldest) oldest.parent.detach(oldest.name);
    break;
  }
}

/** A negative dentry has become a file. */
export function instantiate(vfs: Vfs, dentry: Dentry, inode: Inode): void {
  vfs.negatives.delete(dentry);
  dentry.inode = inode;
  dentry.parent.adopt(dentry, dentry.name);
}

/** The name is gone; who still holds the dentry sees "(deleted)". */
export function removed(dentry: Dentry): void {
  dentry.unlinked = true;
  if (dentry.parent.child(dentry.name) === dentry) dentry.parent.detach(dentry.name);
}

/** A rename moved the dentry. */
export function moved(vfs: Vfs, dentry: Dentry, parent: Dentry, name: string): void {
  if (dentry.parent.child(dentry.name) === dentry) dentry.parent.detach(dentry.name);
  const there = parent.child(name);
  if (there && there !== dentry) {
    vfs.negatives.delete(there);
    parent.detach(name);
  }
  parent.adopt(dentry, name);
}

/** A name of this inode was removed: frees it when that was the last and nobody has it open. */
export function nameDropped(inode: Inode): void {
  if (inode.nlink === 0 && inode.opens === 0) inode.evict();
}
