// Signals that are read instead of delivered: signalfd(2). The descriptor shows the reader's own pending signals.
import { EAGAIN, EFAULT, EINVAL } from "../../abi/errno.ts";
import { POLLIN } from "../../abi/flags.ts";
import type { SigSet } from "../../abi/signal.ts";
import { encodeSignalfdSiginfo, SIGNALFD_SIGINFO } from "../../abi/signalfd.ts";
import type { Kernel } from "../kernel.ts";
import type { IoBuffer } from "../mm/user.ts";
import { waitOn } from "../sched/wait-queue.ts";
import type { SignalInfo } from "../signal/pending.ts";
import type { Task } from "../task/task.ts";
import { noSeek } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";

export class SignalFile {
  readonly kernel: Kernel;
  mask: SigSet;
  constructor(kernel: Kernel, mask: SigSet) {
    this.kernel = kernel;
    this.mask = mask;
  }
  /** A pending signal of the task, then of its process. */
  private take(task: Task): SignalInfo | undefined {
    const info = task.pending.take(this.mask) ?? task.group.pending.take(this.mask);
    info?.onTake?.(info);
    return info;
  }
  read(task: Task, into: IoBuffer, nonblocking: boolean): IoResult {
    let done = 0;
    while (into.length >= SIGNALFD_SIGINFO) {
      const info = this.take(task);
      if (!info) break;
      if (into.put(encodeSignalfdSiginfo(info)) !== SIGNALFD_SIGINFO) return done > 0 ? done : EFAULT;
      done += SIGNALFD_SIGINFO;
    }
    if (done > 0) return done;
    if (nonblocking) return EAGAIN;
    return waitOn(task.group.signalQueue, () => this.read(task, into, false));
  }
}

const signals = (file: File): SignalFile => file.data as SignalFile;
const reader = (file: File): Task => signals(file).kernel.current!;

export const signalOperations: FileOperations = {
  stream: true,
  seek: noSeek,
  read: (file, into) =>
    into.length < SIGNALFD_SIGINFO ? EINVAL : signals(file).read(reader(file), into, file.nonblocking),
  poll: (file) => {
    const task = signals(file).kernel.current;
    if (!task) return 0;
    return ((task.pending.set | task.group.pending.set) & signals(file).mask) !== 0n ? POLLIN : 0;
  },
  pollQueues: (file) => {
    const task = signals(file).kernel.current;
    return task ? [task.group.signalQueue] : [];
  },
  fdinfo: (file) => `sigmask:\t${signals(file).mask.toString(16).padStart(16, "0")}\n`,
};
