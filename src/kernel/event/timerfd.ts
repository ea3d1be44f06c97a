// Timers that are read: timerfd_create(2).
import { EAGAIN, ECANCELED, EFAULT, EINVAL } from "../../abi/errno.ts";
import { POLLIN } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import type { IoBuffer } from "../mm/user.ts";
import type { Timer } from "../sched/timers.ts";
import { WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { noSeek } from "../vfs/anonymous.ts";
import type { File, FileOperations, IoResult } from "../vfs/file.ts";

export const TFD_TIMER_ABSTIME = 1;
export const TFD_TIMER_CANCEL_ON_SET = 2;
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const CLOCK_BOOTTIME = 7;
export const CLOCK_REALTIME_ALARM = 8;
export const CLOCK_BOOTTIME_ALARM = 9;

const NEVER = Number.POSITIVE_INFINITY;
const SECOND = 1e9;

export class TimerFile {
  private readonly kernel: Kernel;
  readonly clock: number;
  readonly queue = new WaitQueue();
  readonly queues: readonly WaitQueue[] = [this.queue];
  /** When it expires (next), CLOCK_MONOTONIC; NEVER when disarmed. */
  private expiry = NEVER;
  private interval = 0;
  private flags = 0;
  private timer: Timer | undefined;
  /** Expired and not read: a periodic timer runs on in arithmetic only, until somebody reads. */
  private expired = false;
  private ticks = 0;
  private canceled = false;
  /** The realtime clock's offset that `expiry` was computed with. */
  private offset = 0n;
  private readonly clockSet = (): void => this.follow();

  constructor(kernel: Kernel, clock: number) {
    this.kernel = kernel;
    this.clock = clock;
    kernel.clock.onSet.add(this.clockSet);
  }
  private get realtime(): boolean {
    return this.clock === CLOCK_REALTIME || this.clock === CLOCK_REALTIME_ALARM;
  }
  private get now(): number {
    return this.kernel.clock.monotonic();
  }
  /** Arms it: `value` from now, or on its clock with TFD_TIMER_ABSTIME; 0 disarms. Nanoseconds. */
  set(flags: number, value: bigint, interval: bigint): void {
    this.kernel.timers.cancel(this.timer);
    this.flags = flags;
    this.ticks = 0;
    this.expired = this.canceled = false;
    this.interval = Number(interval);
    this.offset = this.kernel.clock.offset;
    if (value === 0n) this.expiry = NEVER;
    else if ((flags & TFD_TIMER_ABSTIME) === 0) this.expiry = this.now + Number(value);
    else this.expiry = Number(this.realtime ? value - this.offset : value);
    this.arm();
  }
  /** Time left and interval. */
  get(): { value: number; interval: number } {
    this.settle();
    const value = this.expiry === NEVER || this.expired ? 0 : Math.max(this.expiry - this.now, 1);
    return { value, interval: this.interval };
  }
  get readable(): boolean {
    return this.ticks > 0 || this.canceled;
  }
  read(into: IoBuffer, nonblocking: boolean): IoResult {
    if (this.canceled) {
      this.canceled = this.expired = false;
      this.ticks = 0;
      return ECANCELED;
    }
    if (this.ticks === 0) {
      if (nonblocking) return EAGAIN;
      return waitOn(this.queue, () => this.read(into, false));
    }
    this.settle();
    const { ticks } = this;
    this.ticks = 0;
    this.expired = false;
    return into.put(new Uint8Array(BigUint64Array.of(BigInt(ticks)).buffer)) === 8 ? 8 : EFAULT;
  }
  describe(): string {
    const { value, interval } = this.get();
    const pair = (time: number): string => `(${Math.floor(time / SECOND)}, ${Math.floor(time % SECOND)})`;
    return (
      `clockid: ${this.clock}\nticks: ${this.ticks}\nsettime flags: 0${this.flags.toString(8)}\n` +
      `it_value: ${pair(value)}\nit_interval: ${pair(interval)}\n`
    );
  }
  release(): void {
    this.kernel.timers.cancel(this.timer);
    this.kernel.clock.onSet.delete(this.clockSet);
  }

  private arm(): void {
    this.timer = this.expiry === NEVER ? undefined : this.kernel.timers.set(this.expiry, () => this.fire());
  }
  private fire(): void {
    this.timer = undefined;
    this.expired = true;
    this.ticks++;
    this.queue.wakeAll(POLLIN);
  }
  /** Catches up with the periods that passed since it expired, and arms it for the next. */
  private settle(): void {
    if (!this.expired || this.interval === 0) return;
    const periods = Math.floor((this.now - this.expiry) / this.interval) + 1;
    this.ticks += periods - 1;
    this.expiry += periods * this.interval;
    this.expired = false;
    this.arm();
  }
  /** The realtime clock was set. */
  private follow(): void {
    const { offset } = this.kernel.clock;
    const shift = Number(offset - this.offset);
    this.offset = offset;
    if (!this.realtime || (this.flags & TFD_TIMER_ABSTIME) === 0) return;
    if ((this.flags & TFD_TIMER_CANCEL_ON_SET) !== 0) {
      this.canceled = true;
      this.queue.wakeAll(POLLIN);
    }
    if (!this.timer) return;
    this.kernel.timers.cancel(this.timer);
    this.expiry -= shift;
    this.arm();
  }
}

const timer = (file: File): TimerFile => file.data as TimerFile;

export const timerOperations: FileOperations = {
  stream: true,
  seek: noSeek,
  read: (file, into) => (into.length < 8 ? EINVAL : timer(file).read(into, file.nonblocking)),
  poll: (file) => (timer(file).readable ? POLLIN : 0),
  pollQueues: (file) => timer(file).queues,
  release: (file) => timer(file).release(),
  fdinfo: (file) => timer(file).describe(),
};
