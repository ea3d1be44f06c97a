import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeTime } from "./stat.ts";

test("timespec: exact for all times, nanoseconds never negative", () => {
  const times = [
    0n,
    1n,
    -1n,
    999_999_999n,
    1_000_000_000n,
    -1_000_000_000n,
    -1_000_000_001n,
    1_700_000_000_123_456_789n,
  ];
  for (let i = 0n; i < 2000n; i++) times.push(1_764_000_000_000_000_000n + i * 999_999_999_937n, -i * 12_345_678_901n);
  for (let i = -300n; i < 300n; i++) times.push(1_764_000_000_000_000_000n + i);
  const words = new Int32Array(6);
  const view = new DataView(words.buffer);
  for (const time of times) {
    encodeTime(words, 2, time);
    const seconds = view.getBigInt64(8, true);
    const nanoseconds = Number(view.getBigInt64(16, true));
    assert.ok(nanoseconds >= 0 && nanoseconds < 1_000_000_000);
    assert.equal(seconds * 1_000_000_000n + BigInt(nanoseconds), time);
  }
});
