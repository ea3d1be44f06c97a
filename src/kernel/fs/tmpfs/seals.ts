// Files that can be sealed against change: memfd_create(2). fcntl(2), "File Sealing"
import { EBUSY, EINVAL, EPERM } from "../../../abi/errno.ts";
import {
  F_ADD_SEALS,
  F_GET_SEALS,
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
} from "../../../abi/fcntl.ts";
import { MAP_SHARED, PROT_WRITE } from "../../../abi/flags.ts";
import { limitBuffer } from "../../mm/user.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { genericFile } from "../../vfs/generic-file.ts";
import type { TmpfsFile } from "./inode.ts";

const ALL = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;

function addSeals(file: File, seals: number): number {
  const inode = file.inode as TmpfsFile;
  if (!file.writable) return EPERM;
  if ((seals & ~ALL) !== 0) return EINVAL;
  if ((inode.seals & F_SEAL_SEAL) !== 0) return EPERM;
  if ((seals & F_SEAL_WRITE) !== 0 && (inode.seals & F_SEAL_WRITE) === 0 && inode.pages.sharedWritable) return EBUSY;
  if ((seals & F_SEAL_EXEC) !== 0 && (inode.mode & 0o111) !== 0) {
    seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
  }
  inode.seals |= seals;
  return 0;
}

export const sealedFile: FileOperations = {
  ...genericFile,
  write: (file, from, offset) => {
    const inode = file.inode as TmpfsFile;
    const { seals } = inode;
    if ((seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0) return EPERM;
    if ((seals & F_SEAL_GROW) !== 0 && offset + from.length > inode.size) {
      if (offset >= inode.size) return EPERM;
      return genericFile.write!(file, limitBuffer(from, inode.size - offset), offset);
    }
    return genericFile.write!(file, from, offset);
  },
  mmap: (file, vma) => {
    const inode = file.inode as TmpfsFile;
    if ((inode.seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) !== 0 && (vma.flags & MAP_SHARED) !== 0) {
      if ((vma.prot & PROT_WRITE) !== 0) return EPERM;
      vma.maxProt &= ~PROT_WRITE;
    }
    vma.pages = inode.pages;
    return 0;
  },
  fcntl: (file, _task, command, argument) => {
    if (command === F_GET_SEALS) return (file.inode as TmpfsFile).seals;
    return command === F_ADD_SEALS ? addSeals(file, argument) : undefined;
  },
};
