// Memory mapping: arguments of the calls; the work is in mm/map.ts.
import {
  EACCES,
  EAGAIN,
  EBADF,
  EBUSY,
  EFAULT,
  EINVAL,
  EIO,
  ENODEV,
  ENOMEM,
  EOPNOTSUPP,
  EOVERFLOW,
  EPERM,
  type Errno,
  ESRCH,
} from "../../abi/errno.ts";
import {
  MAP_ANONYMOUS,
  MAP_DENYWRITE,
  MAP_EXECUTABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_TYPE,
  PROT_EXEC,
  PROT_GROWSDOWN,
  PROT_GROWSUP,
  PROT_READ,
  PROT_WRITE,
  RLIMIT_MEMLOCK,
} from "../../abi/flags.ts";
import { MS_NOEXEC } from "../../abi/mount.ts";
import { READ_IMPLIES_EXEC } from "../../abi/personality.ts";
import { PTE_A, PTE_D, PTE_V } from "../../machine/page-table.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { type AddressSpace, PTE_CACHE, TASK_SIZE } from "../mm/address-space.ts";
import {
  map,
  mayLock,
  mergeAround,
  pageAligned,
  pageUp,
  populate,
  protect,
  remap,
  setBreak,
  unmap,
} from "../mm/map.ts";
import { PTE_LAZY } from "../mm/reclaim.ts";
import { isSwapEntry } from "../mm/swap.ts";
import { dropSwapped } from "../mm/swap-in.ts";
import { IOV_MAX, type UserAddress } from "../mm/user.ts";
import { CAP_IPC_LOCK, CAP_SYS_NICE } from "../security/cred.ts";
import { mayRead } from "../security/ptrace-access.ts";
import { killPending } from "../signal/state.ts";
import { fileOf } from "../task/descriptors.ts";
import { processOf } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import {
  Address,
  Fd,
  Flags,
  In,
  Int,
  Offset,
  Out,
  type Row,
  Size,
  type SyscallResult,
  syscall,
  ULong,
} from "./table.ts";

function mmap(
  task: Task,
  address: UserAddress,
  length: number,
  prot: number,
  flags: number,
  fd: number,
  offset: number,
): SyscallResult {
  if (!pageAligned(offset)) return EINVAL;
  const type = flags & MAP_TYPE;
  const shared = type === MAP_SHARED || type === MAP_SHARED_VALIDATE;
  if ((flags & MAP_ANONYMOUS) !== 0) {
    if ((flags & MAP_HUGETLB) !== 0) return ENOMEM;
    // MAP_SHARED_VALIDATE is a file's alone.
    if (type !== MAP_SHARED && type !== MAP_PRIVATE) return EINVAL;
    if (shared && (flags & MAP_GROWSDOWN) !== 0) return EINVAL;
    if (readsExecute(task, prot)) prot |= PROT_EXEC;
    return map(task.mm, { address, length, prot, flags: normal(flags, shared), offset: 0 });
  }
  const file = fileOf(task, fd);
  if (typeof file === "number") return EBADF;
  if (length === 0) return EINVAL;
  if (offset < 0 || offset + length > Number.MAX_SAFE_INTEGER) return EOVERFLOW;
  if ((flags & MAP_HUGETLB) !== 0) return EINVAL;
  if (!shared && type !== MAP_PRIVATE) return EINVAL;
  if (type === MAP_SHARED_VALIDATE && (flags & ~(MAP_TYPE | MAP_KNOWN)) !== 0) return EOPNOTSUPP;
  if (!file.readable) return EACCES;
  if (shared && (prot & PROT_WRITE) !== 0) {
    if (!file.writable) return EACCES;
  }
  if ((flags & MAP_GROWSDOWN) !== 0) return EINVAL;
  const noexec = (file.path.mount.flags & MS_NOEXEC) !== 0;
  if (!noexec && readsExecute(task, prot)) prot |= PROT_EXEC;
  if ((prot & PROT_EXEC) !== 0 && noexec) return EPERM;
  if (!file.ops.mmap && !file.inode.pages) return ENODEV;
  return map(task.mm, { address, length, prot, flags: normal(flags, shared), file, offset });
}

