// How a task comes by its filters, and by strict mode. seccomp(2)
import { BPF_MAXINSNS, SOCK_FILTER_SIZE, SOCK_FPROG_SIZE } from "../../abi/bpf.ts";
import { EACCES, EBUSY, EFAULT, EINVAL, EMFILE, ENOMEM, type Errno, ESRCH } from "../../abi/errno.ts";
import { RLIMIT_NOFILE } from "../../abi/flags.ts";
import {
  SECCOMP_FILTER_FLAG_LOG,
  SECCOMP_FILTER_FLAG_MASK,
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  SECCOMP_FILTER_FLAG_TSYNC,
  SECCOMP_FILTER_FLAG_TSYNC_ESRCH,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
  SECCOMP_MODE_FILTER,
  SECCOMP_MODE_STRICT,
} from "../../abi/seccomp.ts";
import type { UserAddress } from "../mm/user.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { check } from "./check.ts";
import { Filter } from "./filter.ts";
import { Listener } from "./listener.ts";
import { listenerFile } from "./listener-file.ts";
import { Program } from "./program.ts";

/** Instructions in a chain, at most; each filter counts for so many more than it has. */
const MAX_INSNS_PER_PATH = 32768;
const FILTER_OVERHEAD = 4;

/** Only read, write, exit and rt_sigreturn from now on. Errors: EINVAL in filter mode. */
export function setStrictMode(task: Task): 0 | Errno {
  if (task.seccomp && task.seccomp.mode !== SECCOMP_MODE_STRICT) return EINVAL;
  task.seccomp = { mode: SECCOMP_MODE_STRICT, filter: undefined };
  return 0;
}

/** Reads a struct sock_fprog. Errors: EFAULT, EINVAL, EACCES. */
function readProgram(task: Task, address: UserAddress): Program | Errno {
  const head = task.mm.read(address, SOCK_FPROG_SIZE);
  if (typeof head === "number") return EFAULT;
  const view = new DataView(head.buffer);
  const length = view.getUint16(0, true);
  const instructions = Number(view.getBigUint64(8, true)) as UserAddress;
  if (length === 0 || length > BPF_MAXINSNS) return EINVAL;
  const { cred } = task;
  // Who could have a set-user-ID program run under a filter of theirs could confuse it.
  if (!cred.noNewPrivileges && !cred.has(CAP_SYS_ADMIN)) return EACCES;
  if (instructions === 0) return EINVAL;
  const bytes = task.mm.read(instructions, length * SOCK_FILTER_SIZE);
  if (typeof bytes === "number") return EFAULT;
  const program = Program.decode(bytes);
  const bad = check(program);
  return bad < 0 ? (bad as Errno) : program;
}

/** Errors: EINVAL, EFAULT, EACCES, ENOMEM, EBUSY, EMFILE, ESRCH; a thread's id where TSYNC can't include it. */
export function attachFilter(task: Task, flags: number, address: UserAddress): number | Errno {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const listening = has(SECCOMP_FILTER_FLAG_NEW_LISTENER);
  const together = has(SECCOMP_FILTER_FLAG_TSYNC);
  if ((flags & ~SECCOMP_FILTER_FLAG_MASK) !== 0) return EINVAL;
  // A descriptor and a thread's id could not be told apart.
  if (together && listening && !has(SECCOMP_FILTER_FLAG_TSYNC_ESRCH)) return EINVAL;
  if (has(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) && !listening) return EINVAL;
  const program = readProgram(task, address);
  if (typeof program === "number") return program;
  if (listening && task.files.full(task.group.limit(RLIMIT_NOFILE))) return EMFILE;
  if (task.seccomp && task.seccomp.mode !== SECCOMP_MODE_FILTER) return EINVAL;
  const previous = task.seccomp?.filter;
  const chain = previous ? [...previous.chain()] : [];
  if (listening && chain.some(({ listener }) => listener)) return EBUSY;
  let length = program.length;
  for (const each of chain) length += each.program.length + FILTER_OVERHEAD;
  if (length > MAX_INSNS_PER_PATH) return ENOMEM;
  if (together) {
    const odd = foreignThread(task);
    if (odd) return has(SECCOMP_FILTER_FLAG_TSYNC_ESRCH) ? ESRCH : odd.tid;
  }
  const filter = new Filter(program, previous, {
    log: has(SECCOMP_FILTER_FLAG_LOG),
    waitKillable: has(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV),
  });
  // The new filter takes over the task's share of the one before.
  task.seccomp = { mode: SECCOMP_MODE_FILTER, filter };
  if (together) synchronize(task, filter);
  return listening ? listen(task, filter) : 0;
}

/** A thread whose filters are not the caller's, or a part of them. */
function foreignThread(task: Task): Task | undefined {
  const own = task.seccomp?.filter;
  for (const thread of task.group.threads) {
    if (thread === task || thread.exiting || !thread.seccomp) continue;
    const { filter } = thread.seccomp;
    if (!filter || !own || ![...own.chain()].includes(filter)) return thread;
  }
  return undefined;
}

/** Every other thread gets the caller's filters, and its no_new_privs. */
function synchronize(task: Task, filter: Filter): void {
  for (const thread of task.group.threads) {
    if (thread === task || thread.exiting) continue;
    filter.users++;
    thread.seccomp?.filter?.release();
    thread.seccomp = task.seccomp;
    if (task.cred.noNewPrivileges) thread.cred = thread.cred.with({ noNewPrivileges: true });
  }
}

function listen(task: Task, filter: Filter): number | Errno {
  const random = new Uint8Array(8);
  task.kernel.host.random(random);
  filter.listener = new Listener(filter, new DataView(random.buffer).getBigUint64(0, true));
  return installFile(task, listenerFile(task, filter.listener), true);
}

/** A new task is restricted as its maker is. */
export function inheritSeccomp(parent: Task, child: Task): void {
  child.seccomp = parent.seccomp;
  if (child.seccomp?.filter) child.seccomp.filter.users++;
}
