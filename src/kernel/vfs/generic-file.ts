// Regular files whose content is in a page cache: data moves between the caller's buffer and the frames themselves.
// Times, limits and set-user-id bits are io.ts's matter.
import { EFAULT, EINVAL, ENXIO, type Errno } from "../../abi/errno.ts";
import { SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET } from "../../abi/flags.ts";
import { PAGE_SIZE, type Ram } from "../../machine/ram.ts";
import type { IoBuffer } from "../mm/user.ts";
import { andThen, type Wait } from "../sched/wait-queue.ts";
import type { File, FileOperations, IoResult } from "./file.ts";
import type { PageCache } from "./page-cache.ts";

/** LLONG_MAX, as near as a number comes: a position that can be sought, but not read or written. */
export const END = 2 ** 63;

/** Files can't be longer (s_maxbytes): what a number holds exactly. */
export const MAX_FILE_SIZE = Number.MAX_SAFE_INTEGER - (PAGE_SIZE - 1);

function read(file: File, into: IoBuffer, offset: number): IoResult {
  const { inode } = file;
  const pages = inode.pages!;
  const { ram, sparse } = pages;
  let done = 0;
  let { length } = into;
  while (length > 0 && offset < inode.size) {
    const within = offset % PAGE_SIZE;
    const index = (offset - within) / PAGE_SIZE;
    const frame = sparse && !pages.has(index) ? undefined : pages.get(index);
    const left = Math.min(inode.size - offset, length);
    let want = Math.min(PAGE_SIZE - within, left);
    let n: number;
    if (frame === undefined) n = into.zero(want);
    else if (typeof frame !== "number") return done > 0 ? done : readLater(frame, file, into, offset);
    else if (frame < 0) return done > 0 ? done : frame;
    else {
      if (want < left) want = pages.piece(index, frame, within + left) - within;
      // The copy may need memory, and the pages must not be what is given up for it.
      hold(ram, frame, within + want);
      n = into.putRam(ram, frame + within, want);
      letGo(ram, frame, within + want);
    }
    done += n;
    offset += n;
    length -= n;
    if (n < want) return done > 0 ? done : EFAULT;
  }
  return done;
}

const readLater = (wait: Wait, file: File, into: IoBuffer, offset: number): IoResult =>
  andThen<number, number>(wait, () => read(file, into, offset));
const writeLater = (wait: Wait, file: File, from: IoBuffer, offset: number): IoResult =>
  andThen<number, number>(wait, () => write(file, from, offset));

function hold(ram: Ram, frame: number, bytes: number): void {
  for (let i = 0; i < bytes; i += PAGE_SIZE) ram.ref(frame + i);
}
function letGo(ram: Ram, frame: number, bytes: number): void {
  for (let i = 0; i < bytes; i += PAGE_SIZE) ram.unref(frame + i);
}

/** Pages that a write takes at a time. Taken one after another they follow each other in RAM, like as not, and so do
 *  those of the program that are touched here for the first time: then they are copied in one piece. */
const BATCH = 32;

function firstPage(pages: PageCache, from: IoBuffer, index: number, within: number): number | Errno | Wait {
  const first = pages.get(index);
  if (typeof first !== "number" || first < 0) return first;
  const ready = from.bringIn(Math.min(from.length, BATCH * PAGE_SIZE - within));
  for (let i = 1; i * PAGE_SIZE < within + ready; i++) {
    const next = pages.get(index + i);
    if (typeof next !== "number" || next < 0) break;
  }
  // Those behind it may have cost the first its place.
  return pages.get(index);
}

function write(file: File, from: IoBuffer, offset: number): IoResult {
  const { inode } = file;
  const pages = inode.pages!;
  const { ram } = pages;
  let done = 0;
  let { length } = from;
  let failure: IoResult = EFAULT;
  while (length > 0) {
    const within = offset % PAGE_SIZE;
    const index = (offset - within) / PAGE_SIZE;
    let want = Math.min(PAGE_SIZE - within, length);
    let frame: number | Errno | Wait | undefined = pages.peek(index);
    if (frame === undefined) frame = want < length ? firstPage(pages, from, index, within) : pages.get(index);
    if (typeof frame !== "number") {
      failure = writeLater(frame, file, from, offset);
      break;
    }
    if (frame < 0) {
      failure = frame;
      break;
    }
    if (want < length) want = pages.piece(index, frame, within + length) - within;
    hold(ram, frame, within + want);
    const n = from.takeRam(ram, frame + within, want);
    letGo(ram, frame, within + want);
    for (let i = 0; i < within + n; i += PAGE_SIZE) ram.codeWritten(frame + i);
    done += n;
    offset += n;
    length -= n;
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
  while (pages.has(index)) index++;
  return Math.min(Math.max(offset, index * PAGE_SIZE), size);
}

export const genericFile: FileOperations = { read, write, seek: genericSeek, fsync: () => 0 };
