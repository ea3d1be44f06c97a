// An address space: its areas, its page table, and the copies across the gate. Mapping calls are in map.ts, page faults
// in fault.ts; raw memory is private to this folder.
import { EFAULT, ENAMETOOLONG, type Errno } from "../../abi/errno.ts";
import { MAP_SHARED, PROT_WRITE } from "../../abi/flags.ts";
import { fromBytes } from "../../lib/byte-string.ts";
import { PageTable, PTE_D, PTE_R, PTE_S0, PTE_S1, PTE_V, PTE_W } from "../../machine/page-table.ts";
import { PAGE_SIZE, type Ram } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import type { FutexWords } from "../sched/futex.ts";
import type { File } from "../vfs/file.ts";
import type { PageCache, PageMapper } from "../vfs/page-cache.ts";
import { allowWrite } from "../vfs/write-access.ts";
import { releaseTables } from "./charge.ts";
import { type Access, fault, READ, WRITE } from "./fault.ts";
import type { MemoryGroup } from "./memory-group.ts";
import { slotOf } from "./swap.ts";
import { dropSwapped } from "./swap-in.ts";
import type { UserAddress, UserMemory } from "./user.ts";
import type { Vma } from "./vma.ts";
import { VmaList } from "./vma-list.ts";

/** A page whose frame is shared with another address space until someone writes. */
export const PTE_COW = PTE_S0;
/** The frame belongs to a page cache, not to this address space alone. */
export const PTE_CACHE = PTE_S1;

/** Lowest address that can be mapped (vm.mmap_min_addr). */
export const MMAP_MIN = 0x10000;
/** End of user space on Sv39, less one guard page. */
export const TASK_SIZE = 0x3f_ffff_f000;

/** Bytes that are moved here rather than by a call. */
const FEW = 16;
/** Likewise between RAM and an array: there a call takes two views. */
const FEW_COPIED = 96;

const READABLE = PTE_V | PTE_R;
/** A page that is to be written must be known to be dirty: MADV_FREE asks for it. */
const WRITABLE = PTE_V | PTE_R | PTE_W | PTE_D;

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);
const words = { u32: scratchBytes.subarray(0, 4), u64: scratchBytes };

export class AddressSpace implements UserMemory, PageMapper {
  readonly kernel: Kernel;
  readonly ram: Ram;
  readonly table: PageTable;
  readonly areas = new VmaList();
  private references = 1;

  // layout, for brk(2), mmap(2) and /proc
  mmapBase = TASK_SIZE;
  brkStart = 0;
  brk = 0;
  startCode = 0;
  endCode = 0;
  startData = 0;
  endData = 0;
  startStack = 0;
  argStart = 0;
  argEnd = 0;
  envStart = 0;
  envEnd = 0;
  auxv: Uint8Array = new Uint8Array(0);
  /** The program, which nobody may write while it runs. */
  executable: File | undefined;
  /** Words that its threads wait for: kept by sched/futex.ts. */
  futexWords: FutexWords | undefined;
  /** Where a signal handler returns to: the vDSO's sigreturn. */
  sigreturn = 0;

  // accounting, in pages
  readonly rss = { anonymous: 0, file: 0, shared: 0 };
  peakRss = 0;
  totalPages = 0;
  lockedPages = 0;
  /** Pages in swap. */
  swapped = 0;
  /** Pages promised to it: those of areas that count (overcommit.ts). */
  committed = 0;
  /** Frames of its page tables that a memory group was charged for, and the group (charge.ts). */
  tablesCharged = 0;
  tablesGroup: MemoryGroup | undefined;
  /** The OOM killer has taken its pages. */
  reaped = false;
  /** Where reclaim goes on with it. */
  walkedTo = 0;
  /** mlockall(MCL_FUTURE). */
  lockFuture = false;

  constructor(kernel: Kernel, table: PageTable) {
    this.kernel = kernel;
    this.ram = kernel.ram;
    this.table = table;
    kernel.memory.reclaim.spaces.add(this);
  }
  /** An empty one; undefined when there is no memory for its table. */
  static create(kernel: Kernel): AddressSpace | undefined {
    const table = PageTable.create(kernel.ram);
    return table ? new AddressSpace(kernel, table) : undefined;
  }

  /** What membarrier(2) was told to be ready for. */
  barriers = 0;

