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

/** Writes a time as a struct timespec, split so that nanoseconds are never negative. */
export function encodeTime(view: DataView, at: number, value: bigint): void {
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
  view.setInt32(at, seconds, true);
  view.setInt32(at + 4, Math.floor(seconds / WORD), true);
  view.setInt32(at + 8, nanoseconds, true);
  view.setInt32(at + 12, 0, true);
}

export const STAT_SIZE = 128;

/** Writes all of a struct stat; `dev` is the filesystem's device. */
export function encodeStat(view: DataView, at: number, status: Status, dev: number): void {
  u64(view, at, dev);
  u64(view, at + 8, status.ino);
  view.setInt32(at + 16, status.mode, true);
  view.setInt32(at + 20, status.nlink, true);
  view.setInt32(at + 24, status.uid, true);
  view.setInt32(at + 28, status.gid, true);
  u64(view, at + 32, status.rdev);
  u64(view, at + 40, 0);
  u64(view, at + 48, status.size);
  u64(view, at + 56, status.blockSize);
  u64(view, at + 64, status.blocks);
  encodeTime(view, at + 72, status.atime);
  encodeTime(view, at + 88, status.mtime);
  encodeTime(view, at + 104, status.ctime);
  u64(view, at + 120, 0);
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
  view: DataView,
  at: number,
  status: Status,
  dev: number,
  extra: { mask: number; attributes: number; mountId: number },
): void {
  const { mask } = extra;
  for (let i = 0; i < STATX_SIZEOF; i += 4) view.setInt32(at + i, 0, true);
  view.setInt32(at, STATX_BASIC_STATS | (mask & (STATX_BTIME | STATX_MNT_ID_UNIQUE)) | STATX_MNT_ID, true);
  view.setInt32(at + 4, status.blockSize, true);
  u64(view, at + 8, extra.attributes);
  view.setInt32(at + 16, status.nlink, true);
  view.setInt32(at + 20, status.uid, true);
  view.setInt32(at + 24, status.gid, true);
  view.setInt16(at + 28, status.mode, true);
  u64(view, at + 32, status.ino);
  u64(view, at + 40, status.size);
  u64(view, at + 48, status.blocks);
  u64(view, at + 56, STATX_ATTR_MOUNT_ROOT);
  encodeTime(view, at + 64, status.atime);
  if ((mask & STATX_BTIME) !== 0) encodeTime(view, at + 80, status.btime);
  encodeTime(view, at + 96, status.ctime);
  encodeTime(view, at + 112, status.mtime);
  device(view, at + 128, status.rdev);
  device(view, at + 136, dev);
  u64(view, at + 144, extra.mountId);
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
  const bytes = new Uint8Array(120);
  const view = new DataView(bytes.buffer);
  u64(view, 0, fields.type);
  u64(view, 8, fields.bsize);
  u64(view, 16, fields.blocks);
  u64(view, 24, fields.bfree);
  u64(view, 32, fields.bavail);
  u64(view, 40, fields.files);
  u64(view, 48, fields.ffree);
  view.setUint32(56, fields.fsid, true);
  u64(view, 64, fields.namelen);
  u64(view, 72, fields.bsize);
  u64(view, 80, fields.flags | ST_VALID);
  return bytes;
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
  u64(view, at, entry.ino);
  u64(view, at + 8, next);
  view.setUint16(at + 16, size, true);
  bytes[at + 18] = entry.type;
  for (let i = 0; i < name.length; i++) bytes[at + DIRENT_HEADER + i] = name.charCodeAt(i);
  return size;
}

function u64(view: DataView, at: number, value: number): void {
  view.setInt32(at, value, true);
  view.setInt32(at + 4, value === (value | 0) ? 0 : Math.floor(value / WORD), true);
}

function device(view: DataView, at: number, dev: number): void {
  view.setUint32(at, (dev >>> 8) & 0xfff, true);
  view.setUint32(at + 4, (dev & 0xff) | ((dev >>> 12) & ~0xff), true);
}
