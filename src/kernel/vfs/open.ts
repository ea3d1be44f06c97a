// Opening: from a path to an open description. open(2), openat2(2). The system calls are in syscalls/open.ts; exec and
// the boot code come here too.
import { EACCES, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOTDIR, ENXIO, EPERM, type Errno } from "../../abi/errno.ts";
import {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_TMPFILE,
  O_TRUNC,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  S_ISGID,
  S_ISVTX,
} from "../../abi/flags.ts";
import { LANDLOCK_ACCESS_FS_MAKE_REG, LANDLOCK_ACCESS_FS_TRUNCATE } from "../../abi/landlock.ts";
import { MS_NODEV } from "../../abi/mount.ts";
import { type CharDevice, major, minor } from "../drivers/table.ts";
import { mayAccessPath, mayOpenPath } from "../landlock/paths.ts";
import { andThen, Wait } from "../sched/wait-queue.ts";
import {
  inodePermission,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  ownerOrCapable,
  withoutForeignSetgid,
} from "../security/permission.ts";
import { instantiate, lookupChild } from "./dcache.ts";
import { Dentry } from "./dentry.ts";
import { directoryFile } from "./directory-file.ts";
import { File, type FileOperations } from "./file.ts";
import { type Creation, Inode } from "./inode.ts";
import { breakLeases } from "./leases.ts";
import { type Mount, Path } from "./mount.ts";
import { DIRECTORY, FOLLOW, Walk, type Walker, walk } from "./namei.ts";
import { IN_MODIFY, IN_OPEN, notifyCreate, notifyFile } from "./notify.ts";
import { truncateInode } from "./setattr.ts";
import { getWriteAccess, wantWrite } from "./write-access.ts";

const TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;
const nothing: FileOperations = {};

/** Opens a path. `mode` counts with O_CREAT and O_TMPFILE; umask is applied here. */
export function openPath(
  task: Walker,
  dirfd: number,
  path: string,
  flags: number,
  mode = 0,
  resolve = 0,
): File | Errno | Wait<File> {
  if ((flags & O_PATH) !== 0) return openPlace(task, dirfd, path, flags, resolve);
  if ((flags & TMPFILE_BIT) !== 0) return openTemporary(task, dirfd, path, flags, mode, resolve);
  if ((flags & O_CREAT) !== 0) return openOrCreate(task, dirfd, path, flags, mode, resolve);
  const found = walk(task, dirfd, path, lookupFlags(flags), resolve);
  return typeof found === "number" ? found : openFound(task, found, flags);
}

const lookupFlags = (flags: number): number =>
  ((flags & O_NOFOLLOW) === 0 ? FOLLOW : 0) | ((flags & O_DIRECTORY) !== 0 ? DIRECTORY : 0);

function openPlace(task: Walker, dirfd: number, path: string, flags: number, resolve: number): File | Errno {
  const found = walk(task, dirfd, path, lookupFlags(flags), resolve);
  if (typeof found === "number") return found;
  return new File(found, found.dentry.inode!, flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW), nothing);
}

function openOrCreate(
  task: Walker,
  dirfd: number,
  path: string,
  flags: number,
  mode: number,
  resolve: number,
): File | Errno | Wait<File> {
  const { vfs } = task.kernel;
  const walker = Walk.toParent(task, resolve);
  let result = walker.start(dirfd, path);
  for (;;) {
    if (result < 0) return result as Errno;
    const { path: directory, name, kind, slash } = walker.parent();
    // "/", "." and "..": directories that are there. A magic link has led to an object itself.
    if (kind !== "name") {
      if (kind !== "/" || directory.dentry.inode?.isDirectory) return (flags & O_EXCL) !== 0 ? EEXIST : EISDIR;
      return openFound(task, directory, flags);
    }
    if (slash) return EISDIR;
    const dentry = lookupChild(vfs, directory.dentry, name);
    if (typeof dentry === "number") return dentry;
    if (!dentry.inode) {
      const created = createFile(task, directory, dentry, mode, flags);
      return created < 0 ? (created as Errno) : openCreated(task, new Path(directory.mount, dentry), flags);
    }
    if ((flags & O_EXCL) !== 0) return EEXIST;
    if (dentry.inode.isSymlink) {
      if ((flags & O_NOFOLLOW) !== 0) return ELOOP;
      result = walker.followLast(dentry, false);
      continue;
    }
    const place = topOf(directory.mount, dentry);
    if (place.dentry.inode?.isDirectory) return EISDIR;
    if (foreignInSticky(task, directory.dentry.inode!, place.dentry.inode!)) return EACCES;
    return openFound(task, place, flags);
  }
}

