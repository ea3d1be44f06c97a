import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { errnoName } from "../../abi/errno.ts";
import { fileSystemContract } from "../../kernel/fs/contract.ts";
import { hostfs } from "../../kernel/fs/hostfs/index.ts";
import { nameMarks, overlay } from "../../kernel/fs/overlay/index.ts";
import { tmpfs } from "../../kernel/fs/tmpfs/tmpfs.ts";
import { FileCaller, fakeKernel, fakeRoot } from "../../kernel/vfs/caller.fake.ts";
import type { FileSystem } from "../../kernel/vfs/superblock.ts";
import { openFolder } from "./folder.ts";

const base = fs.mkdtempSync(join(tmpdir(), "airside-folder-"));
after(() => fs.rmSync(base, { recursive: true, force: true }));

let count = 0;
const folder = (): string => {
  const path = join(base, `f${count++}`);
  fs.mkdirSync(path);
  return path;
};
const open = (path: string, options: { readOnly?: boolean; byPath?: boolean } = {}) => {
  const opened = openFolder(path, options);
  if (typeof opened === "number") throw new Error(errnoName(opened));
  return opened;
};

const lacks = ["xattr", "tmpfile", "holes", "mknod"] as const;
fileSystemContract(hostfs, { from: () => ({ host: open(folder()) }), lacks });
fileSystemContract({ ...hostfs, name: "hostfs by path" } as FileSystem, {
  from: () => ({ host: open(folder(), { byPath: true }) }),
  lacks,
});

const overHost: FileSystem = {
  name: "overlay on hostfs",
  nodev: true,
  mount(kernel, from) {
    const lower = tmpfs.mount(kernel, { source: "none", flags: 0, data: "" });
    const upper = hostfs.mount(kernel, { source: "host", flags: 0, data: "", host: open(folder()) });
    if (typeof lower === "number") return lower;
    if (typeof upper === "number") return upper;
    const layers = { lower: [lower.root.inode], upper: upper.root.inode, marks: nameMarks };
    return overlay.mount(kernel, { ...from, host: layers });
  },
};
fileSystemContract(overHost, { lacks });

function caller(path: string, options: { readOnly?: boolean; byPath?: boolean } = {}): FileCaller {
  const kernel = fakeKernel();
  return new FileCaller(kernel, fakeRoot(kernel, hostfs, { host: open(path, options) }));
}

/** A folder with a neighbour that must stay out of reach. */
function secret(): { inside: string; outside: string } {
  const top = folder();
  const inside = join(top, "inside");
  const outside = join(top, "outside");
  fs.mkdirSync(inside);
  fs.mkdirSync(outside);
  fs.writeFileSync(join(outside, "secret"), "secret");
  return { inside, outside };
}

