import assert from "node:assert/strict";
import { test } from "node:test";
import { tmpfs } from "../../kernel/fs/tmpfs/tmpfs.ts";
import { fakeKernel } from "../../kernel/vfs/caller.fake.ts";
import { Inode } from "../../kernel/vfs/inode.ts";
import { fromBytes } from "../../lib/byte-string.ts";
import { Journal, type JournalFile } from "./journal.ts";
import { Layer } from "./layer.ts";

/** A file in memory. What was written since the last flush is lost at a crash, or is there in part. */
class MemoryFile implements JournalFile {
  bytes = new Uint8Array(0);
  room = Number.POSITIVE_INFINITY;
  size(): number {
    return this.bytes.length;
  }
  read(at: number, into: Uint8Array): number {
    const part = this.bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }
  write(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.room) throw new Error("no room");
    if (at + bytes.length > this.bytes.length) this.truncate(at + bytes.length);
    this.bytes.set(bytes, at);
  }
  truncate(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, size));
    this.bytes = bytes;
  }
  flush(): void {
    // Memory is as safe as it gets.
  }
  copy(): MemoryFile {
    const copy = new MemoryFile();
    copy.bytes = this.bytes.slice();
    return copy;
  }
}

const owner = { uid: 0, gid: 0 };
type Files = [MemoryFile, MemoryFile];
const newFiles = (): Files => [new MemoryFile(), new MemoryFile()];

function open(files: Files): { root: Inode; layer: Layer } {
  const superblock = tmpfs.mount(fakeKernel(), { source: "test", flags: 0, data: "" });
  assert.ok(typeof superblock !== "number");
  const root = superblock.root.inode!;
  return { root, layer: new Layer(root, new Journal(files)) };
}

const made = (inode: Inode | number | undefined): Inode => {
  assert.ok(inode instanceof Inode, String(inode));
  return inode;
};

let clock = 1n;
function write(inode: Inode, at: number, text: string): void {
  const frame = inode.pages!.get(Math.floor(at / 4096)) as number;
  inode.pages!.ram.u8.set(new TextEncoder().encode(text), frame + (at % 4096));
  inode.size = Math.max(inode.size, at + text.length);
  inode.mtime = clock++;
}

/** Everything that is kept of a tree, as text. */
function dump(inode: Inode, path = ""): string {
  const { mode, uid, gid, rdev, size, nlink, flags, mtime, ctime } = inode;
  let text = `${path || "/"} ${mode.toString(8)} ${uid} ${gid} ${rdev} ${size} ${nlink} ${flags} ${mtime} ${ctime}`;
  for (const name of inode.listxattr() as string[]) text += ` ${name}=${fromBytes(inode.getxattr(name) as Uint8Array)}`;
  if (inode.isSymlink) text += ` -> ${String(inode.readlink())}`;
  if (inode.pages) {
    for (let index = inode.pages.next(0); index !== undefined; index = inode.pages.next(index + 1)) {
      const frame = inode.pages.peek(index)!;
      text += ` ${index}:${fromBytes(inode.pages.ram.u8.subarray(frame, frame + 4096)).replace(/\0+$/, "")}`;
    }
  }
  const entries = inode.entries();
  for (const name of (typeof entries === "number" ? [] : entries).map((entry) => entry.name).sort()) {
    text += `\n${dump(inode.lookup(name) as Inode, `${path}/${name}`)}`;
  }
  return text;
}

test("a tree comes back as it was: contents, holes, links, attributes, devices, names of any bytes", () => {
  const files = newFiles();
  const { root, layer } = open(files);
  const directory = made(root.mkdir("etc", { mode: 0o40750, uid: 3, gid: 4 }));
  const file = made(directory.create("k\xf6ln\n", { mode: 0o104755, ...owner }));
  write(file, 3 * 4096 + 5, "behind a hole");
  directory.link("twin", file);
  made(root.symlink("link", "etc/k\xf6ln", { mode: 0o120777, ...owner }));
  made(root.create("whiteout", { mode: 0o020000, ...owner, rdev: 0 }));
  directory.setxattr("trusted.overlay.opaque", new Uint8Array([0x79]), 0);
  assert.equal(layer.commit(), true);
  assert.equal(layer.commit(), false, "nothing has changed");
  const again = open(files);
  assert.equal(dump(again.root), dump(root));
  assert.equal(again.layer.commit(), false, "what came back is known");
});

