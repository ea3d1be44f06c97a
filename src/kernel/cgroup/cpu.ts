// The cpu controller: groups share the processor by weight, and may use no more than a quota of it. How that is done is
// the scheduler's (sched/task-group.ts, sched/bandwidth.ts). Real-time tasks are outside of it, as on Linux without
// CONFIG_RT_GROUP_SCHED. cgroups(7)
import { EINVAL, ERANGE, type Errno } from "../../abi/errno.ts";
import { Bandwidth } from "../sched/bandwidth.ts";
import { IDLE_WEIGHT, NICE_0, NICE_WEIGHTS } from "../sched/fair-queue.ts";
import { TaskGroup } from "../sched/task-group.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";
import type { Controller, ControllerState } from "./controller.ts";
import { microseconds, parseInt32 } from "./numbers.ts";

/** cpu.weight's default stands for nice 0. */
const WEIGHT_DEFAULT = 100;
const WEIGHT_MAX = 10000;
/** Bounds of quota and period, nanoseconds. */
const LEAST = 1e6;
const PERIOD_MAX = 1e9;

export class CpuState implements ControllerState {
  readonly cgroup: Cgroup;
  readonly group: TaskGroup;
  readonly bandwidth: Bandwidth | undefined;
  /** Throttled groups among it and its ancestors, and the nanoseconds for which that kept its tasks waiting. */
  private holds = 0;
  private heldAt: number | undefined;
  heldTime = 0;

  constructor(cgroup: Cgroup) {
    this.cgroup = cgroup;
    const { kernel, parent } = cgroup;
    const { queue } = kernel.scheduler;
    if (!parent) {
      this.group = queue.root;
      return;
    }
    const group = new TaskGroup(parent.effective.cpu.group);
    this.group = group;
    this.bandwidth = group.bandwidth = new Bandwidth(kernel, {
      refilled: () => kernel.scheduler.unthrottle(group),
      throttled: (on) => this.throttled(on),
    });
  }
  fork(task: Task): void {
    task.entity.group = this.group;
  }
  attach(task: Task): void {
    const { group, cgroup } = this;
    cgroup.kernel.scheduler.regroup(task, group.parent ? group : undefined);
  }
  destroy(): void {
    this.bandwidth?.stop();
  }

  /** All that is below is kept waiting with it. */
  private throttled(on: boolean): void {
    const { cgroup } = this;
    const { clock, trace } = cgroup.kernel;
    const now = clock.monotonic();
    for (const { own } of cgroup.subtree()) own.cpu?.hold(on, now);
    trace.cgroupThrottle?.(cgroup, on);
  }
  private hold(on: boolean, now: number): void {
    this.holds += on ? 1 : -1;
    if (on && this.holds === 1 && this.group.count > 0) this.heldAt = now;
    else if (!on && this.holds === 0 && this.heldAt !== undefined) {
      this.heldTime += now - this.heldAt;
      this.heldAt = undefined;
    }
  }

  get weight(): number {
    return Math.round((this.group.entity.shares * WEIGHT_DEFAULT) / NICE_0);
  }
  /** Errors: EINVAL for an idle group, whose weight is the least. */
  setShares(shares: number): 0 | Errno {
    if (this.group.idle) return EINVAL;
    this.cgroup.kernel.scheduler.setShares(this.group, shares);
    return 0;
  }
  setIdle(idle: boolean): void {
    if (this.group.idle === idle) return;
    this.group.idle = idle;
    this.cgroup.kernel.scheduler.setShares(this.group, idle ? IDLE_WEIGHT : NICE_0);
  }
  /** Nanoseconds. Errors: EINVAL. */
  setBandwidth(quota: number, period: number, burst: number): 0 | Errno {
    if (quota < LEAST || period < LEAST || period > PERIOD_MAX) return EINVAL;
    if (quota !== Number.POSITIVE_INFINITY && burst > quota) return EINVAL;
    this.bandwidth!.set(quota, period, burst);
    return 0;
  }
}

/** What bandwidth control adds to cpu.stat. */
export function bandwidthStatistics({ own }: Cgroup): string {
  if (!own.cpu) return "";
  const { periods = 0, throttles = 0, throttledTime = 0, bursts = 0, burstTime = 0 } = own.cpu.bandwidth ?? {};
  return (
    `nr_periods ${periods}\nnr_throttled ${throttles}\nthrottled_usec ${microseconds(throttledTime)}\n` +
    `nr_bursts ${bursts}\nburst_usec ${microseconds(burstTime)}\n`
  );
}

/** "QUOTA [PERIOD]" in microseconds; "max" for no quota. Errors: EINVAL. */
function writeMax(cpu: CpuState, text: string): 0 | Errno {
  const match = /^(max(?=\s|$)|\d+)\S*(?:\s+(\d+))?/.exec(text);
  if (!match) return EINVAL;
  const { period, burst } = cpu.bandwidth!;
  const quota = match[1] === "max" ? Number.POSITIVE_INFINITY : Number(match[1]) * 1000;
  return cpu.setBandwidth(quota, match[2] === undefined ? period : Number(match[2]) * 1000, burst);
}

/** The nice level whose weight is nearest. */
function niceOf(shares: number): number {
  let best = 0;
  for (const [i, weight] of NICE_WEIGHTS.entries()) {
    if (Math.abs(weight - shares) < Math.abs(NICE_WEIGHTS[best]! - shares)) best = i;
  }
  return best - 20;
}

export const cpu: Controller = {
  name: "cpu",
  threaded: true,
  create: (cgroup) => new CpuState(cgroup),
  files: [
    {
      name: "cpu.weight",
      show: ({ own }) => `${own.cpu!.group.idle ? 0 : own.cpu!.weight}\n`,
      write({ own }, text) {
        const weight = parseInt32(text);
        if (weight === undefined) return EINVAL;
        if (weight < 1 || weight > WEIGHT_MAX) return ERANGE;
        return own.cpu!.setShares(Math.round((weight * NICE_0) / WEIGHT_DEFAULT));
      },
    },
    {
      name: "cpu.weight.nice",
      show: ({ own }) => `${niceOf(own.cpu!.group.entity.shares)}\n`,
      write({ own }, text) {
        const nice = parseInt32(text);
        if (nice === undefined) return EINVAL;
        if (nice < -20 || nice > 19) return ERANGE;
        return own.cpu!.setShares(NICE_WEIGHTS[nice + 20]!);
      },
    },
    {
      name: "cpu.idle",
      show: ({ own }) => `${own.cpu!.group.idle ? 1 : 0}\n`,
      write({ own }, text) {
        const idle = parseInt32(text);
        if (idle !== 0 && idle !== 1) return EINVAL;
        own.cpu!.setIdle(idle === 1);
        return 0;
      },
    },
    {
      name: "cpu.max",
      show({ own }) {
        const { quota, period, limited } = own.cpu!.bandwidth!;
        return `${limited ? microseconds(quota) : "max"} ${microseconds(period)}\n`;
      },
      write: ({ own }, text) => writeMax(own.cpu!, text),
    },
    {
      name: "cpu.max.burst",
      show: ({ own }) => `${microseconds(own.cpu!.bandwidth!.burst)}\n`,
      write({ own }, text) {
        const burst = parseInt32(text);
        if (burst === undefined || burst < 0) return EINVAL;
        const { quota, period } = own.cpu!.bandwidth!;
        return own.cpu!.setBandwidth(quota, period, burst * 1000);
      },
    },
  ],
};
