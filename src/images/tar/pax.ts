// pax extended headers: "length key=value\n" records that replace fields of the header that follows. pax(1)
import { ImageError } from "../error.ts";

/** Values stay bytes: an extended attribute's may be anything. Later records of a key win, but sparse maps repeat keys. */
export interface PaxRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

const decoder = new TextDecoder();
const damaged = () => new ImageError("damaged", "the archive holds a damaged extended header");

export const readPaxRecords = (bytes: Uint8Array): PaxRecord[] => {
  const records: PaxRecord[] = [];
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0 || space - at > 12) throw damaged();
    const digits = decoder.decode(bytes.subarray(at, space));
    const length = Number(digits);
    const end = at + length;
    const equals = bytes.indexOf(0x3d, space);
    if (!/^\d+$/.test(digits) || end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a)
      throw damaged();
    records.push({ key: decoder.decode(bytes.subarray(space + 1, equals)), value: bytes.slice(equals + 1, end - 1) });
    at = end;
  }
  return records;
};

const base64 = (text: string): Uint8Array => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const out: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.replace(/=+$/, "")) {
    const value = alphabet.indexOf(letter);
    if (value < 0) throw damaged();
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push((held >> bits) & 0xff);
    }
  }
  return Uint8Array.from(out);
};

/** The extended attributes among the records: star's spelling, which GNU tar writes, and libarchive's. */
export const xattrsOf = (records: readonly PaxRecord[]): Map<string, Uint8Array> | undefined => {
  const found = new Map<string, Uint8Array>();
  for (const { key, value } of records) {
    if (key.startsWith("SCHILY.xattr.")) found.set(key.slice("SCHILY.xattr.".length), value);
    if (key.startsWith("LIBARCHIVE.xattr."))
      found.set(key.slice("LIBARCHIVE.xattr.".length), base64(decoder.decode(value)));
  }
  return found.size > 0 ? found : undefined;
};

/** The last value of a key, as text. */
export const paxText = (records: readonly PaxRecord[], key: string): string | undefined => {
  const record = records.findLast((one) => one.key === key);
  return record && decoder.decode(record.value);
};

/** The last value of a key, as a number that may have a fraction. */
export const paxNumber = (records: readonly PaxRecord[], key: string): number | undefined => {
  const text = paxText(records, key);
  if (text === undefined) return undefined;
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw damaged();
  return Number(text);
};

/** The last value of a key, as a time: whole seconds, rounded down, and nanoseconds, which a double would not hold. */
export const paxTime = (records: readonly PaxRecord[], key: string): { sec: number; nsec: number } | undefined => {
  const text = paxText(records, key);
  if (text === undefined) return undefined;
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw damaged();
  const [, minus, whole, fraction = ""] = match;
  const nsec = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (minus === "") return { sec: Number(whole), nsec };
  return nsec === 0 ? { sec: -Number(whole), nsec } : { sec: -Number(whole) - 1, nsec: 1_000_000_000 - nsec };
};
