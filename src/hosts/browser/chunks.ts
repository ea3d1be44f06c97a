// An image's data from a static web server: content-addressed chunks, each fetched when something of it is first read,
// checked against the index's SHA-256, and kept (pack.ts). The kernel reads at once and can't wait, so a chunk that nobody
// foresaw is fetched by a synchronous request, which workers have for such cases; what a start needs is fetched side by
// side before it.
import type { ImageIndex, ImageSource } from "../../kernel/fs/imagefs/format.ts";
import { CHUNK_SIZE } from "../../kernel/fs/imagefs/layout.ts";
import { hex, sha256 } from "../../lib/sha256.ts";
import type { Pack } from "./pack.ts";

/** Chunks in memory: all that a session touches where there is no pack, else a few. */
const CACHED = 16;
const CACHED_WITHOUT_PACK = 512;
/** Requests that are under way at a time. */
const PARALLEL = 8;

export interface ChunkCounts {
  /** Chunks that came over the network, that were found kept, and that were waited for by a synchronous request. */
  fetched: number;
  kept: number;
  waited: number;
}

export class Chunks implements ImageSource {
  readonly counts: ChunkCounts = { fetched: 0, kept: 0, waited: 0 };
  private readonly index: ImageIndex;
  private readonly base: string;
  private readonly pack: Pack | undefined;
  /** Chunks by number, the least recently used first; all have been checked. */
  private readonly cached = new Map<number, Uint8Array<ArrayBuffer>>();
  /** Chunks of the pack that were found good in this session: read from there by range. */
  private readonly good = new Set<number>();

  /** `base`: the folder of chunks, ending in a slash. */
  constructor(index: ImageIndex, base: string, pack: Pack | undefined) {
    this.index = index;
    this.base = base;
    this.pack = pack;
  }

  read(offset: number, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const chunk = Math.floor((offset + done) / CHUNK_SIZE);
      const within = (offset + done) % CHUNK_SIZE;
      const room = Math.min(into.length - done, this.length(chunk) - within);
      if (room <= 0 || !this.readChunk(chunk, within, into.subarray(done, done + room))) break;
      done += room;
    }
    return done;
  }

  /** Fetches what of these chunks is not here, several at a time. What fails is fetched again when it is read. */
  async prefetch(chunks: readonly number[]): Promise<void> {
    const missing = chunks.filter((chunk) => chunk < this.index.chunkCount && !this.here(chunk));
    const next = async (): Promise<void> => {
      for (let chunk = missing.shift(); chunk !== undefined; chunk = missing.shift()) {
        const bytes = await this.fetch(chunk);
        if (bytes) this.keep(chunk, bytes);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, next));
  }

  close(): void {
    this.pack?.close();
    this.cached.clear();
  }

  private here(chunk: number): boolean {
    return this.cached.has(chunk) || this.pack?.has(chunk) === true;
  }
  private length(chunk: number): number {
    return Math.min(CHUNK_SIZE, this.index.dataSize - chunk * CHUNK_SIZE);
  }
  private url(chunk: number): string {
    const name = hex(this.index.chunkHash(chunk));
    return `${this.base}${name.slice(0, 2)}/${name}`;
  }

  private readChunk(chunk: number, within: number, into: Uint8Array): boolean {
    const cached = this.cached.get(chunk);
    if (!cached && this.good.has(chunk) && this.pack?.read(chunk, within, into)) return true;
    const bytes = cached ?? this.fromPack(chunk) ?? this.request(chunk);
    if (!bytes) return false;
    this.remember(chunk, bytes);
    into.set(bytes.subarray(within, within + into.length));
    return true;
  }
  private fromPack(chunk: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = new Uint8Array(this.length(chunk));
    if (!this.pack?.read(chunk, 0, bytes)) return undefined;
    if (!this.matches(chunk, sha256(bytes))) {
      this.pack.forget(chunk);
      return undefined;
    }
    this.good.add(chunk);
    this.counts.kept++;
    return bytes;
  }
  private request(chunk: number): Uint8Array<ArrayBuffer> | undefined {
    const request = new XMLHttpRequest();
    request.open("GET", this.url(chunk), false);
    request.responseType = "arraybuffer";
    try {
      request.send();
    } catch (error) {
      // NetworkError: the reader gets EIO.
      if (error instanceof DOMException) return undefined;
      throw error;
    }
    if (request.status !== 200 || !(request.response instanceof ArrayBuffer)) return undefined;
    const bytes = new Uint8Array(request.response);
    if (bytes.length !== this.length(chunk) || !this.matches(chunk, sha256(bytes))) return undefined;
    this.counts.waited++;
    this.counts.fetched++;
    this.keep(chunk, bytes);
    return bytes;
  }
  private async fetch(chunk: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      const response = await fetch(this.url(chunk));
      if (!response.ok) return undefined;
      bytes = new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      // TypeError: the network.
      if (error instanceof TypeError) return undefined;
      throw error;
    }
    if (bytes.length !== this.length(chunk) || !this.matches(chunk, await digest(bytes))) return undefined;
    this.counts.fetched++;
    return bytes;
  }
  private matches(chunk: number, hash: Uint8Array): boolean {
    const wanted = this.index.chunkHash(chunk);
    return hash.length === wanted.length && wanted.every((byte, at) => byte === hash[at]);
  }
  private keep(chunk: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.pack?.keep(chunk, bytes);
    if (this.pack?.has(chunk)) this.good.add(chunk);
    this.remember(chunk, bytes);
  }
  private remember(chunk: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.cached.delete(chunk);
    this.cached.set(chunk, bytes);
    const most = this.pack ? CACHED : CACHED_WITHOUT_PACK;
    for (const oldest of this.cached.keys()) {
      if (this.cached.size <= most) break;
      this.cached.delete(oldest);
    }
  }
}

/** The browser's own SHA-256 where it may be used: in secure contexts. */
export async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return isSecureContext ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)) : sha256(bytes);
}
