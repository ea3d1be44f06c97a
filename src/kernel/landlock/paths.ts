// May a domain do this to a file? Each of its layers must allow it, by rules on the file and on the directories above it
// up to the root, through mounts. Linux's security/landlock/fs.c
import { EACCES, type Errno } from "../../abi/errno.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFSOCK } from "../../abi/flags.ts";
import {
  FICLONE,
  FICLONERANGE,
  FIDEDUPERANGE,
  FIFREEZE,
  FIGETBSZ,
  FIOASYNC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIOQSIZE,
  FITHAW,
  FS_IOC_FIEMAP,
} from "../../abi/ioctl.ts";
import {
  LANDLOCK_ACCESS_FS_IOCTL_DEV,
  LANDLOCK_ACCESS_FS_MAKE_BLOCK,
  LANDLOCK_ACCESS_FS_MAKE_CHAR,
  LANDLOCK_ACCESS_FS_MAKE_DIR,
  LANDLOCK_ACCESS_FS_MAKE_FIFO,
  LANDLOCK_ACCESS_FS_MAKE_REG,
  LANDLOCK_ACCESS_FS_MAKE_SOCK,
  LANDLOCK_ACCESS_FS_MAKE_SYM,
  LANDLOCK_ACCESS_FS_READ_DIR,
  LANDLOCK_ACCESS_FS_READ_FILE,
  LANDLOCK_ACCESS_FS_REFER,
  LANDLOCK_ACCESS_FS_TRUNCATE,
  LANDLOCK_ACCESS_FS_WRITE_FILE,
} from "../../abi/landlock.ts";
import type { Dentry } from "../vfs/dentry.ts";
import type { File } from "../vfs/file.ts";
import type { Path } from "../vfs/mount.ts";
import type { Domain } from "./ruleset.ts";

/** For each layer of a domain, the rights that nothing has allowed so far. */
export type Missing = Int32Array;

/** Of `access`, what each layer handles. Links and renames between directories are denied by default in all of them. */
export function missingOf(domain: Domain, access: number): Missing {
  return Int32Array.from(domain.layers, ({ rules }) => access & (rules.handledFs | LANDLOCK_ACCESS_FS_REFER));
}

/** Takes out what rules on this very file or directory allow. */
export function allowHere(domain: Domain, dentry: Dentry, missing: Missing): void {
  const inode = dentry.inode;
  if (!inode) return;
  for (const [i, { rules }] of domain.layers.entries()) {
    const allowed = rules.paths.get(inode);
    if (allowed !== undefined) missing[i]! &= ~allowed;
  }
}

/** Is nothing of `access` missing? */
export const isComplete = (missing: Missing, access: number): boolean =>
  missing.every((rights) => (rights & access) === 0);

/** Files that no path leads to: pipes, sockets, memfds. */
export const isNameless = (dentry: Dentry): boolean => dentry.superblock.nouser === true;

/** The places above `path`, itself included, up to the root of the tree that it is mounted in. */
export function* upwards({ mount, dentry }: Path): Generator<Dentry> {
  for (;;) {
    yield dentry;
    while (dentry === mount.root) {
      if (!mount.parent || !mount.mountpoint) return;
      dentry = mount.mountpoint;
      mount = mount.parent;
    }
    if (dentry.isRoot) return;
    dentry = dentry.parent;
  }
}

/** What of `access` is missing at `path`, over all layers. */
function missingAt(domain: Domain, path: Path, access: number): number {
  if (domain.handledFs === 0 || isNameless(path.dentry)) return 0;
  const missing = missingOf(domain, access);
  for (const dentry of upwards(path)) {
    if (isComplete(missing, access)) return 0;
    allowHere(domain, dentry, missing);
  }
  return missing.reduce((all, rights) => all | rights, 0);
}

/** Errors: EACCES. */
export function mayAccessPath(domain: Domain, path: Path, access: number): 0 | Errno {
  return missingAt(domain, path, access) === 0 ? 0 : EACCES;
}

/** The right that making a file of this type in a directory takes. */
export function makingRight(mode: number): number {
  switch (mode & S_IFMT) {
    case S_IFLNK:
      return LANDLOCK_ACCESS_FS_MAKE_SYM;
    case S_IFDIR:
      return LANDLOCK_ACCESS_FS_MAKE_DIR;
    case S_IFCHR:
      return LANDLOCK_ACCESS_FS_MAKE_CHAR;
    case S_IFBLK:
      return LANDLOCK_ACCESS_FS_MAKE_BLOCK;
    case S_IFIFO:
      return LANDLOCK_ACCESS_FS_MAKE_FIFO;
    case S_IFSOCK:
      return LANDLOCK_ACCESS_FS_MAKE_SOCK;
    default:
      return LANDLOCK_ACCESS_FS_MAKE_REG;
  }
}

const isDevice = (mode: number): boolean => (mode & S_IFMT) === S_IFCHR || (mode & S_IFMT) === S_IFBLK;

/** May `path` be opened? Answers which of truncating and a device's ioctls the open file will not allow, by whomever it is
 *  used then (File.withheld). Errors: EACCES. */
export function mayOpenPath(domain: Domain, path: Path, flags: number): number | Errno {
  const { mode, isDirectory } = path.dentry.inode!;
  const reads = ((flags + 1) & 1) !== 0;
  const writes = ((flags + 1) & 2) !== 0;
  let access = reads ? (isDirectory ? LANDLOCK_ACCESS_FS_READ_DIR : LANDLOCK_ACCESS_FS_READ_FILE) : 0;
  if (writes) access |= LANDLOCK_ACCESS_FS_WRITE_FILE;
  const later = LANDLOCK_ACCESS_FS_TRUNCATE | (isDevice(mode) ? LANDLOCK_ACCESS_FS_IOCTL_DEV : 0);
  const missing = missingAt(domain, path, access | later);
  return (missing & access) !== 0 ? EACCES : missing;
}

/** ioctls that the VFS does itself, on files of every kind. */
const ofEveryFile: readonly number[] = [
  FIOCLEX,
  FIONCLEX,
  FIONBIO,
  FIOASYNC,
  FIOQSIZE,
  FIFREEZE,
  FITHAW,
  FS_IOC_FIEMAP,
  FIGETBSZ,
  FICLONE,
  FICLONERANGE,
  FIDEDUPERANGE,
];

/** Does the way in which a file was opened forbid this ioctl? */
export function withholdsIoctl(file: File, command: number): boolean {
  return (
    (file.withheld & LANDLOCK_ACCESS_FS_IOCTL_DEV) !== 0 &&
    isDevice(file.inode.mode) &&
    !ofEveryFile.includes(command >>> 0)
  );
}
