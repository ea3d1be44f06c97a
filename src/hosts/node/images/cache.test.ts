import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { makeTar } from "../../../images/tar/make.ts";
import { ImageIndex } from "../../../kernel/fs/imagefs/format.ts";
import { ImageCache } from "./cache.ts";
import { importImage } from "./import.ts";
import { openImage, verifyData } from "./open.ts";
import { silent } from "./progress.ts";
import { createImage } from "./write.ts";

let folder = "";
let cache: ImageCache;
const MAIN = join(import.meta.dirname, "../../../../apps/cli/main.ts");

before(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "airside-images-"));
  cache = new ImageCache(join(folder, "airside"));
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const airside = (...args: string[]) => {
  const ran = spawnSync(process.execPath, [MAIN, "image", ...args], {
    env: { ...process.env, XDG_CACHE_HOME: folder },
    encoding: "utf8",
  });
  return {
    code: ran.status,
    out: ran.stdout,
    error: ran.stderr.split("\n").filter((line) => line.startsWith("airside: ")),
  };
};

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  fs.writeFileSync(path, bytes);
  return path;
};

const hello = () => makeTar([{ name: "etc/hello", bytes: Buffer.from("hello\n".repeat(1000)) }]);
const files = (path: string): string[] => (fs.existsSync(path) ? fs.readdirSync(path) : []);

test("image import, ls, inspect, extract and rm: the same bytes out, and an empty cache after", () => {
  for (const [name, bytes] of [
    ["plain", hello()],
    ["gzip", gzipSync(hello())],
  ] as const) {
    assert.equal(airside("import", "hello", file(`${name}.tar`, bytes)).code, 0);
    const inspected = JSON.parse(airside("inspect", "--verify", "hello").out) as { name: string; inodes: number };
    assert.deepEqual([inspected.name, inspected.inodes], ["hello", 3]);
    assert.match(airside("ls").out, /^hello +[0-9a-f]{12} /m);
    assert.equal(airside("extract", "hello", join(folder, name)).code, 0);
    assert.equal(fs.readFileSync(join(folder, name, "etc/hello"), "utf8"), "hello\n".repeat(1000));
    assert.equal(airside("extract", "hello", join(folder, name)).code, 4);
    assert.equal(airside("rm", "hello").code, 0);
    assert.deepEqual(files(cache.path("store")), []);
  }
});

test("bad input is one plain line and an exit code of its own, and leaves nothing in the cache", () => {
  const whole = gzipSync(hello());
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [["import", "x", join(folder, "nowhere.tar")], 3, /^airside: no such file: /],
    [["import", "x", folder], 2, /is not a file$/],
    [["import", "x", file("text", Buffer.from("no archive at all".repeat(100)))], 5, /text: not a tar archive/],
    [
      ["import", "x", file("cut.tgz", whole.subarray(0, whole.length - 20))],
      5,
      /cut\.tgz: the archive is damaged or cut short$/,
    ],
    [["import", "x", file("empty.tar", new Uint8Array(0))], 5, /empty\.tar: the archive is cut short/],
    [["import", "x", file("other", brotliCompressSync(hello()))], 5, /other: /],
    [["import", "x", file("up.tar", makeTar([{ name: "../up" }]))], 6, /up\.tar: it holds a path that climbs out/],
    [["import", "../x", file("ok.tar", hello())], 2, /an image's name is /],
    [["rm", "x"], 3, /^airside: no such image: x$/],
    [["inspect", "x"], 3, /^airside: no such image: x$/],
    [["build", "x"], 2, /--packages/],
  ];
  for (const [args, code, line] of cases) {
    const ran = airside(...args);
    assert.equal(ran.code, code, `${args.join(" ")}: ${ran.error.join()}`);
    assert.equal(ran.error.length, 1);
    assert.match(ran.error[0] ?? "", line);
  }
  assert.deepEqual([files(cache.path("store")), files(cache.path("images")), files(cache.path("tmp"))], [[], [], []]);
});

