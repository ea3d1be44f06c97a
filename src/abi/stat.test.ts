import assert from "node:assert/strict";
import { test } from "node:test";
import { timespec } from "./stat.ts";

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
  for (const time of times) {
    const [seconds, nanoseconds] = timespec(time);
    assert.ok(nanoseconds >= 0 && nanoseconds < 1_000_000_000);
    assert.equal(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds), time);
  }
});
