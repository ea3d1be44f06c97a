// Asking a file for its ready events, and waiting for many at once.
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/flags.ts";
import type { WaitQueue } from "../sched/wait-queue.ts";
import type { File } from "../vfs/file.ts";

/** What a file without `poll` answers: regular files and directories never wait. */
export const ALWAYS_READY = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

export function readyEvents(file: File): number {
  return file.ops.poll ? file.ops.poll(file) : ALWAYS_READY;
}

/** The queues of all these files, each once. */
export function queuesOf(files: Iterable<File | undefined>): WaitQueue[] {
  const queues = new Set<WaitQueue>();
  for (const file of files) {
    const own = file?.ops.pollQueues?.(file);
    if (own) for (const queue of own) queues.add(queue);
  }
  return [...queues];
}
