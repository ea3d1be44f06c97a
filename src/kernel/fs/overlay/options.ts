// mount(2)'s options of an overlay: "lowerdir=/a:/b,upperdir=/c,workdir=/d". A colon or comma in a name is escaped with a
// backslash. Linux: filesystems/overlayfs
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { AT_FDCWD } from "../../../abi/flags.ts";
import type { Kernel } from "../../kernel.ts";
import type { Inode } from "../../vfs/inode.ts";
import { DIRECTORY, FOLLOW, walk } from "../../vfs/namei.ts";
import type { OverlayLayers } from "./layers.ts";

/** Options that change nothing here: all files keep their numbers, nothing outlives the machine. */
const ACCEPTED = new Set(["index", "redirect_dir", "metacopy", "xino", "nfs_export", "volatile", "userxattr", "uuid"]);

const plain = (text: string): string => text.replace(/\\(.)/g, "$1");
const split = (text: string, separator: string): string[] =>
  text.match(new RegExp(`(?:\\\\.|[^\\\\${separator}])+`, "g")) ?? [];

export function layersFromOptions(kernel: Kernel, data: string): OverlayLayers | Errno {
  const task = kernel.current;
  if (!task) return EINVAL;
  const find = (path: string): Inode | Errno => {
    const found = walk(task, AT_FDCWD, plain(path), FOLLOW | DIRECTORY);
    return typeof found === "number" ? found : found.dentry.inode!;
  };
  const lower: Inode[] = [];
  let upper: Inode | undefined;
  let work: Inode | undefined;
  for (const option of split(data, ",")) {
    const [key = "", ...rest] = option.split("=");
    const value = rest.join("=");
    if (key === "lowerdir") {
      for (const path of split(value, ":")) {
        const layer = find(path);
        if (typeof layer === "number") return layer;
        lower.push(layer);
      }
    } else if (key === "upperdir" || key === "workdir") {
      const layer = find(value);
      if (typeof layer === "number") return layer;
      if (key === "upperdir") upper = layer;
      else work = layer;
    } else if (!ACCEPTED.has(key)) return EINVAL;
  }
  // An upper layer needs its work directory beside it; without an upper one, two lower layers make an overlay.
  if (upper ? work?.superblock !== upper.superblock || work === upper : lower.length < 2) return EINVAL;
  if (upper?.superblock.readOnly) return EINVAL;
  return { lower, upper, options: data };
}
