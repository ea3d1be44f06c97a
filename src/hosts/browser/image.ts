// Opens an image that `airside web build` exported: its description by name, the index by its hash, the data in chunks.
import { ImageError } from "../../images/error.ts";
import type { ImageDescription } from "../../images/web.ts";
import { ImageIndex } from "../../kernel/fs/imagefs/format.ts";
import { hex } from "../../lib/sha256.ts";
import { Chunks, digest } from "./chunks.ts";
import { Pack } from "./pack.ts";

export interface WebImage {
  readonly name: string;
  readonly id: string;
  readonly index: ImageIndex;
  readonly source: Chunks;
}

/** `base`: the URL of the exported folder, ending in a slash. Throws an ImageError with one plain line. */
export async function openWebImage(base: string, name: string): Promise<WebImage> {
  const described = await get(`${base}images/${encodeURIComponent(name)}.json`, "no-cache");
  if (!described) throw new ImageError("not-found", `no image ${name} at ${base}`);
  const { id, first } = JSON.parse(new TextDecoder().decode(described)) as ImageDescription;
  const [bytes, pack] = await Promise.all([get(`${base}images/${id}.index`, "force-cache"), Pack.open(id)]);
  if (!bytes || hex(await digest(bytes)) !== id) {
    pack?.close();
    throw new ImageError("damaged", `the index of the image ${name} is not the one that was exported`);
  }
  const index = ImageIndex.open(bytes);
  if (typeof index === "string") {
    pack?.close();
    throw new ImageError("damaged", `the image ${name} is damaged: ${index}`);
  }
  const source = new Chunks(index, `${base}chunks/`, pack);
  await source.prefetch(first);
  if (pack) void Pack.supersede(name, id);
  return { name, id, index, source };
}

async function get(url: string, cache: RequestCache): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const response = await fetch(url, { cache });
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
}
