// Epoll: epoll_create1, epoll_ctl, epoll_pwait, epoll_pwait2. epoll(7)
import { EFAULT, EINTR, EINVAL, EPERM } from "../../abi/errno.ts";
import { O_CLOEXEC, O_RDWR, POLLIN } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import { WRITE } from "../mm/fault.ts";
import { at, NULL, type UserAddress } from "../mm/user.ts";
import { Epoll, type EventSink, epollOf, epollOperations, requireEpoll } from "../poll/epoll.ts";
import { readTimespec } from "../sched/timespec.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import { replaceMask, restoreMask } from "../signal/temporary-mask.ts";
import { fileOf, installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import { Fd, Flags, In, Int, Out, type Row, Size, type SyscallResult, syscall } from "./table.ts";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
/** struct epoll_event: only x86-64 packs it. */
const EVENT = 16;
const MAX_EVENTS = Math.floor((2 ** 31 - 1) / EVENT);

function epoll_create1(task: Task, flags: number): SyscallResult {
  if ((flags & ~O_CLOEXEC) !== 0) return EINVAL;
  const epoll = new Epoll();
  const file = anonymousFile(task.kernel, "anon_inode:[eventpoll]", O_RDWR, epollOperations, epoll);
  epoll.file = file;
  return installFile(task, file, flags !== 0);
}

function epoll_ctl(task: Task, epfd: number, op: number, fd: number, event: UserAddress): SyscallResult {
  let events = 0;
  let data = 0n;
  if (op !== EPOLL_CTL_DEL) {
    const raw = task.mm.read(event, EVENT);
    if (typeof raw === "number") return raw;
    const view = new DataView(raw.buffer, raw.byteOffset);
    events = view.getInt32(0, true);
    data = view.getBigUint64(8, true);
  }
  const set = fileOf(task, epfd);
  if (typeof set === "number") return set;
  const file = fileOf(task, fd);
  if (typeof file === "number") return file;
  if (!file.ops.poll) return EPERM;
  const epoll = epollOf(set);
  if (!epoll || set === file) return EINVAL;
  if (op === EPOLL_CTL_ADD) return epoll.add(file, fd, events, data);
  if (op === EPOLL_CTL_DEL) return epoll.delete(file, fd);
  return op === EPOLL_CTL_MOD ? epoll.modify(file, fd, events, data) : EINVAL;
}

/** `timeout` in nanoseconds; undefined: for ever. */
function waitForEvents(
  task: Task,
  epfd: number,
  events: UserAddress,
  limit: number,
  timeout: number | undefined,
): SyscallResult {
  if (limit <= 0 || limit > MAX_EVENTS) return EINVAL;
  const epoll = requireEpoll(task.files.get(epfd));
  if (typeof epoll === "number") return epoll;
  const first = epoll.anyListed ? collect(task, epoll, events, limit) : 0;
  if (first !== 0 || timeout === 0) return first;
  return waitLonger(task, epoll, events, limit, timeout);
}

/** Room in user space for ready events. */
class UserEvents implements EventSink {
  private readonly mm: AddressSpace;
  private readonly address: UserAddress;
  count = 0;
  fault = false;
  constructor(mm: AddressSpace, address: UserAddress) {
    this.mm = mm;
    this.address = address;
  }
  give(events: number, data: bigint): boolean {
    const { mm } = this;
    const to = at(this.address, this.count * EVENT);
    // Between the two lies a gap, which stays as it is.
    if ((to & 7) === 0 && (to & (PAGE_SIZE - 1)) <= PAGE_SIZE - EVENT) {
      const physical = mm.translate(to, WRITE);
      this.fault = physical === 0;
      if (physical !== 0) {
        mm.ram.u32[physical >>> 2] = events;
        mm.ram.u64[(physical >>> 3) + 1] = data;
      }
    } else {
      this.fault = mm.writeU32(to, events >>> 0) < 0 || mm.writeU64(at(to, 8), data) < 0;
    }
    if (!this.fault) this.count++;
    return !this.fault;
  }
}

function collect(task: Task, epoll: Epoll, events: UserAddress, limit: number): number {
  const sink = new UserEvents(task.mm, events);
  epoll.collect(limit, sink);
  return sink.count === 0 && sink.fault ? EFAULT : sink.count;
}

function waitLonger(
  task: Task,
  epoll: Epoll,
  events: UserAddress,
  limit: number,
  timeout: number | undefined,
): SyscallResult {
  const wait: Wait = waitOn<number>(epoll.waiters, () => collect(task, epoll, events, limit) || wait, {
    exclusive: true,
    interrupt: () => {
      if (epoll.anyListed) epoll.waiters.wakeOne(POLLIN);
      return EINTR;
    },
  });
  if (timeout !== undefined) wait.deadline = task.kernel.clock.monotonic() + timeout;
  return wait;
}

/** Puts the mask in place for the wait, and the old one back unless a signal ended it. */
function waitWithMask(
  task: Task,
  epfd: number,
  events: UserAddress,
  limit: number,
  timeout: number | undefined,
  mask: UserAddress,
  size: number,
): SyscallResult {
  if (mask === NULL) return waitForEvents(task, epfd, events, limit, timeout);
  const masked = replaceMask(task, mask, size);
  if (masked < 0) return masked;
  const result = waitForEvents(task, epfd, events, limit, timeout);
  return result instanceof Object ? restoring(task, result as Wait) : restored(task, result as number);
}

function restored(task: Task, result: number): number {
  restoreMask(task);
  return result;
}
function restoring(task: Task, wait: Wait): Wait {
  const outer: Wait = waitOn<number>(
    wait.queues,
    () => {
      const result = wait.retry();
      return typeof result === "number" ? restored(task, result) : outer;
    },
    { exclusive: wait.exclusive, interrupt: wait.interrupt, onTimeout: () => restored(task, wait.onTimeout()) },
  );
  outer.deadline = wait.deadline;
  return outer;
}

function epoll_pwait(
  task: Task,
  epfd: number,
  events: UserAddress,
  limit: number,
  timeout: number,
  mask: UserAddress,
  size: number,
): SyscallResult {
  return waitWithMask(task, epfd, events, limit, timeout < 0 ? undefined : timeout * 1_000_000, mask, size);
}

function epoll_pwait2(
  task: Task,
  epfd: number,
  events: UserAddress,
  limit: number,
  timeout: UserAddress,
  mask: UserAddress,
  size: number,
): SyscallResult {
  const time = timeout === NULL ? undefined : readTimespec(task.mm, timeout);
  if (typeof time === "number") return time;
  const nanoseconds = time === undefined ? undefined : Number(time);
  return waitWithMask(task, epfd, events, limit, nanoseconds, mask, size);
}

const set = Fd("epfd");
const found = Out("events", "epoll_event");
export const rows: Row[] = [
  syscall(20, "epoll_create1", [Flags("flags", "EPOLL")], epoll_create1),
  syscall(21, "epoll_ctl", [set, Int("op", "EPOLL_CTL"), Fd("fd"), In("event", "epoll_event")], epoll_ctl),
  syscall(
    22,
    "epoll_pwait",
    [set, found, Int("maxevents"), Int("timeout"), In("sigmask", "sigset_t"), Size("sigsetsize")],
    epoll_pwait,
  ),
  syscall(
    441,
    "epoll_pwait2",
    [set, found, Int("maxevents"), In("timeout", "timespec"), In("sigmask", "sigset_t"), Size("sigsetsize")],
    epoll_pwait2,
  ),
];
