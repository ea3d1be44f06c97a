// Files that count events, tell the time or read signals: eventfd2, timerfd_*, signalfd4.
import { EBADF, EFAULT, EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import { O_CLOEXEC, O_NONBLOCK, O_RDWR } from "../../abi/flags.ts";
import { bit, SIGKILL, SIGSTOP } from "../../abi/signal.ts";
import { EventCounter, eventOperations } from "../event/eventfd.ts";
import { SignalFile, signalOperations } from "../event/signalfd.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  TFD_TIMER_ABSTIME,
  TFD_TIMER_CANCEL_ON_SET,
  TimerFile,
  timerOperations,
} from "../event/timerfd.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { decodeTimespec, encodeTimespec } from "../sched/timespec.ts";
import { CAP_WAKE_ALARM } from "../security/cred.ts";
import { installFile } from "../task/descriptors.ts";
import type { Task } from "../task/task.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import { Fd, Flags, In, Int, Out, type Row, Size, type SyscallResult, syscall, UInt } from "./table.ts";

const EFD_SEMAPHORE = 1;

function eventfd2(task: Task, count: number, flags: number): SyscallResult {
  if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) !== 0) return EINVAL;
  const { kernel } = task;
  const data = new EventCounter(BigInt(count), (flags & EFD_SEMAPHORE) !== 0, kernel.nextEventId++);
  const file = anonymousFile(kernel, "anon_inode:[eventfd]", O_RDWR | (flags & O_NONBLOCK), eventOperations, data);
  return installFile(task, file, (flags & O_CLOEXEC) !== 0);
}

// timerfd_create(2)

const clocks = [CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM];
const isAlarm = (clock: number): boolean => clock === CLOCK_REALTIME_ALARM || clock === CLOCK_BOOTTIME_ALARM;

function timerfd_create(task: Task, clock: number, flags: number): SyscallResult {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0 || !clocks.includes(clock)) return EINVAL;
  if (isAlarm(clock) && !task.cred.can(CAP_WAKE_ALARM)) return EPERM;
  const { kernel } = task;
  const mode = O_RDWR | (flags & O_NONBLOCK);
  const file = anonymousFile(kernel, "anon_inode:[timerfd]", mode, timerOperations, new TimerFile(kernel, clock));
  return installFile(task, file, (flags & O_CLOEXEC) !== 0);
}

function timerOf(task: Task, fd: number): TimerFile | Errno {
  const file = task.files.get(fd);
  if (!file) return EBADF;
  return file.data instanceof TimerFile ? file.data : EINVAL;
}

function writeItimerspec(task: Task, address: UserAddress, timer: TimerFile): 0 | Errno {
  const { value, interval } = timer.get();
  const raw = new Uint8Array(32);
  const view = new DataView(raw.buffer);
  encodeTimespec(view, 0, BigInt(Math.floor(interval)));
  encodeTimespec(view, 16, BigInt(Math.ceil(value)));
  return task.mm.copyOut(address, raw) === 32 ? 0 : EFAULT;
}

function timerfd_settime(task: Task, fd: number, flags: number, to: UserAddress, old: UserAddress): SyscallResult {
  const raw = task.mm.read(to, 32);
  if (typeof raw === "number") return raw;
  const view = new DataView(raw.buffer, raw.byteOffset);
  const interval = decodeTimespec(view, 0);
  const value = decodeTimespec(view, 16);
  if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) !== 0) return EINVAL;
  if (typeof interval === "number" || typeof value === "number") return EINVAL;
  const timer = timerOf(task, fd);
  if (typeof timer === "number") return timer;
  const before = old === NULL ? 0 : writeItimerspec(task, old, timer);
  const absolute = (flags & TFD_TIMER_ABSTIME) !== 0 && value !== 0n;
  // 1 ns: what has passed in the machine's time expires at once, 0 would disarm.
  const offset = absolute ? task.nsproxy.time.offsetOf(timer.clock) : 0n;
  timer.set(flags, offset === 0n ? value : value > offset ? value - offset : 1n, interval);
  return before;
}

function timerfd_gettime(task: Task, fd: number, address: UserAddress): SyscallResult {
  const timer = timerOf(task, fd);
  return typeof timer === "number" ? timer : writeItimerspec(task, address, timer);
}

// signalfd(2)

function signalfd4(task: Task, fd: number, address: UserAddress, size: number, flags: number): SyscallResult {
  if (size !== 8) return EINVAL;
  const wanted = task.mm.readU64(address);
  if (wanted === undefined) return EFAULT;
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) !== 0) return EINVAL;
  const mask = wanted & ~(bit(SIGKILL) | bit(SIGSTOP));
  if (fd !== -1) {
    const file = task.files.get(fd);
    if (!file) return EBADF;
    if (!(file.data instanceof SignalFile)) return EINVAL;
    file.data.mask = mask;
    task.group.signalQueue.wakeAll();
    return fd;
  }
  const { kernel } = task;
  const mode = O_RDWR | (flags & O_NONBLOCK);
  const file = anonymousFile(kernel, "anon_inode:[signalfd]", mode, signalOperations, new SignalFile(kernel, mask));
  return installFile(task, file, (flags & O_CLOEXEC) !== 0);
}

const timerfd = Fd("fd");
export const rows: Row[] = [
  syscall(19, "eventfd2", [UInt("count"), Flags("flags", "EFD")], eventfd2),
  syscall(74, "signalfd4", [Fd("fd"), In("mask", "sigset_t"), Size("sizemask"), Flags("flags", "SFD")], signalfd4),
  syscall(85, "timerfd_create", [Int("clockid", "CLOCK"), Flags("flags", "TFD")], timerfd_create),
  syscall(
    86,
    "timerfd_settime",
    [timerfd, Flags("flags", "TFD_TIMER"), In("new", "itimerspec"), Out("old", "itimerspec")],
    timerfd_settime,
  ),
  syscall(87, "timerfd_gettime", [timerfd, Out("curr", "itimerspec")], timerfd_gettime),
];
