// Reads an image's index: inodes by number, directory entries by name. Everything is checked once, when it is opened
// (a few array passes), so that nothing after that can fail or throw. Nothing is decoded before it is asked for.
// The layout is in layout.ts; contents are fetched through an ImageSource, by byte range.
import {
  CHUNK_SIZE,
  type ColumnName,
  columnOffsets,
  HASH_SIZE,
  HEADER_SIZE,
  MAGIC,
  ROW_KINDS,
  type RowKind,
  TYPE_DIRECTORY,
  TYPE_MASK,
  TYPE_REGULAR,
  TYPE_SYMLINK,
} from "./layout.ts";

/** Where contents come from. Fills `into` from `offset` and returns the count of bytes it gave, fewer only on damage. */
export interface ImageSource {
  read(offset: number, into: Uint8Array): number;
}

export interface ImageNode {
  readonly ino: number;
  /** st_mode: type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly nlink: number;
  /** makedev(3) in the kernel's 32-bit form: (minor & 0xff) | major << 8 | (minor & ~0xff) << 12. */
  readonly rdev: number;
  readonly mtimeSec: number;
  readonly mtimeNsec: number;
  /** Where a regular file's contents begin in the data. */
  readonly dataOffset: number;
}

export interface ImageEntry {
  readonly name: string;
  readonly ino: number;
  /** The entry's st_mode, for d_type. */
  readonly mode: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Columns = Record<ColumnName, Float64Array | Uint32Array | Uint8Array>;

export class ImageIndex {
  static readonly ROOT = 1;
  readonly inodeCount: number;
  readonly entryCount: number;
  /** Bytes of data that the index speaks of. */
  readonly dataSize: number;
  private readonly size: Float64Array;
  private readonly mtime: Float64Array;
  private readonly dataOffset: Float64Array;
  private readonly mode: Uint32Array;
  private readonly uid: Uint32Array;
  private readonly gid: Uint32Array;
  private readonly nlinkOf: Uint32Array;
  private readonly rdev: Uint32Array;
  private readonly mtimeNsec: Uint32Array;
  private readonly first: Uint32Array;
  private readonly count: Uint32Array;
  private readonly xattr: Uint32Array;
  private readonly entryInode: Uint32Array;
  private readonly entryName: Uint32Array;
  private readonly entryNameLength: Uint32Array;
  private readonly hashes: Uint8Array;
  private readonly text: Uint8Array;
  private readonly xattrBytes: Uint8Array;
  private readonly aboutBytes: Uint8Array;

  private constructor(rows: Record<RowKind, number>, dataSize: number, columns: Columns) {
    this.inodeCount = rows.inode;
    this.entryCount = rows.entry;
    this.dataSize = dataSize;
    this.size = columns.size as Float64Array;
    this.mtime = columns.mtime as Float64Array;
    this.dataOffset = columns.dataOffset as Float64Array;
    this.mode = columns.mode as Uint32Array;
    this.uid = columns.uid as Uint32Array;
    this.gid = columns.gid as Uint32Array;
    this.nlinkOf = columns.nlink as Uint32Array;
    this.rdev = columns.rdev as Uint32Array;
    this.mtimeNsec = columns.mtimeNsec as Uint32Array;
    this.first = columns.first as Uint32Array;
    this.count = columns.count as Uint32Array;
    this.xattr = columns.xattr as Uint32Array;
    this.entryInode = columns.entryInode as Uint32Array;
    this.entryName = columns.entryName as Uint32Array;
    this.entryNameLength = columns.entryNameLength as Uint32Array;
    this.hashes = columns.chunkHashes as Uint8Array;
    this.text = columns.text as Uint8Array;
    this.xattrBytes = columns.xattrs as Uint8Array;
    this.aboutBytes = columns.about as Uint8Array;
  }