/** What MAP_SHARED_VALIDATE lets through; MAP_SYNC needs a file on persistent memory. */
const MAP_KNOWN =
  MAP_FIXED |
  MAP_FIXED_NOREPLACE |
  MAP_ANONYMOUS |
  MAP_DENYWRITE |
  MAP_EXECUTABLE |
  MAP_GROWSDOWN |
  MAP_LOCKED |
  MAP_NORESERVE |
  MAP_POPULATE |
  MAP_NONBLOCK |
  MAP_STACK |
  MAP_HUGETLB |
  0x7c000000;

const normal = (flags: number, shared: boolean): number => (flags & ~MAP_TYPE) | (shared ? MAP_SHARED : MAP_PRIVATE);

/** Is what can be read to be executed too? READ_IMPLIES_EXEC of personality(2). */
const readsExecute = (task: Task, prot: number): boolean =>
  (prot & PROT_READ) !== 0 && (task.group.personality & READ_IMPLIES_EXEC) !== 0;

function munmap(task: Task, address: UserAddress, length: number): SyscallResult {
  return unmap(task.mm, address, length);
}

function mprotect(task: Task, address: UserAddress, length: number, prot: number): SyscallResult {
  if (!pageAligned(address)) return EINVAL;
  if ((prot & (PROT_GROWSDOWN | PROT_GROWSUP)) === (PROT_GROWSDOWN | PROT_GROWSUP)) return EINVAL;
  if ((prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | 8 | PROT_GROWSDOWN | PROT_GROWSUP)) !== 0) return EINVAL;
  if (length === 0) return 0;
  if (length > TASK_SIZE || address > TASK_SIZE - pageUp(length)) return ENOMEM;
  let start: number = address;
  if ((prot & PROT_GROWSDOWN) !== 0) {
    const vma = task.mm.areas.find(address);
    if (!vma || (vma.flags & MAP_GROWSDOWN) === 0) return EINVAL;
    start = vma.start;
  }
  return protect(task.mm, start, address + length - start, prot & 7, readsExecute(task, prot));
}

function mremap(
  task: Task,
  address: UserAddress,
  oldSize: number,
  newSize: number,
  flags: number,
  target: UserAddress,
): SyscallResult {
  return remap(task.mm, address, oldSize, newSize, flags, target);
}

function brk(task: Task, address: UserAddress): SyscallResult {
  return setBreak(task.mm, address);
}

/** The end of a range in whole pages. A length within a page of 2^64 rounds up to none; undefined: it goes round the end
 *  of all addresses. */
function endOf(start: number, length: number): number | undefined {
  const end = start + (pageUp(length) % 2 ** 64);
  return end < 2 ** 64 ? end : undefined;
}

/** Every page of [start, end) must be mapped. Errors: ENOMEM. */
function covered(mm: AddressSpace, start: number, end: number): boolean {
  let at = start;
  for (const vma of mm.areas.within(start, end)) {
    if (vma.start > at) return false;
    at = vma.end;
  }
  return at >= end;
}

const MADV_REMOVE = 9;
const MADV_DONTFORK = 10;
const MADV_DONTDUMP = 16;
const MADV_DODUMP = 17;
const MADV_DOFORK = 11;
const MADV_WIPEONFORK = 18;
const MADV_KEEPONFORK = 19;
const MADV_POPULATE_READ = 22;
const MADV_POPULATE_WRITE = 23;
const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const MADV_DONTNEED_LOCKED = 24;
const MADV_WILLNEED = 3;
const MADV_COLD = 20;
const MADV_PAGEOUT = 21;
const MADV_COLLAPSE = 25;
/** Advice that changes nothing a program could see: NORMAL, RANDOM, SEQUENTIAL, WILLNEED, MERGEABLE, HUGEPAGE… */
const HARMLESS = [0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 25];

/** Pages that need not be kept unless they are written again: reclaim drops them. Shared ones stay as they are. */
function markLazy(mm: AddressSpace, start: number, end: number): void {
  mm.kernel.memory.reclaim.lazy = true;
  mm.table.forEach(start, end, (_va, pte) => {
    if (isSwapEntry(pte)) {
      dropSwapped(mm, pte);
      return 0;
    }
    if ((pte & PTE_CACHE) !== 0 || mm.ram.refs((pte & ~0xfff) >>> 0) > 1) return undefined;
    return ((pte & ~(PTE_D | PTE_A)) | PTE_LAZY) >>> 0;
  });
}

