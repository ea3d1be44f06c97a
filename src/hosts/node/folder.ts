// A folder of the machine that Node runs on, for hostfs. Programs in the guest must not get out of it, whatever they
// and others do to its names meanwhile. Node has no openat(2); on Linux, /proc/self/fd/N/NAME does the same: the
// directory is the one that was opened, wherever it is now, and NAME is one component that is never followed when it is
// a symlink. Elsewhere paths are used, and checked to be real ones before each call.
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { basename } from "node:path";
import { EINVAL, ELOOP, ENOENT, ENOTDIR, EROFS, type Errno, ESTALE } from "../../abi/errno.ts";
import type {
  HostAccess,
  HostChanges,
  HostDirectory,
  HostEntry,
  HostFile,
  HostFolder,
  HostSpace,
  HostStatus,
} from "../../kernel/fs/hostfs/host-folder.ts";
import { attempt, systemError } from "./errno.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
/** Linux's: a place, without access to what is there. */
const O_PATH = 0o10000000;

/** Directories that are kept open; more are opened again when they are needed. */
const OPEN_MAX = 256;

const bytes = (name: string): Buffer => Buffer.from(name, "latin1");
const text = (name: Buffer): string => name.toString("latin1");

/** One component, and one that is a name. */
const isName = (name: string): boolean =>
  name !== "" && name !== "." && name !== ".." && !name.includes("/") && !name.includes("\0");

const statusOf = (stats: fs.BigIntStats): HostStatus => ({
  dev: Number(stats.dev),
  ino: Number(stats.ino),
  mode: Number(stats.mode),
  nlink: Number(stats.nlink),
  uid: Number(stats.uid),
  gid: Number(stats.gid),
  rdev: Number(stats.rdev),
  size: Number(stats.size),
  blocks: Number(stats.blocks),
  blockSize: Number(stats.blksize),
  atime: stats.atimeNs,
  mtime: stats.mtimeNs,
  ctime: stats.ctimeNs,
  btime: stats.birthtimeNs,
});

export class NodeFile implements HostFile {
  private fd: number;
  constructor(fd: number) {
    this.fd = fd;
  }
  status(): HostStatus | Errno {
    return attempt(() => statusOf(fs.fstatSync(this.fd, { bigint: true })));
  }
  read(into: Uint8Array, at: number, count: number, offset: number): number | Errno {
    try {
      return fs.readSync(this.fd, into, at, count, offset);
    } catch (error) {
      return systemError(error);
    }
  }
  write(from: Uint8Array, at: number, count: number, offset: number): number | Errno {
    try {
      return fs.writeSync(this.fd, from, at, count, offset);
    } catch (error) {
      return systemError(error);
    }
  }
  truncate(size: number): 0 | Errno {
    return done(() => fs.ftruncateSync(this.fd, size));
  }
  change({ mode, uid, gid, atime, mtime }: HostChanges): 0 | Errno {
    return done(() => {
      if (uid !== undefined || gid !== undefined) fs.fchownSync(this.fd, uid ?? KEEP, gid ?? KEEP);
      if (mode !== undefined) fs.fchmodSync(this.fd, mode);
      if (atime === undefined && mtime === undefined) return;
      const stats = fs.fstatSync(this.fd, { bigint: true });
      fs.futimesSync(this.fd, seconds(atime ?? stats.atimeNs), seconds(mtime ?? stats.mtimeNs));
    });
  }
  sync(dataOnly: boolean): 0 | Errno {
    return done(() => (dataOnly ? fs.fdatasyncSync(this.fd) : fs.fsyncSync(this.fd)));
  }
  close(): void {
    if (this.fd < 0) return;
    fs.closeSync(this.fd);
    this.fd = -1;
  }
}

function done(call: () => void): 0 | Errno {
  return attempt<0>(() => {
    call();
    return 0;
  });
}

