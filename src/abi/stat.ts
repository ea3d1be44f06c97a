// struct stat, struct statx, struct statfs and struct linux_dirent64 as programs see them (asm-generic/stat.h,
// linux/stat.h, asm-generic/statfs.h, linux/dirent.h). Times are nanoseconds since 1970.

/** What is told of a file; an inode has it. */
export interface Status {
  /** A device number in the kernel's packed form (makedev). */
  rdev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  size: number;
  /** Preferred size of transfers. */
  blockSize: number;
  /** Units of 512 bytes. */
  blocks: number;
  atime: bigint;
  mtime: bigint;
  ctime: bigint;
  btime: bigint;
}

// Splits 64 bits in two without making new big numbers, which would be most of stat(2)'s cost.
const scratch = new BigInt64Array(1);
const halves = new Uint32Array(scratch.buffer);
const SECOND = 1_000_000_000;
const WORD = 4294967296;

/** Writes a time as a struct timespec, split so that nanoseconds are never negative. Here and below: from the 32-bit
 *  word `at` on. */
export function encodeTime(words: Int32Array, at: number, value: bigint): void {
  scratch[0] = value;
  const low = halves[0]!;
  const high = halves[1]! | 0;
  // Rounded, so perhaps one off; the nanoseconds are less than 2^32 and come out exact of the low halves.
  let seconds = Math.floor((high * WORD + low) / SECOND);
  let nanoseconds = (low - Math.imul(seconds, SECOND)) | 0;
  if (nanoseconds < 0) {
    nanoseconds += SECOND;
    seconds--;
  } else if (nanoseconds >= SECOND) {
    nanoseconds -= SECOND;
    seconds++;
  }
  words[at] = seconds;
  words[at + 1] = Math.floor(seconds / WORD);
  words[at + 2] = nanoseconds;
  words[at + 3] = 0;
}

export const STAT_SIZE = 128;

/** Writes all of a struct stat; `dev` is the filesystem's device. */
export function encodeStat(words: Int32Array, at: number, status: Status, dev: number): void {
  words[at] = dev;
  words[at + 1] = 0;
  u64(words, at + 2, status.ino);
  words[at + 4] = status.mode;
  words[at + 5] = status.nlink;
  words[at + 6] = status.uid;
  words[at + 7] = status.gid;
  u64(words, at + 8, status.rdev);
  words[at + 10] = 0;
  words[at + 11] = 0;
  u64(words, at + 12, status.size);
  words[at + 14] = status.blockSize;
  words[at + 15] = 0;
  u64(words, at + 16, status.blocks);
  encodeTime(words, at + 18, status.atime);
  encodeTime(words, at + 22, status.mtime);
  encodeTime(words, at + 26, status.ctime);
  words[at + 30] = 0;
  words[at + 31] = 0;
}

export const STATX_TYPE = 0x1;
export const STATX_MODE = 0x2;
export const STATX_NLINK = 0x4;
export const STATX_UID = 0x8;
export const STATX_GID = 0x10;
export const STATX_ATIME = 0x20;
export const STATX_MTIME = 0x40;
export const STATX_CTIME = 0x80;
export const STATX_INO = 0x100;
export const STATX_SIZE = 0x200;
export const STATX_BLOCKS = 0x400;
export const STATX_BASIC_STATS = 0x7ff;
export const STATX_BTIME = 0x800;
export const STATX_MNT_ID = 0x1000;
export const STATX_DIOALIGN = 0x2000;
export const STATX_MNT_ID_UNIQUE = 0x4000;
export const STATX__RESERVED = 0x80000000;
export const STATX_ATTR_MOUNT_ROOT = 0x2000;

export const STATX_SIZEOF = 256;

/** Writes all of a struct statx. */
export function encodeStatx(
  words: Int32Array,
  at: number,
  status: Status,
  dev: number,
  extra: { mask: number; attributes: number; mountId: number },
): void {
  const { mask } = extra;
  words.fill(0, at, at + STATX_SIZEOF / 4);
  words[at] = STATX_BASIC_STATS | (mask & (STATX_BTIME | STATX_MNT_ID_UNIQUE)) | STATX_MNT_ID;
  words[at + 1] = status.blockSize;
  u64(words, at + 2, extra.attributes);
  words[at + 4] = status.nlink;
  words[at + 5] = status.uid;
  words[at + 6] = status.gid;
  words[at + 7] = status.mode & 0xffff;
  u64(words, at + 8, status.ino);
  u64(words, at + 10, status.size);
  u64(words, at + 12, status.blocks);
  u64(words, at + 14, STATX_ATTR_MOUNT_ROOT);
  encodeTime(words, at + 16, status.atime);
  if ((mask & STATX_BTIME) !== 0) encodeTime(words, at + 20, status.btime);
  encodeTime(words, at + 24, status.ctime);
  encodeTime(words, at + 28, status.mtime);
  device(words, at + 32, status.rdev);
  device(words, at + 34, dev);
  u64(words, at + 36, extra.mountId);
}

export interface StatfsFields {
  type: number;
  bsize: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
  namelen: number;
  /** ST_*. */
  flags: number;
  fsid: number;
}

export const ST_RDONLY = 0x1;
export const ST_NOSUID = 0x2;
export const ST_NODEV = 0x4;
export const ST_NOEXEC = 0x8;
export const ST_SYNCHRONOUS = 0x10;
export const ST_VALID = 0x20;
export const ST_MANDLOCK = 0x40;
export const ST_NOATIME = 0x400;
export const ST_NODIRATIME = 0x800;
export const ST_RELATIME = 0x1000;
export const ST_NOSYMFOLLOW = 0x2000;

export function encodeStatfs(fields: StatfsFields): Uint8Array<ArrayBuffer> {
  const words = new Int32Array(30);
  u64(words, 0, fields.type);
  u64(words, 2, fields.bsize);
  u64(words, 4, fields.blocks);
  u64(words, 6, fields.bfree);
  u64(words, 8, fields.bavail);
  u64(words, 10, fields.files);
  u64(words, 12, fields.ffree);
  words[14] = fields.fsid;
  u64(words, 16, fields.namelen);
  u64(words, 18, fields.bsize);
  u64(words, 20, fields.flags | ST_VALID);
  return new Uint8Array(words.buffer);
}

export const DIRENT_HEADER = 19;
/** Room that an entry takes, for a name of `length` bytes. */
export const direntSize = (length: number): number => (DIRENT_HEADER + length + 1 + 7) & ~7;

/** Writes one entry at `at`; `name` is a byte string. The bytes behind it must be zero. */
export function encodeDirent(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  entry: { name: string; ino: number; type: number },
  next: number,
): number {
  const { name } = entry;
  const size = direntSize(name.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(at, entry.ino, true);
  view.setUint32(at + 4, Math.floor(entry.ino / WORD), true);
  view.setUint32(at + 8, next, true);
  view.setUint16(at + 16, size, true);
  bytes[at + 18] = entry.type;
  for (let i = 0; i < name.length; i++) bytes[at + DIRENT_HEADER + i] = name.charCodeAt(i);
  return size;
}

function u64(words: Int32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = value === (value | 0) ? 0 : Math.floor(value / WORD);
}

function device(words: Int32Array, at: number, dev: number): void {
  words[at] = (dev >>> 8) & 0xfff;
  words[at + 1] = (dev & 0xff) | ((dev >>> 12) & ~0xff);
}
