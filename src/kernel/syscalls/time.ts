// Clocks: reading, setting and sleeping on them. time(7). Interval timers and timerfd have files of their own.
import {
  EFAULT,
  EINVAL,
  EOPNOTSUPP,
  EPERM,
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  type Errno,
} from "../../abi/errno.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { machineTime } from "../namespace/time.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME,
  CLOCK_REALTIME_ALARM,
  CLOCK_REALTIME_COARSE,
  CLOCK_TAI,
  CLOCK_THREAD_CPUTIME_ID,
  COARSE,
  type CpuClock,
  cpuClock,
  readClock,
  readCpuClock,
} from "../sched/cpu-clock.ts";
import { readTimespec, SECOND, writeTimespec } from "../sched/timespec.ts";
import { Wait, WaitQueue } from "../sched/wait-queue.ts";
import { CAP_SYS_TIME } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { In, InOut, Int, Out, type Row, syscall } from "./table.ts";

const TIMER_ABSTIME = 1;

function clock_gettime(task: Task, id: number, tp: UserAddress): 0 | Errno {
  const time = readClock(task, id);
  return typeof time === "number" ? time : writeTimespec(task.mm, tp, time);
}

/** The largest time that may be set (2232): later ones would overflow timers. */
const SETTABLE = (9223372036n - 30n * 366n * 86400n) * SECOND;

function setTime(task: Task, time: bigint): 0 | Errno {
  if (!task.cred.can(CAP_SYS_TIME)) return EPERM;
  // Before boot's own start there is no time to set. clock_settime(2)
  if (time < BigInt(task.kernel.clock.monotonic()) || time >= SETTABLE) return EINVAL;
  task.kernel.clock.set(time);
  return 0;
}

function clock_settime(task: Task, id: number, tp: UserAddress): 0 | Errno {
  const cpu = id === CLOCK_REALTIME ? undefined : cpuClock(task, id);
  if (typeof cpu === "number") return EINVAL;
  const time = readTimespec(task.mm, tp);
  if (typeof time === "number") return time;
  return cpu ? EPERM : setTime(task, time);
}

function clock_getres(task: Task, id: number, res: UserAddress): 0 | Errno {
  const time = readClock(task, id);
  if (typeof time === "number") return time;
  const coarse = id === CLOCK_REALTIME_COARSE || id === CLOCK_MONOTONIC_COARSE;
  return res === NULL ? 0 : writeTimespec(task.mm, res, coarse ? BigInt(COARSE) : 1n);
}

function gettimeofday(task: Task, tv: UserAddress, tz: UserAddress): 0 | Errno {
  if (tv !== NULL) {
    const time = task.kernel.clock.realtime();
    const words = BigInt64Array.of(time / SECOND, (time % SECOND) / 1000n);
    if (task.mm.write(tv, new Uint8Array(words.buffer)) < 0) return EFAULT;
  }
  return tz === NULL ? 0 : task.mm.write(tz, new Uint8Array(8));
}

function settimeofday(task: Task, tv: UserAddress, tz: UserAddress): 0 | Errno {
  if (tz !== NULL && typeof task.mm.read(tz, 8) === "number") return EFAULT;
  if (tv === NULL) return task.cred.can(CAP_SYS_TIME) ? 0 : EPERM;
  const raw = task.mm.read(tv, 16);
  if (typeof raw === "number") return raw;
  const view = new DataView(raw.buffer, raw.byteOffset);
  const seconds = view.getBigInt64(0, true);
  const microseconds = view.getBigInt64(8, true);
  if (microseconds < 0n || microseconds > 1_000_000n || seconds < 0n) return EINVAL;
  return setTime(task, seconds * SECOND + microseconds * 1000n);
}

/** struct timex of a clock that nobody disciplines. adjtimex(2) */
function adjust(task: Task, address: UserAddress): number | Errno {
  const raw = task.mm.read(address, 208);
  if (typeof raw === "number") return raw;
  const modes = new DataView(raw.buffer, raw.byteOffset).getUint32(0, true);
  const ADJ_OFFSET_SS_READ = 0xa001;
  if (modes !== 0 && modes !== ADJ_OFFSET_SS_READ) return EPERM;
  const bytes = new Uint8Array(208);
  const view = new DataView(bytes.buffer);
  const time = task.kernel.clock.realtime();
  const STA_UNSYNC = 0x40;
  const TIME_ERROR = 5;
  view.setUint32(0, modes, true);
  view.setBigInt64(24, 16_000_000n, true); // maxerror, microseconds
  view.setBigInt64(32, 16_000_000n, true); // esterror
  view.setInt32(40, STA_UNSYNC, true);
  view.setBigInt64(48, 2n, true); // constant
  view.setBigInt64(56, 1n, true); // precision
  view.setBigInt64(64, 32_768_000n, true); // tolerance
  view.setBigInt64(72, time / SECOND, true);
  view.setBigInt64(80, (time % SECOND) / 1000n, true);
  view.setBigInt64(88, 10_000n, true); // tick
  return task.mm.write(address, bytes) < 0 ? EFAULT : TIME_ERROR;
}

/** Sleeps until a time on CLOCK_MONOTONIC; a signal has the rest written to `rem` and the call restarted from there. */
function sleepUntil(task: Task, deadline: number, rem: UserAddress): number | Wait<number> {
  const { clock } = task.kernel;
  if (clock.monotonic() >= deadline) return 0;
  const wait: Wait<number> = new Wait<number>([], () => (clock.monotonic() >= deadline ? 0 : wait));
  wait.deadline = deadline;
  wait.interrupt = () => {
    const left = deadline - clock.monotonic();
    if (left <= 0) return 0;
    if (rem !== NULL && writeTimespec(task.mm, rem, BigInt(Math.floor(left))) < 0) return EFAULT;
    task.restart = () => sleepUntil(task, deadline, rem);
    return ERESTART_RESTARTBLOCK;
  };
  return wait;
}

