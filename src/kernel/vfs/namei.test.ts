import assert from "node:assert/strict";
import { test } from "node:test";
import { tmpfs } from "../fs/tmpfs/tmpfs.ts";
import { FileCaller, fakeKernel, fakeRoot } from "./caller.fake.ts";
import { pathName } from "./path-name.ts";

const AT_FDCWD = -100;
const NO_XDEV = 1;
const NO_SYMLINKS = 4;
const BENEATH = 8;
const IN_ROOT = 16;
const CACHED = 32;

function caller(): FileCaller {
  const kernel = fakeKernel();
  kernel.vfs.filesystems.set("tmpfs", tmpfs);
  const c = new FileCaller(kernel, fakeRoot(kernel, tmpfs));
  c.mkdir("/a");
  c.mkdir("/a/b");
  c.mkdir("/m");
  c.save("/a/f", "in a");
  c.save("/f", "at the root");
  return c;
}
function openat2(c: FileCaller, dirfd: number, path: string, resolve: number, flags = 0): number | string {
  const how = new Uint8Array(24);
  new DataView(how.buffer).setUint32(0, flags, true);
  how[16] = resolve;
  return c.call("openat2", dirfd, path, how, 24);
}

test("path_resolution(7): dots, slashes and the empty path", () => {
  const c = caller();
  assert.equal(c.load("//a///./b/../f"), "in a");
  assert.equal(c.load("/../../f"), "at the root");
  assert.equal(c.open(""), "ENOENT");
  assert.equal(c.open("/f/"), "ENOTDIR");
  assert.equal(c.open("/f/."), "ENOTDIR");
  assert.equal(c.open("/f/.."), "ENOTDIR");
  assert.equal(c.open("/missing/.."), "ENOENT");
  assert.equal(c.open(`/${"x/".repeat(2048)}`), "ENAMETOOLONG");
  assert.equal(c.call("chdir", "/a/"), 0);
  assert.equal(c.load("f"), "in a");
  assert.equal(c.call("openat", 99, "f", 0, 0), "EBADF");
  assert.equal(c.call("openat", 99, "/f", 0, 0), 0);
  const file = c.fd("/f");
  assert.equal(c.call("openat", file, "f", 0, 0), "ENOTDIR");
});

test("symlink(7): relative to where they are, at most 40, O_CREAT through a dangling one", () => {
  const c = caller();
  c.symlink("../f", "/a/s");
  assert.equal(c.load("/a/s"), "at the root");
  c.symlink("/a", "/s");
  assert.equal(c.load("/s/f"), "in a");
  assert.equal(c.status("/s/").mode & 0o170000, 0o040000);
  for (let i = 0; i < 41; i++) c.symlink(i === 0 ? "f" : `l${i - 1}`, `/l${i}`);
  assert.equal(c.load("/l39"), "at the root");
  assert.equal(c.open("/l40"), "ELOOP");
  c.symlink("b/new", "/a/dangling");
  c.save("/a/dangling", "made");
  assert.equal(c.load("/a/b/new"), "made");
  c.symlink("nowhere/x", "/a/broken");
  assert.equal(c.open("/a/broken", 0o101), "ENOENT");
  assert.equal(c.open("/a/broken", 0o301), "EEXIST");
  assert.equal(c.mkdir("/a/broken"), "EEXIST");
});

test("chroot(2): .. stops at the root, getcwd shows what is outside as unreachable", () => {
  const c = caller();
  c.call("chdir", "/a");
  assert.equal(c.call("chroot", "/a/b"), 0);
  const into = c.room(64);
  const n = c.call("getcwd", into, 64) as number;
  assert.equal(Buffer.from(c.memory.subarray(into, into + n - 1)).toString(), "(unreachable)/a");
  c.call("chdir", "/");
  assert.equal(c.load("../../../f"), "ENOENT");
  assert.equal(c.call("getcwd", into, 1), "ERANGE");
});

test("getcwd(2): ENOENT in a removed directory, where nothing can be made", () => {
  const c = caller();
  c.call("chdir", "/a/b");
  const { cwd, root } = c.task.fs;
  c.rmdir("/a/b");
  assert.equal(c.call("getcwd", c.room(64), 64), "ENOENT");
  assert.equal(pathName(cwd, root), "/a/b (deleted)");
  assert.equal(c.open("x", 0o101), "ENOENT");
  assert.equal(c.mkdir("x"), "ENOENT");
  assert.equal(c.load("../f"), "in a");
});

