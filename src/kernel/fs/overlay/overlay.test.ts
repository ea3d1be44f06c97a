import assert from "node:assert/strict";
import { test } from "node:test";
import { S_IFREG } from "../../../abi/flags.ts";
import { fromText } from "../../../lib/byte-string.ts";
import { KernelBuffer } from "../../mm/user.ts";
import { FileCaller, fakeKernel, fakeRoot } from "../../vfs/caller.fake.ts";
import { File } from "../../vfs/file.ts";
import { Inode } from "../../vfs/inode.ts";
import { Path } from "../../vfs/mount.ts";
import type { FileSystem } from "../../vfs/superblock.ts";
import { fileSystemContract } from "../contract.ts";
import { tmpfs } from "../tmpfs/tmpfs.ts";
import { overlay } from "./index.ts";
import { deviceMarks, type Marks, nameMarks } from "./marks.ts";

const empty = { source: "none", flags: 0, data: "" };
const owner = { uid: 0, gid: 0 };

type Kernel = ReturnType<typeof fakeKernel>;

const root = (kernel: Kernel): Inode => {
  const superblock = tmpfs.mount(kernel, empty);
  assert.notEqual(typeof superblock, "number");
  return (superblock as Exclude<typeof superblock, number>).root.inode!;
};

const overlayWith = (name: string, marks: Marks): FileSystem => ({
  name,
  nodev: true,
  mount: (kernel, from) =>
    overlay.mount(kernel, { ...from, host: { lower: [root(kernel)], upper: root(kernel), marks } }),
});

fileSystemContract(overlayWith("overlay", deviceMarks));
fileSystemContract(overlayWith("overlay with named whiteouts", nameMarks));

/** A tree of texts: a string is a file, an object a directory. */
interface Tree {
  [name: string]: string | Tree;
}

function grow(kernel: Kernel, directory: Inode, tree: Tree): void {
  for (const [name, content] of Object.entries(tree)) {
    if (typeof content !== "string") {
      grow(kernel, directory.mkdir(name, { mode: 0o040755, ...owner }) as Inode, content);
      continue;
    }
    const inode = directory.create(name, { mode: S_IFREG | 0o644, ...owner }) as Inode;
    const { anonymous } = kernel.vfs;
    const file = new File(new Path(anonymous, anonymous.root), inode, 1, {});
    file.opened = false;
    const ops = inode.open(file);
    assert.ok(typeof ops === "object" && "write" in ops);
    const bytes = new TextEncoder().encode(content);
    assert.equal(ops.write!(file, new KernelBuffer(bytes), 0), bytes.length);
    file.unref();
  }
}

interface Layered {
  c: FileCaller;
  upper: Inode;
  lower: Inode[];
}

function layered(marks: Marks, ...trees: Tree[]): Layered {
  const kernel = fakeKernel();
  const lower = trees.map((tree) => {
    const layer = root(kernel);
    grow(kernel, layer, tree);
    return layer;
  });
  const upper = root(kernel);
  return { c: new FileCaller(kernel, fakeRoot(kernel, overlay, { host: { lower, upper, marks } })), upper, lower };
}

const claim = (what: string, body: (marks: Marks) => void): void => {
  test(`overlay: ${what}`, () => body(deviceMarks));
  test(`overlay with named whiteouts: ${what}`, () => body(nameMarks));
};

claim("a write copies a lower file up; number, names and other attributes stay", (marks) => {
  const { c, upper, lower } = layered(marks, { d: { a: "below" } });
  c.call("fchmodat", -100, "/d/a", 0o640);
  const before = c.status("/d/a");
  const fd = c.fd("/d/a", 2);
  assert.equal(c.write(fd, "ABOVE"), 5);
  assert.equal(c.load("/d/a"), "ABOVE");
  const after = c.status("/d/a");
  assert.deepEqual([after.ino, after.dev, after.mode, after.nlink], [before.ino, before.dev, before.mode, 1]);
  assert.ok((upper.lookup("d") as Inode).lookup("a") instanceof Inode);
  const below = (lower[0]!.lookup("d") as Inode).lookup("a") as Inode;
  assert.equal(below.size, 5);
  assert.equal(below.mode & 0o777, 0o644);
});

claim("reading and listing copy nothing up", (marks) => {
  const { c, upper } = layered(marks, { d: { a: "x" }, b: "y" });
  assert.equal(c.load("/d/a"), "x");
  assert.deepEqual(c.list("/"), ["b", "d"]);
  assert.equal(c.status("/b").size, 1);
  assert.deepEqual(upper.entries(), []);
});

claim("a descriptor opened before the copy up reads what was written after it", (marks) => {
  const { c } = layered(marks, { a: "old" });
  const reader = c.fd("/a", 0);
  const writer = c.fd("/a", 1);
  c.write(writer, "NEW");
  assert.equal(c.read(reader), "NEW");
});

claim("O_TRUNC and O_APPEND on lower files", (marks) => {
  const { c } = layered(marks, { a: "old text", b: "one" });
  const fd = c.fd("/a", 1 | 0o1000);
  c.write(fd, "new");
  assert.equal(c.load("/a"), "new");
  c.write(c.fd("/b", 1 | 0o2000), "+two");
  assert.equal(c.load("/b"), "one+two");
});

claim("removed lower names stay removed, and can be made anew", (marks) => {
  const { c } = layered(marks, { a: "x", d: { e: "y" } });
  assert.equal(c.unlink("/a"), 0);
  assert.equal(c.open("/a"), "ENOENT");
  assert.equal(c.unlink("/a"), "ENOENT");
  assert.deepEqual(c.list("/"), ["d"]);
  c.save("/a", "again");
  assert.equal(c.load("/a"), "again");
  assert.equal(c.rmdir("/d"), "ENOTEMPTY");
  assert.equal(c.unlink("/d/e"), 0);
  assert.equal(c.rmdir("/d"), 0);
  assert.equal(c.mkdir("/d"), 0);
  assert.deepEqual(c.list("/d"), []);
  assert.equal(c.open("/d/e"), "ENOENT");
  assert.equal(c.rmdir("/d"), 0);
});

