// Opens an image from the cache: the index whole and checked against its name, the data left on disk to be read by range.
// The check costs more than opening does: beside the index lies what the file looked like when it was found good, and
// as long as it looks so (the time of its last change included) it is not read twice.
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
  const path = join(folder, "index");
  const bytes = readWhole(path, name);
  const looks = looksOf(path);
  const note = join(folder, "checked");
  const checked = fs.existsSync(note) && fs.readFileSync(note, "utf8") === looks.text;
  if (!checked) {
    if (createHash("sha256").update(bytes).digest("hex") !== reference.id)
      throw damaged(name, "its index is not the one that was written");
  }
  const index = ImageIndex.open(bytes, checked);
  if (typeof index === "string") throw damaged(name, index);
  if (!checked && looks.settled) writeNote(note, looks.text);
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

/** Time in which a file may change again without its times telling. */
const SETTLED = 2000;

const looksOf = (path: string) => {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = fs.statSync(path, { bigint: true });
  return { text: [dev, ino, size, mtimeNs, ctimeNs].join(" "), settled: Date.now() - Number(ctimeMs) > SETTLED };
};

/** A cache that can't be written is checked each time. */
const writeNote = (path: string, text: string): void => {
  try {
    fs.writeFileSync(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS" && code !== "ENOSPC") throw error;
  }
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
