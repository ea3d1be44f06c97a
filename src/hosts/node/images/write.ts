// Writes an image into the cache: the data as it comes, the index at the end, then one rename.
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { ContentWriter, type DataSink, type MakeHash } from "../../../images/content.ts";
import { ImageError } from "../../../images/error.ts";
import { ImageTree } from "../../../images/tree.ts";
import { writeIndex } from "../../../images/write-index.ts";
import { checkName, type ImageCache } from "./cache.ts";

export const hashMaker =
  (algorithm: "sha256" | "md5"): MakeHash =>
  () => {
    const hash = createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
  };

/** A data file, its small writes gathered: an image is tens of thousands of them. */
class FileSink implements DataSink {
  private readonly fd: number;
  private readonly buffer = Buffer.allocUnsafe(1 << 20);
  private start = 0;
  private filled = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  write(position: number, bytes: Uint8Array): void {
    if (position !== this.start + this.filled || this.filled + bytes.length > this.buffer.length) {
      this.flush();
      this.start = position;
    }
    if (bytes.length > this.buffer.length) {
      writeAll(this.fd, bytes, position);
      this.start = position + bytes.length;
      return;
    }
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  read(position: number, into: Uint8Array): number {
    this.flush();
    return fs.readSync(this.fd, into, 0, into.length, position);
  }

  truncate(size: number): void {
    this.flush();
    fs.ftruncateSync(this.fd, size);
  }

  private flush(): void {
    if (this.filled > 0) writeAll(this.fd, this.buffer.subarray(0, this.filled), this.start);
    this.start += this.filled;
    this.filled = 0;
  }
}

const writeAll = (fd: number, bytes: Uint8Array, position: number): void => {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
};

/**
 * Makes an image: `fill` lays files into the tree and returns what is to be recorded about where they come from.
 * Whatever goes wrong, the cache is left as it was. Returns the image's id.
 */
export const createImage = async (
  cache: ImageCache,
  name: string,
  fill: (tree: ImageTree, contents: ContentWriter) => Promise<unknown>,
): Promise<string> => {
  checkName(name);
  const temporary = cache.temporary();
  const folder = temporary.path;
  try {
    const fd = fs.openSync(join(folder, "data"), "wx+");
    try {
      const tree = new ImageTree();
      const contents = new ContentWriter(new FileSink(fd), hashMaker("sha256"));
      const about = await fill(tree, contents);
      const index = writeIndex(tree, contents.finish(), about);
      fs.writeFileSync(join(folder, "index"), index);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    return cache.adopt(folder, name);
  } catch (error) {
    throw plain(error, name);
  } finally {
    temporary[Symbol.dispose]();
  }
};

const plain = (error: unknown, name: string): unknown => {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new ImageError("no-space", `no room on the disk for the image ${name}`, { cause: error });
  return error;
};
