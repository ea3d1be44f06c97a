// What a task's filters say of the call that it makes, before it is made. Linux's __secure_computing.
import { ENOSYS, ERESTART_RESTARTBLOCK, ERESTARTSYS } from "../../abi/errno.ts";
import { AUDIT_ARCH_RISCV64, PTRACE_EVENT_SECCOMP, PTRACE_O_SUSPEND_SECCOMP } from "../../abi/ptrace.ts";
import {
  SECCOMP_DATA_SIZE,
  SECCOMP_MODE_STRICT,
  SECCOMP_RET_ACTION_FULL,
  SECCOMP_RET_DATA,
  SECCOMP_RET_ERRNO,
  SECCOMP_RET_KILL_THREAD,
  SECCOMP_RET_LOG,
  SECCOMP_RET_TRACE,
  SECCOMP_RET_TRAP,
  SECCOMP_RET_USER_NOTIF,
  SYS_SECCOMP,
} from "../../abi/seccomp.ts";
import { SIG_DFL, SIGKILL, SIGSYS } from "../../abi/signal.ts";
import type { SignalInfo } from "../signal/pending.ts";
import { forceSignal } from "../signal/send.ts";
import { NO_RESULT, type SyscallResult } from "../syscalls/table.ts";
import { exitTask } from "../task/exit.ts";
import type { Task } from "../task/task.ts";
import type { Filter, Verdict } from "./filter.ts";
import type { Listener } from "./listener.ts";

const MAX_ERRNO = 4095;
/** read, write, exit and rt_sigreturn: all that strict mode allows. */
const STRICT: readonly number[] = [63, 64, 93, 139];

/** What becomes of a call that is not simply made: it has its result; its tracer is asked first (`message` for
 *  PTRACE_GETEVENTMSG); or a listener is. */
export type Decision =
  | { readonly kind: "result"; readonly result: SyscallResult }
  | { readonly kind: "trace"; readonly message: number }
  | { readonly kind: "notify"; readonly listener: Listener; readonly filter: Filter; readonly data: Uint8Array };

const words = new Int32Array(SECCOMP_DATA_SIZE / 4);

/** May the task's call be made? undefined: yes. `again`: its tracer has just seen it, and is not asked once more. */
export function secureComputing(task: Task, again: boolean): Decision | undefined {
  const { filter, mode } = task.seccomp!;
  const number = task.syscall;
  if (task.tracee && (task.tracee.options & PTRACE_O_SUSPEND_SECCOMP) !== 0) return undefined;
  if (mode === SECCOMP_MODE_STRICT) {
    if (STRICT.includes(number)) return undefined;
    task.kernel.audit.seccomp(task, SIGKILL, SECCOMP_RET_KILL_THREAD, true);
    exitTask(task, SIGKILL);
    return result(NO_RESULT);
  }
  const { context } = task;
  words[0] = number;
  words[1] = AUDIT_ARCH_RISCV64;
  words[2] = context.pc | 0;
  words[3] = Math.floor(context.pc / 0x1_0000_0000) | 0;
  words[4] = task.originalLow;
  words[5] = task.originalHigh;
  for (let i = 1; i < 6; i++) {
    words[4 + i * 2] = context.low(10 + i);
    words[5 + i * 2] = context.high(10 + i);
  }
  const verdict = filter!.decide(words);
  return verdict && act(task, verdict, again);
}

/** What a filter or a listener answers goes to the program as it is: as a bigint, where it would have the kernel restart
 *  the call. */
export const answerOf = (result: number): number | bigint =>
  result <= ERESTARTSYS && result >= ERESTART_RESTARTBLOCK ? BigInt(result) : result;

const result = (value: SyscallResult): Decision => ({ kind: "result", result: value });

function act(task: Task, { answer, filter }: Verdict, again: boolean): Decision | undefined {
  const { audit } = task.kernel;
  const action = (answer & SECCOMP_RET_ACTION_FULL) >>> 0;
  const data = answer & SECCOMP_RET_DATA;
  switch (action) {
    case SECCOMP_RET_LOG:
      audit.seccomp(task, 0, action, true);
      return undefined;
    case SECCOMP_RET_TRACE:
      if (again) return undefined;
      if (task.tracee?.wants(PTRACE_EVENT_SECCOMP)) return { kind: "trace", message: data };
      audit.seccomp(task, 0, action, filter.log);
      return result(ENOSYS);
    case SECCOMP_RET_USER_NOTIF:
      audit.seccomp(task, 0, action, filter.log);
      if (!filter.listener) return result(ENOSYS);
      return { kind: "notify", listener: filter.listener, filter, data: new Uint8Array(words.buffer).slice() };
    case SECCOMP_RET_ERRNO:
      audit.seccomp(task, 0, action, filter.log);
      return result(answerOf(-Math.min(data, MAX_ERRNO)));
    case SECCOMP_RET_TRAP:
      audit.seccomp(task, 0, action, filter.log);
      forceSignal(task, signalOf(task, data));
      return result(rollBack(task));
    default:
      return kill(task, action, data);
  }
}

/** The registers are what they were at the call. */
function rollBack(task: Task): typeof NO_RESULT {
  task.context.setHalves(10, task.originalLow, task.originalHigh);
  return NO_RESULT;
}

const signalOf = (task: Task, data: number): SignalInfo => ({
  signal: SIGSYS,
  code: SYS_SECCOMP,
  errno: data,
  address: task.context.pc,
  syscall: task.syscall,
});

/** SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_PROCESS, and what is no action at all. A process's last thread is killed as
 *  the process is, with a core; neither a handler nor a tracer comes in between. */
function kill(task: Task, action: number, data: number): Decision {
  const { group } = task;
  task.kernel.audit.seccomp(task, SIGSYS, action, true);
  if (action === SECCOMP_RET_KILL_THREAD && group.threads.size > 1) {
    exitTask(task, SIGSYS);
    return result(NO_RESULT);
  }
  group.handlers.set(SIGSYS, { ...group.handlers.get(SIGSYS), handler: SIG_DFL });
  task.taken = { ...signalOf(task, data), forced: true };
  task.attention = true;
  return result(rollBack(task));
}
