// System V shared memory: segments are files in memory, an attachment maps one. shmget(2), shmat(2)
import { EINVAL, ENOSPC, type Errno } from "../../abi/errno.ts";
import { O_RDONLY, O_RDWR } from "../../abi/flags.ts";
import { memoryFile } from "../fs/tmpfs/memory.ts";
import type { Kernel } from "../kernel.ts";
import type { UserNamespace } from "../namespace/user.ts";
import { File, type FileOperations } from "../vfs/file.ts";
import { genericFile } from "../vfs/generic-file.ts";
import { type IpcObject, type IpcPermissions, IpcTable } from "./table.ts";

export const SHMMNI = 4096;
export const SHMMAX = Number.MAX_SAFE_INTEGER;
const PAGE = 4096;

export class Segment implements IpcObject {
  readonly permissions: IpcPermissions;
  readonly size: number;
  /** Holds the memory while the segment has its identifier. */
  readonly file: File;
  /** One for each shmat; its references are the areas that map it. */
  readonly attachments = new Set<File>();
  readonly creator: number;
  last = 0;
  // seconds since 1970
  atime = 0;
  dtime = 0;
  ctime: number;
  /** IPC_RMID came while it was attached. */
  doomed = false;

  constructor(permissions: IpcPermissions, size: number, file: File, creator: number, now: number) {
    this.permissions = permissions;
    this.size = size;
    this.file = file;
    this.creator = creator;
    this.ctime = now;
  }
  /** Areas that map it, in all processes. */
  get attached(): number {
    let sum = 0;
    for (const file of this.attachments) sum += file.referenceCount;
    return sum;
  }
  get pages(): number {
    return Math.ceil(this.size / PAGE);
  }
}

export class SharedMemory {
  readonly segments: IpcTable<Segment>;
  /** Pages in all segments, and the most there may be (/proc/sys/kernel/shmall). */
  pages = 0;
  pagesMax = Number.MAX_SAFE_INTEGER;
  private readonly operations: FileOperations = {
    ...genericFile,
    release: (file) => this.detached(file),
  };

  constructor(owner: UserNamespace) {
    this.segments = new IpcTable(SHMMNI, owner);
  }
  /** shmget's making. Errors: EINVAL, ENOSPC. */
  make(kernel: Kernel, permissions: IpcPermissions, size: number): Segment | Errno {
    if (size < 1 || size > SHMMAX) return EINVAL;
    const pages = Math.ceil(size / PAGE);
    if (this.pages + pages > this.pagesMax) return ENOSPC;
    const label = `SYSV${(permissions.key >>> 0).toString(16).padStart(8, "0")}`;
    const file = memoryFile(kernel, label, permissions.mode, undefined);
    if (typeof file === "number") return file;
    file.inode.size = pages * PAGE;
    this.pages += pages;
    const seconds = Number(kernel.clock.now() / 1_000_000_000n);
    return new Segment(permissions, size, file, kernel.current?.pid ?? 0, seconds);
  }
  /** The open file of one attachment. The caller's reference is given to the mapping. */
  open(segment: Segment, readOnly: boolean): File {
    const { path, inode } = segment.file;
    const file = new File(path, inode, readOnly ? O_RDONLY : O_RDWR, this.operations, segment);
    segment.attachments.add(file);
    return file;
  }
  remove(segment: Segment): void {
    if (segment.attached > 0) {
      segment.doomed = true;
      segment.permissions.key = 0;
    } else this.destroy(segment);
  }
  private detached(file: File): void {
    const segment = file.data as Segment;
    segment.attachments.delete(file);
    if (segment.doomed && segment.attachments.size === 0) this.destroy(segment);
  }
  private destroy(segment: Segment): void {
    this.segments.remove(segment);
    this.pages -= segment.pages;
    segment.file.unref();
  }
}

export function segmentOf(file: File | undefined): Segment | undefined {
  return file?.data instanceof Segment ? file.data : undefined;
}
