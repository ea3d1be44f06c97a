// hostfs: a folder of the host as a filesystem. The host hands in the folder (host-folder.ts); programs can't leave it,
// as the kernel asks only for single names in directories that are inside, and the host follows no symlinks.
import { EINVAL, type Errno } from "../../../abi/errno.ts";
import { S_IFDIR, S_IFMT, S_IFREG } from "../../../abi/flags.ts";
import { MS_RDONLY } from "../../../abi/mount.ts";
import { IoDevice } from "../../cgroup/io-device.ts";
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";
import { BOUNCE } from "./content.ts";
import type { HostEntry, HostFolder, HostStatus } from "./host-folder.ts";
import { HostInode, type Place } from "./inode.ts";

/** statfs(2)'s f_type: that of 9p, the usual way for a machine to see its host's files. */
const MAGIC = 0x01021997;
const DT_REG = 8;
/** Inodes that are remembered though nobody uses them. */
const IDLE_MAX = 16384;

export class HostSuperblock implements Superblock {
  readonly kernel: Kernel;
  readonly filesystem: FileSystem;
  readonly folder: HostFolder;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readonly io: IoDevice;
  readOnly: boolean;
  /** The host's programs change names too. */
  readonly volatile = true;
  /** By the host's device and number, the least recently found first. */
  private readonly inodes = new Map<string, HostInode>();

  constructor(kernel: Kernel, filesystem: FileSystem, folder: HostFolder, status: HostStatus, from: MountSource) {
    this.kernel = kernel;
    this.filesystem = filesystem;
    this.folder = folder;
    this.dev = kernel.vfs.allocateDev();
    this.io = new IoDevice(this.dev);
    this.source = from.source || folder.name;
    this.readOnly = folder.readOnly || (from.flags & MS_RDONLY) !== 0;
    const root = new HostInode(this, status, undefined, folder.root);
    this.inodes.set(key(status), root);
    this.root = new Dentry(this, "", undefined, root);
  }
  private buffer = 0;
  /** The physical address of a buffer for what moves between the host and programs (content.ts); 0 without memory. */
  get bounce(): number {
    if (this.buffer === 0) this.buffer = this.kernel.ram.allocRaw(BOUNCE);
    return this.buffer;
  }
  /** FIFOs and sockets of the machine, for which an empty file stands on the host: their types. */
  private readonly standIns = new Map<string, number>();

  standIn(status: HostStatus, type: number): void {
    this.standIns.set(key(status), type);
  }
  /** What programs see: a stand-in as what it stands for. */
  shown(status: HostStatus): HostStatus {
    const type = this.standIns.size > 0 ? this.standIns.get(key(status)) : undefined;
    if (type === undefined || (status.mode & S_IFMT) === type) return status;
    // Something was written to it on the host, or it is another file by now.
    if (status.size > 0 || (status.mode & S_IFMT) !== S_IFREG) {
      this.standIns.delete(key(status));
      return status;
    }
    return { ...status, mode: (status.mode & ~S_IFMT) | type };
  }
  withStandIns(dev: number, entries: readonly HostEntry[]): readonly HostEntry[] {
    if (this.standIns.size === 0) return entries;
    return entries.map((entry) => {
      const type = entry.type === DT_REG ? this.standIns.get(key({ dev, ino: entry.ino })) : undefined;
      return type === undefined ? entry : { ...entry, type: type >> 12 };
    });
  }
  /** The inode of what was found at a place: the same for the same file, wherever it is. */
  inode(given: HostStatus, place: Place): HostInode {
    const status = this.shown(given);
    const name = key(status);
    const known = this.inodes.get(name);
    if (known && (known.mode & S_IFMT) === (status.mode & S_IFMT)) {
      if (known !== this.root.inode) known.moveTo(place);
      known.update(status);
      return known;
    }
    const isDirectory = (status.mode & S_IFMT) === S_IFDIR;
    const directory = isDirectory ? place.directory.directory?.directory(place.name, status) : undefined;
    const inode = new HostInode(this, status, place, directory);
    this.inodes.set(name, inode);
    if (this.inodes.size > IDLE_MAX) this.shrink();
    return inode;
  }
  same(inode: HostInode, given: HostStatus): boolean {
    const status = this.shown(given);
    return inode.ino === status.ino && inode.dev === status.dev && (inode.mode & S_IFMT) === (status.mode & S_IFMT);
  }
  forget(inode: HostInode): void {
    const name = key(inode);
    if (this.inodes.get(name) !== inode) return;
    this.inodes.delete(name);
    this.standIns.delete(name);
  }
  /** Lets go of files that nobody has open or mapped; directories stay, as mounts and working directories may be on them. */
  private shrink(): void {
    let excess = this.inodes.size - IDLE_MAX / 2;
    for (const [name, inode] of this.inodes) {
      if (excess <= 0) break;
      if (
        inode.isDirectory ||
        inode.opens > 0 ||
        inode.watches ||
        inode.special ||
        this.standIns.has(name) ||
        inode.pages?.mapped
      )
        continue;
      this.inodes.delete(name);
      inode.content?.close();
      inode.pages?.dispose();
      excess--;
    }
  }
  statfs(): FilesystemStatistics | Errno {
    const space = this.folder.space();
    return typeof space === "number" ? space : { type: MAGIC, ...space, namelen: 255 };
  }
  nextIno(): number {
    return 0;
  }
  unmount(): void {
    for (const inode of this.inodes.values()) {
      inode.content?.close();
      inode.pages?.dispose();
    }
    this.inodes.clear();
    if (this.buffer !== 0) this.kernel.ram.freeRaw(this.buffer, BOUNCE);
    this.buffer = 0;
    this.folder.close();
  }
}

const key = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;

export const hostfs: FileSystem = {
  name: "hostfs",
  nodev: true,
  mount(kernel: Kernel, from: MountSource): Superblock | Errno {
    const folder = from.host as HostFolder | undefined;
    // A program can't ask for it by name: only who starts the machine has folders to give.
    if (!folder?.root) return EINVAL;
    const status = folder.root.status();
    return typeof status === "number" ? status : new HostSuperblock(kernel, this, folder, status, from);
  },
};
