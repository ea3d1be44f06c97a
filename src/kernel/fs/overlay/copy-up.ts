// Copy up: before a file of a lower layer changes, it is made again in the upper one, with the directories that lead to
// it. Programs see no difference: number, names and links stay.
import { EIO, EROFS, type Errno, ESTALE } from "../../../abi/errno.ts";
import { O_RDONLY, O_WRONLY, S_IFMT } from "../../../abi/flags.ts";
import { KernelBuffer } from "../../mm/user.ts";
import { Wait } from "../../sched/wait-queue.ts";
import { File } from "../../vfs/file.ts";
import { type Creation, Inode } from "../../vfs/inode.ts";
import { Path } from "../../vfs/mount.ts";
import type { OverlayInode } from "./inode.ts";

const CHUNK = 256 * 1024;

/** Makes the upper part of an inode that has none. Errors: EROFS, ENOSPC, EIO. */
export function copyUp(inode: OverlayInode, data: boolean): Inode | Errno {
  const { overlay } = inode;
  if (!overlay.writable) return EROFS;
  const place = inode.names[0];
  // Its last name is gone, but it is open: the copy gets none either.
  if (!place) return inode.isDirectory ? ESTALE : copyUnnamed(inode, data);
  const parent = place.directory.up();
  if (typeof parent === "number") return parent;
  // Another name's copy up, or a change behind our back, may have put it there.
  const made = makeCopy(inode, parent, place.name);
  if (typeof made === "number") return made;
  const filled = fill(inode, made, data);
  if (filled < 0) {
    if (made.isDirectory) parent.rmdir(place.name, made);
    else parent.unlink(place.name, made);
    return filled as Errno;
  }
  inode.adopt(made);
  place.directory.copyAttributes();
  return made;
}

const creationOf = ({ mode, uid, gid, rdev }: Inode): Creation => ({ mode, uid, gid, rdev });

function makeCopy(inode: OverlayInode, parent: Inode, name: string): Inode | Errno {
  // The directory that it goes into does not change by that, as programs see it.
  const { mtime, ctime } = parent;
  const { real } = inode;
  let made: Inode | Errno;
  if (real.isDirectory) made = parent.mkdir(name, creationOf(real));
  else if (real.isSymlink) {
    const target = real.readlink();
    made = typeof target === "number" ? target : parent.symlink(name, target, creationOf(real));
  } else made = parent.create(name, creationOf(real));
  parent.setattr({ mtime, ctime });
  return made;
}

function copyUnnamed(inode: OverlayInode, data: boolean): Inode | Errno {
  const root = inode.overlay.superblock.root.inode as OverlayInode;
  const upper = root.up();
  if (typeof upper === "number") return upper;
  const made = upper.temporary(creationOf(inode.real), false);
  if (typeof made === "number") return made;
  // Held while it is filled: without a name, the end of the copying would be its own.
  made.opens++;
  const filled = fill(inode, made, data);
  if (filled === 0) inode.adopt(made);
  made.opens--;
  if (filled === 0) return made;
  made.evict();
  return filled;
}

/** Content, extended attributes and times; these last, as writing changes them. */
function fill(inode: OverlayInode, made: Inode, data: boolean): 0 | Errno {
  const { real } = inode;
  const names = real.listxattr();
  for (const name of typeof names === "number" ? [] : names) {
    const value = real.getxattr(name);
    // The upper layer may have no room for attributes; the file is of more use without them than not at all.
    if (typeof value !== "number") made.setxattr(name, value, 0);
  }
  if (data && real.isRegular && real.size > 0) {
    const copied = copyData(inode, real, made);
    if (copied < 0) return copied;
  }
  if (real.isSymlink) return 0;
  const { mode, atime, mtime, ctime } = real;
  const times = { atime, mtime, ctime };
  // A write takes set-user-ID bits away; an owner that the upper layer can't hold was refused above.
  return made.setattr(made.mode === mode ? times : { mode: mode & ~S_IFMT, ...times });
}

function copyData(inode: OverlayInode, from: Inode, to: Inode): 0 | Errno {
  const { anonymous } = inode.overlay.kernel.vfs;
  const path = new Path(anonymous, anonymous.root);
  const source = openInternally(path, from, O_RDONLY);
  if (!(source instanceof File)) return source;
  const target = openInternally(path, to, O_WRONLY);
  if (!(target instanceof File)) {
    source.unref();
    return target;
  }
  const bytes = new Uint8Array(Math.min(CHUNK, from.size));
  let result: 0 | Errno = 0;
  for (let offset = 0; offset < from.size && result === 0; ) {
    const want = Math.min(bytes.length, from.size - offset);
    const got = source.ops.read?.(source, new KernelBuffer(bytes.subarray(0, want)), offset) ?? EIO;
    // Layers answer at once: a host that fetches its image piece by piece has it whole before the overlay writes.
    if (got instanceof Wait || got === 0) result = EIO;
    else if (got < 0) result = got as Errno;
    else {
      const put = target.ops.write?.(target, new KernelBuffer(bytes.subarray(0, got)), offset) ?? EIO;
      if (put instanceof Wait) result = EIO;
      else if (put < 0) result = put as Errno;
      else offset += put;
    }
  }
  source.unref();
  target.unref();
  return result;
}

function openInternally(path: Path, inode: Inode, flags: number): File | Errno {
  const file = new File(path, inode, flags, {});
  file.opened = false;
  const ops = inode.open(file);
  if (ops instanceof Wait || typeof ops === "number") {
    file.unref();
    return typeof ops === "number" ? ops : EIO;
  }
  file.ops = ops;
  return file;
}

/** Copies a directory up with all that is in it, so that it can move: afterwards nothing below shows through. */
export function copyUpTree(directory: OverlayInode): 0 | Errno {
  const entries = directory.entries();
  if (typeof entries === "number") return entries;
  const upper = directory.up();
  if (typeof upper === "number") return upper;
  for (const { name } of entries) {
    const child = directory.lookup(name) as OverlayInode | Errno | undefined;
    if (typeof child === "number") return child;
    if (!child) continue;
    const done = child.isDirectory ? copyUpTree(child) : copyUpAs(directory, name, child);
    if (done < 0) return done;
  }
  if (directory.lower.length === 0) return 0;
  const marked = directory.overlay.marks.setOpaque(upper);
  if (marked < 0) return marked;
  for (const lower of directory.lower) directory.overlay.forget(lower);
  directory.lower = [];
  return 0;
}

/** Sees to it that the upper layer has `inode` under this very name: a lower file with several names comes up under one,
 *  and gets the others as they are needed. */
export function copyUpAs(directory: OverlayInode, name: string, inode: OverlayInode): 0 | Errno {
  const upper = inode.up();
  if (typeof upper === "number") return upper;
  const parent = directory.up();
  if (typeof parent === "number") return parent;
  const found = parent.lookup(name);
  if (found instanceof Inode) return 0;
  return parent.link(name, upper);
}
