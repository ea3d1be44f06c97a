// Sparse files in tar: which ranges of the file the archive holds. Four spellings: old GNU headers, pax 0.0, 0.1, 1.0.
// "Storing Sparse Files", GNU tar manual.
import { ImageError } from "../error.ts";
import type { ByteReader } from "./bytes.ts";
import { BLOCK, numberField } from "./header.ts";
import { type PaxRecord, paxNumber, paxText } from "./pax.ts";

export interface SparseMap {
  /** The file's size with its holes. */
  readonly realSize: number;
  readonly ranges: readonly { readonly offset: number; readonly size: number }[];
  /** Bytes of the entry that the map itself took. */
  readonly mapBytes: number;
}

const damaged = () => new ImageError("damaged", "the archive holds a damaged sparse file");

const checked = (realSize: number, numbers: readonly number[], mapBytes: number): SparseMap => {
  if (numbers.length % 2 !== 0 || !Number.isSafeInteger(realSize) || realSize < 0) throw damaged();
  const ranges: { offset: number; size: number }[] = [];
  let end = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    const offset = numbers[i]!;
    const size = numbers[i + 1]!;
    if (!(offset >= end && size >= 0 && offset + size <= realSize)) throw damaged();
    end = offset + size;
    ranges.push({ offset, size });
  }
  return { realSize, ranges, mapBytes };
};

/** Old GNU: four ranges in the header, more in blocks that follow it. */
export const oldGnuSparse = async (header: Uint8Array, reader: ByteReader): Promise<SparseMap> => {
  const numbers: number[] = [];
  const gather = (block: Uint8Array, at: number, count: number) => {
    for (let i = 0; i < count && block[at + 24 * i] !== 0; i++)
      numbers.push(numberField(block, at + 24 * i, 12), numberField(block, at + 24 * i + 12, 12));
  };
  gather(header, 386, 4);
  const realSize = numberField(header, 483, 12);
  for (let more = header[482] !== 0; more; ) {
    const block = await reader.take(BLOCK);
    if (!block) throw damaged();
    gather(block, 0, 21);
    more = block[504] !== 0;
  }
  return checked(realSize, numbers, 0);
};

/** The pax spellings; undefined when the entry isn't sparse. Version 1.0 has its map at the head of the entry's bytes. */
export const paxSparse = async (records: readonly PaxRecord[], reader: ByteReader): Promise<SparseMap | undefined> => {
  if (paxNumber(records, "GNU.sparse.major") === 1) {
    const realSize = paxNumber(records, "GNU.sparse.realsize");
    if (realSize === undefined) throw damaged();
    return decimalMap(realSize, reader);
  }
  const realSize = paxNumber(records, "GNU.sparse.size");
  if (realSize === undefined) return undefined;
  const map = paxText(records, "GNU.sparse.map");
  if (map !== undefined) return checked(realSize, map === "" ? [] : map.split(",").map(Number), 0);
  const numbers: number[] = [];
  for (const { key, value } of records)
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes")
      numbers.push(Number(new TextDecoder().decode(value)));
  return checked(realSize, numbers, 0);
};

const decimalMap = async (realSize: number, reader: ByteReader): Promise<SparseMap> => {
  const numbers: number[] = [];
  let count: number | undefined;
  let digits = "";
  let blocks = 0;
  while (count === undefined || numbers.length < 2 * count) {
    const block = await reader.take(BLOCK);
    if (!block || ++blocks > 1 << 16) throw damaged();
    for (const byte of block) {
      if (count !== undefined && numbers.length === 2 * count) break;
      if (byte >= 0x30 && byte <= 0x39) {
        digits += String.fromCharCode(byte);
        continue;
      }
      if (byte !== 0x0a || digits === "" || digits.length > 15) throw damaged();
      if (count === undefined) count = Number(digits);
      else numbers.push(Number(digits));
      digits = "";
    }
  }
  return checked(realSize, numbers, blocks * BLOCK);
};
