import assert from "node:assert/strict";
import { test } from "node:test";
import { tmpfs } from "../fs/tmpfs/tmpfs.ts";
import { FileCaller, fakeKernel, fakeRoot } from "./caller.fake.ts";
import { copyNamespace } from "./mount-tree.ts";

const RDONLY = 1;
const REMOUNT = 32;
const BIND = 4096;
const MOVE = 8192;
const REC = 16384;
const SHARED = 1 << 20;
const SLAVE = 1 << 19;
const PRIVATE = 1 << 18;
const DETACH = 2;

function caller(): FileCaller {
  const kernel = fakeKernel();
  kernel.vfs.filesystems.set("tmpfs", tmpfs);
  const c = new FileCaller(kernel, fakeRoot(kernel, tmpfs));
  for (const name of ["a", "b", "m", "n"]) c.mkdir(`/${name}`);
  c.save("/a/f", "under");
  return c;
}
const mount = (c: FileCaller, at: string, flags = 0, data = ""): unknown =>
  c.call("mount", "none", at, "tmpfs", flags, data);
const bind = (c: FileCaller, from: string, to: string, flags = 0): unknown =>
  c.call("mount", from, to, 0, BIND | flags, 0);

test("mount(2): covers a directory until it is unmounted", () => {
  const c = caller();
  assert.equal(mount(c, "/a"), 0);
  assert.equal(c.load("/a/f"), "ENOENT");
  c.save("/a/g", "over");
  assert.notEqual(c.status("/a").dev, c.status("/b").dev);
  assert.equal(c.load("/a/../a/g"), "over");
  assert.equal(mount(c, "/a"), 0);
  assert.equal(c.load("/a/g"), "ENOENT");
  assert.equal(c.call("umount2", "/a", 0), 0);
  assert.equal(c.load("/a/g"), "over");
  assert.equal(c.rmdir("/a"), "EBUSY");
  assert.equal(c.rename("/a", "/z"), "EBUSY");
  const fd = c.fd("/a/g");
  assert.equal(c.call("umount2", "/a", 0), "EBUSY");
  c.close(fd);
  assert.equal(c.call("umount2", "/a", 0), 0);
  assert.equal(c.load("/a/f"), "under");
  assert.equal(c.call("umount2", "/a", 0), "EINVAL");
  assert.equal(c.call("mount", "none", "/a", "nosuchfs", 0, 0), "ENODEV");
  assert.equal(mount(c, "/missing"), "ENOENT");
  assert.equal(mount(c, "/a/f"), "ENOTDIR");
});

test("mount(2): a tmpfs gives all its frames back when it goes", () => {
  const c = caller();
  const before = c.kernel.ram.freeFrames;
  mount(c, "/m");
  c.mkdir("/m/d");
  c.save("/m/d/f", "x".repeat(50000));
  assert.ok(c.kernel.ram.freeFrames < before);
  c.call("umount2", "/m", 0);
  assert.equal(c.kernel.ram.freeFrames, before);
});

test("mount(2): MS_BIND shows a directory or a file at a second place", () => {
  const c = caller();
  assert.equal(bind(c, "/a", "/m"), 0);
  assert.equal(c.load("/m/f"), "under");
  c.save("/m/g", "new");
  assert.equal(c.load("/a/g"), "new");
  assert.equal(c.link("/a/f", "/m/l"), "EXDEV");
  assert.equal(c.rename("/a/f", "/m/r"), "EXDEV");
  c.save("/file", "file");
  assert.equal(bind(c, "/file", "/a/f"), 0);
  assert.equal(c.load("/a/f"), "file");
  assert.equal(c.load("/m/f"), "under");
  assert.equal(bind(c, "/a", "/n", REC), 0);
  assert.equal(c.load("/n/f"), "file");
  assert.equal(c.call("umount2", "/m", 0), 0);
  assert.equal(bind(c, "/file", "/m"), "ENOTDIR");
});