for (const byPath of [false, true]) {
  const way = byPath ? "by path" : "by descriptor";

  test(`folder ${way}: ".." stops at its root`, () => {
    const { inside } = secret();
    fs.mkdirSync(join(inside, "d"));
    const c = caller(inside, { byPath });
    assert.equal(c.open("../outside/secret"), "ENOENT");
    assert.equal(c.open("/d/../../outside/secret"), "ENOENT");
    assert.equal(c.open("/d/../../../../../../etc/passwd"), "ENOENT");
    assert.deepEqual(c.list("/.."), ["d"]);
    assert.equal(c.rename("/d", "/../outside/d"), "ENOENT");
  });

  test(`folder ${way}: a symlink leads nowhere outside, whoever made it`, () => {
    const { inside, outside } = secret();
    fs.symlinkSync(outside, join(inside, "absolute"));
    fs.symlinkSync("../outside", join(inside, "relative"));
    fs.symlinkSync(join(outside, "secret"), join(inside, "file"));
    const c = caller(inside, { byPath });
    assert.equal(c.open("/absolute/secret"), "ENOENT");
    assert.equal(c.open("/relative/secret"), "ENOENT");
    assert.equal(c.open("/file"), "ENOENT");
    assert.equal(c.readlink("/relative"), "../outside");
    assert.equal(c.symlink("/etc", "/etc-link"), 0);
    assert.equal(c.open("/etc-link/passwd"), "ENOENT");
    assert.equal(c.open("/file", 0o101), "ENOENT");
    assert.equal(c.symlink("../outside/new", "/new"), 0);
    assert.equal(c.open("/new", 0o101), "ENOENT");
    assert.ok(!fs.existsSync(join(outside, "new")));
    assert.equal(c.link("/file", "/hard"), 0);
    assert.ok(fs.lstatSync(join(inside, "hard")).isSymbolicLink());
    assert.equal(c.call("fchmodat", -100, "/file", 0o777), "ENOENT");
    assert.equal(fs.statSync(join(outside, "secret")).mode & 0o777, 0o644);
  });

  test(`folder ${way}: a directory that turns into a symlink is not entered`, () => {
    const { inside, outside } = secret();
    fs.mkdirSync(join(inside, "d"));
    fs.writeFileSync(join(inside, "d", "secret"), "mine");
    const c = caller(inside, { byPath });
    assert.equal(c.load("/d/secret"), "mine");
    const fd = c.fd("/d", 0o200000);
    fs.renameSync(join(inside, "d"), join(inside, "e"));
    fs.symlinkSync(outside, join(inside, "d"));
    assert.equal(c.open("/d/secret"), "ENOENT");
    // The open directory is the one that was opened (by path: it is not found any more).
    const relative = c.call("openat", fd, "secret", 0, 0);
    if (typeof relative === "number") assert.equal(c.read(relative), "mine");
    else assert.equal(relative, "ESTALE");
    assert.equal(c.load("/e/secret"), "mine");
  });

  test(`folder ${way}: a file that turns into a symlink is not opened`, () => {
    const { inside, outside } = secret();
    fs.writeFileSync(join(inside, "a"), "mine");
    const root = open(inside, { byPath }).root;
    const status = root.child("a");
    assert.ok(typeof status !== "number");
    fs.unlinkSync(join(inside, "a"));
    fs.symlinkSync(join(outside, "secret"), join(inside, "a"));
    for (const access of ["read", "write"] as const) {
      const file = root.open("a", status.ino, access);
      assert.equal(typeof file, "number");
    }
    root.change("a", status.ino, { mode: 0o777 });
    assert.equal(fs.statSync(join(outside, "secret")).mode & 0o777, 0o644);
  });

  test(`folder ${way}: names that are no names are refused`, () => {
    const { inside } = secret();
    const { root } = open(inside, { byPath });
    for (const name of ["", ".", "..", "a/b", "../outside", "/etc", "a\0b"]) {
      assert.equal(root.child(name), -22, JSON.stringify(name));
      assert.equal(root.create(name, 0o644), -22);
      assert.equal(root.mkdir(name, 0o755), -22);
      assert.equal(root.unlink(name), -22);
      assert.equal(root.rename("x", root, name), -22);
    }
  });

  test(`folder ${way}: read-only refuses every change`, () => {
    const path = folder();
    fs.writeFileSync(join(path, "a"), "x");
    const c = caller(path, { readOnly: true, byPath });
    assert.equal(c.load("/a"), "x");
    assert.equal(c.open("/a", 1), "EROFS");
    assert.equal(c.open("/b", 0o101), "EROFS");
    assert.equal(c.unlink("/a"), "EROFS");
    assert.equal(c.rename("/a", "/b"), "EROFS");
    assert.equal(c.call("fchmodat", -100, "/a", 0o600), "EROFS");
    assert.equal(c.link("/a", "/b"), "EROFS");
    assert.deepEqual(fs.readdirSync(path), ["a"]);
  });
}

test("folder by descriptor: a directory and a file that become symlinks and back, as fast as they can", async () => {
  const { inside, outside } = secret();
  fs.mkdirSync(join(inside, "d"));
  fs.writeFileSync(join(inside, "d", "secret"), "mine");
  fs.writeFileSync(join(inside, "secret"), "mine");
  fs.symlinkSync(outside, join(inside, "link"));
  fs.symlinkSync("../outside/secret", join(inside, "file"));
  const swap = `const { renameSync: mv } = require("fs"); process.chdir(${JSON.stringify(inside)});
    for (;;) for (const [a, b] of [["d", "link"], ["secret", "file"]])
      for (const [x, y] of [[a, "t"], [b, a], [a, b], ["t", a]]) mv(x, y);`;
  const child = spawn(process.execPath, ["-e", swap], { stdio: "ignore" });
  const c = caller(inside);
  const seen = new Set<string>();
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    seen.add(c.load("/d/secret"));
    seen.add(c.load("/secret"));
    const fd = c.call("openat", -100, "/d/new", 0o101, 0o644);
    if (typeof fd === "number") c.close(fd);
    c.call("fchmodat", -100, "/d/secret", 0o600);
    c.call("unlinkat", -100, "/d/new", 0);
    await new Promise(setImmediate);
  }
  child.kill();
  assert.ok(seen.has("mine"));
  assert.ok(!seen.has("secret"), [...seen].join());
  assert.deepEqual(fs.readdirSync(outside), ["secret"]);
  assert.equal(fs.statSync(join(outside, "secret")).mode & 0o777, 0o644);
});

