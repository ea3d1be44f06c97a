// Timers that send signals. The timers themselves are in signal/timers.ts; timerfd has a file of its own.
import { EFAULT, EINVAL, type Errno } from "../../abi/errno.ts";
import { NSIG } from "../../abi/signal.ts";
import type { UserAddress } from "../mm/user.ts";
import { machineTime } from "../namespace/time.ts";
import { type Notification, type PosixTimer, type TimeSource, timersOf } from "../signal/timers.ts";
import type { Task } from "../task/task.ts";
import { Flags, In, Int, Out, type Row, type SyscallResult, syscall } from "./table.ts";

/** struct itimerval counts microseconds, itimerspec nanoseconds. */
interface Setting {
  value: number;
  interval: number;
}

function readSetting(task: Task, address: UserAddress, unit: number): Setting | Errno {
  const bytes = task.mm.read(address, 32);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer);
  const part = (at: number): number => {
    const seconds = Number(view.getBigInt64(at, true));
    const fraction = Number(view.getBigInt64(at + 8, true));
    if (seconds < 0 || fraction < 0 || fraction * unit >= 1e9) return Number.NaN;
    return seconds * 1e9 + fraction * unit;
  };
  const setting = { interval: part(0), value: part(16) };
  return Number.isNaN(setting.interval) || Number.isNaN(setting.value) ? EINVAL : setting;
}

function writeSetting(task: Task, address: UserAddress, setting: Setting, unit: number): 0 | Errno {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  const part = (at: number, nanoseconds: number): void => {
    view.setBigInt64(at, BigInt(Math.floor(nanoseconds / 1e9)), true);
    view.setBigInt64(at + 8, BigInt(Math.floor((nanoseconds % 1e9) / unit)), true);
  };
  part(0, setting.interval);
  part(16, setting.value > 0 ? Math.max(setting.value, unit) : 0);
  return task.mm.write(address, bytes);
}

function getitimer(task: Task, which: number, address: UserAddress): SyscallResult {
  const countdown = which >= 0 ? timersOf(task.group).interval[which] : undefined;
  if (!countdown) return EINVAL;
  return writeSetting(task, address, { value: countdown.left, interval: countdown.interval }, 1000);
}

function setitimer(task: Task, which: number, address: UserAddress, oldAddress: UserAddress): SyscallResult {
  let setting: Setting | Errno = { value: 0, interval: 0 };
  if (address !== 0) setting = readSetting(task, address, 1000);
  if (typeof setting === "number") return setting;
  const countdown = which >= 0 ? timersOf(task.group).interval[which] : undefined;
  if (!countdown) return EINVAL;
  const old = { value: countdown.left, interval: countdown.interval };
  const { value, interval } = setting;
  countdown.set(value === 0 ? undefined : countdown.now() + value, value === 0 ? 0 : interval);
  return oldAddress === 0 ? 0 : writeSetting(task, oldAddress, old, 1000);
}

const CLOCK_PROCESS_CPUTIME_ID = 2;
const CLOCK_THREAD_CPUTIME_ID = 3;
const REALTIME_CLOCKS = [0, 8, 11];
const MONOTONIC_CLOCKS = [1, 7, 9];

/** Negative ids name a process's or thread's processor time: clock_getcpuclockid(3). */
function timeSource(task: Task, clock: number): TimeSource | undefined {
  if (REALTIME_CLOCKS.includes(clock)) return { kind: "realtime" };
  if (MONOTONIC_CLOCKS.includes(clock)) return { kind: "monotonic", clock };
  if (clock === CLOCK_PROCESS_CPUTIME_ID) return { kind: "process", group: task.group, user: false };
  if (clock === CLOCK_THREAD_CPUTIME_ID) return { kind: "thread", task };
  if (clock >= 0 || (clock & 3) === 3) return undefined;
  const id = ~(clock >> 3);
  const target = id === 0 ? task : task.kernel.tasks.task(id);
  if (!target) return undefined;
  if ((clock & 4) !== 0) return target.group === task.group ? { kind: "thread", task: target } : undefined;
  return { kind: "process", group: target.group, user: (clock & 3) === 1 };
}

const SIGEV_SIGNAL = 0;
const SIGEV_NONE = 1;
const SIGEV_THREAD = 2;
const SIGEV_THREAD_ID = 4;

