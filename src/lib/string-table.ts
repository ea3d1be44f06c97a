// Byte strings that are met again and again, found by their bytes: no string is made for one that is known. The same
// bytes give the same string object as long as it is remembered, which makes it quick as the key of a Map.
import { fromBytes } from "./byte-string.ts";

export const SLOTS = 1024;
/** Longer strings are not remembered. */
const LONGEST = 128;

export class StringTable {
  private readonly texts: string[] = new Array<string>(SLOTS).fill("");
  private readonly hashes = new Int32Array(SLOTS);
  private readonly bytes = new Uint8Array(SLOTS * LONGEST);
  private last = 0;

  /** Where the string is remembered that was read last, if it is this one; -1 otherwise. Below SLOTS. */
  placeOf(text: string): number {
    return this.texts[this.last] === text ? this.last : -1;
  }

  /** The string from `start` up to the first NUL; undefined when there is none before `end`. */
  read(from: Uint8Array, start: number, end: number): string | undefined {
    let hash = 0;
    let at = start;
    for (;;) {
      if (at >= end) return undefined;
      const byte = from[at]!;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, 0x01000193);
      at++;
    }
    const length = at - start;
    if (length === 0) return "";
    if (length > LONGEST) return fromBytes(from, start, at);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    this.last = slot;
    const known = this.texts[slot]!;
    const base = slot * LONGEST;
    const { bytes } = this;
    if (this.hashes[slot] === hash && known.length === length) {
      let i = 0;
      while (i < length && bytes[base + i] === from[start + i]) i++;
      if (i === length) return known;
    }
    const text = fromBytes(from, start, at);
    for (let i = 0; i < length; i++) bytes[base + i] = from[start + i]!;
    this.hashes[slot] = hash;
    this.texts[slot] = text;
    return text;
  }
}
