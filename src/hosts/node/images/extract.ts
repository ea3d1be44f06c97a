// Writes an image out as a plain folder: to look into, or as a sysroot for a compiler or `qemu-riscv64 -L`.
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { ImageError } from "../../../images/error.ts";
import { ImageIndex, type ImageNode } from "../../../kernel/fs/imagefs/format.ts";
import { TYPE_DIRECTORY, TYPE_MASK, TYPE_REGULAR, TYPE_SYMLINK } from "../../../kernel/fs/imagefs/layout.ts";
import type { OpenImage } from "./open.ts";
import type { Progress } from "./progress.ts";

/**
 * The folder must not exist yet. Names and symlinks are written as they are; devices are left out, and owners are kept
 * only when root writes.
 */
export const extractImage = ({ index, source, name }: OpenImage, folder: string, progress: Progress): void => {
  if (fs.existsSync(folder)) throw new ImageError("exists", `${folder} is there already`);
  fs.mkdirSync(dirname(folder), { recursive: true });
  const isRoot = process.getuid?.() === 0;
  const written = new Map<number, string>();
  const buffer = Buffer.allocUnsafe(1 << 20);
  let done = 0;
  progress.phase(`writing ${name} to ${folder}`);

  const writeFile = (node: ImageNode, path: string): void => {
    const fd = fs.openSync(path, "wx");
    try {
      for (let at = 0; at < node.size; ) {
        const part = buffer.subarray(0, Math.min(buffer.length, node.size - at));
        if (source.read(node.dataOffset + at, part) !== part.length)
          throw new ImageError("damaged", `the image ${name} is damaged: its data is cut short`);
        at += fs.writeSync(fd, part, 0, part.length, at);
      }
    } finally {
      fs.closeSync(fd);
    }
  };

  const own = (node: ImageNode, path: string): void => {
    if (isRoot) fs.lchownSync(path, node.uid, node.gid);
    if ((node.mode & TYPE_MASK) !== TYPE_SYMLINK) fs.chmodSync(path, node.mode & 0o7777);
    const mtime = node.mtimeSec + node.mtimeNsec / 1e9;
    fs.lutimesSync(path, mtime, mtime);
  };

  const write = (ino: number, path: string): void => {
    const node = index.node(ino)!;
    const type = node.mode & TYPE_MASK;
    const twin = written.get(ino);
    if (twin !== undefined) fs.linkSync(twin, path);
    else if (type === TYPE_DIRECTORY) {
      fs.mkdirSync(path, { mode: 0o700 });
      for (const child of index.children(ino)) write(child.ino, join(path, child.name));
      own(node, path);
    } else if (type === TYPE_REGULAR) {
      writeFile(node, path);
      own(node, path);
      if (node.nlink > 1) written.set(ino, path);
    } else if (type === TYPE_SYMLINK) {
      fs.symlinkSync(index.target(ino), path);
      own(node, path);
    }
    progress.step(++done, index.entryCount);
  };
  write(ImageIndex.ROOT, folder);
};
