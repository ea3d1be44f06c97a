// Strings as strace(1) quotes them, and what is read of user memory as such.
import { address, type Call, peekSome, peekString } from "./call.ts";

const short: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r" };

/** Quotes bytes: octal escapes as short as the next character allows, or hexadecimal. */
export function quote(bytes: Uint8Array, hex: 0 | 1 | 2 = 0): string {
  const wide = hex === 2 || (hex === 1 && bytes.some((byte) => byte > 126 || (byte < 32 && !(byte in short))));
  let text = '"';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (wide) text += `\\x${byte.toString(16).padStart(2, "0")}`;
    else if (byte === 34 || byte === 92) text += `\\${String.fromCharCode(byte)}`;
    else if (byte in short) text += short[byte];
    else if (byte >= 32 && byte < 127) text += String.fromCharCode(byte);
    else {
      const next = bytes[i + 1] ?? 0;
      const octal = byte.toString(8);
      text += `\\${next >= 48 && next <= 57 ? octal.padStart(3, "0") : octal}`;
    }
  }
  return `${text}"`;
}

/** `length` bytes at an address, cut at -s. */
export function buffer(call: Call, at: bigint | number, length: number, hex = call.options.hex): string {
  if (at === 0n || at === 0) return "NULL";
  const shown = Math.min(length, call.options.limit);
  const bytes = new Uint8Array(shown);
  if (peekSome(call.task, at, bytes) < shown) return address(BigInt(at));
  return quote(bytes, hex) + (length > shown ? "..." : "");
}

/** A string that ends in NUL, cut at -s. */
export function string(call: Call, at: bigint): string {
  if (at === 0n) return "NULL";
  const { limit, hex } = call.options;
  const found = peekString(call.task, at, limit + 1);
  if (!found) return address(at);
  const cut = found.bytes.length > limit;
  return quote(cut ? found.bytes.subarray(0, limit) : found.bytes, hex) + (cut || !found.ended ? "..." : "");
}

/** A path is shown whole. */
export function path(call: Call, at: bigint): string {
  if (at === 0n) return "NULL";
  const found = peekString(call.task, at, 4096);
  if (!found) return address(at);
  return quote(found.bytes, call.options.hex) + (found.ended ? "" : "...");
}

/** The bytes of a path argument as a byte string; undefined where there is none. */
export function pathBytes(call: Call, at: bigint): string | undefined {
  const found = at === 0n ? undefined : peekString(call.task, at, 4096);
  return found?.ended ? String.fromCharCode(...found.bytes) : undefined;
}

/** An array with at most -s items. */
export function list(items: readonly string[], cut: boolean): string {
  return `[${items.join(", ")}${cut ? (items.length > 0 ? ", ..." : "...") : ""}]`;
}