function nanosleep(task: Task, req: UserAddress, rem: UserAddress): number | Errno | Wait<number> {
  const time = readTimespec(task.mm, req);
  if (typeof time === "number") return time;
  return sleepUntil(task, task.kernel.clock.monotonic() + Number(time), rem);
}

/** Until a wall-clock time: follows the clock when it is set. */
function sleepUntilReal(task: Task, time: bigint): number | Wait<number> {
  const { clock } = task.kernel;
  const queue = new WaitQueue();
  const attempt = (): number | Wait<number> => {
    const left = Number(time - clock.realtime());
    clock.onSet.delete(wake);
    if (left <= 0) return 0;
    clock.onSet.add(wake);
    const wait = new Wait<number>([queue], attempt);
    wait.deadline = clock.monotonic() + left;
    wait.onTimeout = () => {
      clock.onSet.delete(wake);
      return 0;
    };
    wait.interrupt = () => {
      clock.onSet.delete(wake);
      return ERESTARTNOHAND;
    };
    return wait;
  };
  const wake = (): void => queue.wakeAll();
  return attempt();
}

/** On a CPU-time clock: it runs with the process, not with time, so it is looked at again and again. */
function sleepOnCpu(
  task: Task,
  cpu: CpuClock,
  until: number,
  absolute: boolean,
  rem: UserAddress,
): number | Wait<number> {
  const { clock, timers } = task.kernel;
  const queue = new WaitQueue();
  const attempt = (): number | Wait<number> => {
    const left = until - readCpuClock(cpu);
    if (left <= 0) return 0;
    const timer = timers.set(clock.monotonic() + Math.max(left, 1_000_000), () => queue.wakeAll());
    const wait = new Wait<number>([queue], () => {
      timers.cancel(timer);
      return attempt();
    });
    wait.interrupt = () => {
      timers.cancel(timer);
      if (absolute) return ERESTARTNOHAND;
      const rest = Math.max(0, until - readCpuClock(cpu));
      if (rem !== NULL && writeTimespec(task.mm, rem, BigInt(rest)) < 0) return EFAULT;
      task.restart = () => sleepOnCpu(task, cpu, until, false, rem);
      return ERESTART_RESTARTBLOCK;
    };
    return wait;
  };
  return attempt();
}

function clock_nanosleep(
  task: Task,
  id: number,
  flags: number,
  req: UserAddress,
  rem: UserAddress,
): number | Errno | Wait<number> {
  const now = readClock(task, id);
  if (typeof now === "number") return now;
  if (id === CLOCK_MONOTONIC_RAW || id === CLOCK_REALTIME_COARSE || id === CLOCK_MONOTONIC_COARSE) return EOPNOTSUPP;
  if (id === CLOCK_THREAD_CPUTIME_ID) return EINVAL;
  const time = readTimespec(task.mm, req);
  if (typeof time === "number") return time;
  const absolute = (flags & TIMER_ABSTIME) !== 0;
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_TAI:
      if (absolute) return sleepUntilReal(task, time);
      break;
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
      break;
    default: {
      const cpu = cpuClock(task, id);
      if (typeof cpu === "number") return cpu;
      // A thread can't wait for the time it uses itself.
      if (cpu.thread && cpu.task === task) return EINVAL;
      return sleepOnCpu(task, cpu, absolute ? Number(time) : Number(now + time), absolute, rem);
    }
  }
  if (!absolute) return sleepUntil(task, task.kernel.clock.monotonic() + Number(time), rem);
  const wait = sleepUntil(task, machineTime(task, id, Number(time)), NULL);
  if (wait instanceof Wait) wait.interrupt = ERESTARTNOHAND;
  return wait;
}

export const rows: readonly Row[] = [
  syscall(101, "nanosleep", [In("rqtp", "timespec"), Out("rmtp", "timespec")], nanosleep),
  syscall(112, "clock_settime", [Int("which_clock", "CLOCK"), In("tp", "timespec")], clock_settime),
  syscall(113, "clock_gettime", [Int("which_clock", "CLOCK"), Out("tp", "timespec")], clock_gettime),
  syscall(114, "clock_getres", [Int("which_clock", "CLOCK"), Out("tp", "timespec")], clock_getres),
  syscall(
    115,
    "clock_nanosleep",
    [Int("which_clock", "CLOCK"), Int("flags", "timer"), In("rqtp", "timespec"), Out("rmtp", "timespec")],
    clock_nanosleep,
  ),
  syscall(169, "gettimeofday", [Out("tv", "timeval"), Out("tz", "timezone")], gettimeofday),
  syscall(170, "settimeofday", [In("tv", "timeval"), In("tz", "timezone")], settimeofday, { gaps: "the time zone" }),
  syscall(171, "adjtimex", [InOut("txc_p", "timex")], adjust, { gaps: "adjusting: EPERM" }),
  syscall(
    266,
    "clock_adjtime",
    [Int("which_clock", "CLOCK"), InOut("utx", "timex")],
    (task, id, utx) => (id === CLOCK_REALTIME ? adjust(task, utx) : readClock(task, id) < 0 ? EINVAL : EOPNOTSUPP),
    { gaps: "adjusting: EPERM" },
  ),
];