/** Pages that reclaim finds not accessed. */
function markCold(mm: AddressSpace, start: number, end: number): void {
  mm.table.forEach(start, end, (_va, pte) => ((pte & PTE_V) === 0 ? undefined : (pte & ~PTE_A) >>> 0));
}

const madvise = (task: Task, address: UserAddress, length: number, advice: number): SyscallResult =>
  advise(task.mm, address, length, advice);

function advise(mm: AddressSpace, address: number, length: number, advice: number): 0 | Errno {
  const known = HARMLESS.includes(advice) || (advice >= 4 && advice <= 24 && ![5, 6, 7].includes(advice));
  if (!known || !pageAligned(address)) return EINVAL;
  const end = endOf(address, length);
  if (end === undefined || (end === address && length !== 0)) return EINVAL;
  if (length === 0) return 0;
  if (advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE) {
    return populate(mm, address, end, advice === MADV_POPULATE_WRITE);
  }
  for (const vma of mm.areas.within(address, end)) {
    const start = Math.max(vma.start, address);
    const stop = Math.min(vma.end, end);
    const shared = (vma.flags & MAP_SHARED) !== 0;
    if (advice === MADV_DONTNEED || advice === MADV_DONTNEED_LOCKED) {
      if (vma.locked && advice === MADV_DONTNEED) return EINVAL;
      mm.unmapPages(start, stop);
    } else if (advice === MADV_FREE) {
      if (vma.pages) return EINVAL;
      markLazy(mm, start, stop);
    } else if (advice === MADV_COLD || advice === MADV_PAGEOUT) {
      if (vma.locked || vma.frame) return EINVAL;
      if (advice === MADV_COLD) markCold(mm, start, stop);
      else mm.kernel.memory.reclaim.pageOut(mm, vma, start, stop);
    } else if (advice === MADV_REMOVE) {
      if (vma.locked || !shared || !vma.pages) return EINVAL;
      if (!vma.file?.writable && vma.file) return EACCES;
      const offset = vma.offset + start - vma.start;
      const punched = vma.file ? vma.file.inode.fallocate(3, offset, stop - start) : 0;
      if (punched < 0) return punched;
      if (!vma.file) vma.pages.invalidate(offset / PAGE_SIZE, (offset + stop - start) / PAGE_SIZE);
    } else if (advice === MADV_WIPEONFORK && (vma.pages || shared)) return EINVAL;
    else if (
      advice === MADV_DONTFORK ||
      advice === MADV_DOFORK ||
      advice === MADV_DONTDUMP ||
      advice === MADV_DODUMP ||
      advice === MADV_WIPEONFORK ||
      advice === MADV_KEEPONFORK
    ) {
      mm.splitAt(start);
      mm.splitAt(stop);
      const part = mm.areas.find(start)!;
      if (advice === MADV_DONTFORK || advice === MADV_DOFORK) part.dontFork = advice === MADV_DONTFORK;
      else if (advice === MADV_DONTDUMP || advice === MADV_DODUMP) part.dontDump = advice === MADV_DONTDUMP;
      else part.wipeOnFork = advice === MADV_WIPEONFORK;
    }
  }
  return covered(mm, address, end) ? 0 : ENOMEM;
}

function mincore(task: Task, address: UserAddress, length: number, vector: UserAddress): SyscallResult {
  if (!pageAligned(address)) return EINVAL;
  const end = address + pageUp(length);
  if (length > TASK_SIZE || end > TASK_SIZE + PAGE_SIZE || !covered(task.mm, address, end)) return ENOMEM;
  const { mm } = task;
  const bytes = new Uint8Array((end - address) / PAGE_SIZE);
  for (let i = 0; i < bytes.length; i++) {
    const at = address + i * PAGE_SIZE;
    const vma = mm.areas.find(at);
    const cached = vma?.pages?.peek((vma.offset + at - vma.start) / PAGE_SIZE) !== undefined;
    if (cached || (mm.table.get(at) & PTE_V) !== 0) bytes[i] = 1;
  }
  return mm.write(vector, bytes);
}

