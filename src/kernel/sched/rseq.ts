// Restartable sequences: a stretch of user code that starts anew when the thread was preempted or got a signal in it.
// rseq(2), Documentation in linux/rseq.h
import { EBUSY, EFAULT, EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import { SIGSEGV } from "../../abi/signal.ts";
import { at, type UserAddress } from "../mm/user.ts";
import { forceSignal } from "../signal/send.ts";
import type { Task } from "../task/task.ts";

/** What a thread registered: the place of its struct rseq, and the signature before each abort handler. */
export interface RseqArea {
  readonly address: UserAddress;
  readonly length: number;
  readonly signature: number;
}

const ORIGINAL_SIZE = 32;
const RSEQ_FLAG_UNREGISTER = 1;
const RSEQ_CS = 8;
const CPU_UNINITIALIZED = 0xffffffff;

/** Errors: EINVAL, EPERM (another signature), EBUSY (registered already), EFAULT. */
export function registerRseq(
  task: Task,
  address: UserAddress,
  length: number,
  flags: number,
  signature: number,
): 0 | Errno {
  const { rseq, mm } = task;
  if ((flags & RSEQ_FLAG_UNREGISTER) !== 0) {
    if (flags !== RSEQ_FLAG_UNREGISTER || !rseq || rseq.address !== address || rseq.length !== length) return EINVAL;
    if (rseq.signature !== signature) return EPERM;
    if (writeIds(task, address, 0, CPU_UNINITIALIZED) < 0) return EFAULT;
    task.rseq = undefined;
    return 0;
  }
  if (flags !== 0) return EINVAL;
  if (rseq) {
    if (rseq.address !== address || rseq.length !== length) return EINVAL;
    return rseq.signature === signature ? EBUSY : EPERM;
  }
  if (length < ORIGINAL_SIZE || address % 32 !== 0) return EINVAL;
  if (mm.writeU64(at(address, RSEQ_CS), 0n) < 0 || writeIds(task, address, 0, 0) < 0) return EFAULT;
  task.rseq = { address, length, signature };
  return 0;
}

/** cpu_id_start, cpu_id, node_id, mm_cid: there is one processor so far. */
function writeIds(task: Task, address: UserAddress, start: number, id: number): number {
  const { mm } = task;
  if (mm.writeU32(address, start) < 0 || mm.writeU32(at(address, 4), id) < 0) return -1;
  return mm.writeU32(at(address, 20), 0) < 0 ? -1 : mm.writeU32(at(address, 24), 0);
}

/** The thread was preempted or is about to take a signal: if it is within a sequence, it goes to its abort handler.
 *  A registration that makes no sense is the program's fault: SIGSEGV. */
export function abortSequence(task: Task): void {
  const { rseq, mm, context } = task;
  if (!rseq) return;
  const low = mm.readU32(at(rseq.address, RSEQ_CS));
  const high = mm.readU32(at(rseq.address, RSEQ_CS + 4));
  if (low === 0 && high === 0) return;
  const known = low !== undefined && high !== undefined;
  const descriptor = known ? mm.read((high * 0x1_0000_0000 + low) as UserAddress, 32) : EFAULT;
  if (typeof descriptor === "number") {
    forceSignal(task, { signal: SIGSEGV, code: 0x80 });
    return;
  }
  const view = new DataView(descriptor.buffer);
  const start = Number(view.getBigUint64(8, true));
  const length = Number(view.getBigUint64(16, true));
  const abort = Number(view.getBigUint64(24, true));
  const inside = context.pc >= start && context.pc - start < length;
  if (inside) {
    if (view.getUint32(0, true) !== 0 || mm.readU32((abort - 4) as UserAddress) !== rseq.signature) {
      forceSignal(task, { signal: SIGSEGV, code: 0x80 });
      return;
    }
    context.pc = abort;
  }
  mm.writeU64(at(rseq.address, RSEQ_CS), 0n);
}
