// devpts: the names of pseudo-terminals. Opening its ptmx makes a pair; the slave then has a name, its number, until the
// master is closed. Each mount is an instance of its own. pts(4), Linux: Documentation/filesystems/devpts.rst
import { EACCES, EINVAL, EIO, ENOENT, ENOSPC, type Errno } from "../../../abi/errno.ts";
import { O_CLOEXEC, S_IFCHR, S_IFDIR } from "../../../abi/flags.ts";
import { makedev } from "../../drivers/table.ts";
import { openTerminal, terminalFile } from "../../drivers/tty/file.ts";
import { createPty, PTS_MAJOR, type Pty } from "../../drivers/tty/pty.ts";
import type { Terminal } from "../../drivers/tty/terminal.ts";
import type { Kernel } from "../../kernel.ts";
import { FIRST_USER_NAMESPACE, INVALID_ID, type UserNamespace } from "../../namespace/user.ts";
import { installFile } from "../../task/descriptors.ts";
import type { Task } from "../../task/task.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import { Path } from "../../vfs/mount.ts";
import type { FileSystem, MountSource, Superblock } from "../../vfs/superblock.ts";

const DEVPTS_MAGIC = 0x1cd1;
const ROOT_INO = 1;
const PTMX_INO = 2;
const FIRST_INO = 3;

interface Options {
  mode: number;
  ptmxmode: number;
  uid: number | undefined;
  gid: number | undefined;
  max: number;
}

/** `ids`: whose numbers owners are. */
function parseOptions(data: string, ids: UserNamespace): Options | Errno {
  const options: Options = { mode: 0o600, ptmxmode: 0, uid: undefined, gid: undefined, max: 1 << 20 };
  for (const part of data.split(",")) {
    if (part === "" || part === "newinstance") continue;
    const [name, value = ""] = part.split("=", 2) as [string, string?];
    const number = Number.parseInt(value, name.endsWith("mode") ? 8 : 10);
    if (!Number.isInteger(number) || number < 0) return EINVAL;
    if (name === "mode") options.mode = number & 0o777;
    else if (name === "ptmxmode") options.ptmxmode = number & 0o777;
    else if (name === "uid") options.uid = ids.uid(number);
    else if (name === "gid") options.gid = ids.gid(number);
    else if (name === "max") options.max = number;
    else return EINVAL;
  }
  if (options.uid === INVALID_ID || options.gid === INVALID_ID) return EINVAL;
  return options;
}

const octal = (mode: number): string => mode.toString(8).padStart(3, "0");

/** A node of the filesystem: ptmx, or a slave. */
class PtsInode extends Inode {
  /** The slave's terminal; undefined for ptmx. */
  readonly terminal: Terminal | undefined;
  constructor(superblock: Superblock, ino: number, mode: number, rdev: number, terminal?: Terminal) {
    super(superblock, ino, S_IFCHR | mode);
    this.rdev = rdev;
    this.terminal = terminal;
  }
}

class RootInode extends Inode {
  readonly nodes = new Map<string, PtsInode>();
  constructor(superblock: Superblock) {
    super(superblock, ROOT_INO, S_IFDIR | 0o755);
    this.nlink = 2;
  }
  override lookup(name: string): Inode | undefined {
    return this.nodes.get(name);
  }
  override entries(): readonly DirectoryEntry[] {
    return [...this.nodes].map(([name, inode]) => ({ name, ino: inode.ino, type: S_IFCHR >> 12 }));
  }
  override create(): Errno {
    return EACCES;
  }
}

/** One instance: a set of pairs with numbers of its own. */
export class DevPts implements Superblock {
  readonly filesystem: FileSystem = devpts;
  readonly kernel: Kernel;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readOnly = false;
  /** Names come and go with the pairs. */
  readonly volatile = true;
  private readonly settings: Options;
  private readonly names: RootInode;
  private readonly used = new Set<number>();

