// May a task with these credentials do that to this inode? Linux's inode_permission and its kin. path_resolution(7),
// capabilities(7). Read-only mounts are the mounts' matter (vfs/write-access.ts).
import { EACCES, EPERM, EROFS, type Errno } from "../../abi/errno.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID, S_ISVTX } from "../../abi/flags.ts";
import type { Inode } from "../vfs/inode.ts";
import { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, type Cred } from "./cred.ts";

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** Permission to use an inode. Errors: EROFS for a write to a read-only filesystem; EACCES. */
export function inodePermission(cred: Cred, inode: Inode, mask: number): 0 | Errno {
  if ((mask & MAY_WRITE) !== 0 && inode.superblock.readOnly) {
    const type = inode.mode & S_IFMT;
    if (type === S_IFREG || type === S_IFDIR || type === S_IFLNK) return EROFS;
  }
  if ((mask & MAY_WRITE) !== 0 && inode.immutable) return EPERM;
  return inode.permission(cred, mask) ?? modePermission(cred, inode, mask);
}

/** By owner, group and mode bits, then by capability (generic_permission). */
export function modePermission(cred: Cred, inode: Inode, mask: number): 0 | Errno {
  const { mode } = inode;
  let bits = mode;
  if (cred.fsuid === inode.uid) bits >>= 6;
  // Where group and others may do the same, the groups need not be searched.
  else if ((mask & (mode ^ (mode >> 3)) & 7) !== 0 && cred.inGroup(inode.gid)) bits >>= 3;
  if ((mask & ~bits & 7) === 0) return 0;
  if ((mode & S_IFMT) === S_IFDIR) {
    if ((mask & MAY_WRITE) === 0 && cred.canOver(inode, CAP_DAC_READ_SEARCH)) return 0;
    return cred.canOver(inode, CAP_DAC_OVERRIDE) ? 0 : EACCES;
  }
  if ((mask & 7) === MAY_READ && cred.canOver(inode, CAP_DAC_READ_SEARCH)) return 0;
  // Executing needs at least one x bit, whoever asks.
  if (((mask & MAY_EXEC) === 0 || (mode & 0o111) !== 0) && cred.canOver(inode, CAP_DAC_OVERRIDE)) return 0;
  return EACCES;
}

/** Owner of the inode, or CAP_FOWNER. */
export function ownerOrCapable(cred: Cred, inode: Inode): boolean {
  return cred.fsuid === inode.uid || cred.canOver(inode, CAP_FOWNER);
}

/** May a name for `victim` be removed from `directory`, write permission aside? Errors: EPERM in a sticky directory. */
export function stickyPermission(cred: Cred, directory: Inode, victim: Inode): 0 | Errno {
  if ((directory.mode & S_ISVTX) === 0) return 0;
  if (victim.uid === cred.fsuid || directory.uid === cred.fsuid) return 0;
  return cred.canOver(victim, CAP_FOWNER) ? 0 : EPERM;
}

/** The mode without S_ISGID where the caller is neither in the group of `inode`, the file or the directory that it is
 *  made in, nor capable. inode(7) */
export function withoutForeignSetgid(cred: Cred, mode: number, inode: Inode): number {
  if ((mode & S_ISGID) !== 0 && !cred.inGroup(inode.gid) && !cred.canOver(inode, CAP_FSETID)) return mode & ~S_ISGID;
  return mode;
}
