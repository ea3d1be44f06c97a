// Access times. Like Linux's default (relatime): written only when they would be news. mount(2)
import { FS_NOATIME_FL } from "../../abi/fcntl.ts";
import { MS_NOATIME, MS_NODIRATIME, MS_RDONLY, MS_STRICTATIME } from "../../abi/mount.ts";
import type { Kernel } from "../kernel.ts";
import type { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";

export function touchAtime(kernel: Kernel, mount: Mount, inode: Inode): void {
  const { flags } = mount;
  if ((flags & (MS_NOATIME | MS_RDONLY)) !== 0 || inode.superblock.readOnly || inode.superblock.volatile) return;
  if ((inode.flags & FS_NOATIME_FL) !== 0) return;
  if ((flags & MS_NODIRATIME) !== 0 && inode.isDirectory) return;
  const { atime } = inode;
  const now = kernel.clock.now();
  if (atime === now) return;
  if ((flags & MS_STRICTATIME) === 0 && atime > inode.mtime && atime > inode.ctime && atime > kernel.clock.dayAgo)
    return;
  inode.atime = now;
}