/** What is seen at a name: the newest mount on it. */
export function topOf(mount: Mount, dentry: Dentry): Path {
  while (dentry.mounts > 0) {
    const mounted = mount.children?.get(dentry);
    if (!mounted) break;
    mount = mounted;
    dentry = mounted.root;
  }
  return new Path(mount, dentry);
}

/** Owner and mode of what is created in a directory: a setgid directory gives its group on. inode(7) */
export function creation(task: Walker, directory: Inode, mode: number, rdev?: number): Creation {
  const { cred } = task;
  let masked = mode & ~task.fs.umask;
  let gid = cred.fsgid;
  if ((directory.mode & S_ISGID) !== 0) {
    gid = directory.gid;
    if ((mode & S_IFMT) === S_IFDIR) masked |= S_ISGID;
    else if ((masked & 0o010) !== 0) masked = withoutForeignSetgid(cred, masked, directory);
  }
  return { mode: masked, uid: cred.fsuid, gid, ...(rdev === undefined ? {} : { rdev }) };
}

function createFile(task: Walker, directory: Path, dentry: Dentry, mode: number, flags: number): 0 | Errno {
  const parent = directory.dentry.inode!;
  const readOnly = wantWrite(directory.mount);
  if (readOnly !== 0) return readOnly;
  if ((flags & O_DIRECTORY) !== 0) return EINVAL;
  const { landlock } = task.cred;
  const barred = landlock ? mayAccessPath(landlock, directory, LANDLOCK_ACCESS_FS_MAKE_REG) : 0;
  if (barred !== 0) return barred;
  const denied = inodePermission(task.cred, parent, MAY_WRITE | MAY_EXEC);
  if (denied !== 0) return denied;
  if (parent.create === Inode.prototype.create) return EACCES;
  const inode = parent.create(dentry.name, creation(task, parent, S_IFREG | (mode & 0o7777)));
  if (typeof inode === "number") return inode;
  instantiate(task.kernel.vfs, dentry, inode);
  notifyCreate(parent, dentry.name, inode);
  return 0;
}

function openTemporary(
  task: Walker,
  dirfd: number,
  path: string,
  flags: number,
  mode: number,
  resolve: number,
): File | Errno | Wait<File> {
  const found = walk(task, dirfd, path, lookupFlags(flags) | DIRECTORY, resolve);
  if (typeof found === "number") return found;
  const parent = found.dentry.inode!;
  const readOnly = wantWrite(found.mount);
  if (readOnly !== 0) return readOnly;
  const denied = inodePermission(task.cred, parent, MAY_WRITE | MAY_EXEC);
  if (denied !== 0) return denied;
  const linkable = (flags & O_EXCL) === 0;
  const inode = parent.temporary(creation(task, parent, S_IFREG | (mode & 0o7777)), linkable);
  if (typeof inode === "number") return inode;
  inode.linkable = linkable;
  const dentry = new Dentry(parent.superblock, `#${inode.ino}`, found.dentry, inode);
  dentry.unlinked = true;
  return openCreated(task, new Path(found.mount, dentry), flags);
}

/** Opens what this call made: no permission is asked for, and there is nothing to truncate. */
function openCreated(task: Walker, path: Path, flags: number): File | Errno | Wait<File> {
  const file = openInode(task, path, flags);
  return file instanceof File ? asCreated(file) : andThen<File, File>(file, asCreated);
}

function asCreated(file: File): File {
  file.created = true;
  return file;
}

/** fs.protected_regular and fs.protected_fifos: in directories that all may write to, O_CREAT does not open what someone
 *  else has put there. proc(5) */
