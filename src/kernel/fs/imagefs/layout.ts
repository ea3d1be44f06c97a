// How an image's index is laid out in bytes. An image is two byte strings:
//   index  everything but file contents: small, read whole at boot, its SHA-256 is the image's name in the cache
//   data   file contents one after the other, addressed by offset and checked by fixed-size chunks
// The index is little-endian columns, each 8-byte aligned, so that opening it is a dozen typed-array views and no parsing.
// The reader is format.ts beside this file; the writer is src/images/write-index.ts.

/** "AIRSIMG" and the version of the layout. */
export const MAGIC = Uint8Array.of(0x41, 0x49, 0x52, 0x53, 0x49, 0x4d, 0x47, 0x01);

/** File contents are hashed in chunks of this many bytes; the last one may be shorter. */
export const CHUNK_SIZE = 256 * 1024;
export const HASH_SIZE = 32;

/** Contents of at least a page start on one; smaller ones never straddle two. */
export const PAGE_SIZE = 4096;

/** The columns in file order: one entry a row (an inode, a directory entry, a byte …). */
export const COLUMNS = [
  // One row an inode; inode number n is row n - 1, the root is inode 1.
  { name: "size", of: "inode", type: "f64" },
  { name: "mtime", of: "inode", type: "f64" },
  { name: "dataOffset", of: "inode", type: "f64" },
  { name: "mode", of: "inode", type: "u32" },
  { name: "uid", of: "inode", type: "u32" },
  { name: "gid", of: "inode", type: "u32" },
  { name: "nlink", of: "inode", type: "u32" },
  { name: "rdev", of: "inode", type: "u32" },
  { name: "mtimeNsec", of: "inode", type: "u32" },
  // A directory: its first entry's row and its count of entries. A symlink: its target in `text`, offset and length.
  { name: "first", of: "inode", type: "u32" },
  { name: "count", of: "inode", type: "u32" },
  // 0 for none, else 1 + the offset in `xattrs`.
  { name: "xattr", of: "inode", type: "u32" },
  // One row an entry, a directory's entries together and sorted by the bytes of their names.
  { name: "entryInode", of: "entry", type: "u32" },
  { name: "entryName", of: "entry", type: "u32" },
  { name: "entryNameLength", of: "entry", type: "u32" },
  { name: "chunkHashes", of: "hash byte", type: "u8" },
  { name: "text", of: "text byte", type: "u8" },
  // For each inode with any: count u16, then (name length u16, name, value length u32, value) each.
  { name: "xattrs", of: "xattr byte", type: "u8" },
  // JSON about where the image comes from; nothing in a kernel reads it.
  { name: "about", of: "about byte", type: "u8" },
] as const;

export type ColumnName = (typeof COLUMNS)[number]["name"];
export type RowKind = (typeof COLUMNS)[number]["of"];

/** Rows of each kind, in the header's order, each a u32 from byte 24 on. */
export const ROW_KINDS = ["inode", "entry", "hash byte", "text byte", "xattr byte", "about byte"] as const;

/** Magic (8), size of the data (f64 at 8), chunk size (u32 at 16), zero (u32 at 20), then the row counts. */
export const HEADER_SIZE = 48;

const width = { f64: 8, u32: 4, u8: 1 } as const;

/** Byte offsets of the columns for these row counts, and the index's whole size. */
export const columnOffsets = (rows: Record<RowKind, number>): { offsets: Record<ColumnName, number>; size: number } => {
  const offsets = {} as Record<ColumnName, number>;
  let at = HEADER_SIZE;
  for (const column of COLUMNS) {
    offsets[column.name] = at;
    at = (at + rows[column.of] * width[column.type] + 7) & ~7;
  }
  return { offsets, size: at };
};

// inode(7): the file type's bits in st_mode.
export const TYPE_MASK = 0o170000;
export const TYPE_FIFO = 0o010000;
export const TYPE_CHAR = 0o020000;
export const TYPE_DIRECTORY = 0o040000;
export const TYPE_BLOCK = 0o060000;
export const TYPE_REGULAR = 0o100000;
export const TYPE_SYMLINK = 0o120000;
export const TYPE_SOCKET = 0o140000;
