// Clocks that count from elsewhere: what is added to CLOCK_MONOTONIC and to CLOCK_BOOTTIME for the tasks of a namespace.
// The offsets are set before anyone is in it. time_namespaces(7)
import { EACCES, EINVAL, EPERM, ERANGE, type Errno } from "../../abi/errno.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_BOOTTIME_ALARM,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
} from "../sched/cpu-clock.ts";
import { CAP_SYS_TIME, type Cred } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { Namespace, type Ownership } from "./namespace.ts";

const SECOND = 1_000_000_000n;
/** KTIME_SEC_MAX. */
const LATEST = 9_223_372_036n;

export class TimeNamespace extends Namespace {
  readonly kind = "time";
  /** Nanoseconds. */
  monotonic = 0n;
  boottime = 0n;
  /** A task is in it, or was: the offsets stay. */
  frozen: boolean;

  constructor(ownership?: Ownership) {
    super(ownership);
    this.frozen = ownership === undefined;
  }
  copy(ownership: Ownership): TimeNamespace {
    const copy = new TimeNamespace(ownership);
    copy.monotonic = this.monotonic;
    copy.boottime = this.boottime;
    return copy;
  }
  get shifts(): boolean {
    return this.monotonic !== 0n || this.boottime !== 0n;
  }
  /** What to add to the machine's clock; 0 for those that all share. */
  offsetOf(clock: number): bigint {
    switch (clock) {
      case CLOCK_MONOTONIC:
      case CLOCK_MONOTONIC_RAW:
      case CLOCK_MONOTONIC_COARSE:
        return this.monotonic;
      case CLOCK_BOOTTIME:
      case CLOCK_BOOTTIME_ALARM:
        return this.boottime;
      default:
        return 0n;
    }
  }
  /** /proc/PID/timens_offsets. */
  show(): string {
    const line = (name: string, offset: bigint): string => {
      const nanoseconds = ((offset % SECOND) + SECOND) % SECOND;
      const seconds = (offset - nanoseconds) / SECOND;
      return `${name.padEnd(10)} ${String(seconds).padStart(10)} ${String(nanoseconds).padStart(9)}\n`;
    };
    return line("monotonic", this.monotonic) + line("boottime", this.boottime);
  }
  /** Sets offsets from lines of a clock's name or number, seconds and nanoseconds. `now`: nanoseconds since boot.
   *  Errors: EINVAL; EPERM without CAP_SYS_TIME; ERANGE for a clock that would be negative, or run out; EACCES once a
   *  task is in the namespace. */
  set(text: string, writer: Cred, now: bigint): 0 | Errno {
    const wanted: { clock: "monotonic" | "boottime"; offset: bigint }[] = [];
    for (const line of text.replace(/\n$/, "").split("\n").slice(0, 2)) {
      const [, name, seconds, nanoseconds] = /^\s*(\S{1,9})\s+(-?\d+)\s+(\d+)\s*$/.exec(line) ?? [];
      const clock = CLOCKS[name ?? ""];
      if (clock === undefined || BigInt(nanoseconds!) >= SECOND) return EINVAL;
      wanted.push({ clock, offset: BigInt(seconds!) * SECOND + BigInt(nanoseconds!) });
    }
    if (!writer.canIn(this.userNamespace, CAP_SYS_TIME)) return EPERM;
    for (const { offset } of wanted) {
      const time = now + offset;
      if (offset > LATEST * SECOND || offset < -LATEST * SECOND || time < 0n || time / SECOND > LATEST / 2n)
        return ERANGE;
    }
    if (this.frozen) return EACCES;
    for (const { clock, offset } of wanted) this[clock] = offset;
    return 0;
  }
}

const CLOCKS: Readonly<Record<string, "monotonic" | "boottime">> = {
  monotonic: "monotonic",
  [CLOCK_MONOTONIC]: "monotonic",
  boottime: "boottime",
  [CLOCK_BOOTTIME]: "boottime",
};

/** A time on a clock of the task's, in nanoseconds on the machine's own. */
export function machineTime({ nsproxy }: Task, clock: number, time: number): number {
  const offset = nsproxy.time.offsetOf(clock);
  return offset === 0n ? time : Math.max(0, time - Number(offset));
}

/** A task has come into its time namespace: its vDSO goes by it. */
export function enterTime({ nsproxy: { time }, kernel: { vdso }, mm }: Task): void {
  time.frozen = true;
  const wanted = vdso.pagesFor(time.shifts);
  for (const vma of mm.vmas()) {
    if (vma.pages === wanted || (vma.pages !== vdso.pages && vma.pages !== vdso.shifted)) continue;
    mm.unmapPages(vma.start, vma.end);
    vma.pages = wanted;
  }
}