class NodeDirectory implements HostDirectory {
  private readonly folder: NodeFolder;
  private parent: NodeDirectory | undefined;
  private name: string;
  private readonly dev: number;
  private readonly ino: number;
  /** While it is open. */
  fd: number | undefined;

  constructor(folder: NodeFolder, parent: NodeDirectory | undefined, name: string, status: HostStatus) {
    this.folder = folder;
    this.parent = parent;
    this.name = name;
    this.dev = status.dev;
    this.ino = status.ino;
  }
  /** The path by which the host finds this directory itself. Errors: ESTALE when it is no longer where it was. */
  private self(): string | Errno {
    return this.folder.byDescriptor ? this.descriptorPath() : this.checkedPath();
  }
  private descriptorPath(): string | Errno {
    if (this.fd === undefined) {
      const path = this.parent?.at(this.name) ?? ESTALE;
      if (typeof path === "number") return path;
      const fd = attempt(() => fs.openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW));
      if (fd < 0) return fd === ENOENT || fd === ENOTDIR || fd === ELOOP ? ESTALE : (fd as Errno);
      const stats = fs.fstatSync(fd, { bigint: true });
      if (Number(stats.ino) !== this.ino || Number(stats.dev) !== this.dev) {
        fs.closeSync(fd);
        return ESTALE;
      }
      this.fd = fd;
    }
    this.folder.used(this);
    return `/proc/self/fd/${this.fd}`;
  }
  private checkedPath(): string | Errno {
    const path = this.plainPath();
    const real = attempt(() => fs.realpathSync(path));
    if (typeof real === "number") return ESTALE;
    const stats = attempt(() => fs.lstatSync(real, { bigint: true }));
    return typeof stats !== "number" && real === path && Number(stats.ino) === this.ino ? path : ESTALE;
  }
  private plainPath(): string {
    return this.parent ? `${this.parent.plainPath()}/${bytes(this.name).toString()}` : this.folder.path;
  }
  /** The path of an entry; never to be followed. */
  private at(name: string): Buffer | Errno {
    if (!isName(name)) return EINVAL;
    const self = this.self();
    return typeof self === "number" ? self : Buffer.concat([Buffer.from(`${self}/`), bytes(name)]);
  }
  private changing(name: string, call: (path: Buffer) => void): 0 | Errno {
    if (this.folder.readOnly) return EROFS;
    const path = this.at(name);
    return typeof path === "number" ? path : done(() => call(path));
  }

  status(): HostStatus | Errno {
    const self = this.self();
    return typeof self === "number" ? self : attempt(() => statusOf(fs.statSync(self, { bigint: true })));
  }
  child(name: string): HostStatus | Errno {
    const path = this.at(name);
    if (typeof path === "number") return path;
    return attempt(() => {
      const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
      return stats ? statusOf(stats) : ENOENT;
    });
  }
  directory(name: string, status: HostStatus): HostDirectory {
    return new NodeDirectory(this.folder, this, name, status);
  }
  moved(parent: HostDirectory, name: string): void {
    if (!this.parent || !(parent instanceof NodeDirectory)) return;
    this.parent = parent;
    this.name = name;
  }
  entries(): HostEntry[] | Errno {
    const self = this.self();
    if (typeof self === "number") return self;
    const names = attempt(() => fs.readdirSync(self, { encoding: "buffer" }));
    if (typeof names === "number") return names;
    const entries: HostEntry[] = [];
    for (const name of names) {
      const status = this.child(text(name));
      // Gone since, like as not.
      if (typeof status === "number") continue;
      entries.push({ name: text(name), ino: status.ino, type: (status.mode >> 12) & 15 });
    }
    return entries;
  }
  open(name: string, ino: number, access: HostAccess): HostFile | Errno {
    if (access === "write" && this.folder.readOnly) return EROFS;
    const flags = (access === "read" ? O_RDONLY : O_WRONLY) | O_NOCTTY | O_NONBLOCK;
    return this.holding(name, ino, (path, stats) => {
      if ((Number(stats.mode) & 0o170000) !== 0o100000) return ESTALE;
      const fd = attempt(() => fs.openSync(path, flags | (this.folder.byDescriptor ? 0 : O_NOFOLLOW)));
      return fd < 0 ? (fd as Errno) : new NodeFile(fd);
    });
  }
  /** Finds an entry, makes sure that it is the one meant, and calls with a path that leads to that very file. */
  private holding<T>(name: string, ino: number, call: (path: string | Buffer, stats: fs.BigIntStats) => T): T | Errno {
    const path = name === "" ? this.self() : this.at(name);
    if (typeof path === "number") return path;
    if (!this.folder.byDescriptor) {
      const stats = attempt(() => fs.lstatSync(path, { bigint: true }));
      if (typeof stats === "number") return stats;
      return Number(stats.ino) === ino ? call(path, stats) : ESTALE;
    }
    const place = attempt(() => fs.openSync(path, name === "" ? O_PATH : O_PATH | O_NOFOLLOW));
    if (place < 0) return place as Errno;
    const stats = fs.fstatSync(place, { bigint: true });
    const result = Number(stats.ino) === ino ? call(`/proc/self/fd/${place}`, stats) : ESTALE;
    fs.closeSync(place);
    return result;
  }
  create(name: string, mode: number): HostFile | Errno {
    if (this.folder.readOnly) return EROFS;
    const path = this.at(name);
    if (typeof path === "number") return path;
    const fd = attempt(() => fs.openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode));
    return fd < 0 ? (fd as Errno) : new NodeFile(fd);
  }
  /** A name for a moment: O_TMPFILE is not to be had on every filesystem. */
  temporary(mode: number): HostFile | Errno {
    const name = `.temporary-${randomBytes(8).toString("hex")}`;
    const file = this.create(name, mode);
    if (typeof file !== "number") this.unlink(name);
    return file;
  }
  mkdir(name: string, mode: number): 0 | Errno {
    return this.changing(name, (path) => fs.mkdirSync(path, { mode }));
  }
  symlink(name: string, target: string): 0 | Errno {
    return this.changing(name, (path) => fs.symlinkSync(bytes(target), path));
  }
  readlink(name: string): string | Errno {
    const path = this.at(name);
    if (typeof path === "number") return path;
    return attempt(() => text(fs.readlinkSync(path, { encoding: "buffer" })));
  }
  link(name: string, from: HostDirectory, fromName: string): 0 | Errno {
    if (!(from instanceof NodeDirectory) || from.folder !== this.folder) return EINVAL;
    const existing = from.at(fromName);
    if (typeof existing === "number") return existing;
    return this.changing(name, (path) => fs.linkSync(existing, path));
  }
  unlink(name: string): 0 | Errno {
    return this.changing(name, (path) => fs.unlinkSync(path));
  }
  rmdir(name: string): 0 | Errno {
    return this.changing(name, (path) => fs.rmdirSync(path));
  }
  rename(name: string, to: HostDirectory, newName: string): 0 | Errno {
    if (!(to instanceof NodeDirectory) || to.folder !== this.folder) return EINVAL;
    const target = to.at(newName);
    if (typeof target === "number") return target;
    return this.changing(name, (path) => fs.renameSync(path, target));
  }
  /** Node has no renameat2(2): three renames by way of a name that nobody has. Programs in the machine see one step, as
   *  the kernel does nothing else meanwhile; the host's may see the steps. */
  exchange(name: string, to: HostDirectory, newName: string): 0 | Errno {
    if (!(to instanceof NodeDirectory)) return EINVAL;
    const aside = `.exchange-${randomBytes(8).toString("hex")}`;
    const first = this.rename(name, this, aside);
    if (first < 0) return first;
    const second = to.rename(newName, this, name);
    if (second < 0) {
      this.rename(aside, this, name);
      return second;
    }
    const third = this.rename(aside, to, newName);
    if (third < 0) {
      this.rename(name, to, newName);
      this.rename(aside, this, name);
    }
    return third;
  }
  change(name: string, ino: number, { mode, uid, gid, atime, mtime }: HostChanges): 0 | Errno {
    if (this.folder.readOnly) return EROFS;
    return this.holding(name, ino, (path, stats) => {
      const link = (Number(stats.mode) & 0o170000) === 0o120000;
      return done(() => {
        if (uid !== undefined || gid !== undefined) {
          // The path by descriptor is a link to the file itself, be that a symlink.
          const chown = this.folder.byDescriptor ? fs.chownSync : fs.lchownSync;
          chown(path, uid ?? KEEP, gid ?? KEEP);
        }
        // A symlink has no mode of its own on Linux.
        if (mode !== undefined && !link) fs.chmodSync(path, mode);
        if (atime !== undefined || mtime !== undefined) {
          const access = seconds(atime ?? stats.atimeNs);
          const modification = seconds(mtime ?? stats.mtimeNs);
          if (this.folder.byDescriptor) fs.utimesSync(path, access, modification);
          else fs.lutimesSync(path, access, modification);
        }
      });
    });
  }
}

