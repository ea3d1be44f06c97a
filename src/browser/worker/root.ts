// The root filesystem: memory above the image.
import type { Errno } from "../../abi/errno.ts";
import { MS_RDONLY } from "../../abi/mount.ts";
import type { WebImage } from "../../hosts/browser/image.ts";
import { imagefs } from "../../kernel/fs/imagefs/index.ts";
import { overlay } from "../../kernel/fs/overlay/index.ts";
import { tmpfs } from "../../kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Superblock } from "../../kernel/vfs/superblock.ts";
import { fromText } from "../../lib/byte-string.ts";

export function rootOf(kernel: Kernel, image: WebImage): Superblock | Errno {
  const lower = imagefs.mount(kernel, { source: fromText(image.name), flags: MS_RDONLY, data: "", host: image });
  if (typeof lower === "number") return lower;
  // What is seen of the top directory is the upper one's: it looks like the one below.
  const { mode, uid, gid } = lower.root.inode!;
  const data = `mode=${(mode & 0o7777).toString(8)},uid=${uid},gid=${gid}`;
  const upper = tmpfs.mount(kernel, { source: "tmpfs", flags: 0, data });
  if (typeof upper === "number") return upper;
  const layers = { lower: [lower.root.inode!], upper: upper.root.inode! };
  return overlay.mount(kernel, { source: "overlay", flags: 0, data: "", host: layers });
}
