import assert from "node:assert/strict";
import { test } from "node:test";
import { FileCaller, fakeKernel, fakeRoot } from "../../vfs/caller.fake.ts";
import { fileSystemContract } from "../contract.ts";
import { tmpfs } from "./tmpfs.ts";

fileSystemContract(tmpfs);

function caller(data: string): FileCaller {
  const kernel = fakeKernel();
  return new FileCaller(kernel, fakeRoot(kernel, tmpfs, { data }));
}

test("tmpfs(5): size= limits the pages, ENOSPC after a short write, and deleting gives room back", () => {
  const c = caller("size=16k");
  const fd = c.fd("/a");
  assert.equal(c.write(fd, "x".repeat(20000)), 16384);
  assert.equal(c.write(fd, "x"), "ENOSPC");
  c.close(fd);
  c.unlink("/a");
  assert.equal(c.write(c.fd("/b"), "y".repeat(16384)), 16384);
});

test("tmpfs(5): nr_inodes= counts files and links", () => {
  const c = caller("nr_inodes=4");
  c.save("/a", "");
  c.save("/b", "");
  assert.equal(c.link("/a", "/c"), 0);
  assert.equal(c.open("/d", 0o101), "ENOSPC");
  assert.equal(c.mkdir("/d"), "ENOSPC");
  c.unlink("/c");
  assert.equal(c.mkdir("/d"), 0);
});

test("tmpfs: frames go back when files do", () => {
  const c = caller("");
  const { ram } = c.kernel;
  const before = ram.freeFrames;
  c.save("/a", "x".repeat(100000));
  assert.equal(ram.freeFrames, before - 25);
  assert.equal(c.status("/a").blocks, 25 * 8);
  c.call("truncate", "/a", 5000);
  assert.equal(ram.freeFrames, before - 2);
  const fd = c.fd("/a");
  c.unlink("/a");
  assert.equal(ram.freeFrames, before - 2);
  c.close(fd);
  assert.equal(ram.freeFrames, before);
});

test("tmpfs: a directory's size counts its entries, its mode comes from mode=", () => {
  const c = caller("mode=750,uid=3");
  assert.equal(c.status("/").mode, 0o040750);
  assert.equal(c.status("/").uid, 3);
  assert.equal(c.status("/").size, 40);
  c.save("/a", "");
  assert.equal(c.status("/").size, 60);
});
