// The root filesystem: a layer of memory above the image. The layer may be kept in the browser, and may begin as an
// archive says.
import type { Errno } from "../../abi/errno.ts";
import { MS_RDONLY } from "../../abi/mount.ts";
import type { WebImage } from "../../hosts/browser/image.ts";
import { imagefs } from "../../kernel/fs/imagefs/index.ts";
import { overlay } from "../../kernel/fs/overlay/index.ts";
import { tmpfs } from "../../kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Superblock } from "../../kernel/vfs/superblock.ts";
import { fromText } from "../../lib/byte-string.ts";

export interface Root {
  upper: Superblock;
  root: Superblock;
}

/** `size`: bytes that the upper layer may hold. `fill`: puts into it what it begins with, before it is seen. */
export function makeRoot(
  kernel: Kernel,
  image: WebImage,
  size: number,
  fill: (upper: Superblock) => void,
): Root | Errno {
  const lower = imagefs.mount(kernel, { source: fromText(image.name), flags: MS_RDONLY, data: "", host: image });
  if (typeof lower === "number") return lower;
  // What is seen of the top directory is the upper one's: it looks like the one below.
  const { mode, uid, gid } = lower.root.inode!;
  const data = `mode=${(mode & 0o7777).toString(8)},uid=${uid},gid=${gid},size=${size}`;
  const upper = tmpfs.mount(kernel, { source: "tmpfs", flags: 0, data });
  if (typeof upper === "number") return upper;
  fill(upper);
  const layers = { lower: [lower.root.inode!], upper: upper.root.inode! };
  const root = overlay.mount(kernel, { source: "overlay", flags: 0, data: "", host: layers });
  return typeof root === "number" ? root : { upper, root };
}
