import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { addTar } from "./add-tar.ts";
import { ContentWriter } from "./content.ts";
import { MemorySink } from "./memory-sink.ts";
import { inPieces, type MadeEntry, makeTar, paxRecord, tarHeader } from "./tar/make.ts";
import { ImageTree, makeDevice } from "./tree.ts";

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text);

const laid = async (archive: Uint8Array, piece = 1 << 16) => {
  const tree = new ImageTree();
  const contents = new ContentWriter(new MemorySink(), () => {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
  });
  await addTar(tree, contents, inPieces(archive, piece));
  const text = (path: string) => {
    const node = tree.find(path);
    return node?.content && new TextDecoder().decode(contents.read(node.content));
  };
  return { tree, text };
};

const refuses = (entries: readonly MadeEntry[], fault: string) =>
  assert.rejects(laid(makeTar(entries)), (error: Error & { fault?: string }) => {
    assert.equal(error.fault, fault, error.message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });

test("an archive in pieces of any size gives the same tree", async () => {
  const archive = makeTar([
    { name: "./", type: "5", mode: 0o755 },
    { name: "d/", type: "5", mode: 0o700, mtime: 77 },
    { name: "d/file", bytes: bytesOf("hello"), mode: 0o4755, uid: 1000 },
    { name: "d/hard", type: "1", link: "d/file" },
    { name: "link", type: "2", link: "d/file" },
    { name: "dev/tty1", type: "3", major: 4, minor: 1, mode: 0o620 },
    { name: "pipe", type: "6" },
  ]);
  for (const piece of [1, 7, 512, 513, 1 << 20]) {
    const { tree, text } = await laid(archive, piece);
    assert.equal(text("/link"), "hello");
    assert.equal(tree.find("/d/hard"), tree.find("/d/file"));
    assert.equal(tree.find("/d/file")?.nlink, 2);
    assert.equal(tree.find("/d/file")?.mode, 0o104755);
    assert.equal(tree.find("/d")?.mtimeSec, 77);
    assert.equal(tree.find("/dev/tty1")?.rdev, makeDevice(4, 1));
    assert.equal(tree.find("/pipe")?.mode, 0o010644);
  }
});

test("pax headers replace name, link, size, owner and time, and carry extended attributes", async () => {
  const long = `deep/${"n".repeat(300)}`;
  const pax =
    paxRecord("path", long) +
    paxRecord("uid", "5000000") +
    paxRecord("mtime", "-1.25") +
    paxRecord("SCHILY.xattr.user.a", "b=c");
  const { tree, text } = await laid(
    makeTar([
      { name: "x", type: "x", bytes: bytesOf(pax) },
      { name: "short", bytes: bytesOf("long name") },
      { name: "x", type: "x", bytes: bytesOf(paxRecord("linkpath", `/${long}`)) },
      { name: "to", type: "2", link: "cut" },
    ]),
  );
  const node = tree.find(`/${long}`);
  assert.equal(text("/to"), "long name");
  assert.deepEqual([node?.uid, node?.mtimeSec, node?.mtimeNsec], [5_000_000, -2, 750_000_000]);
  assert.deepEqual(node?.xattrs?.get("user.a"), bytesOf("b=c"));
  assert.equal(tree.find("/short"), undefined);
});

test("hostile names stay inside: absolute paths are below the root, symlinks lead nowhere else, .. is refused", async () => {
  const { tree, text } = await laid(
    makeTar([
      { name: "/etc/passwd", bytes: bytesOf("inside") },
      { name: "escape", type: "2", link: "/../../../../tmp" },
      { name: "escape/planted", bytes: bytesOf("planted") },
      { name: "up", type: "2", link: "../../.." },
      { name: "up/up2/file", bytes: bytesOf("up") },
    ]),
  );
  assert.equal(text("/etc/passwd"), "inside");
  assert.equal(text("/tmp/planted"), "planted");
  assert.equal(text("/up2/file"), "up");
  assert.ok(tree.find("/escape"));
  await refuses([{ name: "../evil", bytes: bytesOf("x") }], "hostile");
  await refuses([{ name: "a/../../evil", bytes: bytesOf("x") }], "hostile");
  await refuses([{ name: "h", type: "1", link: "../../etc/shadow" }], "hostile");
  await refuses([{ name: "x", type: "x", bytes: bytesOf(paxRecord("path", "a/../b")) }, { name: "b" }], "hostile");
});

test("hostile structure is refused: loops, links to nothing or to directories, files in place of directories", async () => {
  await refuses([{ name: "h", type: "1", link: "missing" }], "damaged");
  await refuses(
    [
      { name: "d/", type: "5" },
      { name: "h", type: "1", link: "d" },
    ],
    "damaged",
  );
  await refuses(
    [
      { name: "l", type: "2", link: "l" },
      { name: "l/x", bytes: bytesOf("x") },
    ],
    "damaged",
  );
  await refuses(
    [
      { name: "d/x", bytes: bytesOf("x") },
      { name: "d", bytes: bytesOf("y") },
    ],
    "damaged",
  );
  await refuses(
    [
      { name: "f", bytes: bytesOf("x") },
      { name: "f/y", bytes: bytesOf("y") },
    ],
    "damaged",
  );
  await refuses([{ name: "l", type: "2", link: "" }], "damaged");
  await refuses([{ name: "z", type: "Z" }], "damaged");
  await refuses([{ name: "n", type: "L", size: 2 ** 31 }], "hostile");
});

test("a file may replace a file or a symlink that came before", async () => {
  const { text, tree } = await laid(
    makeTar([
      { name: "a", bytes: bytesOf("old") },
      { name: "b", type: "1", link: "a" },
      { name: "a", bytes: bytesOf("new") },
      { name: "c", type: "2", link: "a" },
      { name: "c", bytes: bytesOf("own") },
    ]),
  );
  assert.deepEqual([text("/a"), text("/b"), text("/c")], ["new", "old", "own"]);
  assert.equal(tree.find("/b")?.nlink, 1);
});

test("damage is told from an end: cut anywhere, or any header byte changed, an archive is refused", async () => {
  const archive = makeTar([
    { name: "a", bytes: bytesOf("alpha") },
    { name: "b", bytes: new Uint8Array(700) },
  ]);
  for (let length = 0; length < archive.length - 1024; length += 37)
    await assert.rejects(laid(archive.slice(0, length)));
  for (const at of [0, 100, 130, 148, 156, 300]) {
    const changed = archive.slice();
    changed[at]! ^= 0x01;
    await assert.rejects(laid(changed), { fault: "damaged" }, `byte ${at}`);
  }
  await assert.rejects(laid(makeTar([{ name: "a", bytes: bytesOf("x") }], false)), { fault: "damaged" });
});

test("numbers that octal can't hold are base 256; an absurd one is damage", async () => {
  const archive = makeTar([{ name: "big-uid", bytes: bytesOf("x") }]);
  archive.set([0x80, 0, 0, 0, 0x12, 0x34, 0x56, 0x78], 108);
  const fix = (header: Uint8Array) => {
    header.fill(0x20, 148, 156);
    const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    header.set(bytesOf(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  };
  fix(archive);
  assert.equal((await laid(archive)).tree.find("/big-uid")?.uid, 0x1234_5678);
  archive.set([0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 124);
  fix(archive);
  await assert.rejects(laid(archive), { fault: "damaged" });
  assert.equal(tarHeader({ name: "x" }).length, 512);
});
