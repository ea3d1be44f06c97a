// What stat(2) tells of a place.
import { FS_APPEND_FL, FS_IMMUTABLE_FL, FS_NODUMP_FL } from "../../abi/fcntl.ts";
import { STATX_ATTR_MOUNT_ROOT, type Status } from "../../abi/stat.ts";
import type { Inode } from "./inode.ts";
import type { Path } from "./mount.ts";

/** A superblock's anonymous device as programs see it: major 0 (makedev(3)). */
export const superblockDevice = (minor: number): number => (minor & 0xff) | ((minor & ~0xff) << 12);

export function statusOf(path: Path, inode: Inode): Status {
  inode.refresh();
  return {
    dev: superblockDevice(inode.superblock.dev),
    rdev: inode.rdev,
    ino: inode.ino,
    mode: inode.mode,
    nlink: inode.nlink,
    uid: inode.uid,
    gid: inode.gid,
    size: inode.size,
    blksize: inode.blockSize,
    blocks: inode.blocks,
    atime: inode.atime,
    mtime: inode.mtime,
    ctime: inode.ctime,
    btime: inode.btime,
    mountId: path.mount.id,
    // STATX_ATTR_IMMUTABLE and its neighbours have the values of the inode's flags.
    attributes:
      (path.dentry === path.mount.root ? STATX_ATTR_MOUNT_ROOT : 0) |
      (inode.flags & (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL)),
  };
}