test("openat2(2): RESOLVE_*", () => {
  const c = caller();
  const a = c.fd("/a", 0o200000);
  c.symlink("/f", "/a/absolute");
  c.symlink("../f", "/a/up");
  assert.equal(typeof openat2(c, a, "f", BENEATH), "number");
  assert.equal(typeof openat2(c, a, "b/../f", BENEATH), "number");
  assert.equal(openat2(c, a, "../f", BENEATH), "EXDEV");
  assert.equal(openat2(c, a, "/f", BENEATH), "EXDEV");
  assert.equal(openat2(c, a, "absolute", BENEATH), "EXDEV");
  assert.equal(openat2(c, a, "up", BENEATH), "EXDEV");
  assert.equal(typeof openat2(c, a, "/f", IN_ROOT), "number");
  assert.equal(typeof openat2(c, a, "../../f", IN_ROOT), "number");
  assert.equal(typeof openat2(c, a, "absolute", IN_ROOT), "number");
  assert.equal(openat2(c, a, "up", NO_SYMLINKS), "ELOOP");
  assert.equal(openat2(c, a, "nowhere", CACHED), "EAGAIN");
  assert.equal(c.call("mount", "none", "/m", "tmpfs", 0, 0), 0);
  assert.equal(openat2(c, AT_FDCWD, "/m", NO_XDEV), "EXDEV");
  assert.equal(openat2(c, a, "f", 64), "EINVAL");
  assert.equal(c.call("openat2", a, "f", new Uint8Array(16), 16), "EINVAL");
});

test("open(2): O_PATH names a place, and little can be done with it", () => {
  const c = caller();
  c.symlink("f", "/s");
  const fd = c.fd("/s", 0o10400000);
  assert.equal(c.call("fstat", fd, c.room(128)), 0);
  assert.equal(c.read(fd), "EBADF");
  assert.equal(c.call("fchmod", fd, 0o600), "EBADF");
  assert.equal(c.call("fcntl", fd, 3, 0), 0o10400000);
  const into = c.room(16);
  assert.equal(c.call("readlinkat", fd, "", into, 16), 1);
});

test("the dentry cache: a name that was absent appears, one that was there goes", () => {
  const c = caller();
  assert.equal(c.open("/x"), "ENOENT");
  c.save("/x", "1");
  assert.equal(c.load("/x"), "1");
  c.rename("/x", "/y");
  assert.equal(c.open("/x"), "ENOENT");
  c.save("/x", "2");
  assert.equal(c.load("/x"), "2");
  assert.equal(c.load("/y"), "1");
  for (let i = 0; i < 5000; i++) c.stat(`/absent-${i}`);
  assert.ok(c.kernel.vfs.negatives.size <= 4096);
});

test("close(2), fcntl(2), dup(2): descriptors", () => {
  const c = caller();
  const fd = c.fd("/f");
  assert.equal(fd, 0);
  assert.equal(c.call("dup", fd), 1);
  assert.equal(c.call("fcntl", fd, 0, 10), 10);
  assert.equal(c.call("fcntl", fd, 1030, 10), 11);
  assert.equal(c.call("fcntl", 11, 1, 0), 1);
  assert.equal(c.call("dup3", fd, 5, 0o2000000), 5);
  assert.equal(c.call("dup3", fd, fd, 0), "EINVAL");
  assert.equal(c.call("dup3", fd, 5000, 0), "EBADF");
  assert.equal(c.call("fcntl", fd, 3, 0), 0o100002);
  assert.equal(c.call("fcntl", fd, 4, 0o4000), 0);
  assert.equal(c.call("fcntl", 1, 3, 0), 0o104002);
  assert.equal(c.call("close_range", 3, 20, 0), 0);
  assert.equal(c.close(5), "EBADF");
  assert.equal(c.close(1), 0);
  assert.equal(c.close(0), 0);
  assert.equal(c.close(-1), "EBADF");
});

test("getrlimit(2): RLIMIT_FSIZE cuts a write short, then SIGXFSZ and EFBIG", () => {
  const c = caller();
  c.task.group.rlimits[1] = { soft: 5n, hard: 0xffffffffffffffffn };
  const fd = c.fd("/g");
  assert.equal(c.write(fd, "123456789"), 5);
  assert.equal(c.write(fd, "1"), "EFBIG");
  assert.equal(c.call("ftruncate", fd, 6), "EFBIG");
  assert.ok(c.task.pending.has(25) || c.task.group.pending.has(25));
});
