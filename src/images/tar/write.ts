// Writes one tar entry: ustar where it does, with a pax header before it where it does not (long names, large numbers,
// extended attributes, fractions of a second). pax(1)
import { fromText, toBytes } from "../../lib/byte-string.ts";
import { BLOCK } from "./header.ts";

export interface WrittenEntry {
  /** A byte string, as all names here; directories end in a slash. */
  readonly path: string;
  /** "0" file, "1" hard link, "2" symlink, "3" and "4" devices, "5" directory, "6" FIFO. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly size: number;
  readonly link?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

const NANOSECONDS = 1_000_000_000n;

/** The header's blocks; the contents follow, and zeros up to a whole block (`padding`). */
export function tarEntry(entry: WrittenEntry): Uint8Array[] {
  const records: [string, string][] = [];
  const link = entry.link ?? "";
  if (entry.path.length > 100 || /[\x80-\xff]/.test(entry.path)) records.push(["path", entry.path]);
  if (link.length > 100 || /[\x80-\xff]/.test(link)) records.push(["linkpath", link]);
  if (entry.size >= 8 ** 11) records.push(["size", String(entry.size)]);
  for (const key of ["uid", "gid"] as const) if (entry[key] >= 8 ** 7) records.push([key, String(entry[key])]);
  const seconds = (entry.mtime - (((entry.mtime % NANOSECONDS) + NANOSECONDS) % NANOSECONDS)) / NANOSECONDS;
  const fraction = entry.mtime - seconds * NANOSECONDS;
  if (fraction !== 0n || seconds < 0n) {
    const whole = seconds < 0n && fraction !== 0n ? seconds + 1n : seconds;
    const part = seconds < 0n && fraction !== 0n ? NANOSECONDS - fraction : fraction;
    const sign = seconds < 0n && whole === 0n ? "-" : "";
    records.push(["mtime", `${sign}${whole}.${String(part).padStart(9, "0")}`]);
  }
  for (const [name, value] of entry.xattrs ?? []) {
    records.push([`SCHILY.xattr.${fromText(name)}`, Array.from(value, (byte) => String.fromCharCode(byte)).join("")]);
  }
  const own = header(entry, link, seconds < 0n ? 0 : Number(seconds));
  if (records.length === 0) return [own];
  const text = records.map(([key, value]) => paxRecord(key, value)).join("");
  const name = `PaxHeaders/${entry.path.slice(-80)}`;
  const before = { path: name, type: "x", mode: 0o644, uid: 0, gid: 0, mtime: 0n, size: text.length };
  return [header(before, "", 0), toBytes(text), padding(text.length), own];
}

export const padding = (size: number): Uint8Array => new Uint8Array(-size & (BLOCK - 1));

/** What ends an archive. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK);

function header(entry: WrittenEntry, link: string, seconds: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const text = (at: number, width: number, value: string): void => block.set(toBytes(value.slice(0, width)), at);
  // What does not fit is in the pax header, and here as zero.
  const octal = (at: number, width: number, value: number): void =>
    text(at, width, (value < 8 ** (width - 1) ? value : 0).toString(8).padStart(width - 1, "0"));
  text(0, 100, entry.path);
  octal(100, 8, entry.mode & 0o7777);
  octal(108, 8, entry.uid);
  octal(116, 8, entry.gid);
  octal(124, 12, entry.size);
  octal(136, 12, seconds);
  text(156, 1, entry.type);
  text(157, 100, link);
  text(257, 8, "ustar\u000000");
  octal(329, 8, entry.major ?? 0);
  octal(337, 8, entry.minor ?? 0);
  block.fill(0x20, 148, 156);
  octal(
    148,
    7,
    block.reduce((sum, byte) => sum + byte, 0),
  );
  block[154] = 0;
  return block;
}

/** "LENGTH KEY=VALUE\n", its own length counted in. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + String(rest.length).length;
  if (rest.length + String(length).length !== length) length = rest.length + String(length).length;
  return `${length}${rest}`;
}
