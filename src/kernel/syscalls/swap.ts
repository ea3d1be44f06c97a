// swapon(2), swapoff(2): areas of swap. What happens with them is mm/swap.ts's and mm/reclaim.ts's.
import { EBUSY, EINVAL, EIO, ENOMEM, EPERM, type Errno } from "../../abi/errno.ts";
import { AT_FDCWD, O_EXCL, O_LARGEFILE, O_RDWR, S_IFBLK, S_IFMT, S_IFREG } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { READ, resolve } from "../mm/fault.ts";
import { isSwapEntry, type SwapArea, slotOf } from "../mm/swap.ts";
import { fileStore } from "../mm/swap-store.ts";
import { KernelBuffer, type UserAddress } from "../mm/user.ts";
import { andThen } from "../sched/wait-queue.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";
import { FOLLOW, pathArgument, walk } from "../vfs/namei.ts";
import { openPath } from "../vfs/open.ts";
import { pathName } from "../vfs/path-name.ts";
import { Flags, PathName, type Row, type SyscallResult, syscall } from "./table.ts";

const SWAP_FLAG_PREFER = 0x8000;
const SWAP_FLAG_PRIO_MASK = 0x7fff;
const SWAP_FLAG_DISCARD = 0x70000;

/** Offsets in the header (union swap_header of linux/swap.h). */
const VERSION = 1024;
const LAST_PAGE = 1028;
const BAD_PAGES = 1032;
const MAGIC = PAGE_SIZE - 10;
const SIGNATURE = "SWAPSPACE2";

/** Pages that a header made by mkswap(8) speaks of. Errors: EINVAL for what is no swap area, EIO. */
function readHeader(file: File): number | Errno {
  const header = new Uint8Array(PAGE_SIZE);
  const n = file.ops.read?.(file, new KernelBuffer(header), 0);
  if (typeof n !== "number") return EINVAL;
  if (n < 0) return EIO;
  const view = new DataView(header.buffer);
  if (n < PAGE_SIZE || new TextDecoder().decode(header.subarray(MAGIC)) !== SIGNATURE) return EINVAL;
  if (view.getUint32(VERSION, true) !== 1 || view.getUint32(BAD_PAGES, true) !== 0) return EINVAL;
  const last = view.getUint32(LAST_PAGE, true);
  return last === 0 ? EINVAL : last + 1;
}

function swapon(task: Task, name: UserAddress, flags: number): SyscallResult {
  if ((flags & ~(SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK | SWAP_FLAG_DISCARD)) !== 0) return EINVAL;
  if (!task.cred.can(CAP_SYS_ADMIN)) return EPERM;
  const path = pathArgument(task, name);
  if (typeof path === "number") return path;
  return andThen<File, number>(openPath(task, AT_FDCWD, path, O_RDWR | O_LARGEFILE | O_EXCL), (file) => {
    const result = add(task, file, flags);
    if (result < 0) file.unref();
    return result;
  });
}

/** Makes a disk a swap area and uses it. Takes over the reference to its open file. Errors: EINVAL for one too small. */
export function addSwap(task: Task, file: File, size: number): 0 | Errno {
  const header = new Uint8Array(PAGE_SIZE);
  const view = new DataView(header.buffer);
  view.setUint32(VERSION, 1, true);
  view.setUint32(LAST_PAGE, Math.floor(size / PAGE_SIZE) - 1, true);
  header.set(new TextEncoder().encode(SIGNATURE), MAGIC);
  const written = file.ops.write!(file, new KernelBuffer(header), 0);
  const result = written === PAGE_SIZE ? add(task, file, 0) : EINVAL;
  if (result < 0) file.unref();
  return result;
}

function add(task: Task, file: File, flags: number): 0 | Errno {
  const { swap } = task.kernel.memory;
  const { inode } = file;
  const kind = inode.mode & S_IFMT;
  if (kind !== S_IFREG && kind !== S_IFBLK) return EINVAL;
  if (swap.areas.some(({ options }) => options.identity === inode)) return EBUSY;
  // What is in RAM itself is no place to go when RAM is short.
  if (inode.pages?.sparse || !file.ops.write) return EINVAL;
  const pages = readHeader(file);
  if (pages < 0) return pages as Errno;
  if (kind === S_IFREG && pages * PAGE_SIZE > inode.size) return EINVAL;
  const area = swap.add({
    store: fileStore(file),
    pages,
    type: kind === S_IFBLK ? "partition" : "file",
    name: () => pathName(file.path, task.kernel.tasks.init!.leader.fs.root),
    identity: inode,
    priority: (flags & SWAP_FLAG_PREFER) !== 0 ? flags & SWAP_FLAG_PRIO_MASK : undefined,
  });
  return area ? 0 : EINVAL;
}

function swapoff(task: Task, name: UserAddress): SyscallResult {
  const { memory, vfs } = task.kernel;
  const { swap } = memory;
  if (!task.cred.can(CAP_SYS_ADMIN)) return EPERM;
  const path = pathArgument(task, name);
  if (typeof path === "number") return path;
  const found = walk(task, AT_FDCWD, path, FOLLOW);
  if (typeof found === "number") return found;
  const { inode } = found.dentry;
  const area = swap.areas.find(({ options }) => options.identity === inode);
  if (!area) return EINVAL;
  // What is in it has to fit elsewhere.
  const elsewhere = swap.free - (area.slots - area.used);
  if (area.used > task.kernel.ram.freeFrames + vfs.reclaim.count + elsewhere) return ENOMEM;
  area.closing = true;
  for (const mm of [...memory.reclaim.spaces]) {
    if (!bringBack(mm, area)) {
      area.closing = false;
      return ENOMEM;
    }
  }
  if (!vfs.reclaim.bringBack(area)) {
    area.closing = false;
    return ENOMEM;
  }
  swap.remove(area);
  return 0;
}

/** Brings what an address space has in an area back into RAM. False when it does not fit. */
function bringBack(mm: AddressSpace, area: SwapArea): boolean {
  if (mm.swapped === 0) return true;
  for (const vma of mm.areas) {
    const gone: number[] = [];
    mm.table.forEach(vma.start, vma.end, (va, pte) => {
      if (isSwapEntry(pte) && area.holds(slotOf(pte))) gone.push(va);
    });
    for (const va of gone) if (resolve(mm, vma, va, READ) !== 0) return false;
  }
  return true;
}

export const rows: readonly Row[] = [
  syscall(224, "swapon", [PathName("specialfile"), Flags("swap_flags")], swapon),
  syscall(225, "swapoff", [PathName("specialfile")], swapoff),
];