  /** The pages of a range that are in RAM: whether each belongs to a page cache, and how many hold it. And those in swap:
   *  how many hold the slot. */
  eachPage(
    start: number,
    end: number,
    resident: (cached: boolean, references: number) => void,
    swapped: (references: number) => void,
  ): void {
    const { swap } = this.kernel;
    this.table.forEach(start, end, (_va, pte) => {
      if ((pte & PTE_V) !== 0) resident((pte & PTE_CACHE) !== 0, this.ram.refs((pte & ~0xfff) >>> 0));
      else swapped(swap.refs(slotOf(pte)));
    });
  }
  vmas(): Iterable<Vma> {
    return this.areas;
  }
  get users(): number {
    return this.references;
  }
  ref(): this {
    this.references++;
    return this;
  }
  unref(): void {
    if (--this.references > 0) return;
    for (const vma of [...this.areas]) {
      this.unmapPages(vma.start, vma.end);
      this.release(vma);
    }
    this.areas.clear();
    if (this.tablesGroup) releaseTables(this);
    this.table.destroy();
    this.kernel.memory.reclaim.spaces.delete(this);
    if (this.executable) {
      allowWrite(this.executable.inode);
      this.executable.unref();
    }
  }
  /** Pages in RAM. */
  get resident(): number {
    return this.rss.anonymous + this.rss.file + this.rss.shared;
  }

  // areas

  /** Enters an area: counts it, and listens for pages that its file loses. Takes over the reference to its file. */
  enter(vma: Vma): void {
    this.areas.insert(vma);
    this.totalPages += (vma.end - vma.start) / PAGE_SIZE;
    if (vma.locked) this.lockedPages += (vma.end - vma.start) / PAGE_SIZE;
    vma.pages?.map(this);
  }
  /** Promises it pages (overcommit.ts). Errors: ENOMEM. */
  promise(pages: number, less = 0): 0 | Errno {
    const refused = this.kernel.memory.overcommit.promise(pages, this.totalPages, less);
    if (refused === 0) this.committed += pages;
    return refused;
  }
  /** Gives promised pages up. */
  giveUp(pages: number): void {
    this.committed -= pages;
    this.kernel.memory.overcommit.release(pages);
  }
  /** Takes an area out; its pages are already gone. */
  release(vma: Vma): void {
    this.areas.remove(vma);
    this.totalPages -= (vma.end - vma.start) / PAGE_SIZE;
    if (vma.locked) this.lockedPages -= (vma.end - vma.start) / PAGE_SIZE;
    if (vma.accounted) this.giveUp((vma.end - vma.start) / PAGE_SIZE);
    vma.pages?.unmap(this);
    vma.file?.unref();
  }
  /** Cuts the area that spans `address` in two there. */
  splitAt(address: number): void {
    const vma = this.areas.find(address);
    if (!vma || vma.start === address) return;
    const upper: Vma = { ...vma, start: address, offset: vma.offset + (address - vma.start) };
    vma.end = address;
    vma.pages?.map(this);
    vma.file?.ref();
    this.areas.insert(upper);
  }
  /** Removes the pages of a range; frames go back, counts follow. Dirty pages of shared files are marked for writing. */
  unmapPages(start: number, end: number): void {
    const { ram, rss } = this;
    this.table.clearRange(start, end, (va, pte) => {
      if ((pte & PTE_V) === 0) {
        dropSwapped(this, pte);
        return;
      }
      if ((pte & PTE_CACHE) !== 0) {
        const vma = this.areas.find(va);
        if (vma?.flags !== undefined && (vma.flags & 1) !== 0) {
          rss.shared--;
          if ((pte & PTE_W) !== 0) vma.pages?.dirty((vma.offset + va - vma.start) / PAGE_SIZE);
        } else rss.file--;
      } else rss.anonymous--;
      ram.unref((pte & ~0xfff) >>> 0);
    });
  }
  /** Maps a frame, taking over the caller's reference to it. Returns false without memory for a table. */
  mapPage(va: number, frame: number, flags: number): boolean {
    if (!this.table.set(va, (frame | flags) >>> 0)) {
      this.ram.unref(frame);
      return false;
    }
    return true;
  }
  countPage(kind: "anonymous" | "file" | "shared"): void {
    this.rss[kind]++;
    const { resident } = this;
    if (resident > this.peakRss) this.peakRss = resident;
  }
  /** PageMapper: is there a shared mapping that may write? */
  sharesWritable(pages: PageCache): boolean {
    for (const vma of this.areas) {
      if (vma.pages === pages && (vma.flags & MAP_SHARED) !== 0 && (vma.maxProt & PROT_WRITE) !== 0) return true;
    }
    return false;
  }
  /** PageMapper: a file lost pages [start, end). */
  dropPages(pages: PageCache, start: number, end: number): void {
    for (const vma of this.areas) {
      if (vma.pages !== pages) continue;
      const first = Math.max(vma.start, vma.start + start * PAGE_SIZE - vma.offset);
      const last = Math.min(vma.end, vma.start + end * PAGE_SIZE - vma.offset);
      if (first < last) this.dropCachePages(first, last);
    }
  }
  /** Drops the pages that show the file itself; private copies stay. */
  private dropCachePages(start: number, end: number): void {
    const lost: number[] = [];
    this.table.forEach(start, end, (va, pte) => {
      if ((pte & PTE_CACHE) !== 0) lost.push(va);
      return undefined;
    });
    for (const va of lost) this.unmapPages(va, va + PAGE_SIZE);
  }

