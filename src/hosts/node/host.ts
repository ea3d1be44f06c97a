// Node.js as a host.
import { randomFillSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Host } from "../../host/host.ts";

export const nodeHost: Host = {
  monotonic: () => performance.now() * 1e6,
  realtime: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  random: (into) => {
    randomFillSync(into);
  },
  soon: (callback) => {
    setImmediate(callback);
  },
  after: (nanoseconds, callback) => {
    // setTimeout takes at most 2^31 milliseconds.
    const timer = setTimeout(callback, Math.min(Math.floor(nanoseconds / 1e6), 0x7fffffff));
    return () => clearTimeout(timer);
  },
};
