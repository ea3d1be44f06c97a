// The clocks that programs see. clock_gettime(2)
import type { Host } from "../../host/host.ts";

const DAY = 86_400_000_000_000n;

export class Clock {
  private readonly host: Host;
  private readonly boot: number;
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds; clock_settime changes it. */
  offset: bigint;
  /** Told when the realtime clock was set: timers on it (timerfd, clock_nanosleep) follow. */
  readonly onSet = new Set<() => void>();
  private coarse: bigint;
  /** A day before `now`'s time: relatime asks for it with each read. */
  dayAgo: bigint;
  private coarseAt = Number.NEGATIVE_INFINITY;
  /** What the monotonic clock was when it was read last. */
  private seen = 0;
  /** The scheduler is running tasks, and reads the clock all the time. */
  watched = false;

  constructor(host: Host) {
    this.host = host;
    this.boot = host.monotonic();
    this.offset = host.realtime();
    this.coarse = this.offset;
    this.dayAgo = this.coarse - DAY;
  }
  /** CLOCK_MONOTONIC: nanoseconds since boot. */
  monotonic(): number {
    const now = Math.floor(this.host.monotonic() - this.boot);
    this.seen = now;
    return now;
  }
  /** As `monotonic`, but in a task's turn perhaps no later than its start. */
  get recent(): number {
    return this.watched ? this.seen : this.monotonic();
  }
  /** CLOCK_REALTIME: nanoseconds since 1970. */
  realtime(): bigint {
    return this.offset + BigInt(this.monotonic());
  }
  /** The time that goes into inodes: like Linux's, no finer than a tick of 4 ms. */
  now(): bigint {
    const monotonic = this.watched ? this.seen : this.monotonic();
    if (monotonic - this.coarseAt >= 4_000_000) {
      this.coarseAt = monotonic;
      this.coarse = this.offset + BigInt(monotonic);
      this.dayAgo = this.coarse - DAY;
    }
    return this.coarse;
  }
  /** Has the realtime clock set: `coarse` follows at once. */
  set(realtime: bigint): void {
    this.offset = realtime - BigInt(this.monotonic());
    this.coarseAt = Number.NEGATIVE_INFINITY;
    for (const told of [...this.onSet]) told();
  }
}
