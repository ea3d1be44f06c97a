// Open files of an overlay: each has a file of the real inode behind it. When the inode was copied up after a file was
// opened for reading, the next read goes to the copy, as on Linux; mappings made before keep what they mapped.
import { EBADF, EIO, type Errno } from "../../../abi/errno.ts";
import { andThen, Wait } from "../../sched/wait-queue.ts";
import { File, type FileOperations, type IoResult } from "../../vfs/file.ts";
import { genericSeek } from "../../vfs/generic-file.ts";
import type { OverlayInode } from "./inode.ts";

/** Opens the real inode on behalf of `file`. */
export function openReal(file: File, inode: OverlayInode): 0 | Errno {
  const { real } = inode;
  const opening = new File(file.path, real, file.flags, {});
  // Opening and closing are told once: of the file that the program has.
  opening.opened = false;
  const ops = real.open(opening);
  if (ops instanceof Wait || typeof ops === "number") {
    opening.unref();
    return typeof ops === "number" ? ops : EIO;
  }
  opening.ops = ops;
  (file.data as File | undefined)?.unref();
  file.data = opening;
  return 0;
}

function realFile(file: File): File | Errno {
  const inode = file.inode as OverlayInode;
  const real = file.data as File | undefined;
  if (!real) return EBADF;
  if (real.inode === inode.real) {
    real.flags = file.flags;
    return real;
  }
  const opened = openReal(file, inode);
  return opened < 0 ? (opened as Errno) : (file.data as File);
}

function written(file: File, { inode: real }: File, count: number): number {
  const inode = file.inode as OverlayInode;
  // The caller sets the times of the inode that it knows; the real one's are what stays.
  if (count > 0 && !real.superblock.volatile) real.mtime = real.ctime = inode.overlay.kernel.clock.now();
  inode.copyAttributes();
  return count;
}
const writtenLater = (file: File, real: File, wait: Wait): IoResult =>
  andThen<number, number>(wait, (count) => written(file, real, count));

export const overlayFile: FileOperations = {
  read(file, into, offset): IoResult {
    const real = realFile(file);
    if (typeof real === "number") return real;
    return real.ops.read?.(real, into, offset) ?? EBADF;
  },
  write(file, from, offset): IoResult {
    const real = realFile(file);
    if (typeof real === "number") return real;
    const result = real.ops.write?.(real, from, offset) ?? EBADF;
    if (typeof result !== "number") return writtenLater(file, real, result);
    return result < 0 ? result : written(file, real, result);
  },
  seek(file, offset, whence) {
    const real = realFile(file);
    if (typeof real === "number") return real;
    real.position = file.position;
    const position = (real.ops.seek ?? genericSeek)(real, offset, whence);
    if (position >= 0) file.position = position;
    return position;
  },
  fsync(file, dataOnly) {
    const real = realFile(file);
    if (typeof real === "number") return real;
    return real.ops.fsync?.(real, dataOnly) ?? 0;
  },
  release(file) {
    (file.data as File | undefined)?.unref();
    file.data = undefined;
  },
};
