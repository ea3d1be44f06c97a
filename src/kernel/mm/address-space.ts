// An address space: vmas, the page table, and the copies across the gate.
import type { Errno } from "../../abi/errno.ts";
import type { UserAddress, UserMemory } from "./user.ts";
import type { Vma } from "./vma.ts";

export interface AddressSpace extends UserMemory {
  vmas(): Iterable<Vma>;
  readonly rss: { anonymous: number; file: number; shared: number };
  peakRss: number;
  totalPages: number;
  lockedPages: number;
  /** The pages of a range that are in RAM: whether each belongs to a page cache, and how many hold it. */
  residentPages(start: number, end: number, each: (cached: boolean, references: number) => void): void;
  brkStart: number;
  brk: number;
  startStack: number;
  argStart: number;
  argEnd: number;
  envStart: number;
  envEnd: number;
  auxv: Uint8Array;
  startCode: number;
  endCode: number;
  startData: number;
  endData: number;
  /** What membarrier(2) was told to be ready for. */
  barriers: number;
  /** A string up to its NUL, as a byte string. Errors: EFAULT; ENAMETOOLONG when `limit` bytes have no NUL. */
  readString(address: UserAddress, limit: number): string | Errno;
  /** undefined: EFAULT. Little-endian. */
  readU32(address: UserAddress): number | undefined;
  readU64(address: UserAddress): bigint | undefined;
  /** 0 or EFAULT. */
  writeU32(address: UserAddress, value: number): 0 | Errno;
  writeU64(address: UserAddress, value: bigint): 0 | Errno;
  /** All of a struct, or EFAULT. */
  read(address: UserAddress, length: number): Uint8Array<ArrayBuffer> | Errno;
  /** All of it, or EFAULT. */
  write(address: UserAddress, bytes: Uint8Array): 0 | Errno;
}
