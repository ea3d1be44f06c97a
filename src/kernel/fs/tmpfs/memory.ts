// Files that are memory: memfd_create(2) and System V shared memory. They live on a tmpfs that is mounted nowhere.
import { ENOSPC, type Errno } from "../../../abi/errno.ts";
import { F_SEAL_EXEC, F_SEAL_SEAL } from "../../../abi/fcntl.ts";
import { O_RDWR, S_IFREG } from "../../../abi/flags.ts";
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import { File } from "../../vfs/file.ts";
import { Mount, Path } from "../../vfs/mount.ts";
import { TmpfsFile } from "./inode.ts";
import { TmpfsSuperblock, tmpfs } from "./tmpfs.ts";

function memoryMount(kernel: Kernel): Mount {
  const { vfs } = kernel;
  if (!vfs.memory) {
    const unlimited = Number.POSITIVE_INFINITY;
    const options = { blocks: unlimited, inodes: unlimited, mode: undefined, uid: undefined, gid: undefined };
    const superblock = new TmpfsSuperblock(kernel, tmpfs, "tmpfs", options);
    superblock.nouser = true;
    vfs.memory = new Mount(vfs.allocateMountId(), superblock, superblock.root, 0);
  }
  return vfs.memory;
}

/** A file without a name in any directory; `label` is what /proc shows. `seals` undefined: it can't be sealed at all.
 *  Errors: ENOSPC. */
export function memoryFile(kernel: Kernel, label: string, mode: number, seals: number | undefined): File | Errno {
  const mount = memoryMount(kernel);
  const superblock = mount.superblock as TmpfsSuperblock;
  if (!superblock.chargeInode()) return ENOSPC;
  const cred = kernel.current?.cred;
  const inode = new TmpfsFile(superblock, { mode: S_IFREG | mode, uid: cred?.fsuid ?? 0, gid: cred?.fsgid ?? 0 });
  inode.nlink = 0;
  inode.sealable = true;
  inode.seals = seals ?? F_SEAL_SEAL;
  if ((inode.seals & F_SEAL_EXEC) !== 0) inode.mode &= ~0o111;
  const dentry = new Dentry(superblock, label, mount.root, inode);
  dentry.unlinked = true;
  // Its maker does not count as a writer: the file may be executed while it is open.
  return new File(new Path(mount, dentry), inode, O_RDWR, inode.open());
}
