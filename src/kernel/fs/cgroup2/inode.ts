// Inodes of cgroup2: directories are groups, files are rows of cgroup/*. A group's inodes live as long as it does, so that
// owners and modes that were changed (delegation) stay.
import { E2BIG, EEXIST, EINVAL, ENODEV, ENOENT, EPERM, type Errno } from "../../../abi/errno.ts";
import { POLLERR, POLLPRI, S_IFDIR, S_IFREG } from "../../../abi/flags.ts";
import { fromBytes, toBytes } from "../../../lib/byte-string.ts";
import type { Cgroup, CgroupView } from "../../cgroup/cgroup.ts";
import type { CgroupFile, ControllerName, Opener } from "../../cgroup/controller.ts";
import { coreFiles } from "../../cgroup/core-files.ts";
import { putAll } from "../../mm/user.ts";
import { ALWAYS_READY } from "../../poll/ready.ts";
import { andThen, WaitQueue } from "../../sched/wait-queue.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { type Creation, type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import { IN_MODIFY } from "../../vfs/notify.ts";
import { XattrStore } from "../../vfs/xattr-store.ts";
import type { CgroupSuperblock } from "./index.ts";

const DT_DIR = 4;
const DT_REG = 8;
const PAGE = 4096;

/** The directory that shows a group; made when it is first asked for. */
export function directoryOf(superblock: CgroupSuperblock, cgroup: Cgroup): CgroupDirectory {
  return cgroup.view instanceof CgroupDirectory ? cgroup.view : new CgroupDirectory(superblock, cgroup, 0o755);
}

abstract class CgroupInode extends Inode {
  declare readonly superblock: CgroupSuperblock;
  readonly cgroup: Cgroup;
  private xattrs: XattrStore | undefined;

  constructor(superblock: CgroupSuperblock, cgroup: Cgroup, mode: number, owner: Creator) {
    super(superblock, superblock.nextIno(), mode);
    this.cgroup = cgroup;
    this.uid = owner.uid;
    this.gid = owner.gid;
    this.atime = this.mtime = this.ctime = superblock.kernel.clock.now();
  }
  override get blocks(): number {
    return 0;
  }
  override getxattr(name: string): Uint8Array | Errno {
    return (this.xattrs ??= new XattrStore()).get(name);
  }
  override setxattr(name: string, value: Uint8Array, flags: number): Errno | 0 {
    return (this.xattrs ??= new XattrStore()).set(name, value, flags);
  }
  override listxattr(): readonly string[] {
    return this.xattrs?.list() ?? [];
  }
  override removexattr(name: string): Errno | 0 {
    return (this.xattrs ??= new XattrStore()).remove(name);
  }
}

/** Whose a group's files are: of whoever made the group, or switched the controller on. */
interface Creator {
  uid: number;
  gid: number;
}

export class CgroupDirectory extends CgroupInode implements CgroupView {
  private readonly files = new Map<string, CgroupFileInode>();

  constructor(superblock: CgroupSuperblock, cgroup: Cgroup, mode: number) {
    super(superblock, cgroup, S_IFDIR | mode, cgroup.owners.get("cgroup")!);
    cgroup.view = this;
    this.refresh();
  }
  /** Groups also come and go without a name's being made or removed (cgroup/transient.ts). */
  override refresh(): void {
    this.nlink = this.cgroup.dead ? 0 : 2 + this.cgroup.children.size;
  }

  override lookup(name: string): Inode | Errno | undefined {
    const { cgroup } = this;
    if (cgroup.dead) return ENOENT;
    const child = cgroup.children.get(name);
    return child ? directoryOf(this.superblock, child) : this.inode(name);
  }
  inode(name: string): CgroupFileInode | undefined {
    for (const [of, files] of filesOf(this.cgroup)) {
      const row = files.find((file) => file.name === name);
      if (row && isShown(this.cgroup, row)) return this.fileInode(of, row);
    }
    this.files.delete(name);
    return undefined;
  }
  private fileInode(of: ControllerName | "cgroup", row: CgroupFile): CgroupFileInode {
    let inode = this.files.get(row.name);
    if (!inode) {
      inode = new CgroupFileInode(this, of, row, this.cgroup.owners.get(of)!);
      this.files.set(row.name, inode);
    }
    return inode;
  }
  override entries(): readonly DirectoryEntry[] | Errno {
    const { cgroup } = this;
    const list: DirectoryEntry[] = [];
    if (cgroup.dead) return list;
    for (const [of, files] of filesOf(cgroup)) {
      for (const row of files) {
        if (isShown(cgroup, row)) list.push({ name: row.name, ino: this.fileInode(of, row).ino, type: DT_REG });
      }
    }
    for (const [name, child] of cgroup.children) {
      list.push({ name, ino: directoryOf(this.superblock, child).ino, type: DT_DIR });
    }
    return list;
  }
  override mkdir(name: string, creation: Creation): Inode | Errno {
    const { cgroups } = this.superblock.kernel;
    if (this.lookup(name) instanceof Inode) return EEXIST;
    const made = cgroups.create(this.cgroup, name);
    if (typeof made === "number") return made;
    this.refresh();
    return new CgroupDirectory(this.superblock, made, creation.mode & 0o7777);
  }
  override rmdir(_name: string, inode: Inode): Errno | 0 {
    if (!(inode instanceof CgroupDirectory)) return EPERM;
    const result = this.superblock.kernel.cgroups.remove(inode.cgroup);
    if (result !== 0) return result;
    this.refresh();
    inode.refresh();
    return 0;
  }
  changed(name: string): void {
    this.files.get(name)?.changed(this);
  }
  override evict(): void {
    // Its group decides about its life.
  }
}

