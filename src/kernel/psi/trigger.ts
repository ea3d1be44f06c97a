// A trigger: whoever wrote "some 150000 1000000" to a file of pressure is told by poll(2) (POLLPRI) when tasks were kept
// waiting for that many microseconds within a window of so many. Documentation/accounting/psi
import { EBUSY, EINVAL, type Errno } from "../../abi/errno.ts";
import { POLLERR, POLLPRI } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import type { Timer } from "../sched/timers.ts";
import { WaitQueue } from "../sched/wait-queue.ts";
import { CAP_SYS_RESOURCE, type Cred } from "../security/cred.ts";
import { type Pressure, type Resource, stateOf } from "./pressure.ts";

/** Microseconds: the longest window, and what those without privilege may choose multiples of. */
const WINDOW_MAX = 10_000_000;
const UNPRIVILEGED_STEP = 2_000_000;
/** Looks at a window. */
const LOOKS = 10;

export class Trigger {
  readonly queue = new WaitQueue();
  private readonly kernel: Kernel;
  private readonly pressure: Pressure;
  private readonly state: number;
  /** Nanoseconds. */
  private readonly threshold: number;
  private readonly window: number;
  private seen: number;
  private windowStart: number;
  private windowValue: number;
  private previousGrowth = 0;
  private pending = false;
  private fired = false;
  private lastFired = Number.NEGATIVE_INFINITY;
  private lastNews: number;
  private timer: Timer | undefined;

  constructor(kernel: Kernel, pressure: Pressure, state: number, threshold: number, window: number) {
    this.kernel = kernel;
    this.pressure = pressure;
    this.state = state;
    this.threshold = threshold;
    this.window = window;
    this.windowStart = this.lastNews = kernel.clock.monotonic();
    this.windowValue = this.seen = pressure.total(state);
    pressure.triggers.add(this);
    if (pressure.stalled) this.watch();
  }
  /** There may be something to see. */
  watch(): void {
    if (this.timer !== undefined) return;
    const { kernel } = this;
    this.timer = kernel.timers.set(kernel.clock.monotonic() + this.window / LOOKS, () => {
      this.timer = undefined;
      this.look();
    });
  }
  stop(): void {
    this.kernel.timers.cancel(this.timer);
    this.timer = undefined;
  }
  release(): void {
    this.stop();
    this.pressure.triggers.delete(this);
  }
  private look(): void {
    const now = this.kernel.clock.monotonic();
    const total = this.pressure.total(this.state);
    if (total !== this.seen) {
      this.seen = total;
      this.lastNews = now;
      if (this.growth(now, total) >= this.threshold) this.pending = true;
    }
    // One event a window.
    if (this.pending && now >= this.lastFired + this.window) {
      this.pending = false;
      this.lastFired = now;
      this.fired = true;
      this.queue.wakeAll(POLLPRI);
    }
    if (this.pressure.stalled || this.pending || now < this.lastNews + this.window) this.watch();
  }
  /** What was added within the window, that of the window before counted in part. */
  private growth(now: number, total: number): number {
    const elapsed = now - this.windowStart;
    const growth = total - this.windowValue;
    if (elapsed > this.window) {
      this.windowStart = now;
      this.windowValue = total;
      this.previousGrowth = growth;
      return growth;
    }
    return growth + (this.previousGrowth * (this.window - elapsed)) / this.window;
  }
  /** POLLPRI once for each event. */
  poll(): number {
    const { fired } = this;
    this.fired = false;
    return fired ? POLLPRI : 0;
  }
}

/** What an open file of pressure keeps. */
export interface TriggerHolder {
  trigger: Trigger | undefined;
}

/** A write to a file of pressure. Errors: EINVAL; EBUSY when the open file has a trigger already. */
export function writeTrigger(
  kernel: Kernel,
  pressure: Pressure,
  resource: Resource,
  text: string,
  holder: TriggerHolder,
  cred: Cred,
): 0 | Errno {
  if (holder.trigger) return EBUSY;
  const match = /^(some|full)\s+(\d+)\s+(\d+)/.exec(text);
  if (!match) return EINVAL;
  const threshold = Number(match[2]);
  const window = Number(match[3]);
  if (window === 0 || window > WINDOW_MAX || threshold === 0 || threshold > window) return EINVAL;
  if (!cred.can(CAP_SYS_RESOURCE) && window % UNPRIVILEGED_STEP !== 0) return EINVAL;
  holder.trigger = new Trigger(
    kernel,
    pressure,
    stateOf(resource, match[1] === "full"),
    threshold * 1000,
    window * 1000,
  );
  return 0;
}

/** Without a trigger there is nothing that it could wait for. */
export function pollTrigger({ trigger }: TriggerHolder): number {
  return trigger ? trigger.poll() : POLLERR | POLLPRI;
}
