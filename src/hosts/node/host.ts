// Node.js as a host.
import { randomFillSync } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import type { Host } from "../../host/host.ts";
import { compile } from "./module-code.ts";
import { sourceStack } from "./source-stack.ts";

// Translated code tells which of its branches are seldom taken. These versions of V8 listen only when they are told to;
// others may not know the flag, and would complain. Ten to twenty per cent of hot code's time.
if (/^1[234]\./.test(process.versions.v8)) setFlagsFromString("--experimental-wasm-branch-hinting");
// Its optimizing compiler takes some milliseconds of the other processor for each function: what is not really hot is
// better off without (python3 and lua run a tenth to a fifth faster than with the default, 13 million).
setFlagsFromString("--wasm-tiering-budget=50000000");

/** Random bytes fetched ahead: programs and the kernel ask for a few at a time. Each is given out once. */
const pool = new Uint8Array(4096);
let used = pool.length;

function random(into: Uint8Array): void {
  if (into.length > 256) {
    randomFillSync(into);
    return;
  }
  if (used + into.length > pool.length) {
    fillPool();
    used = 0;
  }
  const end = used + into.length;
  into.set(pool.subarray(used, end));
  pool.fill(0, used, end);
  used = end;
}

/** From the operating system where it has a file for that: loading Node's cryptography costs more than all the rest of
 *  a start from the cache. */
function fillPool(): void {
  if (process.platform !== "linux") {
    randomFillSync(pool);
    return;
  }
  const fd = openSync("/dev/urandom", "r");
  const count = readSync(fd, pool);
  closeSync(fd);
  if (count !== pool.length) randomFillSync(pool);
}

// Held here, as the global is found by a getter: that takes as long as the clock itself.
const { performance } = globalThis;

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
  description: `Node.js ${process.versions.node} on ${process.platform} ${process.arch}`,
  sourceStack,
  compile,
};
