// Makes tar archives out of headers given field by field: for tests, where the headers may lie.
import { BLOCK } from "./header.ts";

export interface MadeEntry {
  readonly name: string;
  readonly type?: string;
  readonly link?: string;
  readonly mode?: number;
  readonly mtime?: number;
  readonly bytes?: Uint8Array;
  /** What the header says the size is, when that is not the truth. */
  readonly size?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly uid?: number;
}

const encoder = new TextEncoder();

export const tarHeader = (entry: MadeEntry): Uint8Array => {
  const block = new Uint8Array(BLOCK);
  const text = (at: number, value: string) => block.set(encoder.encode(value), at);
  const octal = (at: number, width: number, value: number) => text(at, value.toString(8).padStart(width - 1, "0"));
  text(0, entry.name);
  octal(100, 8, entry.mode ?? 0o644);
  octal(108, 8, entry.uid ?? 0);
  octal(116, 8, 0);
  octal(124, 12, entry.size ?? entry.bytes?.length ?? 0);
  octal(136, 12, entry.mtime ?? 0);
  text(156, entry.type ?? "0");
  text(157, entry.link ?? "");
  text(257, "ustar\u000000");
  octal(329, 8, entry.major ?? 0);
  octal(337, 8, entry.minor ?? 0);
  text(148, "        ");
  octal(
    148,
    7,
    block.reduce((sum, byte) => sum + byte, 0),
  );
  block[154] = 0;
  return block;
};

export const makeTar = (entries: readonly MadeEntry[], end = true): Uint8Array => {
  const pieces: Uint8Array[] = [];
  for (const entry of entries) {
    const bytes = entry.bytes ?? new Uint8Array(0);
    pieces.push(tarHeader(entry), bytes, new Uint8Array(-bytes.length & (BLOCK - 1)));
  }
  if (end) pieces.push(new Uint8Array(2 * BLOCK));
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

/** One pax record, its own length counted in. */
export const paxRecord = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const size = encoder.encode(rest).length;
  let length = size + String(size).length;
  if (size + String(length).length !== length) length = size + String(length).length;
  return `${length}${rest}`;
};

/** The archive in pieces of `size` bytes, as a stream might bring it. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
