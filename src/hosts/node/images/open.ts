// Opens an image from the cache: the index whole and checked against its name, the data left on disk to be read by range.
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { join } from "node:path";
import { ImageError } from "../../../images/error.ts";
import { ImageIndex, type ImageSource } from "../../../kernel/fs/imagefs/format.ts";
import { CHUNK_SIZE } from "../../../kernel/fs/imagefs/layout.ts";
import type { ImageCache } from "./cache.ts";

export interface OpenImage {
  readonly name: string;
  readonly id: string;
  readonly index: ImageIndex;
  readonly source: ImageSource;
  close(): void;
}

const damaged = (name: string, why: string, cause?: unknown) =>
  new ImageError("damaged", `the image ${name} is damaged (${why}): remove it with \`airside image rm ${name}\``, {
    cause,
  });

export const openImage = (cache: ImageCache, name: string): OpenImage => {
  const reference = cache.reference(name);
  if (!reference) throw new ImageError("not-found", `no such image: ${name}`);
  const folder = cache.path("store", reference.id);
  const bytes = readWhole(join(folder, "index"), name);
  if (createHash("sha256").update(bytes).digest("hex") !== reference.id)
    throw damaged(name, "its index is not the one that was written");
  const index = ImageIndex.open(bytes);
  if (typeof index === "string") throw damaged(name, index);
  const fd = openData(join(folder, "data"), name);
  if (fs.fstatSync(fd).size !== index.dataSize) {
    fs.closeSync(fd);
    throw damaged(name, "its data has the wrong size");
  }
  return {
    name,
    id: reference.id,
    index,
    source: { read: (offset, into) => fs.readSync(fd, into, 0, into.length, offset) },
    close: () => fs.closeSync(fd),
  };
};

const readWhole = (path: string, name: string): Uint8Array => {
  try {
    return fs.readFileSync(path);
  } catch (cause) {
    throw damaged(name, `its index can't be read`, cause);
  }
};

const openData = (path: string, name: string): number => {
  try {
    return fs.openSync(path, "r");
  } catch (cause) {
    throw damaged(name, "its data can't be read", cause);
  }
};

/** Checks every chunk of an image's data against the index; the number of the first that differs, or undefined. */
export const verifyData = ({ index, source }: OpenImage): number | undefined => {
  const chunk = new Uint8Array(CHUNK_SIZE);
  for (let at = 0; at < index.chunkCount; at++) {
    const part = chunk.subarray(0, Math.min(CHUNK_SIZE, index.dataSize - at * CHUNK_SIZE));
    if (source.read(at * CHUNK_SIZE, part) !== part.length) return at;
    const hash = createHash("sha256").update(part).digest();
    if (!hash.equals(index.chunkHash(at))) return at;
  }
  return undefined;
};
