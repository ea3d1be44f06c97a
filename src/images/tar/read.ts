// Reads a tar archive as a stream of entries: ustar, pax and GNU, with long names, extended attributes and sparse files.
// Ours rather than a package's because the ones there are leave out sparse files and take damage for an end.
import { ImageError } from "../error.ts";
import { ByteReader } from "./bytes.ts";
import { BLOCK, readHeader, type TarHeader } from "./header.ts";
import { type PaxRecord, paxNumber, paxText, paxTime, readPaxRecords, xattrsOf } from "./pax.ts";
import { oldGnuSparse, paxSparse, type SparseMap } from "./sparse.ts";

export type TarType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

export interface TarEntry {
  readonly type: TarType;
  readonly path: string;
  /** Of a link: what it points to. */
  readonly linkPath: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSec: number;
  readonly mtimeNsec: number;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly xattrs: Map<string, Uint8Array> | undefined;
  /** The file's size, its holes counted. */
  readonly size: number;
}

/** Where an entry's contents go; `at` skips ahead, leaving zeros. */
export interface TarBody {
  write(bytes: Uint8Array): void;
  zerosTo(position: number): void;
}

/** One entry at a time: an undefined answer skips its contents. `done` comes after the last of its bytes. */
export type TarVisit = (entry: TarEntry) => { body: TarBody; done: () => void } | undefined;

const TYPES: Record<string, TarType> = {
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file", // contiguous file
  D: "directory", // GNU: an incremental dump's directory, whose contents are a list
  S: "file",
};

// A long name or extended header past this is an attack on memory, not a name.
const MAX_EXTENSION = 1 << 20;

const MAX_GLOBAL = 4096;

const padding = (size: number): number => -size & (BLOCK - 1);

const entryOf = (header: TarHeader, records: readonly PaxRecord[], long: Long, size: number): TarEntry => {
  const mtime = paxTime(records, "mtime") ?? { sec: header.mtime, nsec: 0 };
  const path = paxText(records, "GNU.sparse.name") ?? paxText(records, "path") ?? long.name ?? header.name;
  // v7 archives mark a directory by its slash alone.
  const type = header.type === "0" && path.endsWith("/") ? "directory" : TYPES[header.type];
  if (!type)
    throw new ImageError("damaged", `the archive holds an entry of a kind unknown here: "${header.type}" (${path})`);
  return {
    type,
    path,
    linkPath: paxText(records, "linkpath") ?? long.link ?? header.linkName,
    mode: header.mode,
    uid: paxNumber(records, "uid") ?? header.uid,
    gid: paxNumber(records, "gid") ?? header.gid,
    mtimeSec: mtime.sec,
    mtimeNsec: mtime.nsec,
    deviceMajor: header.deviceMajor,
    deviceMinor: header.deviceMinor,
    xattrs: xattrsOf(records),
    size,
  };
};

interface Long {
  name: string | undefined;
  link: string | undefined;
}

export const readTar = async (source: AsyncIterable<Uint8Array>, visit: TarVisit): Promise<void> => {
  const reader = new ByteReader(source);
  const decoder = new TextDecoder();
  let global: PaxRecord[] = [];
  let local: PaxRecord[] = [];
  let long: Long = { name: undefined, link: undefined };

  const extension = async (header: TarHeader): Promise<Uint8Array> => {
    if (header.size > MAX_EXTENSION) throw new ImageError("hostile", "the archive holds a name of absurd length");
    if (header.size === 0) return new Uint8Array(0);
    const bytes = await reader.take(header.size + padding(header.size));
    if (!bytes) throw new ImageError("damaged", "the archive is cut short");
    return bytes.slice(0, header.size);
  };
  const extensionText = async (header: TarHeader) => decoder.decode(await extension(header)).replace(/\0.*$/s, "");

  for (;;) {
    const taken = await reader.take(BLOCK);
    if (!taken) throw new ImageError("damaged", "the archive is cut short, or no tar archive");
    const block = taken.slice();
    const header = readHeader(block);
    if (!header) break;
    if (header.type === "x") local = readPaxRecords(await extension(header));
    else if (header.type === "g") {
      global = global.concat(readPaxRecords(await extension(header)));
      if (global.length > MAX_GLOBAL) throw new ImageError("hostile", "the archive holds too many global headers");
    } else if (header.type === "L") long = { ...long, name: await extensionText(header) };
    else if (header.type === "K") long = { ...long, link: await extensionText(header) };
    else if (header.type === "V") await skip(reader, header.size);
    else {
      await readEntry(reader, header, block, [...global, ...local], long, visit);
      local = [];
      long = { name: undefined, link: undefined };
    }
  }
  await reader.drain();
};

const skip = (reader: ByteReader, size: number): Promise<void> => reader.pass(size + padding(size), () => undefined);

const readEntry = async (
  reader: ByteReader,
  header: TarHeader,
  block: Uint8Array,
  records: readonly PaxRecord[],
  long: Long,
  visit: TarVisit,
): Promise<void> => {
  const stored = paxNumber(records, "size") ?? header.size;
  if (!Number.isSafeInteger(stored) || stored < 0)
    throw new ImageError("damaged", "the archive holds an impossible size");
  let sparse: SparseMap | undefined;
  if (header.type === "S") sparse = await oldGnuSparse(block, reader);
  else if (header.type === "0" || header.type === "7") sparse = await paxSparse(records, reader);
  const entry = entryOf(header, records, long, sparse?.realSize ?? stored);
  const sink = visit(entry);
  // Links and devices have no contents, whatever their header says; pax allows a hard link with some.
  const hasBytes = !["symlink", "char", "block", "fifo"].includes(entry.type);
  if (!hasBytes) {
    sink?.done();
    return;
  }
  if (!sink || entry.type !== "file") {
    await skip(reader, stored - (sparse?.mapBytes ?? 0));
    sink?.done();
    return;
  }
  const { body } = sink;
  if (sparse) {
    let read = sparse.mapBytes;
    for (const { offset, size } of sparse.ranges) {
      body.zerosTo(offset);
      read += size;
      if (read > stored) throw new ImageError("damaged", "the archive holds a damaged sparse file");
      await reader.pass(size, (bytes) => body.write(bytes));
    }
    body.zerosTo(sparse.realSize);
    await reader.pass(stored - read, () => undefined);
  } else {
    await reader.pass(stored, (bytes) => body.write(bytes));
  }
  await reader.pass(padding(stored), () => undefined);
  sink.done();
};
