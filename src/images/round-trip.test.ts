import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ImageIndex } from "../kernel/fs/imagefs/format.ts";
import { CHUNK_SIZE, COLUMNS, PAGE_SIZE, TYPE_BLOCK, TYPE_CHAR, TYPE_MASK } from "../kernel/fs/imagefs/layout.ts";
import { ContentWriter } from "./content.ts";
import { ImageError } from "./error.ts";
import { MemorySink } from "./memory-sink.ts";
import { ImageTree, makeDevice, ROOT_OWNED } from "./tree.ts";
import { writeIndex } from "./write-index.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const makeSha256 = () => {
  const hash = createHash("sha256");
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest("hex") };
};

const makeImage = () => {
  const sink = new MemorySink();
  const contents = new ContentWriter(sink, makeSha256);
  const tree = new ImageTree();
  const big = new Uint8Array(CHUNK_SIZE + 5).fill(7);
  const owned = { ...ROOT_OWNED, mode: 0o644 };
  tree.directory("/usr/bin", { ...ROOT_OWNED, mode: 0o755 });
  tree.symlink("/bin", "usr/bin");
  tree.file("/bin/a", { mode: 0o4755, uid: 1, gid: 2, mtimeSec: -5, mtimeNsec: 9 }, contents.put(bytesOf("alpha")));
  tree.file("/usr/bin/big", owned, contents.put(big));
  tree.file("/usr/bin/copy", owned, contents.put(bytesOf("alpha")));
  tree.file("/usr/bin/empty", owned, contents.put(new Uint8Array(0)));
  tree.hardLink("/usr/bin/other", "/bin/a");
  tree.symlink("/usr/bin/ÿ", "../köln");
  tree.special("/dev/sda300", TYPE_BLOCK, { ...ROOT_OWNED, mode: 0o660 }, makeDevice(8, 300));
  tree.special("/dev/null", TYPE_CHAR, { ...ROOT_OWNED, mode: 0o666 }, makeDevice(1, 3));
  const xattrs = new Map([["security.capability", Uint8Array.of(1, 0, 2)]]);
  tree.file("/ping", { ...owned, xattrs }, contents.put(bytesOf("ping")));
  const index = writeIndex(tree, contents.finish(), { kind: "test" });
  return { index, sink, contents, tree };
};

const opened = (bytes: Uint8Array): ImageIndex => {
  const index = ImageIndex.open(bytes);
  assert.ok(typeof index !== "string", String(index));
  return index;
};

const at = (index: ImageIndex, path: string): number =>
  path.split("/").reduce((ino, name) => (name === "" || ino === 0 ? ino : index.lookup(ino, name)), ImageIndex.ROOT);

test("what the writer lays down the reader finds: modes, owners, times, devices, links, attributes", () => {
  const { index: bytes, sink } = makeImage();
  const index = opened(bytes);
  const read = (ino: number) => {
    const { size, dataOffset } = index.node(ino)!;
    const into = new Uint8Array(size);
    sink.read(dataOffset, into);
    return into;
  };
  const a = index.node(at(index, "/usr/bin/a"))!;
  assert.equal(a.mode, 0o104755);
  assert.deepEqual([a.uid, a.gid, a.mtimeSec, a.mtimeNsec, a.nlink, a.size], [1, 2, -5, 9, 2, 5]);
  assert.equal(textOf(read(a.ino)), "alpha");
  assert.equal(at(index, "/usr/bin/other"), a.ino);
  assert.deepEqual(read(at(index, "/usr/bin/big")), new Uint8Array(CHUNK_SIZE + 5).fill(7));
  assert.equal(index.target(at(index, "/usr/bin/ÿ")), "../köln");
  assert.equal(index.target(at(index, "/bin")), "usr/bin");
  assert.equal(index.node(at(index, "/dev/sda300"))!.rdev, 0x0010_082c);
  assert.equal(index.node(at(index, "/dev/null"))!.mode & TYPE_MASK, TYPE_CHAR);
  assert.deepEqual(index.xattrs(at(index, "/ping")).get("security.capability"), Uint8Array.of(1, 0, 2));
  assert.equal(index.xattrs(a.ino).size, 0);
  assert.equal(index.node(ImageIndex.ROOT)!.nlink, 4);
  assert.equal(index.node(at(index, "/usr"))!.nlink, 3);
  assert.deepEqual(
    [...index.children(ImageIndex.ROOT)].map(({ name }) => name),
    ["bin", "dev", "ping", "usr"],
  );
  assert.equal(at(index, "/usr/bin/missing"), 0);
  assert.equal(index.lookup(a.ino, "x"), 0);
  assert.equal(index.about(), '{"kind":"test"}');
});

test("equal contents are stored once, large ones begin on a page, and every chunk has its hash", () => {
  const { index: bytes, sink, contents } = makeImage();
  const index = opened(bytes);
  assert.equal(contents.savedBytes, 5);
  assert.equal(index.node(at(index, "/usr/bin/copy"))!.dataOffset, index.node(at(index, "/usr/bin/a"))!.dataOffset);
  assert.equal(index.node(at(index, "/usr/bin/big"))!.dataOffset % PAGE_SIZE, 0);
  assert.equal(index.chunkCount, 2);
  for (let chunk = 0; chunk < index.chunkCount; chunk++) {
    const hash = createHash("sha256")
      .update(sink.bytes.subarray(chunk * CHUNK_SIZE, (chunk + 1) * CHUNK_SIZE))
      .digest();
    assert.deepEqual(Buffer.from(index.chunkHash(chunk)), hash);
  }
});

test("a damaged index is refused with a reason, or opens and answers without throwing: every byte flipped in turn", () => {
  const { index: bytes } = makeImage();
  let refused = 0;
  for (let i = 0; i < bytes.length; i++) {
    const copy = bytes.slice();
    copy[i]! ^= 0xff;
    const index = ImageIndex.open(copy);
    if (typeof index === "string") {
      assert.ok(index.length > 0 && !index.includes("\n"));
      refused++;
      continue;
    }
    for (let ino = 1; ino <= index.inodeCount; ino++) {
      index.node(ino);
      index.target(ino);
      index.xattrs(ino);
      assert.ok([...index.children(ino)].length <= index.entryCount);
    }
  }
  assert.ok(refused > bytes.length / 10, `${refused} of ${bytes.length}`);
  for (const length of [0, 7, 40, bytes.length - 1])
    assert.equal(typeof ImageIndex.open(bytes.slice(0, length)), "string");
  assert.ok(COLUMNS.length > 0);
});

test("paths resolve inside the tree: symlinks lead nowhere else, .. is refused, loops end", () => {
  const { tree, contents } = makeImage();
  const owned = { ...ROOT_OWNED, mode: 0o644 };
  const content = contents.putText("x");
  tree.symlink("/out", "../../../../tmp");
  tree.file("/out/evil", owned, content);
  assert.ok(tree.find("/tmp/evil"));
  tree.symlink("/loop", "loop");
  assert.equal(tree.find("/loop"), undefined);
  assert.throws(() => tree.file("/loop/x", owned, content), ImageError);
  assert.throws(() => tree.file("../etc/passwd", owned, content), { fault: "hostile" });
  assert.throws(() => tree.file("/", owned, content), { fault: "damaged" });
  assert.throws(() => tree.file("/usr", owned, content), { fault: "damaged" });
  assert.throws(() => tree.file("/ping/x", owned, content), { fault: "damaged" });
  assert.throws(() => tree.hardLink("/h", "/nowhere"), { fault: "damaged" });
  assert.throws(() => tree.hardLink("/h", "/usr"), { fault: "damaged" });
});
