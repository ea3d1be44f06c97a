// Open directories: what getdents64 walks. A listing is taken when it is read from its start and kept until rewound.
import { EINVAL, ENOENT, type Errno } from "../../abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "../../abi/flags.ts";
import type { File, FileOperations } from "./file.ts";
import type { DirectoryEntry } from "./inode.ts";

const DT_DIR = 4;

function entries(file: File): readonly DirectoryEntry[] | Errno {
  const { dentry } = file.path;
  if (dentry.unlinked) return ENOENT;
  const own = file.inode.entries();
  if (typeof own === "number") return own;
  const parent = dentry.parent.inode ?? file.inode;
  return [{ name: ".", ino: file.inode.ino, type: DT_DIR }, { name: "..", ino: parent.ino, type: DT_DIR }, ...own];
}

function seek(file: File, offset: number, whence: number): number | Errno {
  const target = whence === SEEK_SET ? offset : whence === SEEK_CUR ? file.position + offset : EINVAL;
  if (target < 0) return EINVAL;
  if (target === 0) file.listing = undefined;
  file.position = target;
  return target;
}

export const directoryFile: FileOperations = { entries, seek, fsync: () => 0 };