test("mount(2): read-only mounts and filesystems refuse every change with EROFS", () => {
  const c = caller();
  bind(c, "/a", "/m");
  assert.equal(c.call("mount", 0, "/m", 0, REMOUNT | BIND | RDONLY, 0), 0);
  assert.equal(c.open("/m/f", 2), "EROFS");
  assert.equal(c.open("/m/new", 0o101), "EROFS");
  assert.equal(c.open("/m/f", 0), 0);
  assert.equal(c.mkdir("/m/d"), "EROFS");
  assert.equal(c.mkdir("/m/f"), "EEXIST");
  assert.equal(c.unlink("/m/f"), "EROFS");
  assert.equal(c.unlink("/m/missing"), "EROFS");
  assert.equal(c.call("fchmodat", -100, "/m/f", 0o600), "EROFS");
  assert.equal(c.call("truncate", "/m/f", 0), "EROFS");
  assert.equal(c.call("faccessat", -100, "/m/f", 2), "EROFS");
  c.save("/a/f", "still writable here");
  mount(c, "/n", RDONLY);
  assert.equal(c.mkdir("/n/d"), "EROFS");
  assert.equal(c.call("mount", 0, "/n", 0, REMOUNT, 0), 0);
  assert.equal(c.mkdir("/n/d"), 0);
  const fd = c.fd("/n/open");
  assert.equal(c.call("mount", 0, "/n", 0, REMOUNT | RDONLY, 0), "EBUSY");
  c.close(fd);
});

test("mount(2): MS_NODEV, MS_NOEXEC, MS_MOVE, umount2(2): MNT_DETACH", () => {
  const c = caller();
  mount(c, "/m", 4 | 8);
  c.call("mknodat", -100, "/m/null", 0o020666, 0x103);
  assert.equal(c.open("/m/null"), "EACCES");
  c.save("/m/x", "", 0o755);
  assert.equal(c.call("faccessat", -100, "/m/x", 1), "EACCES");
  assert.equal(c.call("mount", "/m", "/n", 0, MOVE, 0), 0);
  assert.equal(c.load("/n/x"), "");
  assert.equal(c.load("/m/x"), "ENOENT");
  const fd = c.fd("/n/x");
  c.write(fd, "kept");
  assert.equal(c.call("umount2", "/n", DETACH), 0);
  assert.equal(c.load("/n/x"), "ENOENT");
  c.call("lseek", fd, 0, 0);
  assert.equal(c.read(fd), "kept");
});

test("mount_namespaces(7): a copy is apart; shared mounts pass on what happens", () => {
  const c = caller();
  c.call("mount", 0, "/", 0, SHARED, 0);
  const other = new FileCaller(c.kernel, c.task.mounts, c.task.cred, 2);
  Object.assign(other.task, { mounts: copyNamespace(c.kernel, c.task.mounts, other.task.fs) });
  mount(c, "/m");
  c.save("/m/f", "seen");
  assert.equal(other.load("/m/f"), "seen");
  assert.equal(c.call("umount2", "/m", 0), 0);
  assert.equal(other.load("/m/f"), "ENOENT");
  other.call("mount", 0, "/", 0, SLAVE | REC, 0);
  mount(other, "/n");
  other.save("/n/f", "mine");
  assert.equal(c.load("/n/f"), "ENOENT");
  mount(c, "/m");
  c.save("/m/f", "again");
  assert.equal(other.load("/m/f"), "again");
  other.call("mount", 0, "/", 0, PRIVATE | REC, 0);
  mount(c, "/b");
  c.save("/b/f", "apart");
  assert.equal(other.load("/b/f"), "ENOENT");
});

test("pivot_root(2): the new root takes the old one's place", () => {
  const c = caller();
  mount(c, "/m");
  c.mkdir("/m/old");
  c.save("/m/here", "new root");
  assert.equal(c.call("pivot_root", "/m", "/a"), "EBUSY");
  assert.equal(c.call("pivot_root", "/m", "/m/old"), 0);
  assert.equal(c.load("/here"), "new root");
  assert.equal(c.load("/old/a/f"), "under");
  assert.equal(c.call("umount2", "/old", DETACH), 0);
  assert.equal(c.load("/old/a/f"), "ENOENT");
});

test('pivot_root(".", "."): the old root lies on top until it is unmounted', () => {
  const c = caller();
  mount(c, "/m");
  c.save("/m/here", "new root");
  c.call("chdir", "/m");
  assert.equal(c.call("pivot_root", ".", "."), 0);
  assert.equal(c.call("umount2", ".", DETACH), 0);
  assert.equal(c.load("/here"), "new root");
  assert.equal(c.load("/../a/f"), "ENOENT");
});

test("statfs(2): type, sizes and flags", () => {
  const c = caller();
  mount(c, "/m", 2, "size=1m");
  const into = c.room(120);
  assert.equal(c.call("statfs", "/m", into), 0);
  assert.equal(c.view.getUint32(into, true), 0x01021994);
  assert.equal(c.view.getUint32(into + 16, true), 256);
  assert.equal(c.view.getUint32(into + 80, true), 0x20 | 0x1000 | 2);
});
