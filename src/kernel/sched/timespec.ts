// struct timespec at the gate: seconds and nanoseconds of 64 bits each. In kernel space a time is nanoseconds.
import { EFAULT, EINVAL, type Errno } from "../../abi/errno.ts";
import type { UserAddress, UserMemory } from "../mm/user.ts";

export const SECOND = 1_000_000_000n;
/** The latest time that the kernel's clocks can show; what lies beyond counts as it. */
const LATEST = 2n ** 63n - 1n;

/** Nanoseconds. Errors: EFAULT; EINVAL for negative seconds or nanoseconds outside a second. */
export function readTimespec(mm: UserMemory, address: UserAddress): bigint | Errno {
  const raw = new Uint8Array(16);
  if (mm.copyIn(address, raw) !== 16) return EFAULT;
  return decodeTimespec(new DataView(raw.buffer), 0);
}

export function decodeTimespec(view: DataView, offset: number): bigint | Errno {
  const seconds = view.getBigInt64(offset, true);
  const nanoseconds = view.getBigInt64(offset + 8, true);
  if (seconds < 0n || nanoseconds < 0n || nanoseconds >= SECOND) return EINVAL;
  const time = seconds * SECOND + nanoseconds;
  return time > LATEST ? LATEST : time;
}

export function encodeTimespec(view: DataView, offset: number, time: bigint): void {
  view.setBigInt64(offset, time / SECOND, true);
  view.setBigInt64(offset + 8, time % SECOND, true);
}

/** 0 or EFAULT. */
export function writeTimespec(mm: UserMemory, address: UserAddress, time: bigint): 0 | Errno {
  const raw = new Uint8Array(16);
  encodeTimespec(new DataView(raw.buffer), 0, time);
  return mm.copyOut(address, raw) === 16 ? 0 : EFAULT;
}
