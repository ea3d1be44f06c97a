// Who keeps files from being written: read-only mounts and filesystems (EROFS), and programs being executed (ETXTBSY).
import { EROFS, type Errno, ETXTBSY } from "../../abi/errno.ts";
import { MS_RDONLY } from "../../abi/mount.ts";
import type { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";

/** Errors: EROFS. */
export function wantWrite(mount: Mount): 0 | Errno {
  return (mount.flags & MS_RDONLY) !== 0 || mount.superblock.readOnly ? EROFS : 0;
}

/** For a file that is opened to write, or truncated; undone by `inode.writers--`. Errors: ETXTBSY while it is executed. */
export function getWriteAccess(inode: Inode): 0 | Errno {
  if (inode.writers < 0) return ETXTBSY;
  inode.writers++;
  return 0;
}

/** For a file that is executed; undone by allowWrite. Errors: ETXTBSY while someone has it open to write. */
export function denyWrite(inode: Inode): 0 | Errno {
  if (inode.writers > 0) return ETXTBSY;
  inode.writers--;
  return 0;
}
export function allowWrite(inode: Inode): void {
  inode.writers++;
}