function foreignInSticky(task: Walker, directory: Inode, inode: Inode): boolean {
  if ((directory.mode & S_ISVTX) === 0 || inode.uid === directory.uid || inode.uid === task.cred.fsuid) return false;
  const type = inode.mode & S_IFMT;
  if (type !== S_IFREG && type !== S_IFIFO) return false;
  const level = task.kernel.sysctl.number(type === S_IFREG ? "fs/protected_regular" : "fs/protected_fifos");
  return (level >= 1 && (directory.mode & 0o002) !== 0) || (level >= 2 && (directory.mode & 0o020) !== 0);
}

/** Opens what a path led to, with the permissions that takes. */
export function openFound(task: Walker, path: Path, flags: number): File | Errno | Wait<File> {
  const inode = path.dentry.inode!;
  const type = inode.mode & S_IFMT;
  const truncates = (flags & O_TRUNC) !== 0 && type === S_IFREG;
  if (truncates) {
    const readOnly = wantWrite(path.mount);
    if (readOnly !== 0) return readOnly;
  }
  const denied = mayOpen(task, path, flags);
  if (denied !== 0) return denied;
  return truncates ? openTruncated(task, path, flags) : openInode(task, path, flags);
}

// Here and below: a function that makes a closure allocates what it captures on entry, so those on every open's way
// leave that to others.
function openTruncated(task: Walker, path: Path, flags: number): File | Errno | Wait<File> {
  const inode = path.dentry.inode!;
  return andThen<File, File>(openInode(task, path, flags), (file) => {
    const withheld = (file.withheld & LANDLOCK_ACCESS_FS_TRUNCATE) !== 0;
    const result = withheld ? EACCES : truncateInode(task, inode, 0, true);
    if (result !== 0) {
      file.unref();
      return result;
    }
    notifyFile(file, IN_MODIFY);
    return file;
  });
}

/** What a user has put on a filesystem of its own is no device, except where the kernel makes them (devpts). */
function hasNoDevices({ mount: { flags, superblock } }: Path): boolean {
  return (flags & MS_NODEV) !== 0 || (superblock.userNamespace !== undefined && !superblock.filesystem.ownDevices);
}

/** Errors: ELOOP, EISDIR, EACCES, EPERM. */
function mayOpen(task: Walker, path: Path, flags: number): 0 | Errno {
  const inode = path.dentry.inode!;
  const accessMode = flags & 3;
  let mask = accessMode === 0 ? MAY_READ : accessMode === 1 ? MAY_WRITE : MAY_READ | MAY_WRITE;
  const type = inode.mode & S_IFMT;
  if ((flags & O_TRUNC) !== 0) mask |= MAY_WRITE;
  if (type === S_IFLNK) return ELOOP;
  if (type === S_IFDIR && (mask & MAY_WRITE) !== 0) return EISDIR;
  if ((type === S_IFCHR || type === S_IFBLK) && hasNoDevices(path)) return EACCES;
  const denied = inodePermission(task.cred, inode, mask);
  if (denied !== 0) return denied;
  if (inode.appendOnly && ((accessMode !== 0 && (flags & O_APPEND) === 0) || (flags & O_TRUNC) !== 0)) return EPERM;
  return (flags & O_NOATIME) !== 0 && !ownerOrCapable(task.cred, inode) ? EPERM : 0;
}

/** Makes the open description; all permissions are settled. */
export function openInode(task: Walker, path: Path, flags: number): File | Errno | Wait<File> {
  return path.dentry.inode!.leases ? openLeased(task, path, flags) : describe(task, path, flags);
}

function openLeased(task: Walker, path: Path, flags: number): File | Errno | Wait<File> {
  const writes = ((flags + 1) & 2) !== 0 || (flags & O_TRUNC) !== 0;
  const broken = breakLeases(task.kernel, path.dentry.inode!, writes, (flags & O_NONBLOCK) !== 0);
  return andThen<number, File>(broken, () => describe(task, path, flags));
}

