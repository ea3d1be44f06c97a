import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ImageIndex } from "../kernel/fs/imagefs/format.ts";
import { imagefs } from "../kernel/fs/imagefs/index.ts";
import { overlay } from "../kernel/fs/overlay/index.ts";
import { tmpfs } from "../kernel/fs/tmpfs/tmpfs.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { fakeKernel } from "../kernel/vfs/caller.fake.ts";
import type { Inode } from "../kernel/vfs/inode.ts";
import type { FileSystem } from "../kernel/vfs/superblock.ts";
import { captureTree } from "./capture.ts";
import { ContentWriter } from "./content.ts";
import { MemorySink } from "./memory-sink.ts";
import { ImageTree, ROOT_OWNED } from "./tree.ts";
import { writeIndex } from "./write-index.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const sha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest("hex") };
};

const mounted = (kernel: Kernel, filesystem: FileSystem, host?: unknown): Inode => {
  const superblock = filesystem.mount(kernel, { source: "test", flags: 0, data: "", host });
  assert.ok(typeof superblock !== "number");
  return superblock.root.inode!;
};

const must = (value: Inode | number | undefined): Inode => {
  assert.ok(value !== undefined && typeof value !== "number", String(value));
  return value;
};

const startingImage = () => {
  const sink = new MemorySink();
  const contents = new ContentWriter(sink, sha256);
  const tree = new ImageTree();
  const owned = { ...ROOT_OWNED, mode: 0o640 };
  const xattrs = new Map([["user.kept", bytesOf("yes")]]);
  tree.file(
    "/etc/köln",
    { ...owned, uid: 7, mtimeSec: -3, mtimeNsec: 5, xattrs },
    contents.put(new Uint8Array(9000).fill(3)),
  );
  tree.hardLink("/etc/twin", "/etc/köln");
  tree.file("/etc/gone", owned, contents.putText("gone"));
  tree.file("/tmp/left", owned, contents.putText("left"));
  const index = ImageIndex.open(writeIndex(tree, contents.finish(), {}));
  assert.ok(typeof index !== "string");
  return { index, source: { read: (at: number, into: Uint8Array) => sink.read(at, into) } };
};

test("a captured overlay holds what is below and above, without what was removed, and hard links stay links", () => {
  const kernel = fakeKernel();
  const lower = mounted(kernel, imagefs, startingImage());
  const upper = mounted(kernel, tmpfs);
  const root = mounted(kernel, overlay, { lower: [lower], upper });
  const etc = must(root.lookup("etc"));
  assert.equal(etc.unlink("gone", must(etc.lookup("gone"))), 0);
  must(etc.symlink("link", "twin", { mode: 0o120777, uid: 0, gid: 0 }));
  const made = must(etc.create("made", { mode: 0o104755, uid: 1, gid: 2 }));
  assert.equal(made.truncate(3 * 4096 + 1), 0);
  const frame = made.pages!.get(1) as number;
  kernel.ram.u8.set(bytesOf("second page"), frame);

  const sink = new MemorySink();
  const contents = new ContentWriter(sink, sha256);
  const tree = new ImageTree();
  captureTree(root, tree, contents, new Set(["/tmp"]));
  const read = (path: string) => contents.read(tree.find(path)!.content!);

  const kept = tree.find("/etc/köln")!;
  assert.deepEqual([kept.mode, kept.uid, kept.mtimeSec, kept.mtimeNsec], [0o100640, 7, -3, 5]);
  assert.deepEqual(kept.xattrs?.get("user.kept"), bytesOf("yes"));
  assert.deepEqual(read("/etc/köln"), new Uint8Array(9000).fill(3));
  assert.equal(tree.find("/etc/twin"), kept);
  assert.equal(tree.find("/etc/gone"), undefined);
  assert.equal(tree.find("/etc/link", false)?.target, "twin");
  const expected = new Uint8Array(3 * 4096 + 1);
  expected.set(bytesOf("second page"), 4096);
  assert.deepEqual(read("/etc/made"), expected);
  assert.equal(tree.find("/etc/made")?.mode, 0o104755);
  assert.equal(tree.find("/tmp")?.children?.size, 0);
  // What was read in order to be captured is not left in the machine's memory.
  assert.equal(must(etc.lookup("köln".replace("ö", "\u00c3\u00b6"))).pages?.count, 0);
});
