import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ImageIndex } from "../kernel/fs/imagefs/format.ts";
import { type Image, imagefs } from "../kernel/fs/imagefs/index.ts";
import { overlay } from "../kernel/fs/overlay/index.ts";
import { tmpfs } from "../kernel/fs/tmpfs/tmpfs.ts";
import { FileCaller, fakeKernel, fakeRoot } from "../kernel/vfs/caller.fake.ts";
import { ContentWriter } from "./content.ts";
import { MemorySink } from "./memory-sink.ts";
import { ImageTree, ROOT_OWNED } from "./tree.ts";
import { writeIndex } from "./write-index.ts";

const makeSha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest("hex") };
};

const long = "0123456789abcdef".repeat(20_000);

function makeImage(): Image & { reads: number } {
  const sink = new MemorySink();
  const contents = new ContentWriter(sink, makeSha256);
  const tree = new ImageTree();
  tree.directory("/d", { ...ROOT_OWNED, mode: 0o755 });
  tree.file("/d/a", { uid: 1, gid: 2, mode: 0o4755, mtimeSec: 9, mtimeNsec: 5 }, contents.putText("alpha"));
  tree.file("/d/long", { ...ROOT_OWNED, mode: 0o644 }, contents.putText(long));
  tree.hardLink("/d/b", "/d/a");
  tree.symlink("/köln", "d/a");
  const index = ImageIndex.open(writeIndex(tree, contents.finish(), {}));
  assert.ok(typeof index !== "string");
  const image = {
    index,
    reads: 0,
    source: {
      read(offset: number, into: Uint8Array): number {
        image.reads++;
        return sink.read(offset, into);
      },
    },
  };
  return image;
}

test("imagefs: files read as they were written, with their attributes", () => {
  const kernel = fakeKernel();
  const image = makeImage();
  const c = new FileCaller(kernel, fakeRoot(kernel, imagefs, { host: image }));
  assert.equal(c.load("/d/a"), "alpha");
  assert.equal(c.load("/köln"), "alpha");
  assert.equal(c.readlink("/köln"), "d/a");
  assert.equal(c.load("/d/long"), long);
  const { mode, uid, gid, nlink, mtime, size } = c.status("/d/a");
  assert.deepEqual(
    { mode, uid, gid, nlink, mtime, size },
    { mode: 0o104755, uid: 1, gid: 2, nlink: 2, mtime: 9_000_000_005n, size: 5 },
  );
  assert.equal(c.status("/d/b").ino, c.status("/d/a").ino);
  assert.deepEqual(c.list("/d"), ["a", "b", "long"]);
  assert.equal(c.open("/missing"), "ENOENT");
  assert.equal(c.open("/d/a/x"), "ENOTDIR");
  // Read-ahead: eighty pages in a handful of requests.
  assert.ok(image.reads < 10, String(image.reads));
});

test("imagefs: nothing can be changed", () => {
  const kernel = fakeKernel();
  const c = new FileCaller(kernel, fakeRoot(kernel, imagefs, { host: makeImage() }));
  assert.equal(c.open("/d/a", 1), "EROFS");
  assert.equal(c.open("/d/new", 0o101), "EROFS");
  assert.equal(c.unlink("/d/a"), "EROFS");
  assert.equal(c.mkdir("/e"), "EROFS");
  assert.equal(c.rename("/d", "/e"), "EROFS");
  assert.equal(c.call("fchmodat", -100, "/d/a", 0), "EROFS");
});

test("imagefs below an overlay: a system's usual root", () => {
  const kernel = fakeKernel();
  const lower = imagefs.mount(kernel, { source: "image", flags: 0, data: "", host: makeImage() });
  const upper = tmpfs.mount(kernel, { source: "none", flags: 0, data: "" });
  assert.ok(typeof lower !== "number" && typeof upper !== "number");
  const layers = { lower: [lower.root.inode], upper: upper.root.inode };
  const c = new FileCaller(kernel, fakeRoot(kernel, overlay, { host: layers }));
  assert.equal(c.load("/d/long"), long);
  c.write(c.fd("/d/long", 1), "X");
  assert.equal(c.load("/d/long"), `X${long.slice(1)}`);
  assert.equal(c.rename("/d", "/e"), 0);
  assert.equal(c.load("/e/b"), "alpha");
  assert.equal(c.status("/e/b").nlink, 2);
  assert.equal(c.status("/e/a").ino, c.status("/e/b").ino);
  assert.equal(c.load("/köln"), "ENOENT");
});
