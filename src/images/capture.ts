// Takes a filesystem as a kernel has it, a machine's root after its second stage, into a tree: what becomes an image.
// It sees one filesystem: what is mounted on its directories stays out.

import { TYPE_MASK, TYPE_REGULAR, TYPE_SYMLINK } from "../kernel/fs/imagefs/layout.ts";
import { Inode } from "../kernel/vfs/inode.ts";
import { toText } from "../lib/byte-string.ts";
import { PAGE_SIZE } from "../machine/ram.ts";
import type { ContentWriter, OpenContent } from "./content.ts";
import { ImageError } from "./error.ts";
import type { Attributes, ImageTree } from "./tree.ts";

const NANOSECONDS = 1_000_000_000n;

const attributesOf = (inode: Inode): Attributes => {
  const mtimeNsec = ((inode.mtime % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  const names = inode.listxattr();
  const xattrs = new Map<string, Uint8Array>();
  for (const name of typeof names === "number" ? [] : names) {
    const value = inode.getxattr(name);
    if (typeof value !== "number") xattrs.set(toText(name), value);
  }
  return {
    mode: inode.mode & 0o7777,
    uid: inode.uid,
    gid: inode.gid,
    mtimeSec: Number((inode.mtime - mtimeNsec) / NANOSECONDS),
    mtimeNsec: Number(mtimeNsec),
    ...(xattrs.size > 0 ? { xattrs } : {}),
  };
};

/** Copies a file out page by page. Pages that were not in memory before are not left there. */
const copyContent = (inode: Inode, path: string, into: OpenContent): void => {
  const { pages, size } = inode;
  for (let at = 0; at < size; at += PAGE_SIZE) {
    const index = at / PAGE_SIZE;
    const length = Math.min(PAGE_SIZE, size - at);
    const cached = pages?.peek(index);
    if (cached === undefined && (pages === undefined || (pages.sparse && !pages.has(index)))) {
      into.zerosTo(at + length);
      continue;
    }
    const frame = cached ?? pages?.get(index);
    if (typeof frame !== "number" || frame < 0 || !pages)
      throw new ImageError("damaged", `${path} could not be read back from the machine`);
    into.write(pages.ram.u8.subarray(frame, frame + length));
    if (cached === undefined) pages.invalidate(index, index + 1);
  }
};

export const captureTree = (
  root: Inode,
  tree: ImageTree,
  contents: ContentWriter,
  leaveOut: ReadonlySet<string>,
): void => {
  const paths = new Map<string, string>();
  const capture = (inode: Inode, path: string): void => {
    inode.refresh();
    const attributes = attributesOf(inode);
    const identity = `${inode.superblock.dev}:${inode.ino}`;
    const twin = paths.get(identity);
    if (inode.isDirectory) {
      tree.directory(path, attributes);
      if (leaveOut.has(path)) return;
      const entries = inode.entries();
      if (typeof entries === "number") throw new ImageError("damaged", `${path} could not be listed in the machine`);
      for (const { name } of entries) {
        const child = inode.lookup(name);
        if (child instanceof Inode) capture(child, `${path === "/" ? "" : path}/${toText(name)}`);
      }
    } else if (twin !== undefined) {
      tree.hardLink(path, twin);
    } else if ((inode.mode & TYPE_MASK) === TYPE_REGULAR) {
      const content = contents.begin(inode.size);
      copyContent(inode, path, content);
      tree.file(path, attributes, content.finish());
    } else if ((inode.mode & TYPE_MASK) === TYPE_SYMLINK) {
      const target = inode.readlink();
      if (typeof target === "string") tree.symlink(path, toText(target), attributes);
    } else {
      tree.special(path, inode.mode & TYPE_MASK, attributes, inode.rdev);
    }
    if (!inode.isDirectory && inode.nlink > 1) paths.set(identity, path);
  };
  capture(root, "/");
};
