// The limits that bound a run as a whole, and what became of them: its control group's quota and memory, else the
// machine's memory; swap; and the killer.
import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { MemoryGroup } from "../../kernel/mm/memory-group.ts";
import type { Bandwidth } from "../../kernel/sched/bandwidth.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { GroupFacts } from "./facts.ts";

const PAGE = 4096;

export class GroupWatch {
  private readonly kernel: Kernel;
  private bandwidth: Bandwidth | undefined;
  private memory: MemoryGroup | undefined;
  private begun = { periods: 0, throttles: 0, throttledTime: 0, oomKills: 0 };
  private readonly swap: number;
  private leastFree: number;
  private told = 0;
  private watches = false;
  oomKills = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.swap = kernel.swap.in + kernel.swap.out;
    this.leastFree = kernel.ram.freeFrames;
  }

  /** The first program says whose group it is. The nearest limits count. */
  executed(task: Task): void {
    if (this.watches) return;
    this.watches = true;
    for (let at: Cgroup | undefined = task.cgroup; at; at = at.parent) {
      const { bandwidth } = at.own.cpu ?? {};
      if (!this.bandwidth && bandwidth?.limited) this.bandwidth = bandwidth;
      const { memory } = at.own;
      if (!this.memory && memory && Number.isFinite(memory.memory.max)) this.memory = memory;
    }
    const { periods = 0, throttles = 0, throttledTime = 0 } = this.bandwidth ?? {};
    this.begun = { periods, throttles, throttledTime, oomKills: this.memory?.events.oom_kill ?? 0 };
    this.told = throttledTime;
  }

  /** Nanoseconds; no quota is infinite. */
  get quota(): number {
    return this.bandwidth?.quota ?? Number.POSITIVE_INFINITY;
  }
  get period(): number {
    return this.bandwidth?.period ?? 0;
  }

  /** Nanoseconds for which it stood still, since this was last asked. */
  throttled(): number {
    const now = this.bandwidth?.throttledTime ?? 0;
    const more = now - this.told;
    this.told = now;
    return more;
  }
  look(): void {
    const free = this.kernel.ram.freeFrames;
    if (free < this.leastFree) this.leastFree = free;
  }

  facts(): GroupFacts {
    const { kernel, bandwidth, memory, begun } = this;
    const { totalFrames } = kernel.ram;
    const kills = (memory?.events.oom_kill ?? 0) - begun.oomKills;
    return {
      cpuMax: bandwidth && `${Math.round(bandwidth.quota / 1000)} ${Math.round(bandwidth.period / 1000)}`,
      periods: (bandwidth?.periods ?? 0) - begun.periods,
      throttledPeriods: (bandwidth?.throttles ?? 0) - begun.throttles,
      throttledTime: (bandwidth?.throttledTime ?? 0) - begun.throttledTime,
      memoryLimitName: memory ? "memory.max" : "the machine's memory (--memory)",
      memoryMax: memory ? memory.memory.max * PAGE : totalFrames * PAGE,
      memoryPeak: memory ? memory.memory.peak * PAGE : (totalFrames - this.leastFree) * PAGE,
      swapped: (kernel.swap.in + kernel.swap.out - this.swap) * PAGE,
      oomKills: Math.max(kills, this.oomKills),
    };
  }
}
