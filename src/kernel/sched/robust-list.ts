// Robust futexes: locks that a thread held when it died are marked, and one waiter of each is told. get_robust_list(2)
import { at, type UserAddress } from "../mm/user.ts";
import type { Task } from "../task/task.ts";
import { futexTid } from "./futex.ts";

export const FUTEX_WAITERS = 0x80000000;
export const FUTEX_OWNER_DIED = 0x40000000;
export const FUTEX_TID_MASK = 0x3fffffff;
/** Entries looked at: the list is the program's, and may be a ring. */
const LIMIT = 2048;

/** Walks the list that the thread registered. Whatever is wrong with it ends the walk. */
export function releaseRobustList(task: Task): void {
  const head = task.robustList;
  if (head === 0) return;
  task.robustList = 0 as UserAddress;
  const { mm } = task;
  const pointer = (address: UserAddress): UserAddress | undefined => {
    const value = mm.readU64(address);
    return value === undefined ? undefined : (Number(value) as UserAddress);
  };
  const offset = mm.readU64(at(head, 8));
  const pending = pointer(at(head, 16));
  if (offset === undefined || pending === undefined) return;
  const word = (entry: UserAddress): UserAddress =>
    at((entry - (entry % 2)) as UserAddress, Number(BigInt.asIntN(64, offset)));
  let entry = pointer(head);
  for (let i = 0; i < LIMIT && entry !== undefined && entry - (entry % 2) !== head; i++) {
    const next: UserAddress | undefined = pointer((entry - (entry % 2)) as UserAddress);
    if (entry !== pending && !die(task, word(entry), entry % 2 === 1)) break;
    entry = next;
  }
  if (pending !== 0) die(task, word(pending), pending % 2 === 1, true);
}

function die(task: Task, address: UserAddress, pi: boolean, pending = false): boolean {
  const { mm, kernel } = task;
  if (address % 4 !== 0) return false;
  const value = mm.readU32(address);
  if (value === undefined) return false;
  if (pending && !pi && value === 0) {
    kernel.futexes.wakeAddress(mm, address, 1);
    return true;
  }
  if ((value & FUTEX_TID_MASK) !== futexTid(task)) return true;
  if (pi && kernel.futexes.inherit(mm, address, FUTEX_OWNER_DIED, FUTEX_WAITERS)) return true;
  if (mm.writeU32(address, ((value & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0) < 0) return false;
  if (!pi && (value & FUTEX_WAITERS) !== 0) kernel.futexes.wakeAddress(mm, address, 1);
  return true;
}
