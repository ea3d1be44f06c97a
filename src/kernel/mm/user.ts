// The one door to user memory. System calls take UserAddress values and go through the address space's copy functions
// or an IoBuffer, behind which a pointer, an iovec and a kernel buffer look alike.
import { EFAULT, EINVAL, type Errno } from "../../abi/errno.ts";
import type { Ram } from "../../machine/ram.ts";

declare const brand: unique symbol;
/** A virtual address in a user space; no plain number passes for one. */
export type UserAddress = number & { readonly [brand]: "user" };
export const NULL = 0 as UserAddress;

/** Address arithmetic. */
export function at(address: UserAddress, offset: number): UserAddress {
  return (address + offset) as UserAddress;
}

/** What a copy needs of an address space. Copies resolve faults (demand paging, copy-on-write) as they go. */
export interface UserMemory {
  /** Copies into kernel space. Returns the bytes copied, fewer when a page is not readable. */
  copyIn(address: UserAddress, into: Uint8Array): number;
  /** Copies to user space. Returns the bytes copied, fewer when a page is not writable. */
  copyOut(address: UserAddress, from: Uint8Array): number;
  /** As copyIn and copyOut, but the kernel's side is RAM itself, at a physical address. The frames there are held. */
  copyToRam(address: UserAddress, to: number, length: number): number;
  copyFromRam(address: UserAddress, from: number, length: number): number;
  /** Zeroes user memory; returns the bytes cleared. */
  clear(address: UserAddress, length: number): number;
  /** Brings in pages that are about to be read; returns how many of the bytes are there. */
  bringIn(address: UserAddress, length: number): number;
  /** The physical address of memory that is about to be read or written, its first page brought in; 0: not to be had. */
  locate(address: UserAddress, writes: boolean): number;
  /** How many of `length` bytes from there on lie in RAM in one piece. */
  piece(address: UserAddress, physical: number, length: number, writes: boolean): number;
}

/** A cursor over the memory that a read fills or a write drains. */
export abstract class IoBuffer {
  /** Bytes left. */
  abstract readonly length: number;
  /** Copies `from` to the buffer (a read's data) and advances; returns the bytes taken, fewer at its end or at a fault. */
  abstract put(from: Uint8Array): number;
  /** Fills `into` from the buffer (a write's data) and advances; fewer at its end or at a fault. */
  abstract take(into: Uint8Array): number;
  /** As `put`, of `count` bytes of RAM at a physical address, in frames that somebody holds. */
  putRam(ram: Ram, from: number, count: number): number {
    return overRam(ram, from, count, (bytes) => this.put(bytes));
  }
  /** As `take`, to RAM at a physical address. */
  takeRam(ram: Ram, to: number, count: number): number {
    return overRam(ram, to, count, (bytes) => this.take(bytes));
  }
  /** Brings in what `take` of so many bytes reads. Returns how many of them it will give, as far as can be told. */
  bringIn(count: number): number {
    return count;
  }
  /** How many of the next `count` bytes lie in RAM in one piece, then from `at` on: the host reads or fills them there
   *  (`writes`) and `pass` moves on. 0: not in RAM, or not to be had. */
  inRam(_count: number, _writes: boolean): number {
    return 0;
  }
  at = 0;
  pass(_count: number): void {
    // Nothing was given out.
  }
  /** Puts `count` zero bytes. */
  zero(count: number): number {
    let done = 0;
    while (done < count) {
      const n = this.put(zeros.subarray(0, Math.min(zeros.length, count - done)));
      if (n === 0) break;
      done += n;
    }
    return done;
  }
  /** Takes all that is left, at most `limit` bytes. EFAULT when the first byte can't be read. */
  takeAll(limit = Number.POSITIVE_INFINITY): Uint8Array | Errno {
    const want = Math.min(this.length, limit);
    const bytes = new Uint8Array(want);
    const n = this.take(bytes);
    if (n === want) return bytes;
    return n === 0 ? EFAULT : bytes.subarray(0, n);
  }
}

const zeros = new Uint8Array(4096);

/** RAM that grows meanwhile (a page fault in the copy) leaves the view behind empty: then what is left is copied again
 *  from where it is now. */
function overRam(ram: Ram, address: number, count: number, copy: (bytes: Uint8Array) => number): number {
  let done = 0;
  for (;;) {
    const before = ram.u8;
    done += copy(before.subarray(address + done, address + count));
    if (done >= count || before === ram.u8) return done;
  }
}

