// Moving a name within an overlay: in the upper layer, where whatever moves has been copied up to, with whiteouts left
// where something below would show through. A directory that reaches into lower layers is copied up whole (Linux answers
// EXDEV without redirect_dir, and leaves the copying to mv; programs like dpkg are better off with a rename that works).
import { ENOENT, ENOTEMPTY, type Errno } from "../../../abi/errno.ts";
import { copyUpAs, copyUpTree } from "./copy-up.ts";
import { lowerHas } from "./directory.ts";
import { clearMarks, OverlayInode } from "./inode.ts";

export function rename(
  parent: OverlayInode,
  name: string,
  newParent: OverlayInode,
  newName: string,
  exchange: boolean,
): Errno | 0 {
  const { marks, kernel } = parent.overlay;
  const moved = parent.lookup(name);
  const replaced = newParent.lookup(newName);
  if (!(moved instanceof OverlayInode)) return typeof moved === "number" ? moved : ENOENT;
  if (typeof replaced === "number") return replaced;
  const target = replaced as OverlayInode | undefined;
  if (target?.isDirectory && !exchange) {
    const left = target.entries();
    if (typeof left === "number") return left;
    if (left.length > 0) return ENOTEMPTY;
  }
  let ready = prepare(parent, name, moved);
  if (ready === 0 && exchange && target) ready = prepare(newParent, newName, target);
  if (ready < 0) return ready;
  const from = parent.up();
  if (typeof from === "number") return from;
  const to = newParent.up();
  if (typeof to === "number") return to;
  // Asked before anything moves: both may be one directory.
  const uncovers = lowerHas(parent, name);
  const covers = lowerHas(newParent, newName);
  if (!exchange) {
    const cleared = target?.isDirectory ? clearMarks(target) : 0;
    if (cleared < 0) return cleared;
    const revealed = marks.reveal(to, newName);
    if (revealed < 0) return revealed;
  }
  const result = from.rename(name, to, newName, exchange);
  if (result < 0) {
    if (!target && covers) marks.hide(to, newName);
    return result;
  }
  moved.unnamed(parent, name);
  moved.named(newParent, newName);
  if (exchange && target) {
    target.unnamed(newParent, newName);
    target.named(parent, name);
  } else if (target) {
    target.unnamed(newParent, newName);
    target.nlink = target.isDirectory ? 0 : target.nlink - 1;
    target.real.ctime = kernel.clock.now();
    if (!target.isDirectory) target.copyAttributes();
  }
  const hidden = uncovers && !exchange ? marks.hide(from, name) : 0;
  moved.copyAttributes();
  parent.copyAttributes();
  newParent.copyAttributes();
  return hidden;
}

/** Brings what is to move into the upper layer, whole, under its name. A directory that lands where a lower layer has
 *  one must not merge with it: copied up whole it is opaque; one that was made here is marked now. */
function prepare(parent: OverlayInode, name: string, inode: OverlayInode): 0 | Errno {
  if (!inode.isDirectory) return copyUpAs(parent, name, inode);
  if (inode.lower.length > 0 || !inode.upper) return copyUpTree(inode);
  const { marks } = inode.overlay;
  return marks.isOpaque(inode.upper) ? 0 : marks.setOpaque(inode.upper);
}