/** The rows that a group has files of, with the controller that each belongs to. */
function* filesOf(cgroup: Cgroup): Generator<[ControllerName | "cgroup", readonly CgroupFile[]]> {
  yield ["cgroup", coreFiles];
  for (const { name, files } of cgroup.kernel.cgroups.controllers) if (cgroup.own[name]) yield [name, files];
}

function isShown(cgroup: Cgroup, { where, shown }: CgroupFile): boolean {
  if (shown && !shown(cgroup)) return false;
  if (where === "everywhere") return true;
  return (cgroup.parent === undefined) === (where === "only in the root");
}

/** What an open description keeps. */
interface Opened extends Opener {
  /** As it was read from the start. */
  bytes: Uint8Array | undefined;
  /** The inode's count of changes when it was last read. */
  seen: number;
}

export class CgroupFileInode extends CgroupInode {
  readonly of: ControllerName | "cgroup";
  readonly row: CgroupFile;
  /** Changes that were told of; an open description that was never read has seen none. */
  changes = 1;
  readonly queue = new WaitQueue();

  constructor(directory: CgroupDirectory, of: ControllerName | "cgroup", row: CgroupFile, owner: Creator) {
    super(directory.superblock, directory.cgroup, S_IFREG | modeOf(row), owner);
    this.of = of;
    this.row = row;
  }
  /** The group or its controller is gone, and the file with it. */
  get gone(): boolean {
    return this.cgroup.dead || (this.of !== "cgroup" && !this.cgroup.own[this.of]);
  }
  override open(file: File): FileOperations | Errno {
    if (this.gone) return ENODEV;
    const { kernel } = this.superblock;
    const task = kernel.current ?? kernel.tasks.init!.leader;
    const opened: Opened = {
      task,
      cred: task.cred,
      namespace: task.cgroupNamespace,
      data: undefined,
      bytes: undefined,
      seen: 0,
    };
    file.data = opened;
    return cgroupFile;
  }
  changed(directory: CgroupDirectory): void {
    this.changes++;
    this.queue.wakeAll(POLLERR | POLLPRI);
    directory.watches?.notify(IN_MODIFY, this.row.name, 0, this, false);
    this.watches?.notify(IN_MODIFY, undefined, 0, this, false);
  }
  override truncate(): Errno | 0 {
    return 0;
  }
  override evict(): void {
    // Its group decides about its life.
  }
}

function modeOf({ mode, show, write }: CgroupFile): number {
  return mode ?? (show ? 0o444 : 0) | (write ? 0o200 : 0);
}

const inodeOf = (file: File): CgroupFileInode => file.inode as CgroupFileInode;

const cgroupFile: FileOperations = {
  read(file, into, offset) {
    const { row, cgroup, gone, changes } = inodeOf(file);
    const opened = file.data as Opened;
    if (offset === 0 || !opened.bytes) {
      if (gone) return ENODEV;
      opened.seen = changes;
      const text = row.show?.(cgroup, opened) ?? EINVAL;
      if (typeof text === "number") return text;
      opened.bytes = toBytes(text);
    }
    return putAll(into, opened.bytes.subarray(offset));
  },
  write(file, from) {
    const { row, cgroup, gone } = inodeOf(file);
    const opened = file.data as Opened;
    if (from.length > PAGE) return E2BIG;
    const bytes = from.takeAll(PAGE);
    if (typeof bytes === "number") return bytes;
    if (gone) return ENODEV;
    const { namespace } = opened;
    const { cgroups } = cgroup.kernel;
    // The root of a namespace is its owner's to fill, and those outside decide what it gets.
    const border = namespace !== cgroups.namespace && namespace.root === cgroup;
    if (cgroups.options.nsdelegate && border && !row.delegatable) return EPERM;
    const result = row.write?.(cgroup, fromBytes(bytes).trim(), opened) ?? EINVAL;
    return andThen<number, number>(result, () => bytes.length);
  },
  poll(file) {
    const { row, cgroup, gone, changes } = inodeOf(file);
    const opened = file.data as Opened;
    if (row.poll && !gone) return ALWAYS_READY | row.poll(cgroup, opened);
    return ALWAYS_READY | (gone || opened.seen !== changes ? POLLERR | POLLPRI : 0);
  },
  pollQueues(file) {
    const { row, cgroup, queue } = inodeOf(file);
    return [queue, ...(row.pollQueues?.(cgroup, file.data as Opened) ?? [])];
  },
  release(file) {
    const { row, cgroup } = inodeOf(file);
    row.release?.(cgroup, file.data as Opened);
  },
};