test("folder: both sides see each other's writes at once", () => {
  const path = folder();
  const c = caller(path);
  const fd = c.fd("/a");
  c.write(fd, "guest");
  assert.equal(fs.readFileSync(join(path, "a"), "utf8"), "guest");
  fs.writeFileSync(join(path, "a"), "host's");
  assert.equal(c.load("/a"), "host's");
  assert.equal(c.status("/a").size, 6);
  fs.appendFileSync(join(path, "a"), "!");
  assert.equal(c.call("lseek", fd, 0, 2), 7);
  fs.writeFileSync(join(path, "b"), "new");
  assert.equal(c.load("/b"), "new");
  fs.unlinkSync(join(path, "b"));
  assert.equal(c.open("/b"), "ENOENT");
});

test("folder: pages of a mapping follow writes, and what it writes reaches the host", () => {
  const path = folder();
  const c = caller(path);
  const fd = c.fd("/a");
  c.write(fd, "x".repeat(5000));
  const file = c.task.files.get(fd)!;
  const { inode } = file;
  const { pages } = inode;
  const frame = pages!.get(1) as number;
  const { u8 } = c.kernel.ram;
  assert.equal(u8[frame], 120);
  assert.equal(c.call("pwrite64", fd, new Uint8Array([65]), 1, 4096), 1);
  assert.equal(u8[frame], 65);
  u8[frame + 1] = 66;
  pages!.dirty(1);
  assert.equal(fs.readFileSync(join(path, "a"), "utf8").slice(4095, 4099), "xABx");
  u8[frame + 2] = 67;
  // A read sees the mapping's bytes even before they are written back.
  assert.equal(c.load("/a").slice(4095, 4100), "xABCx");
  assert.equal(c.call("fsync", fd), 0);
  assert.equal(fs.readFileSync(join(path, "a"), "utf8").slice(4095, 4100), "xABCx");
  assert.equal(fs.readFileSync(join(path, "a")).length, 5000);
});

test("folder: a FIFO or socket is the machine's own, and an empty file on the host", () => {
  const path = folder();
  const c = caller(path);
  assert.equal(c.call("mknodat", -100, "/fifo", 0o010644, 0), 0);
  assert.equal(c.call("mknodat", -100, "/socket", 0o140600, 0), 0);
  assert.equal(c.status("/fifo").mode, 0o010644);
  assert.equal(c.status("/socket").mode, 0o140600);
  assert.equal(fs.statSync(join(path, "fifo")).mode & 0o170777, 0o100644);
  const fd = c.fd("/fifo", 2 | 0o4000);
  assert.equal(c.write(fd, "through"), 7);
  assert.equal(c.read(fd), "through");
  assert.equal(c.rename("/fifo", "/moved"), 0);
  assert.equal(c.status("/moved").mode, 0o010644);
  assert.equal(c.unlink("/moved"), 0);
  assert.deepEqual(fs.readdirSync(path), ["socket"]);
  assert.equal(c.call("mknodat", -100, "/null", 0o020666, 259), "EPERM");
});

test("folder: times that were set come back to the nanosecond", () => {
  const c = caller(folder());
  c.save("/a", "x");
  const times = new Uint8Array(BigInt64Array.of(5n, 6n, 1_700_000_000n, 123_456_789n).buffer);
  assert.equal(c.call("utimensat", -100, "/a", times, 0), 0);
  assert.equal(c.status("/a").mtime, 1_700_000_000_123_456_789n);
  assert.equal(c.status("/a").atime, 5_000_000_006n);
  c.write(c.fd("/a", 1), "y");
  assert.notEqual(c.status("/a").mtime, 1_700_000_000_123_456_789n);
});

test("folder: more directories than are kept open", () => {
  const path = folder();
  for (let i = 0; i < 400; i++) {
    fs.mkdirSync(join(path, `d${i}`));
    fs.writeFileSync(join(path, `d${i}`, "a"), String(i));
  }
  const c = caller(path);
  for (let round = 0; round < 2; round++) for (let i = 0; i < 400; i++) assert.equal(c.load(`/d${i}/a`), String(i));
  assert.equal(c.rename("/d0", "/d1/moved"), 0);
  assert.equal(c.load("/d1/moved/a"), "0");
});

test("folder: names that are no UTF-8 survive", () => {
  const path = folder();
  fs.writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0x66, 0xff, 0xfe])]), "bytes");
  const c = caller(path);
  assert.deepEqual(c.list("/"), ["f\xff\xfe"]);
});
