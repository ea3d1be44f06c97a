// Kernel timers: callbacks at a time on CLOCK_MONOTONIC, in a binary heap. Everything that expires hangs here: time-outs
// of blocked calls, itimers, POSIX timers, timerfd.
import type { Clock } from "./clock.ts";

export interface Timer {
  /** Nanoseconds, CLOCK_MONOTONIC. */
  readonly at: number;
  readonly fire: () => void;
  /** Place in the heap; -1 once fired or cancelled. */
  index: number;
}

export class Timers {
  private readonly clock: Clock;
  private readonly heap: Timer[] = [];

  /** Told when a timer is set that is due before all others. */
  onEarlier: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }
  /** When the next one fires; undefined if none is set. */
  get next(): number | undefined {
    return this.heap[0]?.at;
  }
  set(at: number, fire: () => void): Timer {
    const timer: Timer = { at, fire, index: this.heap.length };
    this.heap.push(timer);
    this.up(timer.index);
    if (timer.index === 0) this.onEarlier?.();
    return timer;
  }
  cancel(timer: Timer | undefined): void {
    if (!timer || timer.index < 0) return;
    const { index } = timer;
    const last = this.heap.pop()!;
    timer.index = -1;
    if (last === timer) return;
    this.heap[index] = last;
    last.index = index;
    this.up(index);
    this.down(last.index);
  }
  /** Fires all that are due. */
  run(): void {
    if (this.heap.length === 0) return;
    const now = this.clock.monotonic();
    for (let first = this.heap[0]; first && first.at <= now; first = this.heap[0]) {
      this.cancel(first);
      first.fire();
    }
  }
  /** What is wrong with them, for a kernel that has had an exception. */
  check(): string | undefined {
    const { heap } = this;
    const wrong = heap.some((timer, i) => timer.index !== i || (i > 0 && heap[(i - 1) >> 1]!.at > timer.at));
    return wrong ? "the timers are out of order" : undefined;
  }
  private up(index: number): void {
    const { heap } = this;
    const timer = heap[index]!;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.at <= timer.at) break;
      this.place(heap[parent]!, index);
      index = parent;
    }
    this.place(timer, index);
  }
  private down(index: number): void {
    const { heap } = this;
    const timer = heap[index]!;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= timer.at) break;
      this.place(heap[child]!, index);
      index = child;
    }
    this.place(timer, index);
  }
  private place(timer: Timer, index: number): void {
    this.heap[index] = timer;
    timer.index = index;
  }
}
