// Regular files whose content is in a page cache: data moves between the caller's buffer and the frames themselves.
// Times, limits and set-user-id bits are io.ts's matter.
import { EFAULT, EINVAL, ENXIO, type Errno } from "../../abi/errno.ts";
import { SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { IoBuffer } from "../mm/user.ts";
import { andThen, Wait } from "../sched/wait-queue.ts";
import type { File, FileOperations, IoResult } from "./file.ts";

/** LLONG_MAX, as near as a number comes: a position that can be sought, but not read or written. */
export const END = 2 ** 63;

/** Files can't be longer (s_maxbytes): what a number holds exactly. */
export const MAX_FILE_SIZE = Number.MAX_SAFE_INTEGER - (PAGE_SIZE - 1);

function read(file: File, into: IoBuffer, offset: number): IoResult {
  const { inode } = file;
  const pages = inode.pages!;
  let done = 0;
  while (into.length > 0 && offset < inode.size) {
    const within = offset % PAGE_SIZE;
    const index = (offset - within) / PAGE_SIZE;
    const want = Math.min(PAGE_SIZE - within, inode.size - offset, into.length);
    const frame = pages.sparse ? pages.peek(index) : pages.get(index);
    let n: number;
    if (frame === undefined) n = into.zero(want);
    else if (frame instanceof Wait) {
      return done > 0 ? done : andThen<number, number>(frame, () => read(file, into, offset));
    } else if (frame < 0) return done > 0 ? done : frame;
    else {
      // The copy may need memory, and the page must not be what is given up for it.
      pages.ram.ref(frame);
      n = into.putRam(pages.ram, frame + within, want);
      pages.ram.unref(frame);
    }
    done += n;
    offset += n;
    if (n < want) return done > 0 ? done : EFAULT;
  }
  return done;
}

function write(file: File, from: IoBuffer, offset: number): IoResult {
  const { inode } = file;
  const pages = inode.pages!;
  let done = 0;
  let failure: IoResult = EFAULT;
  while (from.length > 0) {
    const within = offset % PAGE_SIZE;
    const want = Math.min(PAGE_SIZE - within, from.length);
    const frame = pages.get((offset - within) / PAGE_SIZE);
    if (frame instanceof Wait) {
      failure = done > 0 ? EFAULT : andThen<number, number>(frame, () => write(file, from, offset));
      break;
    }
    if (frame < 0) {
      failure = frame;
      break;
    }
    pages.ram.ref(frame);
    const n = from.takeRam(pages.ram, frame + within, want);
    pages.ram.unref(frame);
    if (n > 0) pages.ram.codeWritten(frame);
    done += n;
    offset += n;
    if (offset > inode.size) inode.size = offset;
    if (n < want) break;
    failure = 0;
  }
  return done > 0 ? done : failure;
}

/** lseek(2) over the inode's size, with data and holes where the page cache is all there is. Errors: EINVAL, ENXIO. */
export function genericSeek(file: File, offset: number, whence: number): number | Errno {
  const { inode } = file;
  let target: number;
  if (whence === SEEK_SET) target = offset;
  else if (whence === SEEK_CUR) target = file.position + offset;
  else if (whence === SEEK_END) target = inode.size + offset;
  else if (whence === SEEK_DATA || whence === SEEK_HOLE) {
    if (offset < 0 || offset >= inode.size) return ENXIO;
    target = inode.pages?.sparse ? nextInPages(file, offset, whence) : whence === SEEK_DATA ? offset : inode.size;
    if (target < 0) return ENXIO;
  } else return EINVAL;
  if (target < 0 || target > END || (target === END && whence !== SEEK_SET)) return EINVAL;
  file.position = target;
  return target;
}

function nextInPages(file: File, offset: number, whence: number): number {
  const { size } = file.inode;
  const pages = file.inode.pages!;
  let index = Math.floor(offset / PAGE_SIZE);
  if (whence === SEEK_DATA) {
    const next = pages.next(index);
    const at = next === undefined ? size : Math.max(offset, next * PAGE_SIZE);
    return at < size ? at : ENXIO;
  }
  while (pages.peek(index) !== undefined) index++;
  return Math.min(Math.max(offset, index * PAGE_SIZE), size);
}

export const genericFile: FileOperations = { read, write, seek: genericSeek, fsync: () => 0 };
