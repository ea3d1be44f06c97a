// An image of the cache as static files (src/images/web.ts says which).
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageCache } from "../../src/hosts/node/images/cache.ts";
import { openImage } from "../../src/hosts/node/images/open.ts";
import type { ImageDescription } from "../../src/images/web.ts";
import { boot } from "../../src/index.ts";
import { CHUNK_SIZE } from "../../src/kernel/fs/imagefs/layout.ts";

/** An image as a server of static files sees it. */
export class ImageFiles {
  readonly name: string;
  readonly id: string;
  readonly chunkCount: number;
  private readonly cache: ImageCache;
  private readonly data: number;
  private readonly hashes: readonly string[];
  private readonly numbers: ReadonlyMap<string, number>;
  private description: Promise<ImageDescription> | undefined;

  constructor(cache: ImageCache, name: string) {
    this.cache = cache;
    this.name = name;
    const { id, index, close } = openImage(cache, name);
    close();
    this.id = id;
    this.chunkCount = index.chunkCount;
    this.hashes = Array.from({ length: index.chunkCount }, (_, chunk) =>
      Buffer.from(index.chunkHash(chunk)).toString("hex"),
    );
    this.numbers = new Map(this.hashes.map((hash, chunk) => [hash, chunk]));
    this.data = openSync(cache.path("store", id, "data"), "r");
  }
  describe(): Promise<ImageDescription> {
    this.description ??= firstChunks(this.cache, this.name).then((first) => ({ id: this.id, first }));
    return this.description;
  }
  index(): Uint8Array {
    return readFileSync(this.cache.path("store", this.id, "index"));
  }
  hash(chunk: number): string {
    return this.hashes[chunk]!;
  }
  /** The chunk of this hash; undefined when the image has none. */
  chunk(hash: string): Uint8Array | undefined {
    const chunk = this.numbers.get(hash);
    if (chunk === undefined) return undefined;
    const at = chunk * CHUNK_SIZE;
    const bytes = new Uint8Array(Math.min(CHUNK_SIZE, fstatSync(this.data).size - at));
    readSync(this.data, bytes, 0, bytes.length, at);
    return bytes;
  }
  close(): void {
    closeSync(this.data);
  }
}

/** Boots the image and starts its shell, as a page will: the chunks that were read, in order. */
async function firstChunks(cache: ImageCache, name: string): Promise<number[]> {
  const opened = openImage(cache, name);
  const touched = new Set<number>();
  const source = {
    read(offset: number, into: Uint8Array): number {
      const last = Math.floor((offset + Math.max(0, into.length - 1)) / CHUNK_SIZE);
      for (let chunk = Math.floor(offset / CHUNK_SIZE); chunk <= last; chunk++) touched.add(chunk);
      return opened.source.read(offset, into);
    },
  };
  const machine = await boot({ image: { ...opened, source }, keepTranslations: false });
  const shell = machine.fs.exists("/bin/bash") ? "/bin/bash" : "/bin/sh";
  await machine.exec([shell, "-i"], { input: "ls --color=auto /\nexit\n", env: { TERM: "xterm-256color" } });
  await machine.shutdown();
  opened.close();
  return [...touched];
}

/** Writes an image's files below `out`; what is there already is left. Returns the bytes of its chunks. */
export async function exportImage(image: ImageFiles, out: string): Promise<number> {
  const images = join(out, "images");
  mkdirSync(images, { recursive: true });
  let size = 0;
  for (let chunk = 0; chunk < image.chunkCount; chunk++) {
    const hash = image.hash(chunk);
    const folder = join(out, "chunks", hash.slice(0, 2));
    const bytes = image.chunk(hash)!;
    size += bytes.length;
    if (existsSync(join(folder, hash))) continue;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, hash), bytes);
  }
  writeFileSync(join(images, `${image.id}.index`), image.index());
  // The name comes last: it stands for files that are there.
  writeFileSync(join(images, `${image.name}.json`), `${JSON.stringify(await image.describe())}\n`);
  return size;
}
