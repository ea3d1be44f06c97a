// mqueue: the POSIX message queues of an IPC namespace as files, which can be listed, read for their state, given modes and
// owners, and removed. Queues are made with mq_open(3). mq_overview(7)
import { EACCES, ENOENT, type Errno } from "../../../abi/errno.ts";
import { S_IFDIR, S_IFREG, S_ISVTX } from "../../../abi/flags.ts";
import type { Ipc } from "../../ipc/ipc.ts";
import { type Mqueue, mqueueOperations } from "../../ipc/mqueue.ts";
import type { Kernel } from "../../kernel.ts";
import { Dentry } from "../../vfs/dentry.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { type Attributes, type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import type { FileSystem, FilesystemStatistics, MountSource, Superblock } from "../../vfs/superblock.ts";

const MAGIC = 0x19800202;
const DT_REG = 8;
/** st_size of a queue: Linux's FILENT_SIZE. */
const SIZE = 80;

/** A queue's file: owner, mode and times are the queue's own. */
class QueueInode extends Inode {
  private readonly queue: Mqueue;
  private readonly ipc: Ipc;

  constructor(superblock: Superblock, ipc: Ipc, queue: Mqueue) {
    super(superblock, superblock.nextIno(), S_IFREG | queue.inode.mode);
    this.queue = queue;
    this.ipc = ipc;
    this.size = SIZE;
    this.refresh();
  }
  override refresh(): void {
    const { mode, uid, gid, atime, mtime, ctime } = this.queue.inode;
    Object.assign(this, { mode, uid, gid, atime, mtime, ctime });
  }
  override setattr(changes: Attributes): Errno | 0 {
    const { size: _size, ...rest } = changes;
    const result = this.queue.inode.setattr(rest);
    this.refresh();
    return result;
  }
  override open(file: File): FileOperations {
    this.queue.opens++;
    file.data = this.queue;
    return mqueueOperations(this.ipc.mqueues);
  }
}

class RootInode extends Inode {
  private readonly ipc: Ipc;
  private readonly known = new WeakMap<Mqueue, QueueInode>();

  constructor(superblock: Superblock, ipc: Ipc) {
    super(superblock, superblock.nextIno(), S_IFDIR | S_ISVTX | 0o777);
    this.ipc = ipc;
    this.nlink = 2;
  }
  override lookup(name: string): Inode | undefined {
    const queue = this.ipc.mqueues.byName.get(name);
    if (!queue) return undefined;
    let inode = this.known.get(queue);
    if (!inode) this.known.set(queue, (inode = new QueueInode(this.superblock, this.ipc, queue)));
    inode.refresh();
    return inode;
  }
  override entries(): readonly DirectoryEntry[] {
    return [...this.ipc.mqueues.byName.keys()].map((name) => ({
      name,
      ino: this.lookup(name)?.ino ?? 1,
      type: DT_REG,
    }));
  }
  override create(): Errno {
    return EACCES;
  }
  override unlink(name: string): Errno | 0 {
    const queue = this.ipc.mqueues.byName.get(name);
    if (!queue) return ENOENT;
    this.ipc.mqueues.unlink(name, queue);
    return 0;
  }
}

class MqueueSuperblock implements Superblock {
  readonly filesystem: FileSystem;
  readonly dev: number;
  readonly root: Dentry;
  readonly source: string;
  readOnly = false;
  /** Queues come and go by mq_open and mq_unlink. */
  readonly volatile = true;
  private readonly ipc: Ipc;
  private last = 0;

  constructor(kernel: Kernel, filesystem: FileSystem, source: string, ipc: Ipc) {
    this.filesystem = filesystem;
    this.dev = kernel.vfs.allocateDev();
    this.source = source;
    this.ipc = ipc.ref();
    const root = new RootInode(this, ipc);
    root.uid = ipc.userNamespace.uid(0);
    root.gid = ipc.userNamespace.gid(0);
    root.atime = root.mtime = root.ctime = root.btime = kernel.clock.now();
    this.root = new Dentry(this, "", undefined, root);
  }
  nextIno(): number {
    return ++this.last;
  }
  statfs(): FilesystemStatistics {
    return { type: MAGIC, bsize: 4096, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0, namelen: 255 };
  }
  unmount(): void {
    this.ipc.unref();
  }
}

export const mqueue: FileSystem = {
  name: "mqueue",
  nodev: true,
  userMount: ({ ipc }) => ipc.userNamespace,
  mount(kernel: Kernel, { source }: MountSource): Superblock {
    return new MqueueSuperblock(kernel, this, source || "mqueue", kernel.current?.ipc ?? kernel.ipc);
  },
};