/** One pointer and length. */
export class UserBuffer extends IoBuffer {
  private mm: UserMemory;
  private address: number;
  length: number;
  constructor(mm: UserMemory, address: UserAddress, length: number) {
    super();
    this.mm = mm;
    this.address = address;
    this.length = length;
  }
  /** As new. */
  set(mm: UserMemory, address: UserAddress, length: number): this {
    this.mm = mm;
    this.address = address;
    this.length = length;
    return this;
  }
  put(from: Uint8Array): number {
    const part = from.length > this.length ? from.subarray(0, this.length) : from;
    return this.advance(this.mm.copyOut(this.address as UserAddress, part));
  }
  take(into: Uint8Array): number {
    const part = into.length > this.length ? into.subarray(0, this.length) : into;
    return this.advance(this.mm.copyIn(this.address as UserAddress, part));
  }
  override putRam(_ram: Ram, from: number, count: number): number {
    return this.advance(this.mm.copyFromRam(this.address as UserAddress, from, Math.min(count, this.length)));
  }
  override takeRam(_ram: Ram, to: number, count: number): number {
    return this.advance(this.mm.copyToRam(this.address as UserAddress, to, Math.min(count, this.length)));
  }
  override bringIn(count: number): number {
    return this.mm.bringIn(this.address as UserAddress, Math.min(count, this.length));
  }
  override inRam(count: number, writes: boolean): number {
    const address = this.address as UserAddress;
    const length = Math.min(count, this.length);
    this.at = length === 0 ? 0 : this.mm.locate(address, writes);
    return this.at === 0 ? 0 : this.mm.piece(address, this.at, length, writes);
  }
  override pass(count: number): void {
    this.advance(count);
  }
  override zero(count: number): number {
    return this.advance(this.mm.clear(this.address as UserAddress, Math.min(count, this.length)));
  }
  private advance(n: number): number {
    this.address += n;
    this.length -= n;
    return n;
  }
}

/** Several buffers in a row: an iovec. */
export class VectorBuffer extends IoBuffer {
  private readonly parts: readonly IoBuffer[];
  private current = 0;
  constructor(parts: readonly IoBuffer[]) {
    super();
    this.parts = parts;
  }
  get length(): number {
    let sum = 0;
    for (let i = this.current; i < this.parts.length; i++) sum += this.parts[i]!.length;
    return sum;
  }
  /** The part that comes next; undefined at the end. */
  private next(): IoBuffer | undefined {
    const { parts } = this;
    while (this.current < parts.length) {
      const part = parts[this.current]!;
      if (part.length > 0) return part;
      this.current++;
    }
    return undefined;
  }
  put(from: Uint8Array): number {
    let done = 0;
    for (let part = this.next(); part && done < from.length; part = this.next()) {
      const n = part.put(from.subarray(done, done + part.length));
      if (n === 0) break;
      done += n;
    }
    return done;
  }
  take(into: Uint8Array): number {
    let done = 0;
    for (let part = this.next(); part && done < into.length; part = this.next()) {
      const n = part.take(into.subarray(done, done + part.length));
      if (n === 0) break;
      done += n;
    }
    return done;
  }
  override putRam(ram: Ram, from: number, count: number): number {
    let done = 0;
    for (let part = this.next(); part && done < count; part = this.next()) {
      const n = part.putRam(ram, from + done, Math.min(count - done, part.length));
      if (n === 0) break;
      done += n;
    }
    return done;
  }
  override takeRam(ram: Ram, to: number, count: number): number {
    let done = 0;
    for (let part = this.next(); part && done < count; part = this.next()) {
      const n = part.takeRam(ram, to + done, Math.min(count - done, part.length));
      if (n === 0) break;
      done += n;
    }
    return done;
  }
  override zero(count: number): number {
    let done = 0;
    for (let part = this.next(); part && done < count; part = this.next()) {
      const n = part.zero(Math.min(count - done, part.length));
      if (n === 0) break;
      done += n;
    }
    return done;
  }
  override inRam(count: number, writes: boolean): number {
    const part = this.next();
    if (!part) return 0;
    const n = part.inRam(Math.min(count, part.length), writes);
    this.at = part.at;
    return n;
  }
  override pass(count: number): void {
    this.next()?.pass(count);
  }
}

/** Kernel memory as a buffer: for reads and writes that the kernel itself makes. */
export class KernelBuffer extends IoBuffer {
  private readonly bytes: Uint8Array;
  /** Bytes already put or taken. */
  position = 0;
  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }
  get length(): number {
    return this.bytes.length - this.position;
  }
  put(from: Uint8Array): number {
    const n = Math.min(from.length, this.length);
    this.bytes.set(n === from.length ? from : from.subarray(0, n), this.position);
    this.position += n;
    return n;
  }
  take(into: Uint8Array): number {
    const n = Math.min(into.length, this.length);
    into.set(this.bytes.subarray(this.position, this.position + n));
    this.position += n;
    return n;
  }
  override putRam(ram: Ram, from: number, count: number): number {
    return this.put(ram.u8.subarray(from, from + count));
  }
  override takeRam(ram: Ram, to: number, count: number): number {
    return this.take(ram.u8.subarray(to, to + count));
  }
}

