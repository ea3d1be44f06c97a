// Files without a name in any directory: pipes, sockets, epoll sets, eventfds. Each kernel has one internal mount for
// them; /proc/PID/fd shows "pipe:[123]" or "anon_inode:[eventpoll]".
import type { Kernel } from "../kernel.ts";
import { Dentry } from "./dentry.ts";
import { File, type FileOperations } from "./file.ts";
import { Inode } from "./inode.ts";
import { Mount, Path } from "./mount.ts";
import type { FileSystem, Superblock } from "./superblock.ts";

/** What a filesystem does about mounts of its files. */
type Hooks = Pick<Superblock, "pin" | "unpin">;

class AnonymousInode extends Inode {}

/** A filesystem that no program can mount. */
const internal = (name: string, magic: number): FileSystem => ({
  name,
  nodev: true,
  internal: true,
  mount(kernel) {
    return internalSuperblock(kernel, this, magic);
  },
});

function internalSuperblock(kernel: Kernel, filesystem: FileSystem, magic: number, hooks: Hooks = {}): Superblock {
  let last = 0;
  const superblock: Superblock = {
    ...hooks,
    filesystem,
    dev: kernel.vfs.allocateDev(),
    get root(): Dentry {
      return root;
    },
    source: "none",
    readOnly: false,
    nouser: true,
    statfs: () => ({
      type: magic,
      bsize: 4096,
      blocks: 0,
      bfree: 0,
      bavail: 0,
      files: 0,
      ffree: 0,
      namelen: 255,
    }),
    nextIno: () => ++last,
  };
  const root = new Dentry(superblock, "", undefined, new AnonymousInode(superblock, ++last, 0o600));
  return superblock;
}

/** A mount outside of every tree, for files whose dentry's name is all the name they have. `magic` for statfs(2). */
export function internalMount(kernel: Kernel, name: string, magic: number, hooks?: Hooks): Mount {
  const superblock = internalSuperblock(kernel, internal(name, magic), magic, hooks);
  return new Mount(kernel.vfs.allocateMountId(), superblock, superblock.root, 0);
}

/** The internal mount of a kernel. */
export const anonymousMount = (kernel: Kernel): Mount => internalMount(kernel, "anon_inodefs", 0x09041934);

/** Makes an inode on the internal mount. `mode` with its type, e.g. S_IFIFO | 0o600. */
export function anonymousInode(kernel: Kernel, mode: number): Inode {
  const { superblock } = kernel.vfs.anonymous;
  const inode = new AnonymousInode(superblock, superblock.nextIno(), mode);
  inode.atime = inode.mtime = inode.ctime = inode.btime = kernel.clock.now();
  const cred = kernel.current?.cred;
  if (cred) {
    inode.uid = cred.fsuid;
    inode.gid = cred.fsgid;
  }
  return inode;
}

/** lseek on what has no positions but takes the call: nothing moves. */
export const noSeek = (): number => 0;

/** An open description that no path leads to. `name` as /proc/PID/fd shows it ("anon_inode:[eventfd]"); a name that ends
 *  in ":" gets the inode's number: "pipe:" shows as "pipe:[7]". */
export function anonymousFile(
  kernel: Kernel,
  name: string,
  flags: number,
  ops: FileOperations,
  data: unknown,
  inode: Inode = anonymousInode(kernel, 0o600),
): File {
  const { anonymous } = kernel.vfs;
  const label = name.endsWith(":") ? `${name}[${inode.ino}]` : name;
  const dentry = new Dentry(anonymous.superblock, label, anonymous.root, inode);
  return new File(new Path(anonymous, dentry), inode, flags, ops, data);
}