/** -1 to chown(2). */
const KEEP = 0xffffffff;
/** What Node passes on: a double, exact to a microsecond or so; for times before 1970 it wants a Date. */
const seconds = (nanoseconds: bigint): number | Date =>
  nanoseconds < 0n ? new Date(Number(nanoseconds) / 1e6) : Number(nanoseconds) / 1e9;

class NodeFolder implements HostFolder {
  readonly path: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly byDescriptor: boolean;
  readonly root: NodeDirectory;
  /** Open directories, the least recently used first; the root is not among them and stays open. */
  private readonly open = new Set<NodeDirectory>();

  constructor(path: string, readOnly: boolean, byDescriptor: boolean) {
    this.path = path;
    this.name = basename(path) || "/";
    this.readOnly = readOnly;
    this.byDescriptor = byDescriptor;
    const fd = byDescriptor ? fs.openSync(path, O_PATH | O_DIRECTORY) : undefined;
    const stats = fd === undefined ? fs.statSync(path, { bigint: true }) : fs.fstatSync(fd, { bigint: true });
    this.root = new NodeDirectory(this, undefined, "", statusOf(stats));
    this.root.fd = fd;
  }
  used(directory: NodeDirectory): void {
    if (directory === this.root) return;
    this.open.delete(directory);
    this.open.add(directory);
    if (this.open.size <= OPEN_MAX) return;
    for (const oldest of this.open) {
      this.shut(oldest);
      break;
    }
  }
  private shut(directory: NodeDirectory): void {
    this.open.delete(directory);
    if (directory.fd !== undefined) fs.closeSync(directory.fd);
    directory.fd = undefined;
  }
  space(): HostSpace | Errno {
    return attempt(() => {
      const { bsize, blocks, bfree, bavail, files, ffree } = fs.statfsSync(this.path);
      return { bsize, blocks, bfree, bavail, files, ffree };
    });
  }
  close(): void {
    for (const directory of [...this.open]) this.shut(directory);
    this.shut(this.root);
  }
}

/** Opens a folder for a machine. The path may be relative and a symlink: it is the caller's own. Errors: ENOENT, ENOTDIR,
 *  EACCES. `byPath` takes the way of hosts without /proc, for tests. */
export function openFolder(
  path: string,
  { readOnly = false, byPath = false }: { readOnly?: boolean; byPath?: boolean } = {},
): HostFolder | Errno {
  return attempt(() => {
    const real = fs.realpathSync(path);
    if (!fs.statSync(real).isDirectory()) return ENOTDIR;
    return new NodeFolder(real, readOnly, !byPath && process.platform === "linux" && fs.existsSync("/proc/self/fd"));
  });
}
