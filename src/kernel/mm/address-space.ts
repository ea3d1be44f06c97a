// An address space: vmas, the page table, and the copies across the gate.
import type { Errno } from "../../abi/errno.ts";
import type { UserAddress, UserMemory } from "./user.ts";

export interface AddressSpace extends UserMemory {
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