/** The first `limit` bytes of another buffer. */
class LimitedBuffer extends IoBuffer {
  private readonly buffer: IoBuffer;
  private left: number;
  constructor(buffer: IoBuffer, limit: number) {
    super();
    this.buffer = buffer;
    this.left = limit;
  }
  get length(): number {
    return Math.min(this.left, this.buffer.length);
  }
  put(from: Uint8Array): number {
    return this.used(this.buffer.put(from.length > this.left ? from.subarray(0, this.left) : from));
  }
  take(into: Uint8Array): number {
    return this.used(this.buffer.take(into.length > this.left ? into.subarray(0, this.left) : into));
  }
  override putRam(ram: Ram, from: number, count: number): number {
    return this.used(this.buffer.putRam(ram, from, Math.min(count, this.left)));
  }
  override takeRam(ram: Ram, to: number, count: number): number {
    return this.used(this.buffer.takeRam(ram, to, Math.min(count, this.left)));
  }
  private used(n: number): number {
    this.left -= n;
    return n;
  }
}

/** A read's answer from bytes that are at hand: how many went out, or EFAULT when none could. */
export function putAll(into: IoBuffer, bytes: Uint8Array): number | Errno {
  const want = Math.min(into.length, bytes.length);
  if (want === 0) return 0;
  return into.put(want < bytes.length ? bytes.subarray(0, want) : bytes) || EFAULT;
}

/** At most `limit` bytes of a buffer; the buffer itself when it has no more. */
export function limitBuffer(buffer: IoBuffer, limit: number): IoBuffer {
  return buffer.length <= limit ? buffer : new LimitedBuffer(buffer, limit);
}

const WORD = 2 ** 32;

const STRUCT_WORDS = 32;
const structWords = new Int32Array(STRUCT_WORDS);
const structBytes = Array.from({ length: STRUCT_WORDS + 1 }, (_, n) => new Uint8Array(structWords.buffer, 0, n * 4));

/** The first `count` words of a struct, at most 32, in a buffer that the next call uses again; undefined: EFAULT. */
export function readWords(mm: UserMemory, address: UserAddress, count: number): Int32Array | undefined {
  return mm.copyIn(address, structBytes[count]!) === count * 4 ? structWords : undefined;
}

/** Two words as a number: an address or a size, and a signed one. */
export const unsignedAt = (words: Int32Array, at: number): number => (words[at + 1]! >>> 0) * WORD + (words[at]! >>> 0);
export const signedAt = (words: Int32Array, at: number): number => words[at + 1]! * WORD + (words[at]! >>> 0);

export const IOV_MAX = 1024;
/** A call moves at most this many bytes (Linux's MAX_RW_COUNT). */
export const MAX_RW_COUNT = 0x7ffff000;

function readMany(mm: UserMemory, address: UserAddress, count: number): Int32Array | undefined {
  const words = new Int32Array(count);
  return mm.copyIn(address, new Uint8Array(words.buffer)) === count * 4 ? words : undefined;
}

/** Reads an iovec. Its parts may lie in another memory than itself. Errors: EINVAL for too many parts or a length that
 *  overflows; EFAULT. readv(2) */
export function readIovec(mm: UserMemory, address: UserAddress, count: number, holder = mm): IoBuffer | Errno {
  if (count < 0 || count > IOV_MAX) return EINVAL;
  const words = count * 4 <= STRUCT_WORDS ? readWords(mm, address, count * 4) : readMany(mm, address, count * 4);
  if (!words) return EFAULT;
  const parts: IoBuffer[] = [];
  let left = MAX_RW_COUNT;
  for (let i = 0; i < count; i++) {
    const base = unsignedAt(words, i * 4);
    const length = signedAt(words, i * 4 + 2);
    if (length < 0) return EINVAL;
    const n = Math.min(length, left);
    left -= n;
    parts.push(new UserBuffer(holder, base as UserAddress, n));
  }
  return parts.length === 1 ? parts[0]! : new VectorBuffer(parts);
}

/** Buffers for calls that do not wait: such a call gives its buffer back, and the next one has it. */
export class BufferPool {
  private spare: UserBuffer | undefined;

  take(mm: UserMemory, address: UserAddress, length: number): UserBuffer {
    const { spare } = this;
    if (!spare) return new UserBuffer(mm, address, length);
    this.spare = undefined;
    return spare.set(mm, address, length);
  }
  give(buffer: UserBuffer): void {
    this.spare = buffer;
  }
}
