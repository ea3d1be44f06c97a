// Bandwidth control (cpu.max): a group may use `quota` of the processor in each period, and what it saved up to `burst` of
// it. What a turn takes beyond that is owed: the next quota pays it first. Linux's cfs_bandwidth, for one processor.
// cgroups(7), Documentation/scheduler/sched-bwc
import type { Kernel } from "../kernel.ts";
import type { Timer } from "./timers.ts";

const DEFAULT_PERIOD = 100e6;

/** What is throttled. */
export interface Throttled {
  /** It may run again. */
  refilled(): void;
  /** It was stopped, or it goes on. */
  throttled(on: boolean): void;
}

export class Bandwidth {
  private readonly kernel: Kernel;
  private readonly owner: Throttled;
  /** Nanoseconds. */
  quota = Number.POSITIVE_INFINITY;
  period = DEFAULT_PERIOD;
  burst = 0;
  /** What is left; negative when it is owed. And what there was when it was last refilled. */
  private runtime = 0;
  private snapshot = 0;
  private timer: Timer | undefined;
  /** Nothing was used since the last refill: with another such period, the timer stops. */
  private idle = true;
  private throttledAt: number | undefined;

  // cpu.stat
  periods = 0;
  throttles = 0;
  bursts = 0;
  burstTime = 0;
  private throttledBefore = 0;

  constructor(kernel: Kernel, owner: Throttled) {
    this.kernel = kernel;
    this.owner = owner;
  }
  get limited(): boolean {
    return this.quota !== Number.POSITIVE_INFINITY;
  }
  get exhausted(): boolean {
    return this.runtime <= 0 && this.limited;
  }
  /** Nanoseconds left in this period. */
  get left(): number {
    return this.limited ? this.runtime : Number.POSITIVE_INFINITY;
  }
  /** Nanoseconds for which tasks were kept waiting. */
  get throttledTime(): number {
    const { throttledAt } = this;
    return this.throttledBefore + (throttledAt === undefined ? 0 : this.kernel.clock.monotonic() - throttledAt);
  }

  set(quota: number, period: number, burst: number): void {
    this.quota = quota;
    this.period = period;
    this.burst = burst;
    // As on Linux, debts are forgotten.
    this.runtime = Math.max(this.runtime, 0);
    this.refill();
    this.stop();
    this.owner.refilled();
  }
  use(nanoseconds: number): void {
    this.runtime -= nanoseconds;
    this.idle = false;
    this.start();
  }
  private start(): void {
    if (this.timer) return;
    const { timers, clock } = this.kernel;
    this.timer = timers.set(clock.monotonic() + this.period, () => this.tick());
  }
  stop(): void {
    this.kernel.timers.cancel(this.timer);
    this.timer = undefined;
  }
  throttle(on: boolean): void {
    const { throttledTime, kernel } = this;
    this.throttledBefore = throttledTime;
    this.throttledAt = on ? kernel.clock.monotonic() : undefined;
    if (on) this.start();
    this.owner.throttled(on);
  }
  /** A period is over, or several when the machine was busy elsewhere; the quota is given once. */
  private tick(): void {
    const { kernel, timer, period } = this;
    const now = kernel.clock.monotonic();
    const passed = 1 + Math.max(0, Math.floor((now - timer!.at) / period));
    const throttled = this.throttledAt !== undefined;
    this.periods += passed;
    if (throttled) this.throttles += passed;
    this.refill();
    this.timer = undefined;
    if (!throttled && this.idle) return;
    this.idle = true;
    this.timer = kernel.timers.set(timer!.at + passed * period, () => this.tick());
    if (throttled && this.runtime > 0) this.owner.refilled();
  }
  private refill(): void {
    if (!this.limited) return;
    this.runtime += this.quota;
    const beyond = this.snapshot - this.runtime;
    if (beyond > 0 && this.burst > 0) {
      this.burstTime += beyond;
      this.bursts++;
    }
    this.runtime = Math.min(this.runtime, this.quota + this.burst);
    this.snapshot = this.runtime;
  }
}
