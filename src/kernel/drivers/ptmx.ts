// /dev/ptmx: opening it makes a pseudo-terminal in the devpts it lies in or, outside of one, in that at "pts" beside it.
import { ENODEV } from "../../abi/errno.ts";
import { DevPts, openPtmx } from "../fs/devpts/index.ts";
import type { Kernel } from "../kernel.ts";
import type { File } from "../vfs/file.ts";
import { Path } from "../vfs/mount.ts";
import type { CharDevice } from "./table.ts";

function instanceOf(kernel: Kernel, file: File): DevPts | undefined {
  const { superblock } = file.inode;
  if (superblock instanceof DevPts) return superblock;
  const { mount, dentry } = file.path;
  const beside = dentry.parent.child("pts");
  if (!beside) return undefined;
  const mounted = kernel.current?.mounts.mountedOn(new Path(mount, beside))?.superblock;
  return mounted instanceof DevPts ? mounted : undefined;
}

export function ptmxDevice(kernel: Kernel): CharDevice {
  return {
    name: "ptmx",
    major: 5,
    minor: 2,
    mode: 0o666,
    open(file) {
      const instance = instanceOf(kernel, file);
      return instance ? openPtmx(instance, file) : ENODEV;
    },
  };
}
