// Takes exact numbers of bytes from a stream that comes in pieces of any size.
import { ImageError } from "../error.ts";

export class ByteReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private piece: Uint8Array = new Uint8Array(0);
  private at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  private async more(): Promise<boolean> {
    while (this.at === this.piece.length) {
      const next = await this.source.next();
      if (next.done) return false;
      this.piece = next.value;
      this.at = 0;
    }
    return true;
  }

  /** Exactly `count` bytes; undefined when the stream ends before the first; cut short after it is damage. */
  async take(count: number): Promise<Uint8Array | undefined> {
    if (this.piece.length - this.at >= count) {
      this.at += count;
      return this.piece.subarray(this.at - count, this.at);
    }
    const whole = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      if (this.at === this.piece.length && !(await this.more())) {
        if (filled === 0) return undefined;
        throw new ImageError("damaged", "the archive is cut short");
      }
      const part = this.piece.subarray(this.at, this.at + count - filled);
      whole.set(part, filled);
      filled += part.length;
      this.at += part.length;
    }
    return whole;
  }

  /** Hands the next `count` bytes on in pieces, without gathering them. */
  async pass(count: number, to: (bytes: Uint8Array) => void): Promise<void> {
    while (count > 0) {
      if (this.at === this.piece.length && !(await this.more()))
        throw new ImageError("damaged", "the archive is cut short");
      const part = this.piece.subarray(this.at, this.at + count);
      this.at += part.length;
      count -= part.length;
      to(part);
    }
  }

  /** Reads the stream to its end, so that what feeds it (a decompressor, a process) can finish and report. */
  async drain(): Promise<void> {
    this.at = this.piece.length;
    while (await this.more()) this.at = this.piece.length;
  }
}
