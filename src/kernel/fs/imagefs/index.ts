// The read-only filesystem over a root image. Opening one costs nothing per file: inodes come into being when a path
// walk meets them. The image's bytes are described in layout.ts and read by format.ts.
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { IoDevice } from "../../cgroup/io-device.ts";
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, MountSource, Superblock } from "../../vfs/superblock.ts";
import { ImageIndex, type ImageSource } from "./format.ts";
import { ImageInode, type ImageLayer } from "./inode.ts";
import { ReadAhead } from "./read-ahead.ts";

/** What the host hands to mount: MountSource.host. */
export interface Image {
  readonly index: ImageIndex;
  readonly source: ImageSource;
}

/** statfs(2)'s f_type: "AIRS". */
const MAGIC = 0x41495253;

export const imagefs: FileSystem = { name: "imagefs", nodev: true, mount };

function mount(kernel: Kernel, from: MountSource): Superblock | Errno {
  const image = from.host as Image | undefined;
  if (!(image?.index instanceof ImageIndex)) return EINVAL;
  const { index } = image;
  const inodes = new Map<number, ImageInode>();
  const blocks = Math.ceil(index.dataSize / 4096);
  const dev = kernel.vfs.allocateDev();
  const superblock: Superblock = {
    filesystem: imagefs,
    dev,
    io: new IoDevice(dev),
    get root(): Dentry {
      return root;
    },
    source: from.source,
    readOnly: true,
    statfs: () => ({
      type: MAGIC,
      bsize: 4096,
      blocks,
      bfree: 0,
      bavail: 0,
      files: index.inodeCount,
      ffree: 0,
      namelen: 255,
    }),
    // No inode is ever made here.
    nextIno: () => 0,
  };
  const layer: ImageLayer = {
    superblock,
    ram: kernel.ram,
    reclaim: kernel.vfs.reclaim,
    index,
    source: new ReadAhead(image.source, index.dataSize),
    inode(ino) {
      let inode = inodes.get(ino);
      if (!inode) {
        // The index was checked when it was opened: a number that it names is there.
        inode = new ImageInode(layer, index.node(ino)!);
        inodes.set(ino, inode);
      }
      return inode;
    },
  };
  const root = new Dentry(superblock, "", undefined, layer.inode(ImageIndex.ROOT));
  return superblock;
}
