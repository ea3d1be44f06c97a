import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN, EEXIST, EINVAL } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { Sysctl, tunables } from "../sysctl.ts";
import { anonymousInode } from "../vfs/anonymous.ts";
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_MODIFY,
  notifyCreate,
  notifyMove,
  notifyUnlink,
} from "../vfs/notify.ts";
import { Vfs } from "../vfs/vfs.ts";
import { IN_ALL_EVENTS, IN_MASK_ADD, IN_MASK_CREATE, IN_ONESHOT, Inotify, InotifyLimits } from "./inotify.ts";

const kernel = { clock: { now: () => 0n } } as unknown as Kernel;
const vfs = new Vfs(kernel);
Object.assign(kernel, { vfs });
const directory = () => anonymousInode(kernel, 0o40755);
const regular = () => anonymousInode(kernel, 0o100644);

function events(inotify: Inotify): string[] {
  const bytes = Buffer.alloc(4096);
  const length = inotify.read(new KernelBuffer(bytes), true) as number;
  const found: string[] = [];
  for (let at = 0; at < length; ) {
    const size = bytes.readUInt32LE(at + 12);
    const name = bytes.toString("latin1", at + 16, at + 16 + size).replace(/\0+$/, "");
    found.push(
      [bytes.readInt32LE(at), bytes.readUInt32LE(at + 4).toString(16), bytes.readUInt32LE(at + 8), name].join(" "),
    );
    at += 16 + size;
  }
  return found;
}

test("inotify(7): names that appear, move and vanish are told with the directory's watch", () => {
  const inotify = new Inotify(vfs, new InotifyLimits(new Sysctl()), 0);
  const parent = directory();
  const child = regular();
  assert.equal(inotify.watch(parent, IN_ALL_EVENTS), 1);
  notifyCreate(parent, "a", child);
  notifyMove(vfs, parent, "a", parent, "a-longer-name-than-that", child);
  child.nlink = 0;
  notifyUnlink(parent, "a-longer-name-than-that", child);
  assert.deepEqual(events(inotify), [
    "1 100 0 a",
    "1 40 1 a",
    "1 80 1 a-longer-name-than-that",
    "1 200 0 a-longer-name-than-that",
  ]);
});

test("inotify(7): a watched file that is removed tells IN_DELETE_SELF and IN_IGNORED, and the watch is gone", () => {
  const inotify = new Inotify(vfs, new InotifyLimits(new Sysctl()), 0);
  const parent = directory();
  const child = regular();
  inotify.watch(parent, IN_DELETE);
  inotify.watch(child, IN_DELETE_SELF);
  child.nlink = 0;
  notifyUnlink(parent, "f", child);
  assert.deepEqual(events(inotify), ["2 400 0 ", "2 8000 0 ", "1 200 0 f"]);
  assert.equal(child.watches, undefined);
  assert.equal(inotify.removeWatch(2), EINVAL);
});

test("inotify(7): equal events in a row are one; a full queue ends in an overflow", () => {
  const sysctl = new Sysctl();
  sysctl.set(tunables.find(({ name }) => name === "fs/inotify/max_queued_events")!, "3");
  const limits = new InotifyLimits(sysctl);
  const inotify = new Inotify(vfs, limits, 0);
  const file = regular();
  inotify.watch(file, IN_ALL_EVENTS);
  for (let i = 0; i < 5; i++) file.watches!.notify(IN_MODIFY, undefined, 0, file, false);
  assert.equal(inotify.bytes, 16);
  for (const mask of [1, 2, 4, 8, 16]) file.watches!.notify(mask, undefined, 0, file, false);
  assert.deepEqual(events(inotify), ["1 2 0 ", "1 1 0 ", "1 2 0 ", "-1 4000 0 "]);
});

test("inotify_add_watch(2): one watch for an inode, added to, replaced or refused; IN_ONESHOT ends by itself", () => {
  const inotify = new Inotify(vfs, new InotifyLimits(new Sysctl()), 0);
  const parent = directory();
  assert.equal(inotify.watch(parent, IN_CREATE), 1);
  assert.equal(inotify.watch(parent, IN_DELETE | IN_MASK_ADD), 1);
  assert.equal(inotify.watch(parent, IN_DELETE | IN_MASK_CREATE), EEXIST);
  notifyCreate(parent, "x", undefined);
  assert.deepEqual(events(inotify), ["1 100 0 x"]);
  inotify.watch(parent, IN_CREATE | IN_ONESHOT);
  notifyCreate(parent, "y", undefined);
  notifyCreate(parent, "z", undefined);
  assert.deepEqual(events(inotify), ["1 100 0 y", "1 8000 0 "]);
  assert.equal(vfs.watched.has(parent), false);
});

test("read(2) on inotify: EINVAL without room for one event, EAGAIN without any", () => {
  const inotify = new Inotify(vfs, new InotifyLimits(new Sysctl()), 0);
  const parent = directory();
  inotify.watch(parent, IN_CREATE);
  assert.equal(inotify.read(new KernelBuffer(new Uint8Array(100)), true), EAGAIN);
  notifyCreate(parent, "name", undefined);
  assert.equal(inotify.read(new KernelBuffer(new Uint8Array(16)), true), EINVAL);
  assert.equal(inotify.read(new KernelBuffer(new Uint8Array(32)), true), 32);
});
