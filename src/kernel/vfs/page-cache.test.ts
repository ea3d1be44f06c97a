import assert from "node:assert/strict";
import { test } from "node:test";
import { Ram } from "../../machine/ram.ts";
import { PageCache } from "./page-cache.ts";
import { PageReclaim } from "./page-reclaim.ts";

function small(): { ram: Ram; reclaim: PageReclaim; make: () => PageCache } {
  const ram = new Ram({ maximum: 4 << 20 });
  const reclaim = new PageReclaim();
  ram.reclaim = () => reclaim.shrinkIdle(256) > 0;
  const make = (): PageCache => {
    const cache = new PageCache(ram, (index, page) => {
      page[0] = index;
      return 0;
    });
    cache.reclaim = reclaim;
    return cache;
  };
  return { ram, reclaim, make };
}

test("page cache: pages that can be read again are given up when RAM is short, and come back", () => {
  const { ram, reclaim, make } = small();
  const cache = make();
  for (let i = 0; i < 5000; i++) {
    const frame = cache.get(i);
    assert.ok(typeof frame === "number" && frame > 0);
    assert.equal(ram.u8[frame], i & 255);
  }
  assert.ok(cache.count <= ram.totalFrames);
  assert.equal(reclaim.count, cache.count);
  const first = cache.get(0) as number;
  assert.equal(ram.u8[first], 0);
});

test("page cache: a page that someone holds stays; the cache touched last goes last", () => {
  const { ram, make } = small();
  const held = make();
  const old = make();
  const recent = make();
  const frame = held.get(7) as number;
  ram.ref(frame);
  for (let i = 0; i < 300; i++) old.get(i);
  for (let i = 0; i < 300; i++) recent.get(i);
  const anonymous: number[] = [];
  while (ram.freeFrames > 0) anonymous.push(ram.allocFrame());
  ram.reclaim!();
  recent.get(0);
  for (let i = 0; i < 300; i++) anonymous.push(ram.allocFrame());
  assert.equal(held.peek(7), frame);
  assert.ok(old.count < recent.count);
  assert.equal(ram.u8[frame], 7);
});

test("page cache: with nothing to give up there is no frame", () => {
  const { ram } = small();
  while (ram.allocFrame() !== 0);
  assert.equal(ram.freeFrames, 0);
  assert.equal(ram.allocFrame(), 0);
});
