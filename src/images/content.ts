// Writes an image's data: file contents one after the other, equal ones once. A content is streamed out and hashed on
// the way; if it turns out to be a copy, its room is taken back. Where the bytes go is the host's (DataSink).
import { CHUNK_SIZE, PAGE_SIZE } from "../kernel/fs/imagefs/layout.ts";
import { ImageError } from "./error.ts";
import { type Content, EMPTY } from "./tree.ts";

/** A file being written at any position; the writer never leaves a gap that it does not mean as zeros. */
export interface DataSink {
  write(position: number, bytes: Uint8Array): void;
  /** Fills `into` from `position`; returns how much there was. */
  read(position: number, into: Uint8Array): number;
  truncate(size: number): void;
}

/** A hash in progress; SHA-256 everywhere here. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** The digest in hexadecimal. */
  hex(): string;
}
export type MakeHash = () => Hash;

const ZEROS = new Uint8Array(PAGE_SIZE);

export class ContentWriter {
  private end = 0;
  private readonly known = new Map<string, Content>();
  private readonly sink: DataSink;
  private readonly makeHash: MakeHash;
  /** Bytes that were asked to be stored and were there already. */
  savedBytes = 0;

  constructor(sink: DataSink, makeHash: MakeHash) {
    this.sink = sink;
    this.makeHash = makeHash;
  }

  /** Begins a content of exactly `size` bytes. One at a time. */
  begin(size: number): OpenContent {
    const within = this.end % PAGE_SIZE;
    let start = this.end;
    if (within !== 0 && (size >= PAGE_SIZE || within + size > PAGE_SIZE)) start += PAGE_SIZE - within;
    return new OpenContent(this, this.sink, this.makeHash(), start, size);
  }

  put(bytes: Uint8Array): Content {
    const content = this.begin(bytes.length);
    content.write(bytes);
    return content.finish();
  }

  /** A content that was put, whole. */
  read(content: Content): Uint8Array {
    const bytes = new Uint8Array(content.size);
    if (this.sink.read(content.offset, bytes) !== bytes.length)
      throw new ImageError("no-space", "the data written can't be read back");
    return bytes;
  }

  putText(text: string): Content {
    return this.put(new TextEncoder().encode(text));
  }

  /** Called by OpenContent when its bytes are complete. */
  settle(hash: string, start: number, size: number): Content {
    if (size === 0) return EMPTY;
    const copy = this.known.get(hash);
    if (copy) {
      this.savedBytes += size;
      return copy;
    }
    const content = { offset: start, size };
    this.known.set(hash, content);
    if (start > this.end) this.sink.write(this.end, ZEROS.subarray(0, start - this.end));
    // Small contents follow each other on 16-byte steps.
    this.end = start + size;
    const pad = -this.end & 15;
    if (pad > 0) this.sink.write(this.end, ZEROS.subarray(0, pad));
    this.end += pad;
    return content;
  }

  /** Ends the data and returns its size and the hash of each of its chunks, in order. */
  finish(): { size: number; chunkHashes: string[] } {
    this.sink.truncate(this.end);
    const chunkHashes: string[] = [];
    const chunk = new Uint8Array(CHUNK_SIZE);
    for (let at = 0; at < this.end; at += CHUNK_SIZE) {
      const part = chunk.subarray(0, Math.min(CHUNK_SIZE, this.end - at));
      if (this.sink.read(at, part) !== part.length)
        throw new ImageError("no-space", "the data written can't be read back");
      const hash = this.makeHash();
      hash.update(part);
      chunkHashes.push(hash.hex());
    }
    return { size: this.end, chunkHashes };
  }
}

export class OpenContent {
  private at = 0;
  private readonly owner: ContentWriter;
  private readonly sink: DataSink;
  private readonly hash: Hash;
  private readonly start: number;
  private readonly size: number;

  constructor(owner: ContentWriter, sink: DataSink, hash: Hash, start: number, size: number) {
    this.owner = owner;
    this.sink = sink;
    this.hash = hash;
    this.start = start;
    this.size = size;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.at + bytes.length > this.size) throw new ImageError("damaged", "a file in it is longer than it says");
    this.sink.write(this.start + this.at, bytes);
    this.hash.update(bytes);
    this.at += bytes.length;
  }

  /** Zeros up to `position`: a hole of a sparse file. */
  zerosTo(position: number): void {
    while (this.at < position) this.write(ZEROS.subarray(0, Math.min(ZEROS.length, position - this.at)));
  }

  finish(): Content {
    if (this.at !== this.size) throw new ImageError("damaged", "a file in it is cut short");
    return this.owner.settle(this.hash.hex(), this.start, this.size);
  }
}
