import assert from "node:assert/strict";
import { test } from "node:test";
import { Ram } from "../../machine/ram.ts";
import { FramePool } from "../mm/frame-pool.ts";
import { KernelBuffer } from "../mm/user.ts";
import { ByteQueue } from "./byte-queue.ts";

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % below;
  };
}

test("a byte queue gives back what went in, whatever is filled, peeked, skipped, trimmed and drained", () => {
  const ram = new Ram({ maximum: 32 << 20 });
  const queue = new ByteQueue(ram, new FramePool(ram));
  const random = numbers(7);
  let expected: number[] = [];
  for (let i = 0; i < 4000; i++) {
    const size = random(3) === 0 ? random(20_000) : random(50);
    const count = Math.min(size, expected.length);
    switch (random(6)) {
      case 0:
      case 1: {
        const bytes = Uint8Array.from({ length: size }, () => random(256));
        if (expected.length + size > 100_000) break;
        assert.equal(queue.fill(new KernelBuffer(bytes), size), size);
        for (const byte of bytes) expected.push(byte);
        break;
      }
      case 2: {
        const bytes = new Uint8Array(size);
        assert.equal(queue.drain(new KernelBuffer(bytes), size), count);
        assert.deepEqual([...bytes.subarray(0, count)], expected.slice(0, count));
        expected = expected.slice(count);
        break;
      }
      case 3: {
        const offset = random(expected.length + 1);
        const bytes = new Uint8Array(size);
        const got = queue.peek(new KernelBuffer(bytes), size, offset);
        assert.deepEqual([...bytes.subarray(0, got)], expected.slice(offset, offset + size));
        break;
      }
      case 4:
        queue.skip(count);
        expected = expected.slice(count);
        break;
      default: {
        const cut = Math.min(count, 5000);
        queue.trim(cut);
        expected = expected.slice(0, expected.length - cut);
      }
    }
    assert.equal(queue.length, expected.length);
  }
});

test("an empty queue holds no frames; without RAM it takes what fits", () => {
  const ram = new Ram({ maximum: 2 << 20 });
  const pool = new FramePool(ram);
  const queue = new ByteQueue(ram, pool);
  const free = ram.freeFrames;
  const bytes = new Uint8Array(4 << 20);
  const taken = queue.fill(new KernelBuffer(bytes), bytes.length);
  assert.equal(taken, free * 4096);
  assert.ok(queue.starved);
  queue.clear();
  // What the pool keeps is all that is out.
  assert.ok(free - ram.freeFrames <= 128);
  for (let i = free - ram.freeFrames; i > 0; i--) ram.unref(pool.take());
  assert.equal(ram.freeFrames, free);
});
