// All system calls, from the families' rows. Each family has a file of its own beside this one.
import { rows as attributes } from "./attributes.ts";
import { rows as credentials } from "./credentials.ts";
import { rows as descriptors } from "./descriptors.ts";
import { rows as directory } from "./directory.ts";
import { rows as epoll } from "./epoll.ts";
import { rows as event } from "./event.ts";
import { rows as futex } from "./futex.ts";
import { rows as handle } from "./handle.ts";
import { rows as info } from "./info.ts";
import { rows as inotify } from "./inotify.ts";
import { rows as kcmp } from "./kcmp.ts";
import { rows as landlock } from "./landlock.ts";
import { rows as limits } from "./limits.ts";
import { rows as locks } from "./locks.ts";
import { rows as log } from "./log.ts";
import { rows as memfd } from "./memfd.ts";
import { rows as memory } from "./memory.ts";
import { rows as message } from "./message.ts";
import { rows as module } from "./module.ts";
import { rows as mount } from "./mount.ts";
import { rows as mqueue } from "./mqueue.ts";
import { rows as names } from "./names.ts";
import { rows as namespace } from "./namespace.ts";
import { rows as numa } from "./numa.ts";
import { rows as open } from "./open.ts";
import { rows as pidfd } from "./pidfd.ts";
import { rows as pipe } from "./pipe.ts";
import { rows as poll } from "./poll.ts";
import { rows as prctl } from "./prctl.ts";
import { rows as priority } from "./priority.ts";
import { rows as process } from "./process.ts";
import { rows as processMemory } from "./process-memory.ts";
import { rows as processor } from "./processor.ts";
import { rows as ptrace } from "./ptrace.ts";
import { rows as readWrite } from "./read-write.ts";
import { rows as reboot } from "./reboot.ts";
import { rows as sched } from "./sched.ts";
import { rows as seccomp } from "./seccomp.ts";
import { rows as semaphore } from "./semaphore.ts";
import { rows as sharedMemory } from "./shared-memory.ts";
import { rows as signal } from "./signal.ts";
import { rows as socket } from "./socket.ts";
import { rows as splice } from "./splice.ts";
import { rows as stat } from "./stat.ts";
import { rows as swap } from "./swap.ts";
import type { Row } from "./table.ts";
import { rows as terminal } from "./terminal.ts";
import { rows as time } from "./time.ts";
import { rows as timers } from "./timers.ts";
import { rows as xattr } from "./xattr.ts";

const families: readonly (readonly Row[])[] = [
  // one a line
  attributes,
  credentials,
  descriptors,
  directory,
  epoll,
  event,
  futex,
  handle,
  info,
  inotify,
  kcmp,
  landlock,
  limits,
  locks,
  log,
  memfd,
  memory,
  message,
  module,
  mount,
  mqueue,
  names,
  namespace,
  numa,
  open,
  pidfd,
  pipe,
  poll,
  prctl,
  priority,
  process,
  processMemory,
  processor,
  ptrace,
  readWrite,
  reboot,
  sched,
  seccomp,
  semaphore,
  sharedMemory,
  signal,
  socket,
  splice,
  stat,
  swap,
  terminal,
  time,
  timers,
  xattr,
];

/** The table that dispatch indexes by number. */
export function systemCalls(): (Row | undefined)[] {
  const table: (Row | undefined)[] = [];
  for (const row of families.flat()) table[row.number] = row;
  return table;
}