function describe(task: Walker, path: Path, flags: number): File | Errno | Wait<File> {
  const inode = path.dentry.inode!;
  const type = inode.mode & S_IFMT;
  const writes = ((flags + 1) & 2) !== 0;
  const { landlock } = task.cred;
  const withheld = landlock === undefined ? 0 : mayOpenPath(landlock, path, flags);
  if (withheld < 0) return withheld as Errno;
  if (writes && (type === S_IFREG || type === S_IFDIR)) {
    const readOnly = wantWrite(path.mount);
    if (readOnly !== 0) return readOnly;
    const busy = getWriteAccess(inode);
    if (busy !== 0) return busy;
  }
  const file = new File(path, inode, flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC), nothing);
  file.opened = false;
  file.withheld = withheld;
  file.countsAsWriter = writes && (type === S_IFREG || type === S_IFDIR);
  return settle(file, operations(task, file, type, flags));
}

function operations(
  task: Walker,
  file: File,
  type: number,
  flags: number,
): FileOperations | Errno | Wait<FileOperations> {
  const { inode } = file;
  const { kernel } = task;
  switch (type) {
    case S_IFDIR: {
      const own = inode.open(file);
      return own === EINVAL ? directoryFile : own;
    }
    case S_IFCHR:
    case S_IFBLK: {
      const device = type === S_IFCHR ? kernel.devices.character(inode.rdev) : kernel.devices.block(inode.rdev);
      if (!device) return type === S_IFCHR ? requestDevice(task, file, flags) : ENXIO;
      return openDevice(device, file, flags);
    }
    case S_IFIFO:
      return kernel.vfs.openFifo?.(file) ?? ENXIO;
    case S_IFSOCK:
      return ENXIO;
    case S_IFREG: {
      // An overlay need not copy what is about to be cut.
      file.flags |= flags & O_TRUNC;
      const ops = inode.open(file);
      file.flags &= ~O_TRUNC;
      return ops;
    }
    default:
      return type === 0 ? inode.open(file) : ENOTDIR;
  }
}

/** A terminal looks at O_NOCTTY, which is no status flag: a driver sees the flags as they were asked for. */
function openDevice(device: CharDevice, file: File, flags: number): FileOperations | Errno | Wait<FileOperations> {
  file.flags |= flags & O_NOCTTY;
  const ops = device.open(file);
  file.flags &= ~O_NOCTTY;
  return ops;
}

/** A driver that is not there may be a module: it is asked for by its numbers, once. Errors: ENXIO. */
function requestDevice({ kernel }: Walker, file: File, flags: number): FileOperations | Errno | Wait<FileOperations> {
  const { rdev } = file.inode;
  const open = (): FileOperations | Errno | Wait<FileOperations> => {
    const device = kernel.devices.character(rdev);
    return device ? openDevice(device, file, flags) : ENXIO;
  };
  return kernel.vfs.requestModule?.(`char-major-${major(rdev)}-${minor(rdev)}`, open) ?? ENXIO;
}

/** Completes the open description once its operations are there; drops it when they won't be. */
function settle(file: File, result: FileOperations | Errno | Wait<FileOperations>): File | Errno | Wait<File> {
  if (result instanceof Wait) return settleLater(file, result);
  if (typeof result === "number") {
    file.unref();
    return result;
  }
  file.ops = result;
  file.opened = true;
  notifyFile(file, IN_OPEN);
  return file;
}

function settleLater(file: File, result: Wait<FileOperations>): Wait<File> {
  const wait = new Wait<File>(result.queues, () => settle(file, result.retry()));
  wait.deadline = result.deadline;
  wait.killable = result.killable;
  wait.exclusive = result.exclusive;
  const { interrupt } = result;
  wait.interrupt = () => {
    const outcome = typeof interrupt === "function" ? interrupt() : interrupt;
    return settle(file, outcome) as File | Errno;
  };
  wait.onTimeout = () => settle(file, result.onTimeout()) as File | Errno;
  return wait;
}

/** For a path that must lead to a directory. Errors: ENOENT, ENOTDIR. */
export function directoryAt(path: Path): Inode | Errno {
  const { inode } = path.dentry;
  if (!inode) return ENOENT;
  return inode.isDirectory ? inode : ENOTDIR;
}
