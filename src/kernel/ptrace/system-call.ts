// struct ptrace_syscall_info: the system call at which a traced task has stopped. ptrace(2), PTRACE_GET_SYSCALL_INFO
import { EINVAL, type Errno } from "../../abi/errno.ts";
import {
  AUDIT_ARCH_RISCV64,
  PTRACE_EVENT_SECCOMP,
  PTRACE_EVENTMSG_SYSCALL_ENTRY,
  PTRACE_SYSCALL_INFO_ENTRY,
  PTRACE_SYSCALL_INFO_EXIT,
  PTRACE_SYSCALL_INFO_NONE,
  PTRACE_SYSCALL_INFO_SECCOMP,
  SYSCALL_INFO_SIZE,
  SYSCALL_INFO_SIZE_ENTRY,
  SYSCALL_INFO_SIZE_EXIT,
  SYSCALL_INFO_SIZE_NONE,
  SYSCALL_INFO_SIZE_SECCOMP,
} from "../../abi/ptrace.ts";
import { SIGTRAP } from "../../abi/signal.ts";
import type { Task } from "../task/task.ts";
import type { Tracee } from "./tracee.ts";

const MAX_ERRNO = 4095;

/** Which it is can be told only with PTRACE_O_TRACESYSGOOD, from the code of the stop; or it is a filter that asks. */
function kindOf({ stop }: Tracee): number {
  if (stop?.info?.code === (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) return PTRACE_SYSCALL_INFO_SECCOMP;
  if (stop?.info?.code !== (SIGTRAP | 0x80)) return PTRACE_SYSCALL_INFO_NONE;
  return stop.message === PTRACE_EVENTMSG_SYSCALL_ENTRY ? PTRACE_SYSCALL_INFO_ENTRY : PTRACE_SYSCALL_INFO_EXIT;
}

export function systemCallInfo(task: Task, tracee: Tracee): Uint8Array {
  const { context } = task;
  const kind = kindOf(tracee);
  const bytes = new Uint8Array(SYSCALL_INFO_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, kind);
  view.setUint32(4, AUDIT_ARCH_RISCV64, true);
  view.setBigUint64(8, context.pcBits, true);
  view.setBigUint64(16, context.x(2), true);
  if (kind === PTRACE_SYSCALL_INFO_NONE) return bytes.subarray(0, SYSCALL_INFO_SIZE_NONE);
  if (kind !== PTRACE_SYSCALL_INFO_EXIT) {
    view.setBigInt64(24, BigInt(context.xi(17)), true);
    view.setInt32(32, task.originalLow, true);
    view.setInt32(36, task.originalHigh, true);
    for (let i = 1; i < 6; i++) view.setBigUint64(32 + i * 8, context.x(10 + i), true);
    if (kind === PTRACE_SYSCALL_INFO_ENTRY) return bytes.subarray(0, SYSCALL_INFO_SIZE_ENTRY);
    view.setUint32(80, tracee.stop!.message, true);
    return bytes.subarray(0, SYSCALL_INFO_SIZE_SECCOMP);
  }
  const result = context.xs(10);
  view.setBigUint64(24, context.x(10), true);
  view.setUint8(32, result < 0 && result >= -MAX_ERRNO ? 1 : 0);
  return bytes.subarray(0, SYSCALL_INFO_SIZE_EXIT);
}

/** PTRACE_SET_SYSCALL_INFO: another call, other arguments, another answer. Errors: EINVAL. */
export function setSystemCall(task: Task, tracee: Tracee, bytes: Uint8Array): 0 | Errno {
  const { context } = task;
  const view = new DataView(bytes.buffer);
  const kind = view.getUint8(0);
  if (view.getUint8(1) !== 0 || view.getUint16(2, true) !== 0) return EINVAL;
  if (kind !== kindOf(tracee) || kind === PTRACE_SYSCALL_INFO_NONE) return EINVAL;
  if (kind === PTRACE_SYSCALL_INFO_EXIT) {
    context.setX(10, view.getBigUint64(24, true));
    return 0;
  }
  context.setX(17, BigInt.asUintN(64, BigInt(Number(view.getBigInt64(24, true)) | 0)));
  task.originalLow = view.getInt32(32, true);
  task.originalHigh = view.getInt32(36, true);
  for (let i = 1; i < 6; i++) context.setX(10 + i, view.getBigUint64(32 + i * 8, true));
  return 0;
}
