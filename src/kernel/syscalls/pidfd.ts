// Descriptors of processes: pidfd_open, pidfd_getfd. (pidfd_send_signal is with the signals.) pidfd_open(2)
import { EBADF, EINVAL, ENOENT, EPERM, ESRCH } from "../../abi/errno.ts";
import { O_NONBLOCK } from "../../abi/flags.ts";
import { mayAttach } from "../security/ptrace-access.ts";
import { installFile } from "../task/descriptors.ts";
import { makePidfd, PIDFD_THREAD, processOf } from "../task/pidfd.ts";
import type { Task } from "../task/task.ts";
import { Fd, Flags, Pid, type Row, type SyscallResult, syscall } from "./table.ts";

function pidfd_open(task: Task, pid: number, flags: number): SyscallResult {
  if ((flags & ~(O_NONBLOCK | PIDFD_THREAD)) !== 0 || pid <= 0) return EINVAL;
  const { kernel } = task;
  const target = kernel.tasks.task(pid);
  const group = kernel.tasks.group(pid) ?? target?.group;
  if (!group) return ESRCH;
  if ((flags & PIDFD_THREAD) !== 0) {
    if (!target) return ESRCH;
    return installFile(task, makePidfd(kernel, group, flags, target), true);
  }
  if (group.pid !== pid) return ENOENT;
  return installFile(task, makePidfd(kernel, group, flags), true);
}

function pidfd_getfd(task: Task, pidfd: number, fd: number, flags: number): SyscallResult {
  if (flags !== 0) return EINVAL;
  const process = processOf(task.files.get(pidfd));
  if (!process) return EBADF;
  if (process.ended || process.reaped) return ESRCH;
  const target = process.task ?? process.group.leader;
  if (!mayAttach(task, target, "real")) return EPERM;
  const file = target.files.get(fd);
  return file ? installFile(task, file.ref(), true) : EBADF;
}

export const rows: Row[] = [
  syscall(434, "pidfd_open", [Pid("pid"), Flags("flags", "PIDFD")], pidfd_open),
  syscall(438, "pidfd_getfd", [Fd("pidfd"), Fd("fd"), Flags("flags")], pidfd_getfd),
];
