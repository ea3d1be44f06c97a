// A browser's worker as a host: the clock, entropy and turns. Works with and without cross-origin isolation, which only
// makes the clock finer (5 µs, else 100).
import type { Host } from "../../host/host.ts";
import { sourceStack } from "./source-stack.ts";

/** getRandomValues gives at most so many bytes a call. Web Cryptography API 10.1 */
const ENTROPY = 65536;

function random(into: Uint8Array): void {
  for (let at = 0; at < into.length; at += ENTROPY) {
    const part = into.subarray(at, at + ENTROPY);
    // A view of memory that is shared or may be resized is refused: bytes go through an array of their own.
    part.set(crypto.getRandomValues(new Uint8Array(part.length)));
  }
}

/** Turns by message: a timer of no length would be held back four milliseconds once timers nest. HTML 8.6 */
function turns(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const due: (() => void)[] = [];
  port1.onmessage = () => due.shift()?.();
  return (callback) => {
    due.push(callback);
    port2.postMessage(0);
  };
}

export function browserHost(): Host {
  const { performance } = globalThis;
  return {
    monotonic: () => performance.now() * 1e6,
    realtime: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
    random,
    soon: turns(),
    after: (nanoseconds, callback) => {
      // setTimeout takes at most 2^31 milliseconds.
      const timer = setTimeout(callback, Math.min(Math.floor(nanoseconds / 1e6), 0x7fffffff));
      return () => clearTimeout(timer);
    },
    description: navigator.userAgent,
    sourceStack,
  };
}