function lockRange(task: Task, address: number, length: number, on: boolean, onFault: boolean): SyscallResult {
  const { mm } = task;
  const start = address - (address % PAGE_SIZE);
  const end = endOf(start, length + (address - start));
  if (on) {
    if (!task.cred.can(CAP_IPC_LOCK) && task.group.limit(RLIMIT_MEMLOCK) === 0) return EPERM;
    // What is locked already costs nothing.
    if (end !== undefined && !mayLock(mm, end - start) && !mayLock(mm, end - start - lockedIn(mm, start, end))) {
      return ENOMEM;
    }
  }
  if (end === undefined) return EINVAL;
  if (end === start) return 0;
  mm.splitAt(start);
  mm.splitAt(end);
  let at = start;
  for (const vma of mm.areas.within(start, end)) {
    if (vma.start !== at) break;
    setLocked(task, vma, on);
    at = vma.end;
  }
  for (const vma of mm.areas.within(start, end)) if (mm.areas.find(vma.start) === vma) mergeAround(mm, vma);
  if (at !== end) return ENOMEM;
  if (on && !onFault) {
    const result = populate(mm, start, end);
    if (result < 0) return result === EFAULT ? ENOMEM : EAGAIN;
  }
  return 0;
}

/** Bytes of [start, end) that are locked. */
function lockedIn(mm: AddressSpace, start: number, end: number): number {
  let bytes = 0;
  for (const vma of mm.areas.within(start, end)) {
    if (vma.locked) bytes += Math.min(vma.end, end) - Math.max(vma.start, start);
  }
  return bytes;
}

function setLocked(task: Task, vma: { start: number; end: number; locked?: boolean }, on: boolean): void {
  if ((vma.locked ?? false) === on) return;
  vma.locked = on;
  task.mm.lockedPages += ((on ? 1 : -1) * (vma.end - vma.start)) / PAGE_SIZE;
}

const mlock = (task: Task, address: UserAddress, length: number) => lockRange(task, address, length, true, false);
const munlock = (task: Task, address: UserAddress, length: number) => lockRange(task, address, length, false, false);

function mlock2(task: Task, address: UserAddress, length: number, flags: number): SyscallResult {
  if ((flags & ~1) !== 0) return EINVAL;
  return lockRange(task, address, length, true, flags === 1);
}

const MCL_CURRENT = 1;
const MCL_FUTURE = 2;
const MCL_ONFAULT = 4;

function mlockall(task: Task, flags: number): SyscallResult {
  if (flags === 0 || (flags & ~7) !== 0 || flags === MCL_ONFAULT) return EINVAL;
  const { mm } = task;
  if (!task.cred.can(CAP_IPC_LOCK)) {
    const limit = task.group.limit(RLIMIT_MEMLOCK);
    if (limit === 0) return EPERM;
    if ((flags & MCL_CURRENT) !== 0 && mm.totalPages * PAGE_SIZE > limit) return ENOMEM;
  }
  mm.lockFuture = (flags & MCL_FUTURE) !== 0;
  if ((flags & MCL_CURRENT) !== 0) {
    for (const vma of mm.areas) setLocked(task, vma, true);
    if ((flags & MCL_ONFAULT) === 0) for (const vma of [...mm.areas]) populate(mm, vma.start, vma.end);
  }
  return 0;
}

function munlockall(task: Task): SyscallResult {
  task.mm.lockFuture = false;
  for (const vma of task.mm.areas) setLocked(task, vma, false);
  return 0;
}

const MS_ASYNC = 1;
const MS_INVALIDATE = 2;
const MS_SYNC = 4;

function msync(task: Task, address: UserAddress, length: number, flags: number): SyscallResult {
  if ((flags & ~7) !== 0 || !pageAligned(address)) return EINVAL;
  if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return EINVAL;
  const end = endOf(address, length);
  if (end === undefined) return ENOMEM;
  for (const vma of task.mm.areas.within(address, end)) {
    if ((flags & MS_INVALIDATE) !== 0 && vma.locked) return EBUSY;
    if ((flags & MS_SYNC) === 0 || !vma.file || (vma.flags & MAP_SHARED) === 0) continue;
    const synced = vma.file.ops.fsync?.(vma.file, true);
    if (typeof synced === "number" && synced < 0) return EIO;
  }
  return covered(task.mm, address, end) ? 0 : ENOMEM;
}

