// The overlay filesystem: a writable layer above read-only ones, shown as one tree. The inode is in inode.ts, merging in
// directory.ts, copying up in copy-up.ts, moving in rename.ts, open files in file.ts, marks for removed names in marks.ts.
// Kernel documentation: filesystems/overlayfs
import { EINVAL, ENOTDIR, type Errno } from "../../../abi/errno.ts";
import { IoDevice } from "../../cgroup/io-device.ts";
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { Inode } from "../../vfs/inode.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { Overlay, type OverlayLayers } from "./layers.ts";
import { deviceMarks } from "./marks.ts";
import { layersFromOptions } from "./options.ts";

export type { OverlayLayers } from "./layers.ts";
export { nameMarks } from "./marks.ts";

const MAGIC = 0x794c7630;

export const overlay: FileSystem = {
  name: "overlay",
  nodev: true,
  userMount: ({ cred }) => cred.userNamespace,
  mount,
};

function mount(kernel: Kernel, from: MountSource): Superblock | Errno {
  const layers = (from.host as OverlayLayers | undefined) ?? layersFromOptions(kernel, from.data);
  if (typeof layers === "number") return layers;
  const { lower, upper } = layers;
  if (lower.length === 0) return EINVAL;
  for (const layer of upper ? [upper, ...lower] : lower) if (!layer.isDirectory) return ENOTDIR;
  const top = (upper ?? lower[0]!).superblock;
  const dev = kernel.vfs.allocateDev();
  const superblock: Superblock = {
    filesystem: overlay,
    dev,
    io: new IoDevice(dev),
    get root(): Dentry {
      return root;
    },
    source: from.source,
    readOnly: upper === undefined,
    volatile: [upper, ...lower].some((layer) => layer?.superblock.volatile),
    statfs(): FilesystemStatistics | Errno {
      const statistics = top.statfs();
      return typeof statistics === "number" ? statistics : { ...statistics, type: MAGIC };
    },
    options: () => layers.options ?? "",
    nextIno: () => top.nextIno(),
  };
  const shared = new Overlay(kernel, superblock, layers, layers.marks ?? deviceMarks);
  const inode: Inode = shared.inode(upper, lower);
  const root = new Dentry(superblock, "", undefined, inode);
  return superblock;
}
