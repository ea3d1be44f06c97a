// One 512-byte tar header: ustar, old GNU and v7. Extended headers (pax, GNU long names, sparse maps) are read.ts's.
import { ImageError } from "../error.ts";

export const BLOCK = 512;

export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  /** "0" file, "1" hard link, "2" symlink, "3" and "4" devices, "5" directory, "6" fifo, and the extensions' letters. */
  readonly type: string;
  readonly linkName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** The archive uses the old GNU layout, whose fields after 345 differ. */
  readonly gnu: boolean;
}

const decoder = new TextDecoder();

/** The text of a field that ends at its first zero byte. */
export const textField = (block: Uint8Array, at: number, length: number): string => {
  const end = block.subarray(at, at + length).indexOf(0);
  return decoder.decode(block.subarray(at, at + (end < 0 ? length : end)));
};

/** Octal digits, or base 256 when the first bit is set (GNU, for what octal can't hold). */
export const numberField = (block: Uint8Array, at: number, length: number): number => {
  if (block[at]! & 0x80) {
    // Two's complement, the flag bit replaced by the sign bit below it.
    let value = block[at]! & 0x40 ? (block[at]! & 0x7f) - 0x80 : block[at]! & 0x3f;
    for (let i = 1; i < length; i++) value = value * 256 + block[at + i]!;
    if (!Number.isSafeInteger(value)) throw new ImageError("damaged", "the archive holds an impossible number");
    return value;
  }
  const text = textField(block, at, length).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw new ImageError("damaged", "not a tar archive, or a damaged one");
  return Number.parseInt(text, 8);
};

const checksumIsRight = (block: Uint8Array): boolean => {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : block[i]!;
  return sum === numberField(block, 148, 8);
};

/** The header in a block, or undefined for a block of zeros, which ends an archive. */
export const readHeader = (block: Uint8Array): TarHeader | undefined => {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!checksumIsRight(block)) throw new ImageError("damaged", "not a tar archive, or a damaged one");
  const magic = textField(block, 257, 6);
  const gnu = magic === "ustar ";
  const prefix = magic === "ustar" ? textField(block, 345, 155) : "";
  const name = textField(block, 0, 100);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: numberField(block, 100, 8),
    uid: numberField(block, 108, 8),
    gid: numberField(block, 116, 8),
    size: numberField(block, 124, 12),
    mtime: numberField(block, 136, 12),
    type: block[156] === 0 ? "0" : String.fromCharCode(block[156]!),
    linkName: textField(block, 157, 100),
    deviceMajor: numberField(block, 329, 8),
    deviceMinor: numberField(block, 337, 8),
    gnu,
  };
};