  /** The index, or a string that says in one line what is wrong with it. `checked`: these very bytes were opened before,
   *  and nothing was wrong. */
  static open(bytes: Uint8Array, checked = false): ImageIndex | string {
    if (bytes.length < HEADER_SIZE) return "the index is cut short";
    for (let i = 0; i < MAGIC.length; i++) if (bytes[i] !== MAGIC[i]) return "not an image index of this version";
    // Typed-array views need alignment; a caller's slice may lack it.
    if (bytes.byteOffset & 7) bytes = bytes.slice();
    const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
    const dataSize = header.getFloat64(8, true);
    const rows = {} as Record<RowKind, number>;
    ROW_KINDS.forEach((kind, i) => {
      rows[kind] = header.getUint32(24 + 4 * i, true);
    });
    const { offsets, size } = columnOffsets(rows);
    if (bytes.length !== size) return "the index has the wrong length";
    if (!Number.isSafeInteger(dataSize) || dataSize < 0 || header.getUint32(16, true) !== CHUNK_SIZE)
      return "the index's header is damaged";
    if (rows["hash byte"] !== Math.ceil(dataSize / CHUNK_SIZE) * HASH_SIZE) return "the index lacks chunk hashes";
    const { buffer, byteOffset } = bytes;
    const f64 = (name: ColumnName, n: number) => new Float64Array(buffer, byteOffset + offsets[name], n);
    const u32 = (name: ColumnName, n: number) => new Uint32Array(buffer, byteOffset + offsets[name], n);
    const u8 = (name: ColumnName, n: number) => new Uint8Array(buffer, byteOffset + offsets[name], n);
    const index = new ImageIndex(rows, dataSize, {
      size: f64("size", rows.inode),
      mtime: f64("mtime", rows.inode),
      dataOffset: f64("dataOffset", rows.inode),
      mode: u32("mode", rows.inode),
      uid: u32("uid", rows.inode),
      gid: u32("gid", rows.inode),
      nlink: u32("nlink", rows.inode),
      rdev: u32("rdev", rows.inode),
      mtimeNsec: u32("mtimeNsec", rows.inode),
      first: u32("first", rows.inode),
      count: u32("count", rows.inode),
      xattr: u32("xattr", rows.inode),
      entryInode: u32("entryInode", rows.entry),
      entryName: u32("entryName", rows.entry),
      entryNameLength: u32("entryNameLength", rows.entry),
      chunkHashes: u8("chunkHashes", rows["hash byte"]),
      text: u8("text", rows["text byte"]),
      xattrs: u8("xattrs", rows["xattr byte"]),
      about: u8("about", rows["about byte"]),
    });
    return checked ? index : (index.fault() ?? index);
  }

  /** What makes this index unusable, or undefined: every number in it stays inside its column, directories form a tree. */
  private fault(): string | undefined {
    const inodes = this.inodeCount;
    if (inodes === 0 || (this.mode[0]! & TYPE_MASK) !== TYPE_DIRECTORY) return "the index has no root directory";
    const seen = new Uint8Array(inodes + 1);
    seen[ImageIndex.ROOT] = 1;
    let entries = 0;
    for (let row = 0; row < inodes; row++) {
      const type = this.mode[row]! & TYPE_MASK;
      const first = this.first[row]!;
      const count = this.count[row]!;
      const size = this.size[row]!;
      if (!Number.isSafeInteger(size) || size < 0) return `inode ${row + 1} has an impossible size`;
      if (type === TYPE_REGULAR) {
        const offset = this.dataOffset[row]!;
        if (!Number.isSafeInteger(offset) || offset < 0 || offset + size > this.dataSize)
          return `inode ${row + 1} lies outside the data`;
      } else if (type === TYPE_SYMLINK) {
        if (first + count > this.text.length) return `inode ${row + 1} has its target outside the index`;
      } else if (type === TYPE_DIRECTORY) {
        if (first + count > this.entryCount) return `inode ${row + 1} has entries outside the index`;
        entries += count;
      }
      const xattr = this.xattr[row]!;
      if (xattr !== 0 && !this.xattrFits(xattr - 1)) return `inode ${row + 1} has damaged attributes`;
    }
    if (entries !== this.entryCount) return "the index's directories do not add up";
    for (let entry = 0; entry < this.entryCount; entry++) {
      const ino = this.entryInode[entry]!;
      if (ino === 0 || ino > inodes) return "the index names an inode that it lacks";
      if (this.entryName[entry]! + this.entryNameLength[entry]! > this.text.length)
        return "the index has a name outside";
      if ((this.mode[ino - 1]! & TYPE_MASK) === TYPE_DIRECTORY) {
        // A directory is named once, and never from below itself: the writer numbers parents before children.
        if (seen[ino]) return "the index has a directory with two names";
        seen[ino] = 1;
      }
    }
    for (let row = 0; row < inodes; row++) {
      if ((this.mode[row]! & TYPE_MASK) !== TYPE_DIRECTORY) continue;
      const last = this.first[row]! + this.count[row]!;
      for (let entry = this.first[row]!; entry < last; entry++) {
        const ino = this.entryInode[entry]!;
        if (ino <= row + 1 && (this.mode[ino - 1]! & TYPE_MASK) === TYPE_DIRECTORY)
          return "the index has a directory inside itself";
      }
    }
    return undefined;
  }