test("damage to a stored image is told when it is opened, or by --verify", async () => {
  const id = await importImage(cache, "hello", file("hello.tar", hello()), silent);
  const index = cache.path("store", id, "index");
  const data = cache.path("store", id, "data");
  const [goodIndex, goodData] = [fs.readFileSync(index), fs.readFileSync(data)];
  const damaged = (why: RegExp) => assert.throws(() => openImage(cache, "hello"), { fault: "damaged", message: why });

  const flipped = Buffer.from(goodIndex);
  flipped[200]! ^= 1;
  fs.writeFileSync(index, flipped);
  damaged(/its index is not the one that was written/);
  fs.rmSync(index);
  damaged(/its index can't be read/);
  fs.writeFileSync(index, goodIndex);

  fs.writeFileSync(data, goodData.subarray(0, 100));
  damaged(/its data has the wrong size/);
  const changed = Buffer.from(goodData);
  changed[50]! ^= 1;
  fs.writeFileSync(data, changed);
  const image = openImage(cache, "hello");
  assert.equal(verifyData(image), 0);
  image.close();
  fs.writeFileSync(cache.path("images", "hello.json"), "{");
  damaged(/build it again/);
  fs.rmSync(cache.path("images", "hello.json"));
  fs.rmSync(cache.path("store", id), { recursive: true });
});

test("a maker that fails leaves the image that was there before, and nothing else", async () => {
  const id = await importImage(cache, "kept", file("kept.tar", hello()), silent);
  await assert.rejects(
    createImage(cache, "kept", (tree, contents) => {
      tree.file("/x", { mode: 0o644, uid: 0, gid: 0, mtimeSec: 0 }, contents.putText("half"));
      return Promise.reject(new Error("stopped"));
    }),
    /stopped/,
  );
  assert.equal(cache.reference("kept")?.id, id);
  assert.deepEqual(files(cache.path("tmp")), []);
  const again = await importImage(cache, "kept", file("kept.tar", hello()), silent);
  assert.equal(again, id);
  cache.remove("kept");
});

test("all four spellings of sparse files that tar writes give the same file", async () => {
  const root = join(folder, "sparse");
  fs.mkdirSync(root);
  const fd = fs.openSync(join(root, "holes"), "w");
  for (let i = 0; i < 40; i++) fs.writeSync(fd, `part ${i}`, i * 100_000);
  fs.ftruncateSync(fd, 5_000_000);
  fs.closeSync(fd);
  const formats = ["--format=gnu", "--sparse-version=0.0", "--sparse-version=0.1", "--sparse-version=1.0"];
  for (const format of formats) {
    const archive = join(folder, "sparse.tar");
    const pax = format.startsWith("--sparse") ? ["--format=pax"] : [];
    const made = spawnSync("tar", ["-S", ...pax, format, "-cf", archive, "-C", root, "holes"]);
    assert.equal(made.status, 0, String(made.stderr));
    assert.ok(fs.statSync(archive).size < 1_000_000);
    await importImage(cache, "sparse", archive, silent);
    const { index, source, close } = openImage(cache, "sparse");
    const node = index.node(index.lookup(ImageIndex.ROOT, "holes"))!;
    const bytes = new Uint8Array(node.size);
    source.read(node.dataOffset, bytes);
    close();
    assert.deepEqual(Buffer.compare(bytes, fs.readFileSync(join(root, "holes"))), 0, format);
  }
  cache.remove("sparse");
});

test("a build that is interrupted leaves nothing half made", async () => {
  const big = join(folder, "big.tar");
  fs.writeFileSync(big, makeTar([{ name: "big", bytes: new Uint8Array(1 << 28) }]));
  const child = spawn(process.execPath, [MAIN, "image", "import", "big", big], {
    env: { ...process.env, XDG_CACHE_HOME: folder },
    stdio: "ignore",
  });
  while (files(cache.path("tmp")).length === 0) await sleep(5);
  child.kill("SIGTERM");
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 143);
  assert.deepEqual([files(cache.path("tmp")), files(cache.path("store"))], [[], []]);
  fs.rmSync(big);
});
