// Descriptors of processes: they can be polled for the end, waited for and signalled without a race. pidfd_open(2)
import { EBADF, type Errno, ESRCH } from "../../abi/errno.ts";
import { O_EXCL, O_NONBLOCK, O_RDWR, POLLHUP, POLLIN, POLLRDNORM } from "../../abi/flags.ts";
import type { Proc } from "../fs/proc/index.ts";
import type { Kernel } from "../kernel.ts";
import { numbersOf } from "../namespace/pid.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import type { Task } from "./task.ts";
import type { ThreadGroup } from "./thread-group.ts";

/** In File.flags: it stands for one thread. */
export const PIDFD_THREAD = O_EXCL;

/** What File.data holds. `task` is the thread for PIDFD_THREAD, the group's leader otherwise. */
export class ProcessReference {
  readonly group: ThreadGroup;
  readonly task: Task | undefined;
  constructor(group: ThreadGroup, task?: Task) {
    this.group = group;
    this.task = task;
  }
  /** It has exited, waited for or not. */
  get ended(): boolean {
    return this.task ? this.task.state === "Z" || this.task.state === "X" || this.reaped : this.group.zombie;
  }
  /** Its id is free again. */
  get reaped(): boolean {
    const { kernel } = this.group.leader;
    const { task, group } = this;
    return task ? kernel.tasks.task(task.tid) !== task : kernel.tasks.group(group.pid) !== group;
  }
}

const reference = (file: File): ProcessReference => file.data as ProcessReference;

const pidfdOperations: FileOperations = {
  stream: true,
  poll: (file) => {
    const process = reference(file);
    if (process.reaped) return POLLIN | POLLRDNORM | POLLHUP;
    return process.ended ? POLLIN | POLLRDNORM : 0;
  },
  pollQueues: (file) => [reference(file).group.exited],
  fdinfo: (file, pids) => {
    const { reaped, task, group } = reference(file);
    const pid = task?.tid ?? group.pid;
    const shown = reaped ? -1 : pids.of(pid);
    if (shown <= 0) return `Pid:\t${shown}\nNSpid:\t${shown}\n`;
    return `Pid:\t${shown}\nNSpid:\t${numbersOf(group.pidNamespace, pid, pids).join("\t")}\n`;
  },
};

/** A file that stands for a process, or for one thread. `flags`: O_NONBLOCK, PIDFD_THREAD. */
export function makePidfd(kernel: Kernel, group: ThreadGroup, flags = 0, task?: Task): File {
  const mode = O_RDWR | (flags & (O_NONBLOCK | PIDFD_THREAD));
  return anonymousFile(kernel, "anon_inode:[pidfd]", mode, pidfdOperations, new ProcessReference(group, task));
}

/** The process behind a file, if it is a pidfd. */
export function processOf(file: File | undefined): ProcessReference | undefined {
  return file?.data instanceof ProcessReference ? file.data : undefined;
}

/** As processOf; the directory /proc/PID stands for its process too, as it did before there were pidfds. */
export function signalTarget(kernel: Kernel, file: File | undefined): ProcessReference | Errno {
  const process = processOf(file);
  if (process) return process;
  if (!file) return EBADF;
  const { dentry } = file.path;
  const { superblock } = dentry;
  if (superblock.filesystem.name !== "proc" || !dentry.parent.isRoot || !/^\d+$/.test(dentry.name)) return EBADF;
  const group = dentry.unlinked
    ? undefined
    : kernel.tasks.group((superblock as Proc).pidNamespace.find(Number(dentry.name)));
  return group ? new ProcessReference(group) : ESRCH;
}
