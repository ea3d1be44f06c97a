// Virtual memory areas: one row for each range of addresses with one meaning. mmap(2)
import type { Errno } from "../../abi/errno.ts";
import type { Wait } from "../sched/wait-queue.ts";
import type { File } from "../vfs/file.ts";
import type { PageCache } from "../vfs/page-cache.ts";

export interface Vma {
  /** Page-aligned; end exclusive. */
  start: number;
  end: number;
  /** PROT_READ | PROT_WRITE | PROT_EXEC. */
  prot: number;
  /** What mprotect may raise it to: a shared mapping of a file opened for reading can't become writable. */
  maxProt: number;
  /** MAP_SHARED or MAP_PRIVATE, and MAP_GROWSDOWN, MAP_NORESERVE, MAP_LOCKED… */
  flags: number;
  /** What backs it: undefined for private anonymous memory. */
  pages: PageCache | undefined;
  /** The file, for /proc/PID/maps and its reference. */
  file: File | undefined;
  /** Offset in the file of `start`, in bytes. */
  offset: number;
  /** "[heap]", "[stack]", "[vdso]". */
  name: string | undefined;
  /** A device that supplies its own frames instead of pages: the frame for a page of the mapping. */
  frame?: (vma: Vma, offset: number) => number | Errno | Wait;
  /** madvise(MADV_DONTFORK), MADV_DONTDUMP, MADV_WIPEONFORK, mlock. */
  dontFork?: boolean;
  dontDump?: boolean;
  wipeOnFork?: boolean;
  locked?: boolean;
  /** Its pages are promised (overcommit.ts). */
  accounted?: boolean;
}