  private xattrFits(at: number): boolean {
    const bytes = this.xattrBytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (at + 2 > bytes.length) return false;
    let left = view.getUint16(at, true);
    at += 2;
    for (; left > 0; left--) {
      if (at + 2 > bytes.length) return false;
      at += 2 + view.getUint16(at, true);
      if (at + 4 > bytes.length) return false;
      at += 4 + view.getUint32(at, true);
      if (at > bytes.length) return false;
    }
    return true;
  }

  /** The inode of this number, 1 to inodeCount; undefined outside. */
  node(ino: number): ImageNode | undefined {
    const row = ino - 1;
    if (!(row >= 0 && row < this.inodeCount)) return undefined;
    return {
      ino,
      mode: this.mode[row]!,
      uid: this.uid[row]!,
      gid: this.gid[row]!,
      size: this.size[row]!,
      nlink: this.nlinkOf[row]!,
      rdev: this.rdev[row]!,
      mtimeSec: this.mtime[row]!,
      mtimeNsec: this.mtimeNsec[row]!,
      dataOffset: this.dataOffset[row]!,
    };
  }

  private isDirectory(ino: number): boolean {
    return (this.mode[ino - 1]! & TYPE_MASK) === TYPE_DIRECTORY;
  }

  /** The inode number of `name` in a directory, or 0 when it isn't there (or `directory` is none). */
  lookup(directory: number, name: string): number {
    if (!this.isDirectory(directory)) return 0;
    const wanted = encoder.encode(name);
    let low = this.first[directory - 1]!;
    let high = low + this.count[directory - 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.compare(middle, wanted);
      if (order === 0) return this.entryInode[middle]!;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return 0;
  }

  private compare(entry: number, wanted: Uint8Array): number {
    const at = this.entryName[entry]!;
    const length = this.entryNameLength[entry]!;
    const shared = Math.min(length, wanted.length);
    for (let i = 0; i < shared; i++) {
      const difference = this.text[at + i]! - wanted[i]!;
      if (difference !== 0) return difference;
    }
    return length - wanted.length;
  }

  /** How many names a directory has, `.` and `..` not counted; 0 for what is no directory. */
  childCount(directory: number): number {
    return this.isDirectory(directory) ? this.count[directory - 1]! : 0;
  }

  /** The directory's entry at `position`, 0 to childCount - 1, sorted by name; undefined past the end. */
  child(directory: number, position: number): ImageEntry | undefined {
    if (!(position >= 0 && position < this.childCount(directory))) return undefined;
    const entry = this.first[directory - 1]! + position;
    const at = this.entryName[entry]!;
    const ino = this.entryInode[entry]!;
    const name = decoder.decode(this.text.subarray(at, at + this.entryNameLength[entry]!));
    return { name, ino, mode: this.mode[ino - 1]! };
  }

  /** All of a directory's entries, sorted by name. */
  *children(directory: number): Generator<ImageEntry> {
    const count = this.childCount(directory);
    for (let position = 0; position < count; position++) yield this.child(directory, position)!;
  }

  /** A symlink's target; "" for what is no symlink. */
  target(ino: number): string {
    const row = ino - 1;
    if ((this.mode[row]! & TYPE_MASK) !== TYPE_SYMLINK) return "";
    const at = this.first[row]!;
    return decoder.decode(this.text.subarray(at, at + this.count[row]!));
  }

  /** An inode's extended attributes by full name, such as "security.capability". */
  xattrs(ino: number): Map<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    const start = this.xattr[ino - 1] ?? 0;
    if (start === 0) return found;
    const bytes = this.xattrBytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = start - 1;
    let left = view.getUint16(at, true);
    at += 2;
    for (; left > 0; left--) {
      const nameEnd = at + 2 + view.getUint16(at, true);
      const valueEnd = nameEnd + 4 + view.getUint32(nameEnd, true);
      found.set(decoder.decode(bytes.subarray(at + 2, nameEnd)), bytes.slice(nameEnd + 4, valueEnd));
      at = valueEnd;
    }
    return found;
  }

  /** The SHA-256 of the data's chunk at `chunk * CHUNK_SIZE`. */
  chunkHash(chunk: number): Uint8Array {
    return this.hashes.subarray(chunk * HASH_SIZE, (chunk + 1) * HASH_SIZE);
  }

  get chunkCount(): number {
    return this.hashes.length / HASH_SIZE;
  }

  /** What the image's maker wrote about it: JSON. */
  about(): string {
    return decoder.decode(this.aboutBytes);
  }
}