test("only what changed is written; what is removed is gone; a truncated file has its holes back", () => {
  const files = newFiles();
  const { root, layer } = open(files);
  const big = made(root.create("big", { mode: 0o100644, ...owner }));
  for (let page = 0; page < 200; page++) write(big, page * 4096, `page ${page}`);
  made(root.create("removed", { mode: 0o100644, ...owner }));
  layer.commit();
  const before = files[0].size();
  write(big, 77 * 4096, "changed");
  root.unlink("removed", root.lookup("removed") as Inode);
  layer.commit();
  assert.ok(files[0].size() - before < 3 * 4096, `${files[0].size() - before} bytes for one page`);
  big.truncate(100 * 4096);
  big.truncate(150 * 4096);
  big.mtime = clock++;
  layer.commit();
  assert.equal(dump(open(files).root), dump(root));
});

test("cut off at any byte, the journal gives the tree of a commit, never a mixture", () => {
  const files = newFiles();
  const { root, layer } = open(files);
  const states: string[] = [];
  for (let step = 0; step < 6; step++) {
    const file = made(root.create(`file${step}`, { mode: 0o100644, ...owner }));
    write(file, step * 1000, `step ${step}`);
    if (step > 2) root.unlink(`file${step - 2}`, root.lookup(`file${step - 2}`) as Inode);
    layer.commit();
    states.push(dump(root));
  }
  const whole = files[0].size();
  for (let length = 0; length <= whole; length += 1601) {
    const cut: Files = [files[0].copy(), files[1].copy()];
    cut[0].truncate(length);
    const { root: found, layer: next } = open(cut);
    const text = dump(found);
    assert.ok(states.includes(text) || text.split("\n").length === 1, `cut at ${length}`);
    // And it goes on from there.
    made(found.create("after", { mode: 0o100644, ...owner }));
    next.commit();
    assert.equal(dump(open(cut).root), dump(found));
  }
  for (let at = 16; at < whole; at += 1777) {
    const changed: Files = [files[0].copy(), files[1].copy()];
    changed[0].bytes[at]! ^= 0x10;
    const text = dump(open(changed).root);
    assert.ok(states.includes(text) || text.split("\n").length === 1, `byte ${at}`);
  }
});

test("history is left behind: the other file takes over, whole or not at all", () => {
  const files = newFiles();
  const { root, layer } = open(files);
  const file = made(root.create("log", { mode: 0o100644, ...owner }));
  for (let round = 0; round < 60; round++) {
    for (let page = 0; page < 100; page++) write(file, page * 4096, `round ${round}`);
    layer.commit();
  }
  assert.ok(files[0].size() + files[1].size() < 8 << 20, `${files.map((each) => each.size())}`);
  assert.ok(
    files.some((each) => each.size() === 0),
    "one of them is empty",
  );
  assert.equal(dump(open(files).root), dump(root));
  // Stopped while the other was written: its header is not there yet.
  const [used, unused] = files[0].size() > 0 ? files : [files[1], files[0]];
  unused.bytes = used.bytes.slice();
  unused.bytes.fill(0, 0, 16);
  assert.equal(dump(open(files).root), dump(root));
});

test("without room a commit fails, what was kept stays, and the next one has it all", () => {
  const files = newFiles();
  const { root, layer } = open(files);
  const file = made(root.create("a", { mode: 0o100644, ...owner }));
  write(file, 0, "small");
  layer.commit();
  const kept = dump(root);
  for (const each of files) each.room = files[0].size() + 5000;
  for (let page = 0; page < 10; page++) write(file, page * 4096, "too much");
  assert.throws(() => layer.commit(), /no room/);
  assert.equal(dump(open(files).root), kept);
  for (const each of files) each.room = Number.POSITIVE_INFINITY;
  assert.equal(layer.commit(), true);
  assert.equal(dump(open(files).root), dump(root));
});
