// Translations that outlive a machine: found by a hash of the page that they begin on and the place there, and used only
// where all of their code is the same. The bytes are a header, entries, and a checksum; what is not of this version, or
// damaged, holds nothing.
import { PAGE_SIZE } from "../ram.ts";
import type { Made } from "./made.ts";

/** Of the layout here, and of whatever fingerprint.ts can't see: how a region of the same code is grown and structured. */
const VERSION = 3;
const MAGIC = 0x4b544941;

/** FNV-1a over every so many words. */
export function hashOf(words: Uint32Array, step = 1): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i += step) hash = Math.imul(hash ^ words[i]!, 0x01000193) ^ (hash >>> 15);
  return hash >>> 0;
}

/** Of a page in RAM: a part of it, because what is found by the hash is compared in full. */
export const hashOfPage = (u32: Uint32Array, frame: number): number =>
  hashOf(u32.subarray(frame >>> 2, (frame + PAGE_SIZE) >>> 2), 13);

export interface Entry {
  readonly hash: number;
  readonly made: Made;
}

/** By the hash of the first page: what begins there. */
export type Kept = ReadonlyMap<number, readonly Made[]>;

/** `settings` tells apart what is not interchangeable (fingerprint.ts). Entries are taken in order while they fit `limit` bytes. */
export function pack(entries: Iterable<Entry>, settings: number, limit: number): Uint8Array {
  const words: number[] = [MAGIC, VERSION, settings, 0];
  const pieces: Uint32Array[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const piece = unpacked.get(entry.made) ?? packOne(entry);
    if (bytes + piece.byteLength > limit) break;
    bytes += piece.byteLength;
    pieces.push(piece);
  }
  words[3] = pieces.length;
  const all = new Uint32Array(words.length + bytes / 4 + 1);
  all.set(words);
  let at = words.length;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  all[at] = hashOf(all.subarray(0, at));
  return new Uint8Array(all.buffer);
}

/** What has been unpacked need not be packed again. */
const unpacked = new WeakMap<Made, Uint32Array>();

function packOne({ hash, made }: Entry): Uint32Array {
  const body: number[] = [hash, made.entry, made.generation];
  for (const list of [made.pages, made.starts, made.exits, made.apart]) body.push(list.length, ...list);
  body.push(made.code.length);
  for (const [offset, halfwords] of made.code) {
    body.push(offset, halfwords.length);
    for (let i = 0; i < halfwords.length; i += 2) body.push(halfwords[i]! | ((halfwords[i + 1] ?? 0) << 16));
  }
  body.push(made.module.length);
  const piece = new Uint32Array(body.length + Math.ceil(made.module.length / 4));
  piece.set(body);
  new Uint8Array(piece.buffer, body.length * 4).set(made.module);
  return piece;
}

/** Undefined for what pack() did not make with these settings. */
export function unpack(bytes: Uint8Array, settings: number): Entry[] | undefined {
  if (bytes.length % 4 !== 0 || bytes.length < 20) return undefined;
  const words = new Uint32Array(bytes.slice().buffer);
  const end = words.length - 1;
  if (words[0] !== MAGIC || words[1] !== VERSION || words[2] !== settings) return undefined;
  if (words[end] !== hashOf(words.subarray(0, end))) return undefined;
  let at = 4;
  const word = (): number => words[at++]! | 0;
  const list = (): number[] => Array.from({ length: word() }, word);
  const entries: Entry[] = [];
  for (let i = words[3]!; i > 0; i--) {
    const begin = at;
    const hash = word() >>> 0;
    const entry = word();
    const generation = word();
    const [pages, starts, exits, apart] = [list(), list(), list(), list()];
    const code: [number, Uint16Array][] = [];
    for (let runs = word(); runs > 0; runs--) {
      const offset = word();
      const length = word();
      code.push([offset, new Uint16Array(words.buffer, at * 4, length)]);
      at += Math.ceil(length / 2);
    }
    const size = word();
    const module = new Uint8Array(words.buffer, at * 4, size);
    at += Math.ceil(size / 4);
    const made = { entry, pages, starts, exits, code, apart, generation, module };
    unpacked.set(made, words.subarray(begin, at));
    entries.push({ hash, made });
  }
  return entries;
}

export function keptOf(entries: readonly Entry[]): Kept {
  const kept = new Map<number, Made[]>();
  for (const { hash, made } of entries) {
    const list = kept.get(hash);
    if (list) list.push(made);
    else kept.set(hash, [made]);
  }
  return kept;
}
