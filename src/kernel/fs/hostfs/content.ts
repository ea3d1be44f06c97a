// A host file's content: read and written on the host itself, so that both sides see each other's changes at once. Pages
// exist only for mappings; what a shared mapping writes is carried out by fsync, msync, unmapping and close.
import { EBADF, EFAULT, EINVAL, ENOMEM, EOPNOTSUPP, type Errno } from "../../../abi/errno.ts";
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE } from "../../../abi/fcntl.ts";
import { O_ACCMODE, O_RDONLY, O_WRONLY } from "../../../abi/flags.ts";
import { PAGE_SIZE, type Ram } from "../../../machine/ram.ts";
import { IoBuffer } from "../../mm/user.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { genericSeek } from "../../vfs/generic-file.ts";
import { PageCache } from "../../vfs/page-cache.ts";
import type { HostAccess, HostChanges, HostFile, HostStatus } from "./host-folder.ts";
import type { HostInode } from "./inode.ts";

/** What lies in pieces goes by way of a buffer of this size. */
export const BOUNCE = 128 * 1024;
/** Pieces of at least this size go to the host as they are: a call of its own costs less than the copy. */
const DIRECT = 32 * 1024;

/** Zeros to write, without having them all. */
class ZeroBuffer extends IoBuffer {
  length: number;
  constructor(length: number) {
    super();
    this.length = length;
  }
  put(): number {
    return 0;
  }
  take(into: Uint8Array): number {
    const n = Math.min(into.length, this.length);
    into.fill(0, 0, n);
    this.length -= n;
    return n;
  }
}

export class Content {
  private readonly inode: HostInode;
  readonly pages: PageCache;
  private readonly ram: Ram;
  private reader: HostFile | undefined;
  private writer: HostFile | undefined;
  /** Pages that a shared mapping has written or may be writing to. */
  private readonly dirty = new Set<number>();

  constructor(inode: HostInode, ram: Ram) {
    this.inode = inode;
    this.ram = ram;
    this.pages = new PageCache(ram, (index, page) => this.fill(index, page));
    this.pages.reclaim = inode.superblock.kernel.vfs.reclaim;
    this.pages.onDirty = (index) => {
      this.dirty.add(index);
      this.writeBack(index);
    };
  }
  /** The host's word on the open file; undefined when it is not open. */
  status(): HostStatus | Errno | undefined {
    return (this.writer ?? this.reader)?.status();
  }
  /** Attributes of a file that has no name any more. */
  change(changes: HostChanges): 0 | Errno | undefined {
    return (this.writer ?? this.reader)?.change(changes);
  }
  private handle(access: HostAccess): HostFile | Errno {
    const open = access === "read" ? this.reader : this.writer;
    if (open) return open;
    const file = this.inode.openHost(access);
    if (typeof file === "number") return file;
    if (access === "read") this.reader = file;
    else this.writer = file;
    return file;
  }
  /** Takes over the handle of a file that was just made. */
  adopt(file: HostFile): void {
    this.close();
    this.reader = this.writer = file;
  }
  /** Opens what the file's access mode needs: errors come from open(2), not from the first read. */
  openFor(file: File): 0 | Errno {
    const mode = file.flags & O_ACCMODE;
    for (const access of ["read", "write"] as const) {
      if (mode === (access === "read" ? O_WRONLY : O_RDONLY)) continue;
      const handle = this.handle(access);
      if (typeof handle === "number") return handle;
    }
    return 0;
  }
  /** Its name is about to go: what is open then stays readable. */
  hold(): void {
    if (!this.reader && !this.writer) this.handle("read");
  }
  close(): void {
    this.writeAllBack();
    this.reader?.close();
    this.writer?.close();
    this.reader = this.writer = undefined;
  }

