// A file's bytes, decompressed if they are compressed. gzip and zstd by Node's own zlib; xz by the machine's xz.
import * as fs from "node:fs";
import { PassThrough, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { ImageError } from "../../../images/error.ts";
import { outputOf } from "./run-process.ts";

const MAGICS: readonly (readonly [string, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["bzip2", [0x42, 0x5a, 0x68]],
];

const compressionOf = (file: string): string => {
  const head = new Uint8Array(6);
  const fd = fs.openSync(file, "r");
  try {
    fs.readSync(fd, head, 0, head.length, 0);
  } finally {
    fs.closeSync(fd);
  }
  return MAGICS.find(([, magic]) => magic.every((byte, i) => head[i] === byte))?.[0] ?? "none";
};

const HIGH_WATER = 1 << 18;

/** `onRead` is told how many of the file's own bytes have been read. */
export const decompressed = (
  file: string,
  onRead: (bytes: number) => void = () => undefined,
): AsyncIterable<Uint8Array> => {
  const compression = compressionOf(file);
  if (compression === "xz") return outputOf("xz", ["-dcq", "--", file], "the archive");
  if (compression === "bzip2") return outputOf("bzip2", ["-dcq", "--", file], "the archive");
  const input = fs.createReadStream(file, { highWaterMark: HIGH_WATER });
  let read = 0;
  input.on("data", (piece) => {
    read += piece.length;
    onRead(read);
  });
  if (compression === "none") return through(input, new PassThrough({ highWaterMark: HIGH_WATER }));
  if (compression === "gzip") return through(input, zlib.createGunzip({ chunkSize: HIGH_WATER }));
  // Node 22.15 and 24 have it; an older 22 falls back to the machine's zstd.
  if (typeof zlib.createZstdDecompress === "function")
    return through(input, zlib.createZstdDecompress({ chunkSize: HIGH_WATER }));
  input.destroy();
  return outputOf("zstd", ["-dcq", "--", file], "the archive");
};

async function* through(input: fs.ReadStream, transform: Transform): AsyncGenerator<Uint8Array> {
  const flow = pipeline(input, transform);
  // Its failure reaches the reader through the transform; this keeps it from counting as unhandled.
  flow.catch(() => undefined);
  try {
    yield* transform as AsyncIterable<Buffer>;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (/^(Z_|ZSTD_|ERR_)/.test(code))
      throw new ImageError("damaged", "the archive is damaged or cut short", { cause: error });
    throw error;
  } finally {
    input.destroy();
  }
}
