// What every writable filesystem must do alike. A filesystem's own test calls this with how to make one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { userCred } from "../security/cred.ts";
import { FileCaller, fakeKernel, fakeRoot, Time } from "../vfs/caller.fake.ts";
import type { FileSystem, MountSource } from "../vfs/superblock.ts";

const O_WRONLY = 1;
const O_RDWR = 2;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
const O_APPEND = 0o2000;
const O_DIRECTORY = 0o200000;
const O_NOFOLLOW = 0o400000;
const AT_FDCWD = -100;
const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
const KEEP_SIZE = 1;
const PUNCH_HOLE = 2;

export interface ContractOptions {
  /** Arguments of the mount, made anew for each test (a host's directory, layers). */
  from?: () => Partial<MountSource>;
  /** What this filesystem does not have. */
  lacks?: readonly ("xattr" | "tmpfile" | "holes" | "mknod" | "exchange" | "owners" | "fallocate")[];
}

/** Registers the contract's tests. */
export function fileSystemContract(filesystem: FileSystem, options: ContractOptions = {}): void {
  const lacks = new Set<string>(options.lacks);
  const claim = (what: string, body: (caller: FileCaller, time: Time) => void, needs?: string): void => {
    if (needs && lacks.has(needs)) return;
    test(`${filesystem.name}: ${what}`, () => {
      const time = new Time();
      const kernel = fakeKernel(time);
      const caller = new FileCaller(kernel, fakeRoot(kernel, filesystem, options.from?.()));
      assert.equal(caller.mkdir("/t"), 0);
      assert.equal(caller.call("chdir", "/t"), 0);
      body(caller, time);
    });
  };

  claim("open(2): O_CREAT makes an empty file with the mode less umask", (c) => {
    const fd = c.fd("a", O_RDWR | O_CREAT | O_EXCL, 0o666);
    const status = c.status("a");
    assert.equal(status.mode, 0o100644);
    assert.equal(status.size, 0);
    assert.equal(status.nlink, 1);
    assert.equal(c.close(fd), 0);
    assert.equal(c.open("a", O_RDWR | O_CREAT | O_EXCL), "EEXIST");
    assert.equal(c.open("missing"), "ENOENT");
    assert.equal(c.open("a/b"), "ENOTDIR");
    assert.equal(c.open("a", O_DIRECTORY), "ENOTDIR");
    assert.equal(c.open("/t", O_WRONLY), "EISDIR");
    assert.equal(c.open("new/", O_CREAT | O_WRONLY), "EISDIR");
  });
  claim("read(2), write(2): data comes back, across pages, and the position moves", (c) => {
    const fd = c.fd("a");
    const text = "0123456789abcdef".repeat(700);
    assert.equal(c.write(fd, text), text.length);
    assert.equal(c.call("lseek", fd, 0, 0), 0);
    let back = "";
    for (let part = c.read(fd, 3000); part !== ""; part = c.read(fd, 3000)) back += part;
    assert.equal(back, text);
    assert.equal(c.status("a").size, text.length);
    assert.equal(c.call("lseek", fd, -4, 2), text.length - 4);
    assert.equal(c.read(fd), "cdef");
    assert.equal(c.read(fd), "");
  });
  claim("open(2): O_APPEND writes at the end, O_TRUNC empties", (c) => {
    c.save("a", "one");
    const fd = c.fd("a", O_WRONLY | O_APPEND);
    c.write(fd, "two");
    assert.equal(c.call("pwrite64", fd, new Uint8Array([33]), 1, 0), 1);
    assert.equal(c.load("a"), "onetwo!");
    c.fd("a", O_WRONLY | O_TRUNC);
    assert.equal(c.load("a"), "");
  });
  claim("a file with a hole reads zeros", (c) => {
    const fd = c.fd("a");
    assert.equal(c.call("pwrite64", fd, new Uint8Array([65]), 1, 10000), 1);
    assert.equal(c.status("a").size, 10001);
    assert.equal(c.load("a"), `${"\0".repeat(10000)}A`);
  });
  claim("truncate(2): a file that was cut reads zeros where it grows again", (c) => {
    c.save("a", "x".repeat(5000));
    assert.equal(c.call("truncate", "a", 10), 0);
    assert.equal(c.call("truncate", "a", 20), 0);
    assert.equal(c.load("a"), "x".repeat(10) + "\0".repeat(10));
    assert.equal(c.call("truncate", "a", -1), "EINVAL");
    assert.equal(c.call("truncate", "/t", 0), "EISDIR");
  });
  claim(
    "fallocate(2): punches holes, keeps the size, extends",
    (c) => {
      const fd = c.fd("a");
      c.write(fd, "y".repeat(12288));
      assert.equal(c.call("fallocate", fd, KEEP_SIZE | PUNCH_HOLE, 100, 8192), 0);
      assert.equal(c.load("a"), "y".repeat(100) + "\0".repeat(8192) + "y".repeat(12288 - 8292));
      assert.equal(c.call("fallocate", fd, KEEP_SIZE, 0, 20000), 0);
      assert.equal(c.status("a").size, 12288);
      assert.equal(c.call("fallocate", fd, 0, 0, 20000), 0);
      assert.equal(c.status("a").size, 20000);
      assert.equal(c.call("fallocate", fd, 0, -1, 1), "EINVAL");
    },
    "fallocate",
  );
  claim(
    "lseek(2): SEEK_DATA and SEEK_HOLE",
    (c) => {
      const fd = c.fd("a");
      c.call("pwrite64", fd, new Uint8Array([65]), 1, 8192);
      assert.equal(c.call("lseek", fd, 0, 3), 8192);
      assert.equal(c.call("lseek", fd, 0, 4), 0);
      assert.equal(c.call("lseek", fd, 8192, 4), 8193);
      assert.equal(c.call("lseek", fd, 9000, 3), "ENXIO");
    },
    "holes",
  );
  claim("mkdir(2), rmdir(2)", (c) => {
    assert.equal(c.mkdir("d", 0o777), 0);
    assert.equal(c.status("d").mode, 0o040755);
    assert.equal(c.mkdir("d"), "EEXIST");
    assert.equal(c.mkdir("missing/d"), "ENOENT");
    assert.equal(c.mkdir("d/e/"), 0);
    assert.equal(c.rmdir("d"), "ENOTEMPTY");
    assert.equal(c.rmdir("d/."), "EINVAL");
    assert.equal(c.rmdir("d/.."), "ENOTEMPTY");
    assert.equal(c.rmdir("/"), "EBUSY");
    assert.equal(c.unlink("d"), "EISDIR");
    assert.equal(c.rmdir("d/e"), 0);
    assert.equal(c.rmdir("d"), 0);
    assert.equal(c.rmdir("d"), "ENOENT");
    c.save("a", "");
    assert.equal(c.rmdir("a"), "ENOTDIR");
  });
  claim("unlink(2): an open file lives on without a name", (c) => {
    c.save("a", "still here");
    const fd = c.fd("a", O_RDWR);
    assert.equal(c.unlink("a"), 0);
    assert.equal(c.open("a"), "ENOENT");
    assert.equal(c.read(fd), "still here");
    assert.equal(c.write(fd, "!"), 1);
    assert.equal(c.close(fd), 0);
    assert.equal(c.unlink("a"), "ENOENT");
    assert.deepEqual(c.list("."), []);
  });
  claim("link(2): two names of one file", (c) => {
    c.save("a", "x");
    assert.equal(c.link("a", "b"), 0);
    assert.equal(c.status("b").ino, c.status("a").ino);
    assert.equal(c.status("a").nlink, 2);
    assert.equal(c.link("a", "b"), "EEXIST");
    assert.equal(c.link("/t", "d"), "EPERM");
    assert.equal(c.link("missing", "d"), "ENOENT");
    assert.equal(c.unlink("a"), 0);
    assert.equal(c.status("b").nlink, 1);
    assert.equal(c.load("b"), "x");
    // Both names are the same file: nothing happens.
    c.link("b", "c");
    assert.equal(c.rename("b", "c"), 0);
    assert.deepEqual(c.list("."), ["b", "c"]);
  });
  claim("symlink(2), readlink(2)", (c) => {
    assert.equal(c.symlink("a", "s"), 0);
    assert.equal(c.readlink("s"), "a");
    assert.equal(c.status("s").mode, 0o120777);
    assert.equal(c.status("s").size, 1);
    assert.equal(c.open("s"), "ENOENT");
    c.save("s", "through");
    assert.equal(c.load("a"), "through");
    assert.equal(c.open("s", O_NOFOLLOW), "ELOOP");
    assert.equal(c.symlink("x", "s"), "EEXIST");
    assert.equal(c.symlink("", "t"), "ENOENT");
    assert.equal(c.readlink("a"), "EINVAL");
    c.symlink("loop", "loop");
    assert.equal(c.open("loop"), "ELOOP");
    assert.equal(c.unlink("s"), 0);
    assert.equal(c.load("a"), "through");
    c.mkdir("d");
    c.symlink("d", "sd");
    c.save("sd/f", "1");
    assert.equal(c.load("d/f"), "1");
    assert.equal(c.rmdir("sd"), "ENOTDIR");
    assert.equal(c.unlink("sd/"), "ENOTDIR");
  });
  claim("rename(2): moves, replaces, refuses", (c) => {
    c.save("a", "A");
    c.save("b", "B");
    c.mkdir("d");
    c.mkdir("e");
    assert.equal(c.rename("a", "b"), 0);
    assert.equal(c.load("b"), "A");
    assert.equal(c.open("a"), "ENOENT");
    assert.equal(c.rename("b", "d"), "EISDIR");
    assert.equal(c.rename("d", "b"), "ENOTDIR");
    assert.equal(c.rename("d", "e"), 0);
    c.mkdir("d");
    c.save("d/f", "F");
    assert.equal(c.rename("e", "d"), "ENOTEMPTY");
    assert.equal(c.rename("d", "d/g"), "EINVAL");
    assert.equal(c.rename("d/f", "e/f"), 0);
    assert.equal(c.load("e/f"), "F");
    assert.equal(c.rename("e", "d/e"), 0);
    assert.equal(c.load("d/e/f"), "F");
    assert.deepEqual(c.list("."), ["b", "d"]);
    assert.equal(c.rename("missing", "x"), "ENOENT");
    assert.equal(c.rename("b", "x/"), "ENOTDIR");
    assert.equal(c.rename("d", "x/"), 0);
    assert.equal(c.rename("b", "x", RENAME_NOREPLACE), "EEXIST");
  });
  claim(
    "renameat2(2): RENAME_EXCHANGE",
    (c) => {
      c.save("a", "A");
      c.mkdir("d");
      c.save("d/f", "F");
      assert.equal(c.rename("a", "d", RENAME_EXCHANGE), 0);
      assert.equal(c.load("d"), "A");
      assert.equal(c.load("a/f"), "F");
      assert.equal(c.rename("a", "missing", RENAME_EXCHANGE), "ENOENT");
    },
    "exchange",
  );
  claim("a directory counts its subdirectories' links", (c) => {
    const before = c.status(".").nlink;
    if (before === 1) return; // overlay-like filesystems do not count
    c.mkdir("d");
    assert.equal(c.status(".").nlink, before + 1);
    c.mkdir("d/e");
    c.rename("d/e", "e");
    assert.equal(c.status("d").nlink, 2);
    assert.equal(c.status(".").nlink, before + 2);
    c.rmdir("d");
    assert.equal(c.status(".").nlink, before + 1);
  });
  claim("getdents64(2): every name once, with its type", (c) => {
    const names = Array.from({ length: 200 }, (_, i) => `file-${String(i).padStart(3, "0")}`);
    for (const name of names) c.save(name, "");
    assert.deepEqual(c.list("."), names);
    assert.equal(c.list("file-001"), "ENOTDIR");
  });
  claim("getdents64(2): removing while reading skips nothing", (c) => {
    for (let i = 0; i < 100; i++) c.save(`f${i}`, "");
    const fd = c.fd(".", O_DIRECTORY);
    const address = c.room(256);
    for (;;) {
      const n = c.call("getdents64", fd, address, 256) as number;
      if (n === 0) break;
      for (let at = address; at < address + n; at += c.view.getUint16(at + 16, true)) {
        const end = c.memory.indexOf(0, at + 19);
        const name = Buffer.from(c.memory.subarray(at + 19, end)).toString();
        if (name.startsWith("f")) assert.equal(c.unlink(name), 0);
      }
    }
    assert.deepEqual(c.list("."), []);
  });
  claim("names are bytes: any but NUL and slash, up to 255", (c) => {
    const odd = "ünïcode \x01\n";
    c.save(odd, "odd");
    assert.equal(c.load(odd), "odd");
    const long = "n".repeat(255);
    c.save(long, "long");
    assert.equal(c.load(long), "long");
    assert.equal(c.open(`${long}n`), "ENAMETOOLONG");
    assert.equal(c.mkdir(`${long}n`), "ENAMETOOLONG");
  });
  claim("chmod(2), chown(2), utimensat(2)", (c) => {
    c.save("a", "");
    assert.equal(c.call("fchmodat", AT_FDCWD, "a", 0o4751), 0);
    assert.equal(c.status("a").mode, 0o104751);
    const times = new Uint8Array(32);
    const view = new DataView(times.buffer);
    view.setBigInt64(0, 1000n, true);
    view.setBigInt64(8, 500n, true);
    view.setBigInt64(16, 2000n, true);
    assert.equal(c.call("utimensat", AT_FDCWD, "a", times, 0), 0);
    assert.equal(c.status("a").atime, 1_000_000_000_500n);
    assert.equal(c.status("a").mtime, 2_000_000_000_000n);
    view.setBigInt64(8, 1_000_000_000n, true);
    assert.equal(c.call("utimensat", AT_FDCWD, "a", times, 0), "EINVAL");
  });
  claim(
    "chown(2) changes the owner and drops set-user-id",
    (c) => {
      c.save("a", "");
      c.call("fchmodat", AT_FDCWD, "a", 0o6755);
      assert.equal(c.call("fchownat", AT_FDCWD, "a", 5, 6, 0), 0);
      const status = c.status("a");
      assert.deepEqual([status.uid, status.gid, status.mode], [5, 6, 0o100755]);
    },
    "owners",
  );
  claim("a write moves mtime and ctime, of the file and, for names, of the directory", (c, time) => {
    c.save("a", "");
    const file = c.status("a");
    const directory = c.status(".");
    time.now += 50_000_000;
    const fd = c.fd("a", O_RDWR);
    c.write(fd, "x");
    assert.ok(c.status("a").mtime > file.mtime);
    assert.ok(c.status("a").ctime > file.ctime);
    assert.equal(c.status(".").mtime, directory.mtime);
    time.now += 50_000_000;
    c.save("b", "");
    assert.ok(c.status(".").mtime > directory.mtime);
  });
  claim(
    "mknod(2): FIFOs and devices",
    (c) => {
      assert.equal(c.call("mknodat", AT_FDCWD, "p", 0o010644, 0), 0);
      assert.equal(c.status("p").mode, 0o010644);
      assert.equal(c.call("mknodat", AT_FDCWD, "n", 0o020666, 0x103), 0);
      assert.equal(c.status("n").rdev, 0x103);
      assert.equal(c.call("mknodat", AT_FDCWD, "d", 0o040777, 0), "EPERM");
    },
    "mknod",
  );
  claim(
    "open(2): O_TMPFILE has no name until it is linked",
    (c) => {
      const fd = c.fd(".", 0o20200000 | O_RDWR);
      assert.deepEqual(c.list("."), []);
      c.write(fd, "temporary");
      assert.equal(c.call("linkat", fd, "", AT_FDCWD, "named", 0x1000), 0);
      assert.equal(c.load("named"), "temporary");
      assert.equal(c.status("named").nlink, 1);
    },
    "tmpfile",
  );
  claim(
    "xattr(7): set, get, list, remove",
    (c) => {
      c.save("a", "");
      const value = new Uint8Array([1, 2, 3]);
      assert.equal(c.call("setxattr", "a", "user.x", value, 3, 0), 0);
      assert.equal(c.call("setxattr", "a", "user.x", value, 3, 1), "EEXIST");
      assert.equal(c.call("setxattr", "a", "user.y", value, 3, 2), "ENODATA");
      const into = c.room(16);
      assert.equal(c.call("getxattr", "a", "user.x", into, 16), 3);
      assert.deepEqual([...c.memory.subarray(into, into + 3)], [1, 2, 3]);
      assert.equal(c.call("getxattr", "a", "user.x", into, 2), "ERANGE");
      assert.equal(c.call("getxattr", "a", "user.z", into, 16), "ENODATA");
      assert.equal(c.call("listxattr", "a", into, 16), 7);
      assert.equal(c.call("removexattr", "a", "user.x"), 0);
      assert.equal(c.call("removexattr", "a", "user.x"), "ENODATA");
    },
    "xattr",
  );
  claim(
    "permissions: another user may not read, write or search what the mode forbids",
    (c) => {
      c.save("secret", "s", 0o600);
      c.mkdir("closed", 0o700);
      c.save("closed/f", "");
      c.call("fchmodat", AT_FDCWD, "/t", 0o755);
      const other = new FileCaller(c.kernel, c.task.mounts, userCred(1000, 1000), 2);
      other.call("chdir", "/t");
      assert.equal(other.open("secret"), "EACCES");
      assert.equal(other.open("closed/f"), "EACCES");
      assert.equal(other.open("new", O_CREAT | O_WRONLY), "EACCES");
      assert.equal(other.unlink("secret"), "EACCES");
      assert.equal(other.call("fchmodat", AT_FDCWD, "secret", 0o666), "EPERM");
      assert.equal(other.rename("secret", "mine"), "EACCES");
    },
    "owners",
  );
}
