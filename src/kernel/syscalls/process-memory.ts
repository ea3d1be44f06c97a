// Another process's memory, read and written without stopping it: process_vm_readv(2).
import { EFAULT, EINVAL, EPERM, ESRCH } from "../../abi/errno.ts";
import { readIovec, type UserAddress } from "../mm/user.ts";
import { mayAttach } from "../security/ptrace-access.ts";
import type { Task } from "../task/task.ts";
import { Flags, In, Pid, type Row, type SyscallResult, syscall, ULong } from "./table.ts";

const CHUNK = 65536;

/** Errors: EINVAL, EFAULT for the vectors and for memory before the first byte, ESRCH, EPERM. */
function transfer(
  task: Task,
  pid: number,
  local: UserAddress,
  localCount: number,
  remote: UserAddress,
  remoteCount: number,
  flags: number,
  writes: boolean,
): SyscallResult {
  if (flags !== 0) return EINVAL;
  const ours = readIovec(task.mm, local, localCount);
  if (typeof ours === "number") return ours;
  const target = task.kernel.tasks.task(pid);
  // Both vectors lie in the caller's memory; the second holds the other's addresses.
  const theirs = readIovec(task.mm, remote, remoteCount, target?.mm);
  if (typeof theirs === "number") return theirs;
  if (!target || target.exiting) return ESRCH;
  if (!mayAttach(task, target, "real")) return EPERM;
  const [from, to] = writes ? [ours, theirs] : [theirs, ours];
  const bytes = new Uint8Array(CHUNK);
  let total = 0;
  for (;;) {
    const want = Math.min(CHUNK, from.length, to.length);
    if (want === 0) return total;
    const taken = from.take(bytes.subarray(0, want));
    const put = taken === 0 ? 0 : to.put(bytes.subarray(0, taken));
    total += put;
    if (put < want) return total === 0 ? EFAULT : total;
  }
}

type Vectors = [pid: number, UserAddress, number, UserAddress, number, flags: number];

const process_vm_readv = (task: Task, ...vectors: Vectors): SyscallResult => transfer(task, ...vectors, false);
const process_vm_writev = (task: Task, ...vectors: Vectors): SyscallResult => transfer(task, ...vectors, true);

const parameters = [
  Pid("pid"),
  In("local_iov", "iovec"),
  ULong("liovcnt"),
  In("remote_iov", "iovec"),
  ULong("riovcnt"),
  Flags("flags"),
] as const;

export const rows: readonly Row[] = [
  syscall(270, "process_vm_readv", parameters, process_vm_readv),
  syscall(271, "process_vm_writev", parameters, process_vm_writev),
];
