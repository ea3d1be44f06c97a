// Names, paths and argument strings are bytes on Linux. In kernel space they are byte strings: one character for each
// byte, codes 0 to 255. Lossless, usable as a Map key, and equal to the text for ASCII. Convert at the edges only.

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes as a byte string. */
export function fromBytes(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = "";
  for (let i = start; i < end; i += 4096) {
    text += String.fromCharCode.apply(null, bytes.subarray(i, Math.min(end, i + 4096)) as unknown as number[]);
  }
  return text;
}

/** The byte string's bytes. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** JavaScript text to a byte string, as UTF-8. */
export function fromText(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return fromBytes(encoder.encode(text));
  return text;
}

/** A byte string to JavaScript text; bytes that are not UTF-8 stay as Latin-1 characters. */
export function toText(bytes: string): string {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.charCodeAt(i) > 127) {
      try {
        return strict.decode(toBytes(bytes));
      } catch {
        return bytes;
      }
    }
  }
  return bytes;
}
