// What keeps a kernel going: turns of the scheduler between which the host has its own, and a host timer for the next
// thing that is due when nothing is runnable.
import { fatal } from "../crash/fatal.ts";
import type { Kernel } from "../kernel.ts";

/** Nanoseconds that the kernel may keep the host's thread. */
const TURN = 8e6;
/** Nanoseconds before a timer from which on it is watched closely. */
const PRECISE = 1e6;

export class Pump {
  private readonly kernel: Kernel;
  private scheduled = false;
  private stopped = false;
  private cancelTimer: (() => void) | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    kernel.scheduler.onWork = () => this.wake();
    kernel.timers.onEarlier = () => {
      if (!kernel.current && !this.scheduled) this.arm();
    };
  }
  /** There is, or may be, work. */
  wake(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.kernel.host.soon(() => this.turn());
  }
  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
  }
  private turn(): void {
    this.scheduled = false;
    if (this.stopped) return;
    const { scheduler, clock } = this.kernel;
    try {
      if (scheduler.run(clock.monotonic() + TURN)) this.wake();
      else this.arm();
    } catch (error) {
      this.stop();
      fatal(this.kernel, error);
    }
  }
  private arm(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const { timers, clock, host } = this.kernel;
    if (timers.next === undefined || this.stopped) return;
    const left = timers.next - clock.monotonic();
    // Hosts' timers count in milliseconds: what is due sooner is waited for by coming back again and again.
    if (left < PRECISE) this.wake();
    else this.cancelTimer = host.after(left - PRECISE, () => this.wake());
  }
}
