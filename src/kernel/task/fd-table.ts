// Descriptors: small numbers for open file descriptions, shared by threads (CLONE_FILES).
import { EBADF, EMFILE, type Errno } from "../../abi/errno.ts";
import type { File } from "../vfs/file.ts";

export class FdTable {
  private files: (File | undefined)[] = [];
  private cloexec = new Set<number>();
  /** No descriptor below it is free. */
  private lowest = 0;
  private references = 1;

  ref(): this {
    this.references++;
    return this;
  }
  /** Closes everything when the last task is gone. */
  unref(close: (file: File) => void): void {
    if (--this.references > 0) return;
    for (const file of this.files) if (file) close(file);
    this.files = [];
    this.cloexec.clear();
  }
  get shared(): boolean {
    return this.references > 1;
  }
  /** Room of the table, as select(2) sees it: it grows by doubling from 64. */
  get capacity(): number {
    let capacity = 64;
    while (capacity < this.files.length) capacity *= 2;
    return capacity;
  }
  /** Open descriptors. */
  get count(): number {
    let count = 0;
    for (const file of this.files) if (file) count++;
    return count;
  }
  /** Descriptors that there is room for, as Linux allots it: a power of two of at least 64. */
  get size(): number {
    return 2 ** Math.max(6, Math.ceil(Math.log2(this.files.length || 1)));
  }
  /** Can it be copied under fs.nr_open? Counted as Linux does, by words of 64; the first of them always fits. */
  fits(nrOpen: number): boolean {
    const words = (n: number): number => Math.ceil(n / 64);
    return this.files.length <= 64 || words(this.highest + 1) <= words(nrOpen);
  }
  private get highest(): number {
    return this.files.findLastIndex((file) => file !== undefined);
  }
  get(fd: number): File | undefined {
    return this.files[fd];
  }
  /** Enters `file` at the lowest free descriptor from `from` on. The table takes over the caller's reference.
   *  Errors: EMFILE at `limit` (RLIMIT_NOFILE). */
  install(file: File, closeOnExec: boolean, limit: number, from = 0): number | Errno {
    let fd = Math.max(from, this.lowest);
    while (this.files[fd]) fd++;
    if (fd >= limit) return EMFILE;
    if (from <= this.lowest) this.lowest = fd + 1;
    this.set(fd, file, closeOnExec);
    return fd;
  }
  /** Is no descriptor below `limit` free? */
  full(limit: number): boolean {
    while (this.files[this.lowest]) this.lowest++;
    return this.lowest >= limit;
  }
  /** Is there a free descriptor below `limit`? */
  hasRoom(limit: number): boolean {
    let fd = this.lowest;
    while (this.files[fd]) fd++;
    return fd < limit;
  }
  /** Enters `file` at `fd`, returning what was there (the caller closes it). */
  replace(fd: number, file: File, closeOnExec: boolean): File | undefined {
    const old = this.files[fd];
    this.set(fd, file, closeOnExec);
    return old;
  }
  private set(fd: number, file: File, closeOnExec: boolean): void {
    while (this.files.length < fd) this.files.push(undefined);
    this.files[fd] = file;
    if (closeOnExec) this.cloexec.add(fd);
    else this.cloexec.delete(fd);
  }
  /** Takes the descriptor out; the caller closes the file. Errors: EBADF. */
  remove(fd: number): File | Errno {
    const file = this.files[fd];
    if (!file) return EBADF;
    this.files[fd] = undefined;
    this.cloexec.delete(fd);
    if (fd < this.lowest) this.lowest = fd;
    return file;
  }
  closesOnExec(fd: number): boolean {
    return this.cloexec.has(fd);
  }
  setCloseOnExec(fd: number, on: boolean): void {
    if (on) this.cloexec.add(fd);
    else this.cloexec.delete(fd);
  }
  /** Open descriptors, ascending. */
  *open(): Generator<[number, File]> {
    for (let fd = 0; fd < this.files.length; fd++) {
      const file = this.files[fd];
      if (file) yield [fd, file];
    }
  }
  /** fork: the same files at the same places. */
  copy(): FdTable {
    const copy = new FdTable();
    copy.files = this.files.slice();
    for (const file of copy.files) file?.ref();
    copy.cloexec = new Set(this.cloexec);
    copy.lowest = this.lowest;
    return copy;
  }
}