  // copies across the gate

  /** The physical address of a user address for an access, faulting it in; 0 if it is not to be had. */
  translate(address: number, access: Access): number {
    if (!(address >= 0 && address < TASK_SIZE)) return 0;
    const within = (address >>> 0) & 0xfff;
    const page = address - within;
    const need = access === WRITE ? WRITABLE : READABLE;
    // A page may have to come back from swap first and be copied then, and be given up again for the copy.
    for (let tries = 0; tries < 6; tries++) {
      const pte = this.table.get(page);
      if ((pte & need) === need) {
        const frame = (pte & ~0xfff) >>> 0;
        if (access === WRITE) this.ram.codeWritten(frame); // it may be code by another mapping
        return frame + within;
      }
      if (fault(this, address, access) !== 0) return 0;
    }
    return 0;
  }
  copyIn(address: UserAddress, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const at = address + done;
      const physical = this.translate(at, READ);
      if (physical === 0) break;
      const n = Math.min(PAGE_SIZE - (physical & 0xfff), into.length - done);
      if (n <= FEW_COPIED) for (let i = 0; i < n; i++) into[done + i] = this.ram.u8[physical + i]!;
      else into.set(this.ram.u8.subarray(physical, physical + n), done);
      done += n;
    }
    return done;
  }
  copyOut(address: UserAddress, from: Uint8Array): number {
    let done = 0;
    while (done < from.length) {
      const at = address + done;
      const buffer = this.ram.u8;
      const physical = this.translate(at, WRITE);
      if (physical === 0) break;
      // A view of RAM itself moves when RAM grows: take the part again from the memory that is now current.
      const source = from.buffer === buffer.buffer && buffer !== this.ram.u8 ? this.sameView(from) : from;
      const n = Math.min(PAGE_SIZE - (physical & 0xfff), from.length - done);
      if (n <= FEW_COPIED) for (let i = 0; i < n; i++) this.ram.u8[physical + i] = source[done + i]!;
      else this.ram.u8.set(n === source.length ? source : source.subarray(done, done + n), physical);
      done += n;
    }
    return done;
  }
  private sameView(from: Uint8Array): Uint8Array {
    return this.ram.u8.subarray(from.byteOffset, from.byteOffset + from.length);
  }
  /** How many of `length` bytes lie in RAM in one piece from `physical` on, where `address` is: pages that follow each
   *  other there too, and permit the access. */
  piece(address: number, physical: number, length: number, writes: boolean): number {
    const need = writes ? WRITABLE : READABLE;
    let n = PAGE_SIZE - (physical & 0xfff);
    while (n < length) {
      const pte = this.table.get(address + n);
      if ((pte & need) !== need || (pte & ~0xfff) >>> 0 !== physical + n) return n;
      if (writes) this.ram.codeWritten(physical + n);
      n += PAGE_SIZE;
    }
    return length;
  }
  private move(to: number, from: number, count: number): void {
    if (count > FEW) {
      this.ram.copy(to, from, count);
      return;
    }
    const { u8 } = this.ram;
    for (let i = 0; i < count; i++) u8[to + i] = u8[from + i]!;
  }
  copyToRam(address: UserAddress, to: number, length: number): number {
    let done = 0;
    while (done < length) {
      const physical = this.translate(address + done, READ);
      if (physical === 0) break;
      const n = this.piece(address + done, physical, length - done, false);
      this.move(to + done, physical, n);
      done += n;
    }
    return done;
  }
  copyFromRam(address: UserAddress, from: number, length: number): number {
    let done = 0;
    while (done < length) {
      const physical = this.translate(address + done, WRITE);
      if (physical === 0) break;
      const n = this.piece(address + done, physical, length - done, true);
      this.move(physical, from + done, n);
      done += n;
    }
    return done;
  }
  clear(address: UserAddress, length: number): number {
    let done = 0;
    while (done < length) {
      const physical = this.translate(address + done, WRITE);
      if (physical === 0) break;
      const n = this.piece(address + done, physical, length - done, true);
      if (n > FEW) this.ram.fill(physical, 0, n);
      else for (let i = 0; i < n; i++) this.ram.u8[physical + i] = 0;
      done += n;
    }
    return done;
  }
  locate(address: UserAddress, writes: boolean): number {
    return this.translate(address, writes ? WRITE : READ);
  }
  bringIn(address: UserAddress, length: number): number {
    let done = 0;
    while (done < length) {
      const physical = this.translate(address + done, READ);
      if (physical === 0) return done;
      done += PAGE_SIZE - (physical & 0xfff);
    }
    return length;
  }
  /** A string up to its NUL, as a byte string. Errors: EFAULT; ENAMETOOLONG when `limit` bytes have no NUL. */
  readString(address: UserAddress, limit: number): string | Errno {
    const first = this.translate(address, READ);
    if (first === 0) return EFAULT;
    const end = first + Math.min(PAGE_SIZE - (first & 0xfff), limit);
    return this.kernel.strings.read(this.ram.u8, first, end) ?? this.readLongString(address, limit);
  }
  private readLongString(address: UserAddress, limit: number): string | Errno {
    let text = "";
    while (text.length < limit) {
      const physical = this.translate(address + text.length, READ);
      if (physical === 0) return EFAULT;
      const n = Math.min(PAGE_SIZE - (physical & 0xfff), limit - text.length);
      const end = this.ram.u8.indexOf(0, physical);
      if (end >= 0 && end < physical + n) return text + fromBytes(this.ram.u8, physical, end);
      text += fromBytes(this.ram.u8, physical, physical + n);
    }
    return ENAMETOOLONG;
  }
  /** undefined: EFAULT. Little-endian. */
  readU32(address: UserAddress): number | undefined {
    if ((address & 0xfff) <= 0xffc) {
      const physical = this.translate(address, READ);
      return physical === 0 ? undefined : this.ram.view.getUint32(physical, true);
    }
    return this.copyIn(address, words.u32) === 4 ? scratch.getUint32(0, true) : undefined;
  }
  readU64(address: UserAddress): bigint | undefined {
    return this.copyIn(address, words.u64) === 8 ? scratch.getBigUint64(0, true) : undefined;
  }
  /** 0 or EFAULT. */
  writeU32(address: UserAddress, value: number): 0 | Errno {
    if ((address & 0xfff) <= 0xffc) {
      const physical = this.translate(address, WRITE);
      if (physical === 0) return EFAULT;
      this.ram.view.setUint32(physical, value, true);
      return 0;
    }
    scratch.setUint32(0, value, true);
    return this.copyOut(address, words.u32) === 4 ? 0 : EFAULT;
  }
  writeU64(address: UserAddress, value: bigint): 0 | Errno {
    scratch.setBigUint64(0, BigInt.asUintN(64, value), true);
    return this.copyOut(address, words.u64) === 8 ? 0 : EFAULT;
  }
  /** The physical address of a struct that is about to be written, in one piece; 0 when it lies on two pages or can't be
   *  written. `write` knows how to go on then. */
  place(address: UserAddress, size: number): number {
    return (address & 0xfff) + size <= PAGE_SIZE ? this.translate(address, WRITE) : 0;
  }
  /** All of a struct, or EFAULT. */
  read(address: UserAddress, length: number): Uint8Array<ArrayBuffer> | Errno {
    const bytes = new Uint8Array(length);
    return this.copyIn(address, bytes) === length ? bytes : EFAULT;
  }
  /** All of it, or EFAULT. */
  write(address: UserAddress, bytes: Uint8Array): 0 | Errno {
    return this.copyOut(address, bytes) === bytes.length ? 0 : EFAULT;
  }
}
