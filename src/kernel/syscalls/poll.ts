// Waiting for one of many descriptors: ppoll and pselect6. poll(2), select(2)
import { EBADF, EFAULT, EINTR, EINVAL, ERESTARTNOHAND, type Errno } from "../../abi/errno.ts";
import {
  O_PATH,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  POLLRDBAND,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
  RLIMIT_NOFILE,
} from "../../abi/flags.ts";
import { STICKY_TIMEOUTS } from "../../abi/personality.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { WRITE } from "../mm/fault.ts";
import { at, NULL, type UserAddress } from "../mm/user.ts";
import { queuesOf, readyEvents } from "../poll/ready.ts";
import { readTimespec, writeTimespec } from "../sched/timespec.ts";
import { type Wait, type WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { signalPending } from "../signal/state.ts";
import { replaceMask, restoreMask } from "../signal/temporary-mask.ts";
import { fileOf } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";
import { In, InOut, Int, type Row, Size, type SyscallResult, syscall, UInt } from "./table.ts";

/** How long, as the program said it, and where what is left of it goes. */
interface Timeout {
  /** CLOCK_MONOTONIC; undefined: for ever. */
  readonly deadline: number | undefined;
  readonly zero: boolean;
  readonly address: UserAddress;
}

const FOREVER: Timeout = { deadline: undefined, zero: false, address: NULL };

function takeTimeout(task: Task, address: UserAddress): Timeout | Errno {
  if (address === NULL) return FOREVER;
  const time = readTimespec(task.mm, address);
  if (typeof time === "number") return time;
  const deadline = task.kernel.clock.monotonic() + Number(time);
  return { deadline, zero: time === 0n, address };
}

/** Writes what is left; false if it could not, which is no error. A timeout of zero stays as it is. */
function giveTimeLeft(task: Task, timeout: Timeout): boolean {
  if (timeout.deadline === undefined) return true;
  if ((task.group.personality & STICKY_TIMEOUTS) !== 0) return false;
  if (timeout.zero) return true;
  const left = Math.max(0, timeout.deadline - task.kernel.clock.monotonic());
  return writeTimespec(task.mm, timeout.address, BigInt(Math.floor(left))) === 0;
}

/** Scans until something is ready, the time is over or a signal comes. `scan` counts what is ready; `finish` gives the
 *  results to the program. */
function pollUntil(
  task: Task,
  timeout: Timeout,
  queues: () => readonly WaitQueue[],
  scan: () => number,
  finish: (count: number) => number | Errno,
): number | Errno | Wait {
  const end = (count: number): number | Errno => {
    const result = finish(count);
    restoreMask(task);
    giveTimeLeft(task, timeout);
    return result;
  };
  const count = scan();
  if (count > 0 || (timeout.zero && !signalPending(task))) return end(count);
  const wait: Wait = waitOn<number>(
    queues(),
    () => {
      const ready = scan();
      return ready > 0 ? end(ready) : wait;
    },
    {
      onTimeout: () => end(0),
      // Without a place for the time that is left, the call could not go on where it was.
      interrupt: () => (giveTimeLeft(task, timeout) ? ERESTARTNOHAND : EINTR),
    },
  );
  wait.deadline = timeout.deadline;
  return wait;
}

const POLLFD = 8;

function ppoll(
  task: Task,
  fds: UserAddress,
  count: number,
  timeoutAddress: UserAddress,
  mask: UserAddress,
  maskSize: number,
): SyscallResult {
  const timeout = takeTimeout(task, timeoutAddress);
  if (typeof timeout === "number") return timeout;
  const masked = replaceMask(task, mask, maskSize);
  if (masked < 0) return masked;
  if (count > task.group.limit(RLIMIT_NOFILE)) return unmasked(task, EINVAL);
  const ready = scanInPlace(task, fds, count);
  if (ready <= 0) return pollList(task, fds, count, timeout);
  restoreMask(task);
  giveTimeLeft(task, timeout);
  return ready;
}

/** The mask is the task's own again, as the call is over. */
function unmasked<T>(task: Task, result: T): T {
  restoreMask(task);
  return result;
}

const found = new Uint16Array(PAGE_SIZE / POLLFD);

/** Looks at a list that lies on one page where it is. Returns how many are ready, their events filled in; 0 when none is,
 *  and nothing filled in; -1 when the list has to be read another way. */
function scanInPlace(task: Task, fds: UserAddress, count: number): number {
  const { mm, files } = task;
  if (count === 0 || (fds & 3) !== 0 || (fds & (PAGE_SIZE - 1)) + count * POLLFD > PAGE_SIZE) return -1;
  const physical = mm.translate(fds, WRITE);
  if (physical === 0) return -1;
  const { i32, u16 } = mm.ram;
  const first = physical >>> 2;
  let ready = 0;
  for (let i = 0; i < count; i++) {
    const fd = i32[first + 2 * i]!;
    let events = 0;
    if (fd >= 0) {
      const file = files.get(fd);
      if (!file || (file.flags & O_PATH) !== 0) events = POLLNVAL;
      else events = readyEvents(file) & ((i32[first + 2 * i + 1]! & 0xffff) | POLLERR | POLLHUP);
    }
    found[i] = events;
    if (events !== 0) ready++;
  }
  if (ready > 0) for (let i = 0; i < count; i++) u16[(first + 2 * i + 1) * 2 + 1] = found[i]!;
  return ready;
}

function pollList(task: Task, fds: UserAddress, count: number, timeout: Timeout): SyscallResult {
  const raw = task.mm.read(fds, count * POLLFD);
  if (typeof raw === "number") return unmasked(task, raw);
  const list = new Int32Array(raw.buffer);
  const ready = scanList(list, (index) => openFile(task, list[index]!));
  if (ready === 0 && !(timeout.zero && !signalPending(task))) return pollLonger(task, fds, list, timeout);
  const written = writeReady(task.mm, fds, list);
  restoreMask(task);
  giveTimeLeft(task, timeout);
  return written < 0 ? written : ready;
}

/** Nothing is ready yet: the files are those that the descriptors name now, whatever becomes of the descriptors. */
function pollLonger(task: Task, fds: UserAddress, list: Int32Array, timeout: Timeout): SyscallResult {
  const files: (File | undefined)[] = [];
  for (let index = 0; index < list.length; index += 2) {
    const file = list[index]! < 0 ? EBADF : fileOf(task, list[index]!);
    files.push(typeof file === "number" ? undefined : file);
  }
  const scan = (): number => scanList(list, (index) => files[index >> 1]);
  const finish = (ready: number): number | Errno => {
    const written = writeReady(task.mm, fds, list);
    return written < 0 ? written : ready;
  };
  return pollUntil(task, timeout, () => queuesOf(files), scan, finish);
}

function openFile(task: Task, fd: number): File | undefined {
  if (fd < 0) return undefined;
  const file = task.files.get(fd);
  return file && (file.flags & O_PATH) === 0 ? file : undefined;
}

/** Fills in what is ready and counts the entries where something is. An entry of `list`, struct pollfd, is a word with
 *  the descriptor and one with the events wanted, below, and those found. */
function scanList(list: Int32Array, fileAt: (index: number) => File | undefined): number {
  let ready = 0;
  for (let index = 0; index < list.length; index += 2) {
    const file = fileAt(index);
    const wanted = list[index + 1]! & 0xffff;
    let events = 0;
    if (file) events = readyEvents(file) & (wanted | POLLERR | POLLHUP);
    else if (list[index]! >= 0) events = POLLNVAL;
    list[index + 1] = wanted | (events << 16);
    if (events !== 0) ready++;
  }
  return ready;
}

/** Gives the program the events found, and touches nothing else. */
function writeReady(mm: AddressSpace, fds: UserAddress, list: Int32Array): 0 | Errno {
  if ((fds & 1) !== 0) return writeUnaligned(mm, fds, list);
  let index = 0;
  while (index < list.length) {
    const address = at(fds, index * 4 + 6);
    const physical = mm.translate(address, WRITE);
    if (physical === 0) return EFAULT;
    // All that lie on this page.
    const { u16 } = mm.ram;
    const end = (physical | (PAGE_SIZE - 1)) >>> 1;
    for (let to = physical >>> 1; to <= end && index < list.length; to += POLLFD / 2) {
      u16[to] = list[index + 1]! >>> 16;
      index += 2;
    }
  }
  return 0;
}

function writeUnaligned(mm: AddressSpace, fds: UserAddress, list: Int32Array): 0 | Errno {
  for (let index = 0; index < list.length; index += 2) {
    const events = list[index + 1]! >>> 16;
    if (mm.copyOut(at(fds, index * 4 + 6), Uint8Array.of(events & 0xff, events >> 8)) !== 2) return EFAULT;
  }
  return 0;
}

const READ_EVENTS = POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR;
const WRITE_EVENTS = POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR;
const EXCEPT_EVENTS = POLLPRI;

function pselect6(
  task: Task,
  count: number,
  reads: UserAddress,
  writes: UserAddress,
  excepts: UserAddress,
  timeoutAddress: UserAddress,
  maskArgument: UserAddress,
): SyscallResult {
  let mask = NULL;
  let maskSize = 0;
  if (maskArgument !== NULL) {
    const pair = task.mm.read(maskArgument, 16);
    if (typeof pair === "number") return pair;
    const view = new DataView(pair.buffer, pair.byteOffset);
    mask = Number(view.getBigUint64(0, true)) as UserAddress;
    maskSize = Number(view.getBigUint64(8, true));
  }
  const timeout = takeTimeout(task, timeoutAddress);
  if (typeof timeout === "number") return timeout;
  const masked = replaceMask(task, mask, maskSize);
  if (masked < 0) return masked;
  const fail = (errno: Errno): Errno => {
    restoreMask(task);
    return errno;
  };
  if (count < 0) return fail(EINVAL);
  const limit = Math.min(count, task.files.capacity);
  const bytes = Math.ceil(limit / 64) * 8;
  const sets: { address: UserAddress; wanted: Uint8Array; found: Uint8Array; events: number }[] = [];
  for (const [address, events] of [
    [reads, READ_EVENTS],
    [writes, WRITE_EVENTS],
    [excepts, EXCEPT_EVENTS],
  ] as const) {
    if (address === NULL) continue;
    const wanted = task.mm.read(address, bytes);
    if (typeof wanted === "number") return fail(wanted);
    sets.push({ address, wanted, found: new Uint8Array(bytes), events });
  }
  const watched: { fd: number; file: File }[] = [];
  for (let fd = 0; fd < limit; fd++) {
    if (!sets.some((set) => (set.wanted[fd >> 3]! & (1 << (fd & 7))) !== 0)) continue;
    const file = fileOf(task, fd);
    if (typeof file === "number") return fail(file);
    watched.push({ fd, file });
  }
  const scan = (): number => {
    let ready = 0;
    for (const set of sets) set.found.fill(0);
    for (const { fd, file } of watched) {
      const events = readyEvents(file);
      const bit = 1 << (fd & 7);
      for (const set of sets) {
        if ((set.wanted[fd >> 3]! & bit) === 0 || (events & set.events) === 0) continue;
        set.found[fd >> 3]! |= bit;
        ready++;
      }
    }
    return ready;
  };
  const finish = (ready: number): number | Errno => {
    for (const set of sets) if (task.mm.copyOut(set.address, set.found) !== bytes) return EFAULT;
    return ready;
  };
  return pollUntil(task, timeout, () => queuesOf(watched.map(({ file }) => file)), scan, finish);
}

export const rows: Row[] = [
  syscall(
    72,
    "pselect6",
    [
      Int("nfds"),
      InOut("readfds", "fd_set"),
      InOut("writefds", "fd_set"),
      InOut("exceptfds", "fd_set"),
      InOut("timeout", "timespec"),
      In("sigmask", "sigmask-pair"),
    ],
    pselect6,
  ),
  syscall(
    73,
    "ppoll",
    [InOut("fds", "pollfd"), UInt("nfds"), InOut("timeout", "timespec"), In("sigmask", "sigset_t"), Size("sigsetsize")],
    ppoll,
  ),
];