claim("directories of several layers merge, the upper names first in line", (marks) => {
  const { c } = layered(marks, { d: { a: "top", b: "top" } }, { d: { b: "bottom", c: "bottom" }, only: "bottom" });
  c.save("/d/new", "upper");
  assert.deepEqual(c.list("/d"), ["a", "b", "c", "new"]);
  assert.equal(c.load("/d/b"), "top");
  assert.equal(c.load("/d/c"), "bottom");
  assert.equal(c.load("/only"), "bottom");
  c.unlink("/d/b");
  assert.equal(c.open("/d/b"), "ENOENT");
  assert.deepEqual(c.list("/d"), ["a", "c", "new"]);
});

claim("a lower directory can be renamed with all that is in it", (marks) => {
  const { c } = layered(marks, { d: { a: "1", sub: { b: "2" } }, other: { z: "3" } });
  const { ino } = c.status("/d/sub/b");
  assert.equal(c.rename("/d", "/moved"), 0);
  assert.equal(c.open("/d"), "ENOENT");
  assert.equal(c.load("/moved/sub/b"), "2");
  assert.equal(c.status("/moved/sub/b").ino, ino);
  assert.deepEqual(c.list("/"), ["moved", "other"]);
  // In the place of an emptied lower directory nothing of that shows through.
  assert.equal(c.unlink("/other/z"), 0);
  assert.equal(c.rename("/moved", "/other"), 0);
  assert.deepEqual(c.list("/other"), ["a", "sub"]);
  assert.equal(c.mkdir("/d"), 0);
  assert.deepEqual(c.list("/d"), []);
});

claim("a lower file can be renamed, over another too", (marks) => {
  const { c } = layered(marks, { a: "1", b: "2" });
  assert.equal(c.rename("/a", "/b"), 0);
  assert.equal(c.load("/b"), "1");
  assert.equal(c.open("/a"), "ENOENT");
  assert.equal(c.rename("/b", "/a"), 0);
  assert.deepEqual(c.list("/"), ["a"]);
});

claim("hard links of a lower file hold after a copy up", (marks) => {
  const kernel = fakeKernel();
  const below = root(kernel);
  grow(kernel, below, { a: "one" });
  assert.equal(below.link("b", below.lookup("a") as Inode), 0);
  const c = new FileCaller(kernel, fakeRoot(kernel, overlay, { host: { lower: [below], upper: root(kernel), marks } }));
  assert.equal(c.status("/a").nlink, 2);
  c.write(c.fd("/a", 1), "ONE");
  assert.equal(c.load("/b"), "ONE");
  assert.equal(c.status("/b").ino, c.status("/a").ino);
  assert.equal(c.unlink("/a"), 0);
  assert.equal(c.load("/b"), "ONE");
  assert.equal(c.status("/b").nlink, 1);
  assert.equal(c.rename("/b", "/c"), 0);
  assert.equal(c.load("/c"), "ONE");
  assert.equal(c.link("/c", "/d"), 0);
  assert.equal(c.status("/d").nlink, 2);
});

claim("link(2) on a lower file copies it up", (marks) => {
  const { c } = layered(marks, { a: "x" });
  assert.equal(c.link("/a", "/b"), 0);
  assert.equal(c.status("/a").ino, c.status("/b").ino);
  c.write(c.fd("/b", 1), "y");
  assert.equal(c.load("/a"), "y");
});

claim("an open lower file without a name can still be changed", (marks) => {
  const { c, upper } = layered(marks, { a: "text" });
  const fd = c.fd("/a", 0);
  assert.equal(c.unlink("/a"), 0);
  assert.equal(c.call("fchmod", fd, 0o600), 0);
  assert.equal(c.read(fd), "text");
  assert.equal(c.close(fd), 0);
  assert.deepEqual(c.list("/"), []);
  assert.ok(upper);
});

claim("listed numbers are those that stat shows, before and after a copy up", (marks) => {
  const { c } = layered(marks, { a: "x", d: { b: "y" } });
  c.save("/new", "");
  const numbers = () => ["a", "d", "new"].map((name) => c.status(`/${name}`).ino);
  const before = numbers();
  c.call("fchmodat", -100, "/a", 0o600);
  c.save("/d/c", "");
  assert.deepEqual(numbers(), before);
  assert.equal(new Set(before).size, 3);
});

test("overlay: without an upper layer everything is read-only", () => {
  const kernel = fakeKernel();
  const below = root(kernel);
  grow(kernel, below, { a: "x" });
  const c = new FileCaller(kernel, fakeRoot(kernel, overlay, { host: { lower: [below], upper: undefined } }));
  assert.equal(c.load("/a"), "x");
  assert.equal(c.open("/a", 1), "EROFS");
  assert.equal(c.open("/b", 0o101), "EROFS");
  assert.equal(c.unlink("/a"), "EROFS");
  assert.equal(c.call("fchmodat", -100, "/a", 0o600), "EROFS");
});

test("overlay: a large file is copied up whole", () => {
  const text = "0123456789".repeat(70_000);
  const { c } = layered(deviceMarks, { a: text });
  const fd = c.fd("/a", 2);
  assert.equal(c.call("pwrite64", fd, new Uint8Array([33]), 1, 699_999), 1);
  assert.equal(c.load("/a"), `${text.slice(0, -1)}!`);
  assert.equal(fromText("x"), "x");
});
