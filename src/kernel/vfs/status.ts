// What stat(2) tells of a place, written where the program wants it.
import type { Errno } from "../../abi/errno.ts";
import { FS_APPEND_FL, FS_IMMUTABLE_FL, FS_NODUMP_FL } from "../../abi/fcntl.ts";
import { encodeStat, encodeStatx, STAT_SIZE, STATX_ATTR_MOUNT_ROOT, STATX_SIZEOF } from "../../abi/stat.ts";
import type { UserAddress } from "../mm/user.ts";
import type { UserNamespace } from "../namespace/user.ts";
import type { Task } from "../task/task.ts";
import type { Inode } from "./inode.ts";
import type { Path } from "./mount.ts";

/** A superblock's anonymous device as programs see it: major 0 (makedev(3)). */
export const superblockDevice = (minor: number): number => (minor & 0xff) | ((minor & ~0xff) << 12);

const scratch = new Int32Array(STATX_SIZEOF / 4);
const statBytes = new Uint8Array(scratch.buffer, 0, STAT_SIZE);
const statxBytes = new Uint8Array(scratch.buffer, 0, STATX_SIZEOF);

/** Where owner and group are, in words. */
const STAT_UID = 6;
const STATX_UID = 5;

/** Owners are shown as the looker's user namespace numbers them. */
function showOwners(words: Int32Array, at: number, { uid, gid }: Inode, namespace: UserNamespace): void {
  words[at] = namespace.showUid(uid);
  words[at + 1] = namespace.showGid(gid);
}

/** Writes a struct stat. Errors: EFAULT. */
export function writeStat({ mm, cred }: Task, inode: Inode, into: UserAddress): 0 | Errno {
  inode.refresh();
  const dev = superblockDevice(inode.superblock.dev);
  const at = mm.place(into, STAT_SIZE);
  if (at !== 0 && (at & 3) === 0) {
    encodeStat(mm.ram.i32, at >>> 2, inode, dev);
    if (cred.userNamespace.parent) showOwners(mm.ram.i32, (at >>> 2) + STAT_UID, inode, cred.userNamespace);
    return 0;
  }
  encodeStat(scratch, 0, inode, dev);
  if (cred.userNamespace.parent) showOwners(scratch, STAT_UID, inode, cred.userNamespace);
  return mm.write(into, statBytes);
}

/** Writes a struct statx. Errors: EFAULT. */
export function writeStatx({ mm, cred }: Task, path: Path, inode: Inode, mask: number, into: UserAddress): 0 | Errno {
  inode.refresh();
  // STATX_ATTR_IMMUTABLE and its neighbours have the values of the inode's flags.
  const attributes =
    (path.dentry === path.mount.root ? STATX_ATTR_MOUNT_ROOT : 0) |
    (inode.flags & (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL));
  const extra = { mask, attributes, mountId: path.mount.id };
  encodeStatx(scratch, 0, inode, superblockDevice(inode.superblock.dev), extra);
  if (cred.userNamespace.parent) showOwners(scratch, STATX_UID, inode, cred.userNamespace);
  return mm.write(into, statxBytes);
}
