// Pipes: pipe2. pipe(2)
import { EFAULT, EINVAL, ENOPKG } from "../../abi/errno.ts";
import { O_CLOEXEC, O_DIRECT, O_EXCL, O_NONBLOCK } from "../../abi/flags.ts";
import type { UserAddress } from "../mm/user.ts";
import { makePipe } from "../pipe/file.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { Flags, Out, type Row, type SyscallResult, syscall } from "./table.ts";

/** O_EXCL asks for a notification pipe, which exists only with the kernel's key service. */
const O_NOTIFICATION_PIPE = O_EXCL;

function pipe2(task: Task, address: UserAddress, flags: number): SyscallResult {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT | O_NOTIFICATION_PIPE)) !== 0) return EINVAL;
  if ((flags & O_NOTIFICATION_PIPE) !== 0) return ENOPKG;
  const closeOnExec = (flags & O_CLOEXEC) !== 0;
  const [reading, writing] = makePipe(task.kernel, flags);
  const first = installFile(task, reading, closeOnExec);
  if (first < 0) {
    writing.unref();
    return first;
  }
  const second = installFile(task, writing, closeOnExec);
  if (second < 0) {
    task.files.remove(first);
    reading.unref();
    return second;
  }
  const pair = new Uint8Array(Int32Array.of(first, second).buffer);
  if (task.mm.copyOut(address, pair) === pair.length) return 0;
  task.files.remove(first);
  task.files.remove(second);
  reading.unref();
  writing.unref();
  return EFAULT;
}

export const rows: Row[] = [syscall(59, "pipe2", [Out("pipefd", "fd-pair"), Flags("flags", "O_FLAGS")], pipe2)];
