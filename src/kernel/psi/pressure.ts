// Pressure stall information: for how much of the time some tasks of a group, or all that could have run, were kept waiting
// for the processor, for input and output, or for memory. Documentation/accounting/psi
//
// Who waits for what is told by change.ts; triggers that poll(2) waits for are in trigger.ts. A group has counts of its
// tasks, and time is added up whenever one of them changes. The machine as a whole (the root) keeps no count of tasks that
// run: the scheduler tells it of turns during which others waited (`contended`) and of whether there is work at all (`busy`).
import type { Kernel } from "../kernel.ts";
import type { Timer } from "../sched/timers.ts";
import type { Trigger } from "./trigger.ts";

export const RESOURCES = ["io", "memory", "cpu"] as const;
export type Resource = (typeof RESOURCES)[number];
/** Index of a total: that of some tasks, `full` of all. */
export const stateOf = (resource: Resource, full: boolean): number => RESOURCES.indexOf(resource) * 2 + (full ? 1 : 0);

const IO_SOME = 0;
const IO_FULL = 1;
const MEMORY_SOME = 2;
const MEMORY_FULL = 3;
const CPU_SOME = 4;
const CPU_FULL = 5;
const STATES = 6;

/** Averages are brought up to date this often while anything stalls: nanoseconds. */
const PERIOD = 2e9;
/** Fixed point as the load average's, and what is left of 10, 60 and 300 seconds' averages after a period. */
const FIXED_1 = 2048;
const DECAY = [1677, 1981, 2034] as const;

export class Pressure {
  private readonly kernel: Kernel;
  /** The whole machine: it never waits for the processor as one. */
  private readonly system: boolean;
  // tasks that could run, that do, that wait for I/O or for memory, and that run while they do
  running = 0;
  onProcessor = 0;
  inputOutput = 0;
  memory = 0;
  memoryRunning = 0;
  /** cgroup.pressure: nothing is counted while it is off. */
  enabled = true;
  readonly triggers = new Set<Trigger>();
  private readonly totals = new Float64Array(STATES);
  private since: number;
  private readonly averages = Array.from({ length: STATES }, () => [0, 0, 0]);
  private readonly averaged = new Float64Array(STATES);
  private lastUpdate: number;
  private nextUpdate: number;
  private timer: Timer | undefined;

  constructor(kernel: Kernel, system: boolean) {
    this.kernel = kernel;
    this.system = system;
    this.since = this.lastUpdate = kernel.clock.monotonic();
    this.nextUpdate = this.lastUpdate + PERIOD;
  }

  /** Adds up what has gone by: to be called before a count changes. */
  advance(now: number): void {
    const elapsed = now - this.since;
    if (elapsed <= 0) return;
    this.since = now;
    if (!this.enabled) return;
    const { totals, running, onProcessor } = this;
    if (this.inputOutput > 0) {
      totals[IO_SOME]! += elapsed;
      if (running === 0) totals[IO_FULL]! += elapsed;
    }
    if (this.memory > 0) {
      totals[MEMORY_SOME]! += elapsed;
      if (running === this.memoryRunning) totals[MEMORY_FULL]! += elapsed;
    }
    if (running > onProcessor && !this.system) {
      totals[CPU_SOME]! += elapsed;
      if (onProcessor === 0) totals[CPU_FULL]! += elapsed;
    }
  }
  /** Does anything wait now? */
  get stalled(): boolean {
    return this.inputOutput > 0 || this.memory > 0 || (this.running > this.onProcessor && !this.system);
  }
  /** A count has changed: while there is something to see, averages and triggers are looked at in time. */
  watch(): void {
    if (!this.stalled || !this.enabled) return;
    if (this.timer === undefined) this.arm();
    if (this.triggers.size > 0) for (const trigger of this.triggers) trigger.watch();
  }
  /** There is work, or none: the root's way to know whether anybody can run. */
  busy(on: boolean, now: number): void {
    if (this.stalled) this.advance(now);
    this.running = this.onProcessor = on ? 1 : 0;
  }
  /** Time that is over in which tasks were kept waiting for the processor: the root's way. */
  contended(nanoseconds: number): void {
    if (this.enabled) this.add(CPU_SOME, nanoseconds);
  }
  /** Time that is over, in which a task reclaimed memory instead of going on; `full`: and nobody else could. */
  reclaimed(nanoseconds: number, full: boolean): void {
    if (!this.enabled) return;
    this.add(MEMORY_SOME, nanoseconds);
    if (full) this.add(MEMORY_FULL, nanoseconds);
  }
  private add(state: number, nanoseconds: number): void {
    this.totals[state]! += nanoseconds;
    if (this.timer === undefined) this.arm();
    if (this.triggers.size > 0) for (const trigger of this.triggers) trigger.watch();
  }

  /** Nanoseconds so far. */
  total(state: number): number {
    this.advance(this.kernel.clock.monotonic());
    return this.totals[state]!;
  }
  private arm(): void {
    const at = Math.max(this.nextUpdate, this.kernel.clock.monotonic());
    this.timer = this.kernel.timers.set(at, () => {
      this.timer = undefined;
      if (this.update() || this.stalled) this.arm();
    });
  }
  /** The group is gone. */
  stop(): void {
    this.kernel.timers.cancel(this.timer);
    this.timer = undefined;
    for (const trigger of this.triggers) trigger.stop();
  }
  /** Brings the averages up to date; true when something was new. */
  private update(): boolean {
    const now = this.kernel.clock.monotonic();
    this.advance(now);
    if (now < this.nextUpdate) return true;
    const missed = Math.floor((now - this.nextUpdate) / PERIOD);
    const period = now - (this.lastUpdate + missed * PERIOD);
    this.nextUpdate += (1 + missed) * PERIOD;
    this.lastUpdate = now;
    let news = false;
    for (let state = 0; state < STATES; state++) {
      const sample = Math.min(this.totals[state]! - this.averaged[state]!, period);
      this.averaged[state]! += sample;
      if (sample > 0) news = true;
      const percent = Math.floor((sample * 100) / period) * FIXED_1;
      const averages = this.averages[state]!;
      for (const [i, decay] of DECAY.entries()) {
        averages[i] = decayed(missed === 0 ? averages[i]! : averages[i]! * (decay / FIXED_1) ** missed, decay, percent);
      }
    }
    return news;
  }
  /** The text of a file of pressure. */
  show(resource: Resource): string {
    this.update();
    const line = (name: string, state: number): string => {
      const shown = !(this.system && state === CPU_FULL);
      const [a, b, c] = shown ? this.averages[state]!.map(fixed) : ["0.00", "0.00", "0.00"];
      return `${name} avg10=${a} avg60=${b} avg300=${c} total=${shown ? Math.floor(this.totals[state]! / 1000) : 0}\n`;
    };
    return line("some", stateOf(resource, false)) + line("full", stateOf(resource, true));
  }
}

function decayed(average: number, decay: number, percent: number): number {
  const sum = average * decay + percent * (FIXED_1 - decay) + (percent >= average ? FIXED_1 - 1 : 0);
  return Math.floor(sum / FIXED_1);
}

const fixed = (average: number): string => {
  const hundredths = Math.floor(((average % FIXED_1) * 100) / FIXED_1);
  return `${Math.floor(average / FIXED_1)}.${String(hundredths).padStart(2, "0")}`;
};