  constructor(kernel: Kernel, source: string, settings: Options) {
    this.kernel = kernel;
    this.dev = kernel.vfs.allocateDev();
    this.source = source;
    this.settings = settings;
    this.names = new RootInode(this);
    this.root = new Dentry(this, "", undefined, this.names);
    const ptmx = new PtsInode(this, PTMX_INO, settings.ptmxmode, makedev(5, 2));
    for (const inode of [this.names, ptmx]) {
      inode.uid = settings.uid ?? 0;
      inode.gid = settings.gid ?? 0;
      inode.atime = inode.mtime = inode.ctime = inode.btime = kernel.clock.now();
    }
    this.names.gid = 0;
    ptmx.gid = 0;
    this.names.nodes.set("ptmx", ptmx);
  }
  statfs() {
    return { type: DEVPTS_MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
  options(): string {
    const { uid, gid, mode, ptmxmode } = this.settings;
    const owner = (uid === undefined ? "" : `uid=${uid},`) + (gid === undefined ? "" : `gid=${gid},`);
    return `${owner}mode=${octal(mode)},ptmxmode=${octal(ptmxmode)}`;
  }
  nextIno(): number {
    return FIRST_INO;
  }
  /** The lowest free number. Errors: ENOSPC. */
  private allocate(): number | Errno {
    if (this.used.size >= this.settings.max) return ENOSPC;
    let index = 0;
    while (this.used.has(index)) index++;
    this.used.add(index);
    return index;
  }
  private name(index: number, terminal: Terminal): void {
    const { kernel, settings } = this;
    registerPts(kernel, index);
    const inode = new PtsInode(this, FIRST_INO + index, settings.mode, makedev(PTS_MAJOR, index), terminal);
    const cred = kernel.current?.cred;
    inode.uid = settings.uid ?? cred?.fsuid ?? 0;
    inode.gid = settings.gid ?? cred?.fsgid ?? 0;
    inode.atime = inode.mtime = inode.ctime = inode.btime = kernel.clock.now();
    this.names.nodes.set(String(index), inode);
  }
  private unname(index: number): void {
    const name = String(index);
    const inode = this.names.nodes.get(name);
    if (inode) inode.nlink = 0;
    this.names.nodes.delete(name);
    const dentry = this.root.child(name);
    if (dentry) dentry.unlinked = true;
    this.root.detach(name);
  }
  private dentry(index: number): Dentry | undefined {
    const name = String(index);
    const inode = this.names.nodes.get(name);
    if (!inode) return undefined;
    const known = this.root.child(name);
    return known?.inode ? known : this.root.attach(name, inode);
  }
  /** Makes a pair; its slave has a name from now on. Errors: ENOSPC. */
  createPty(): Pty | Errno {
    const index = this.allocate();
    if (index < 0) return index as Errno;
    const pty = createPty(this.kernel, index, {
      openSlave: (master, task, flags) => this.openPeer(index, pty.slave, master, task, flags),
      masterClosed: () => this.unname(index),
      released: () => void this.used.delete(index),
    });
    this.name(index, pty.slave);
    return pty;
  }
  private openPeer(index: number, slave: Terminal, master: File, task: Task, flags: number): number | Errno {
    const dentry = this.dentry(index);
    if (!dentry?.inode) return ENOENT;
    const mount =
      master.path.mount.superblock === this
        ? master.path.mount
        : [...task.mounts.mounts].find((candidate) => candidate.superblock === this);
    if (!mount) return ENOENT;
    const file = terminalFile(slave, new Path(mount, dentry), dentry.inode, flags & ~O_CLOEXEC);
    if (typeof file === "number") return file;
    return installFile(task, file, (flags & O_CLOEXEC) !== 0);
  }
  /** Gives a terminal that is no pair (the host's, drivers/host-terminal.ts) a number and a name; `make` gets both.
   *  Errors: ENOSPC. */
  nameTerminal(
    make: (name: string, dev: number) => Terminal,
  ): { terminal: Terminal; dentry: Dentry; free(): void } | Errno {
    const index = this.allocate();
    if (index < 0) return index as Errno;
    const terminal = make(`/dev/pts/${index}`, makedev(PTS_MAJOR, index));
    this.name(index, terminal);
    const free = () => {
      this.unname(index);
      this.used.delete(index);
    };
    return { terminal, dentry: this.dentry(index)!, free };
  }
}

/** Slaves are opened by their device number, but which instance is meant shows only the node. */
function registerPts(kernel: Kernel, index: number): void {
  if (kernel.devices.character(makedev(PTS_MAJOR, index))) return;
  kernel.devices.register({
    name: undefined,
    major: PTS_MAJOR,
    minor: index,
    open(file) {
      const { inode } = file;
      return inode instanceof PtsInode && inode.terminal ? openTerminal(inode.terminal, file) : EIO;
    },
  });
}

/** Opens a ptmx: of the instance that it lies in, or beside which it lies as /dev/ptmx does. Errors: ENODEV, ENOSPC. */
export function openPtmx(instance: DevPts, file: File): FileOperations | Errno {
  const pty = instance.createPty();
  if (typeof pty === "number") return pty;
  return openTerminal(pty.master, file);
}

export const devpts: FileSystem = {
  name: "devpts",
  nodev: true,
  ownDevices: true,
  userMount: ({ cred }) => cred.userNamespace,
  mount(kernel: Kernel, { source, data }: MountSource): Superblock | Errno {
    const options = parseOptions(data, kernel.current?.cred.userNamespace ?? FIRST_USER_NAMESPACE);
    return typeof options === "number" ? options : new DevPts(kernel, source, options);
  },
};
