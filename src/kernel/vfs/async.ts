// Signals instead of polling: a file with O_ASYNC tells its owner when it becomes ready. fcntl(2), "Managing signals"
import { O_ASYNC, POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/flags.ts";
import { LANDLOCK_SCOPE_SIGNAL } from "../../abi/landlock.ts";
import { POLL_HUP, POLL_IN, POLL_OUT, SI_KERNEL, SIGIO } from "../../abi/signal.ts";
import type { Kernel } from "../kernel.ts";
import { isScoped } from "../landlock/scope.ts";
import { ALL_EVENTS, type Waiter, type WaitQueue } from "../sched/wait-queue.ts";
import type { SignalInfo } from "../signal/pending.ts";
import { sendToGroup, sendToTask } from "../signal/send.ts";
import type { Task } from "../task/task.ts";
import type { File } from "./file.ts";

const bands: Record<number, number> = {
  [POLL_IN]: POLLIN | POLLRDNORM,
  [POLL_OUT]: POLLOUT | POLLWRNORM | POLLWRBAND,
  [POLL_HUP]: POLLHUP | POLLERR,
};

class AsyncWaiter implements Waiter {
  private readonly kernel: Kernel;
  private readonly file: File;
  /** The descriptor by which O_ASYNC was set: siginfo shows it. */
  private readonly fd: number;
  readonly queues: readonly WaitQueue[];

  constructor(kernel: Kernel, file: File, fd: number) {
    this.kernel = kernel;
    this.file = file;
    this.fd = fd;
    this.queues = file.ops.pollQueues?.(file) ?? [];
    for (const queue of this.queues) queue.add(this);
  }
  wake(mask: number): boolean {
    if (this.file.owner === 0) return false;
    signalOwner(this.kernel, this.file, this.fd, reason(this.file, mask));
    return true;
  }
}

/** Sends the file's owner its signal; `code` is POLL_IN, POLL_OUT… */
export function signalOwner(kernel: Kernel, file: File, fd: number, code: number): void {
  const { owner, ownerThread, ownerCred: from, signal } = file;
  const { tasks } = kernel;
  const send = (target: Task, deliver: (info: SignalInfo) => void): void => {
    const { uid, suid } = target.cred;
    if (from && from.euid !== 0 && ![from.uid, from.euid].some((id) => id === uid || id === suid)) return;
    if (isScoped(from?.landlock, target.cred.landlock, LANDLOCK_SCOPE_SIGNAL)) return;
    deliver(
      signal === 0
        ? { signal: SIGIO, code: SI_KERNEL }
        : { signal, code, band: bands[code] ?? POLLIN | POLLRDNORM, fd },
    );
  };
  if (ownerThread) {
    const task = tasks.task(owner);
    if (task) send(task, (info) => sendToTask(task, info));
    return;
  }
  const group = owner > 0 ? tasks.group(owner) : undefined;
  const groups = owner > 0 ? (group ? [group] : []) : tasks.processGroup(-owner);
  for (const each of groups) send(each.leader, (info) => sendToGroup(each, info));
}

function reason(file: File, mask: number): number {
  if (mask === ALL_EVENTS) return file.readable ? POLL_IN : POLL_OUT;
  if ((mask & POLLIN) !== 0) return POLL_IN;
  if ((mask & POLLOUT) !== 0) return POLL_OUT;
  return (mask & (POLLHUP | POLLERR)) !== 0 ? POLL_HUP : POLL_IN;
}

/** O_ASYNC was switched by descriptor `fd`. Returns the flags that hold: files that never wait don't take it. */
export function switchAsync(kernel: Kernel, file: File, fd: number, flags: number): number {
  file.stopAsync();
  if ((flags & O_ASYNC) === 0) return flags;
  if (!file.ops.pollQueues) return flags & ~O_ASYNC;
  file.async = new AsyncWaiter(kernel, file, fd);
  return flags;
}