function readNotification(task: Task, address: UserAddress): Notification | undefined | Errno {
  if (address === 0) return undefined;
  const bytes = task.mm.read(address, 64);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer);
  const value = view.getBigUint64(0, true);
  const signal = view.getInt32(8, true);
  const notify = view.getInt32(12, true);
  if (notify === SIGEV_NONE) return { signal: 0, value, thread: undefined, silent: true };
  if (![SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_SIGNAL | SIGEV_THREAD_ID].includes(notify)) return EINVAL;
  if (signal <= 0 || signal > NSIG) return EINVAL;
  let thread: Task | undefined;
  if ((notify & SIGEV_THREAD_ID) !== 0) {
    thread = task.kernel.tasks.task(task.pidNamespace.find(view.getInt32(16, true)));
    if (!thread || thread.group !== task.group) return EINVAL;
  }
  return { signal, value, thread, silent: false };
}

function timer_create(task: Task, clock: number, event: UserAddress, idAddress: UserAddress): SyscallResult {
  const source = timeSource(task, clock);
  if (!source) return EINVAL;
  const notification = readNotification(task, event);
  if (typeof notification === "number") return notification;
  const timer = timersOf(task.group).create(clock, source, notification);
  if (typeof timer === "number") return timer;
  if (task.mm.writeU32(idAddress, timer.id) < 0) {
    timersOf(task.group).delete(timer.id);
    return EFAULT;
  }
  return 0;
}

const find = (task: Task, id: number): PosixTimer | undefined => task.group.timers?.posix.get(id);

const TIMER_ABSTIME = 1;

function timer_settime(
  task: Task,
  id: number,
  flags: number,
  address: UserAddress,
  oldAddress: UserAddress,
): SyscallResult {
  if (address === 0) return EINVAL;
  const setting = readSetting(task, address, 1);
  if (typeof setting === "number") return setting;
  const timer = find(task, id);
  if (!timer) return EINVAL;
  const { countdown } = timer;
  const old = { value: countdown.left, interval: countdown.interval };
  const { value, interval } = setting;
  let at: number | undefined;
  if (value !== 0) {
    if ((flags & TIMER_ABSTIME) === 0) at = countdown.now() + value;
    else if (countdown.source.kind === "realtime") at = Math.max(0, realtimeDeadline(task, address));
    else if (countdown.source.kind === "monotonic") at = machineTime(task, countdown.source.clock ?? 0, value);
    else at = value;
  }
  timer.overrun = 0;
  countdown.set(at, value === 0 ? 0 : interval);
  return oldAddress === 0 ? 0 : writeSetting(task, oldAddress, old, 1);
}

/** An absolute CLOCK_REALTIME time as one on CLOCK_MONOTONIC, without losing nanoseconds. */
function realtimeDeadline(task: Task, address: UserAddress): number {
  const bytes = task.mm.read(address, 32);
  if (typeof bytes === "number") return 0;
  const view = new DataView(bytes.buffer);
  return Number(view.getBigInt64(16, true) * 1_000_000_000n + view.getBigInt64(24, true) - task.kernel.clock.offset);
}

function timer_gettime(task: Task, id: number, address: UserAddress): SyscallResult {
  const timer = find(task, id);
  if (!timer) return EINVAL;
  return writeSetting(task, address, { value: timer.countdown.left, interval: timer.countdown.interval }, 1);
}

function timer_getoverrun(task: Task, id: number): SyscallResult {
  const timer = find(task, id);
  return timer ? timer.overrun : EINVAL;
}

function timer_delete(task: Task, id: number): SyscallResult {
  return task.group.timers?.delete(id) ? 0 : EINVAL;
}

export const rows: readonly Row[] = [
  syscall(102, "getitimer", [Int("which", "ITIMER"), Out("curr_value", "itimerval")], getitimer),
  syscall(
    103,
    "setitimer",
    [Int("which", "ITIMER"), In("new_value", "itimerval"), Out("old_value", "itimerval")],
    setitimer,
  ),
  syscall(107, "timer_create", [Int("clockid", "CLOCK"), In("sevp", "sigevent"), Out("timerid", "int")], timer_create),
  syscall(108, "timer_gettime", [Int("timerid"), Out("curr_value", "itimerspec")], timer_gettime),
  syscall(109, "timer_getoverrun", [Int("timerid")], timer_getoverrun),
  syscall(
    110,
    "timer_settime",
    [Int("timerid"), Flags("flags", "timer"), In("new_value", "itimerspec"), Out("old_value", "itimerspec")],
    timer_settime,
  ),
  syscall(111, "timer_delete", [Int("timerid")], timer_delete),
];
