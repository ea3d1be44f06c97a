// Reads an image's data in blocks larger than a page: one request to the source serves the page that missed and its
// neighbours, which are the file's next pages or, as small files lie packed, the next files of the same package.
import type { ImageSource } from "./format.ts";

export const BLOCK_SIZE = 64 * 1024;
/** Blocks kept: two megabytes, enough for a program and its libraries to be read side by side. */
const BLOCKS = 32;

export class ReadAhead implements ImageSource {
  private readonly source: ImageSource;
  private readonly size: number;
  /** Blocks by number, the least recently used first. */
  private readonly blocks = new Map<number, Uint8Array>();

  /** `size` is the data's length in bytes: nothing is asked for behind it. */
  constructor(source: ImageSource, size: number) {
    this.source = source;
    this.size = size;
  }
  read(offset: number, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const at = offset + done;
      const block = this.block(Math.floor(at / BLOCK_SIZE));
      const within = at % BLOCK_SIZE;
      if (!block || within >= block.length) break;
      const part = block.subarray(within, within + into.length - done);
      into.set(part, done);
      done += part.length;
    }
    return done;
  }
  private block(number: number): Uint8Array | undefined {
    const start = number * BLOCK_SIZE;
    if (start >= this.size) return undefined;
    const cached = this.blocks.get(number);
    if (cached) {
      this.blocks.delete(number);
      this.blocks.set(number, cached);
      return cached;
    }
    const bytes = this.recycle(Math.min(BLOCK_SIZE, this.size - start));
    const count = this.source.read(start, bytes);
    if (count < bytes.length) return count > 0 ? bytes.subarray(0, count) : undefined;
    this.blocks.set(number, bytes);
    return bytes;
  }
  /** Room for a block: that of the oldest one when there are enough. */
  private recycle(length: number): Uint8Array {
    if (this.blocks.size >= BLOCKS) {
      for (const [number, bytes] of this.blocks) {
        this.blocks.delete(number);
        if (bytes.length >= length) return bytes.subarray(0, length);
        break;
      }
    }
    return new Uint8Array(length);
  }
}
