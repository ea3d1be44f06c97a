// How an upper layer records what it hides of the layers below: a whiteout stands for a removed name, an opaque mark for
// a directory that starts afresh. Two spellings: Linux's own, and that of image archives for an upper layer that has
// neither device nodes nor extended attributes (a host folder). Kernel documentation: overlayfs, whiteouts.
import type { Errno } from "../../../abi/errno.ts";
import { S_IFCHR, S_IFMT, S_IFREG } from "../../../abi/flags.ts";
import { toBytes } from "../../../lib/byte-string.ts";
import { type DirectoryEntry, Inode } from "../../vfs/inode.ts";

export interface Marks {
  /** Does the directory hold a whiteout for `name`? `found` is what it has under that very name. */
  hides(directory: Inode, name: string, found: Inode | undefined): boolean;
  isOpaque(directory: Inode): boolean;
  setOpaque(directory: Inode): 0 | Errno;
  /** Hides `name`, which the directory does not hold itself. */
  hide(directory: Inode, name: string): 0 | Errno;
  /** Takes a whiteout away, if there is one. */
  reveal(directory: Inode, name: string): 0 | Errno;
  /** The name that an entry of the directory hides; undefined for an entry that is a file or a mark of another kind. */
  hiddenName(directory: Inode, entry: DirectoryEntry): string | undefined;
  /** Is the entry bookkeeping of ours rather than a file? */
  isMark(directory: Inode, entry: DirectoryEntry): boolean;
  /** Names that no program may create or see. */
  reserved(name: string): boolean;
}

const OPAQUE = "trusted.overlay.opaque";
const DT_CHR = 2;
const owner = { uid: 0, gid: 0 };

const isDevice = (inode: Inode | Errno | undefined): boolean =>
  inode instanceof Inode && (inode.mode & S_IFMT) === S_IFCHR && inode.rdev === 0;

/** Character devices 0/0, and an attribute for opaque directories. */
export const deviceMarks: Marks = {
  hides: (_directory, _name, found) => isDevice(found),
  isOpaque(directory) {
    const value = directory.getxattr(OPAQUE);
    return typeof value !== "number" && value.length === 1 && value[0] === 0x79;
  },
  setOpaque: (directory) => directory.setxattr(OPAQUE, toBytes("y"), 0),
  hide(directory, name) {
    const made = directory.create(name, { mode: S_IFCHR, ...owner, rdev: 0 });
    return typeof made === "number" ? made : 0;
  },
  reveal(directory, name) {
    const found = directory.lookup(name);
    return found instanceof Inode && isDevice(found) ? directory.unlink(name, found) : 0;
  },
  hiddenName(directory, entry) {
    return entry.type === DT_CHR && isDevice(directory.lookup(entry.name)) ? entry.name : undefined;
  },
  isMark: (directory, entry) => entry.type === DT_CHR && isDevice(directory.lookup(entry.name)),
  reserved: () => false,
};

const PREFIX = ".wh.";
const OPAQUE_NAME = ".wh..wh..opq";

/** Empty files with a prefix, as in the layers of OCI images. OCI image-spec layer.md, whiteouts. */
export const nameMarks: Marks = {
  hides: (directory, name, found) => found === undefined && directory.lookup(PREFIX + name) instanceof Inode,
  isOpaque: (directory) => directory.lookup(OPAQUE_NAME) instanceof Inode,
  setOpaque: (directory) => touch(directory, OPAQUE_NAME),
  hide: (directory, name) => touch(directory, PREFIX + name),
  reveal(directory, name) {
    const found = directory.lookup(PREFIX + name);
    return found instanceof Inode ? directory.unlink(PREFIX + name, found) : 0;
  },
  hiddenName: (_directory, { name }) =>
    name.startsWith(PREFIX) && name !== OPAQUE_NAME ? name.slice(PREFIX.length) : undefined,
  isMark: (_directory, { name }) => name.startsWith(PREFIX),
  reserved: (name) => name.startsWith(PREFIX),
};

function touch(directory: Inode, name: string): 0 | Errno {
  if (directory.lookup(name) instanceof Inode) return 0;
  const made = directory.create(name, { mode: S_IFREG | 0o600, ...owner });
  return typeof made === "number" ? made : 0;
}