/** Advice for another process, about several ranges. Returns the bytes advised. Errors: EINVAL for advice that would
 *  change what it sees, EBADF, ESRCH, EPERM; those of madvise for the first range. process_madvise(2) */
function process_madvise(
  task: Task,
  fd: number,
  vector: UserAddress,
  count: number,
  advice: number,
  flags: number,
): SyscallResult {
  if (flags !== 0) return EINVAL;
  if (count > IOV_MAX) return EINVAL;
  const ranges = task.mm.read(vector, count * 16);
  if (typeof ranges === "number") return ranges;
  const process = processOf(task.files.get(fd));
  if (!process) return EBADF;
  const target = [...process.group.threads].find((thread) => !thread.exiting);
  if (process.ended || !target) return ESRCH;
  if (target.mm !== task.mm) {
    if (![MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED, MADV_COLLAPSE].includes(advice)) return EINVAL;
    if (!mayRead(task, target) || !task.cred.can(CAP_SYS_NICE)) return EPERM;
  }
  const view = new DataView(ranges.buffer, ranges.byteOffset);
  let done = 0;
  for (let i = 0; i < count; i++) {
    const address = Number(view.getBigUint64(i * 16, true));
    const length = Number(view.getBigUint64(i * 16 + 8, true));
    const result = advise(target.mm, address, length, advice);
    if (result !== 0) return done > 0 ? done : result;
    done += length;
  }
  return done;
}

/** Takes the memory of a process that is being killed, before it has come to exit itself. Errors: EINVAL for flags and a
 *  process that lives on; EBADF; ESRCH for one that has no memory any more. */
function process_mrelease(task: Task, fd: number, flags: number): SyscallResult {
  if (flags !== 0) return EINVAL;
  const process = processOf(task.files.get(fd));
  if (!process) return EBADF;
  const target = [...process.group.threads].find((thread) => !thread.exiting);
  if (process.reaped || !target) return ESRCH;
  const { mm } = target;
  // Whoever else uses it must be dying too.
  for (const other of task.kernel.tasks.all) {
    if (other.mm === mm && !other.exiting && !killPending(other)) return EINVAL;
  }
  for (const vma of mm.areas) {
    if (!vma.locked && !vma.frame && (vma.flags & MAP_SHARED) === 0) mm.unmapPages(vma.start, vma.end);
  }
  return 0;
}

export const rows: readonly Row[] = [
  syscall(214, "brk", [Address("addr")], brk),
  syscall(215, "munmap", [Address("addr"), Size("length")], munmap),
  syscall(
    216,
    "mremap",
    [Address("old_address"), Size("old_size"), Size("new_size"), Flags("flags", "mremap"), Address("new_address")],
    mremap,
  ),
  syscall(
    222,
    "mmap",
    [Address("addr"), Size("length"), Flags("prot", "prot"), Flags("flags", "map"), Fd("fd"), Offset("offset", "hex")],
    mmap,
    { gaps: "MAP_HUGETLB" },
  ),
  syscall(226, "mprotect", [Address("addr"), Size("length"), Flags("prot", "prot")], mprotect),
  syscall(227, "msync", [Address("addr"), Size("length"), Flags("flags", "msync")], msync),
  syscall(228, "mlock", [Address("addr"), Size("length")], mlock),
  syscall(229, "munlock", [Address("addr"), Size("length")], munlock),
  syscall(230, "mlockall", [Flags("flags", "mcl")], mlockall),
  syscall(231, "munlockall", [], munlockall),
  syscall(232, "mincore", [Address("addr"), Size("length"), Out("vec")], mincore),
  syscall(233, "madvise", [Address("addr"), Size("length"), Int("advice", "MADV")], madvise),
  syscall(284, "mlock2", [Address("addr"), Size("length"), Flags("flags", "mlock")], mlock2),
  syscall(
    440,
    "process_madvise",
    [Fd("pidfd"), In("iovec"), ULong("count"), Int("advice", "MADV"), Flags("flags")],
    process_madvise,
  ),
  syscall(448, "process_mrelease", [Fd("pidfd"), Flags("flags")], process_mrelease),
];
