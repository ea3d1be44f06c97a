// Node.js as a host.
import { randomFillSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Host } from "../../host/host.ts";

/** Random bytes fetched ahead: programs and the kernel ask for a few at a time. Each is given out once. */
const pool = new Uint8Array(4096);
let used = pool.length;

function random(into: Uint8Array): void {
  if (into.length > 256) {
    randomFillSync(into);
    return;
  }
  if (used + into.length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const end = used + into.length;
  into.set(pool.subarray(used, end));
  pool.fill(0, used, end);
  used = end;
}

export const nodeHost: Host = {
  monotonic: () => performance.now() * 1e6,
  realtime: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  random,
  soon: (callback) => {
    setImmediate(callback);
  },
  after: (nanoseconds, callback) => {
    // setTimeout takes at most 2^31 milliseconds.
    const timer = setTimeout(callback, Math.min(Math.floor(nanoseconds / 1e6), 0x7fffffff));
    return () => clearTimeout(timer);
  },
};