  private fill(index: number, page: Uint8Array): 0 | Errno {
    const handle = this.handle("read");
    if (typeof handle === "number") return handle;
    let done = 0;
    while (done < page.length) {
      const n = handle.read(page, done, page.length - done, index * PAGE_SIZE + done);
      if (n < 0) return n as Errno;
      if (n === 0) break;
      done += n;
    }
    return 0;
  }
  read(into: IoBuffer, offset: number): number | Errno {
    const handle = this.handle("read");
    if (typeof handle === "number") return handle;
    const { ram, dirty } = this;
    let done = 0;
    let { length } = into;
    while (length > 0) {
      let want = dirty.size > 0 ? 0 : into.inRam(length, true);
      if (want === length || want >= DIRECT) {
        const n = handle.read(ram.u8, into.at, want, offset + done);
        if (n < 0) return done > 0 ? done : n;
        into.pass(n);
        done += n;
        length -= n;
        if (n < want) break;
        continue;
      }
      const { bounce } = this.inode.superblock;
      if (bounce === 0) return done > 0 ? done : ENOMEM;
      want = Math.min(BOUNCE, length);
      const n = handle.read(ram.u8, bounce, want, offset + done);
      if (n < 0) return done > 0 ? done : n;
      if (n === 0) break;
      if (dirty.size > 0) this.overlayPages(ram.u8.subarray(bounce, bounce + n), offset + done);
      const put = into.putRam(ram, bounce, n);
      done += put;
      length -= put;
      if (put < n) return done > 0 ? done : EFAULT;
      if (n < want) break;
    }
    return done;
  }
  /** Over what the host has, what a mapping has written and is not there yet. */
  private overlayPages(bytes: Uint8Array, offset: number): void {
    for (const index of this.dirty) {
      const start = index * PAGE_SIZE;
      const from = Math.max(offset, start);
      const to = Math.min(offset + bytes.length, start + PAGE_SIZE);
      const frame = this.pages.peek(index);
      if (from < to && frame !== undefined) {
        bytes.set(this.ram.u8.subarray(frame + from - start, frame + to - start), from - offset);
      }
    }
  }
  write(from: IoBuffer, offset: number): number | Errno {
    const handle = this.handle("write");
    if (typeof handle === "number") return handle;
    const { ram } = this;
    let done = 0;
    let { length } = from;
    let failure: number = length > 0 ? EFAULT : 0;
    while (length > 0) {
      let want = from.inRam(length, false);
      let { at } = from;
      const direct = want === length || want >= DIRECT;
      if (!direct) {
        at = this.inode.superblock.bounce;
        if (at === 0) failure = ENOMEM;
        want = at === 0 ? 0 : from.takeRam(ram, at, Math.min(BOUNCE, length));
        if (want === 0) break;
      }
      const n = handle.write(ram.u8, at, want, offset + done);
      if (n < 0) {
        failure = n;
        break;
      }
      failure = 0;
      if (direct) from.pass(n);
      if (this.pages.count > 0) this.intoPages(at, n, offset + done);
      done += n;
      length -= n;
      if (n < want) break;
    }
    if (offset + done > this.inode.size) this.inode.size = offset + done;
    this.inode.changed();
    this.settle();
    return done > 0 ? done : (failure as Errno);
  }
  /** Pages that mappings show follow a write. */
  private intoPages(from: number, count: number, offset: number): void {
    const { pages, ram } = this;
    for (let done = 0; done < count; ) {
      const at = offset + done;
      const within = at % PAGE_SIZE;
      const n = Math.min(PAGE_SIZE - within, count - done);
      const frame = pages.peek((at - within) / PAGE_SIZE);
      if (frame !== undefined) {
        ram.copy(frame + within, from + done, n);
        ram.codeWritten(frame);
      }
      done += n;
    }
  }
  truncate(size: number): 0 | Errno {
    const handle = this.handle("write");
    if (typeof handle === "number") return handle;
    const result = handle.truncate(size);
    if (result < 0) return result;
    const shrinks = size < this.inode.size;
    // First, as mappings that lose pages write them back, up to the size.
    this.inode.size = size;
    if (shrinks) {
      this.pages.truncate(size);
      for (const index of this.dirty) if (index * PAGE_SIZE >= size) this.dirty.delete(index);
    }
    this.settle();
    this.idle();
    return 0;
  }
  /** The host sets no room aside for us: what can be seen of fallocate(2) is done, the size and the zeros. */
  fallocate(mode: number, offset: number, length: number): 0 | Errno {
    const keeps = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
    const zeroes = (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0;
    if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) !== 0) return EOPNOTSUPP;
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0 && !keeps) return EOPNOTSUPP;
    const handle = this.handle("write");
    if (typeof handle === "number") return handle;
    const end = Math.min(offset + length, this.inode.size);
    if (zeroes && offset < end) {
      const written = this.write(new ZeroBuffer(end - offset), offset);
      if (written < 0) return written as Errno;
    }
    return !keeps && offset + length > this.inode.size ? this.truncate(offset + length) : 0;
  }
  /** The change was ours: its time is not news of someone else's, by which pages would be read anew. */
  private settle(): void {
    if (this.pages.count === 0) return;
    const status = this.status();
    if (status === undefined || typeof status === "number") return;
    this.inode.mtime = status.mtime;
    this.inode.size = status.size;
  }
  /** Someone else has changed the file: clean pages are read anew. */
  changedOutside(size: number): void {
    const { pages } = this;
    if (pages.count === 0) return;
    if (this.dirty.size === 0) pages.invalidate(0);
    else if (size < this.inode.size) {
      this.inode.size = size;
      pages.truncate(size);
    }
  }

  private writeBack(index: number): 0 | Errno {
    const frame = this.pages.peek(index);
    const room = this.inode.size - index * PAGE_SIZE;
    if (frame === undefined || room <= 0) return 0;
    const handle = this.handle("write");
    if (typeof handle === "number") return handle;
    const n = handle.write(this.ram.u8, frame, Math.min(PAGE_SIZE, room), index * PAGE_SIZE);
    if (n < 0) return n as Errno;
    this.settle();
    return 0;
  }
  private writeAllBack(): 0 | Errno {
    let result: 0 | Errno = 0;
    for (const index of [...this.dirty]) {
      const written = this.writeBack(index);
      if (written < 0) result = written;
      else if (!this.pages.mapped) this.dirty.delete(index);
    }
    return result;
  }
  sync(dataOnly: boolean): 0 | Errno {
    const result = this.writeAllBack();
    if (result < 0) return result;
    return (this.writer ?? this.reader)?.sync(dataOnly) ?? 0;
  }
  /** Closes the host's file when no program has it open. */
  idle(): void {
    if (this.inode.opens === 0) this.close();
  }
}

const contentOf = (file: File): Content | undefined => (file.inode as HostInode).content;

export const contentFile: FileOperations = {
  read: (file, into, offset) => contentOf(file)?.read(into, offset) ?? EBADF,
  write: (file, from, offset) => contentOf(file)?.write(from, offset) ?? EBADF,
  seek(file, offset, whence) {
    if (whence > 1) file.inode.refresh();
    return whence > 4 ? EINVAL : genericSeek(file, offset, whence);
  },
  fsync: (file, dataOnly) => contentOf(file)?.sync(dataOnly) ?? 0,
  release(file) {
    // Called while this file still counts as open.
    if (file.inode.opens === 1) contentOf(file)?.close();
  },
};
