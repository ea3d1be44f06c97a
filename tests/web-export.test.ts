import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { exportImage, ImageFiles } from "../apps/web/export.ts";
import { serveWeb } from "../apps/web/serve.ts";
import { ImageCache } from "../src/hosts/node/images/cache.ts";
import type { ImageDescription } from "../src/images/web.ts";
import { ImageIndex } from "../src/kernel/fs/imagefs/format.ts";
import { CHUNK_SIZE } from "../src/kernel/fs/imagefs/layout.ts";

const out = mkdtempSync(join(tmpdir(), "airside-export-"));
after(() => rmSync(out, { recursive: true, force: true }));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("an exported image is whole: its index has the name's hash, each chunk its own, a start's chunks are among them", async () => {
  const image = new ImageFiles(new ImageCache(), "busybox");
  const size = await exportImage(image, out);
  image.close();
  const { id, first } = JSON.parse(readFileSync(join(out, "images/busybox.json"), "utf8")) as ImageDescription;
  const bytes = readFileSync(join(out, "images", `${id}.index`));
  assert.equal(sha256(bytes), id);
  const index = ImageIndex.open(bytes);
  assert.ok(typeof index !== "string");
  assert.equal(size, index.dataSize);
  for (let chunk = 0; chunk < index.chunkCount; chunk++) {
    const hash = Buffer.from(index.chunkHash(chunk)).toString("hex");
    const content = readFileSync(join(out, "chunks", hash.slice(0, 2), hash));
    assert.equal(sha256(content), hash);
    assert.equal(content.length, Math.min(CHUNK_SIZE, index.dataSize - chunk * CHUNK_SIZE));
  }
  assert.ok(first.length > 0 && first.every((chunk) => chunk < index.chunkCount));
  assert.equal(new Set(first).size, first.length);
});

test("what is served is what is exported; nothing above the folder is", async () => {
  const server = await serveWeb({ folder: join(out, "images"), port: 0, host: "127.0.0.1", isolated: true });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const get = (path: string): Promise<Response> => fetch(base + path);
  try {
    const described = await get("images/busybox.json");
    assert.equal(described.headers.get("cross-origin-embedder-policy"), "require-corp");
    const { id } = (await described.json()) as ImageDescription;
    const served = new Uint8Array(await (await get(`images/${id}.index`)).arrayBuffer());
    assert.equal(sha256(served), id);
    const [folder = ""] = readdirSync(join(out, "chunks"));
    const [hash = ""] = readdirSync(join(out, "chunks", folder));
    const chunk = await get(`chunks/${folder}/${hash}`);
    assert.match(chunk.headers.get("cache-control") ?? "", /immutable/);
    assert.equal(sha256(new Uint8Array(await chunk.arrayBuffer())), hash);
    for (const path of ["images/nothing.json", "chunks/00/00", "..%2fchunks", "%2e%2e/%2e%2e/etc/passwd", "%00"]) {
      assert.equal((await get(path)).status, 404, path);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
