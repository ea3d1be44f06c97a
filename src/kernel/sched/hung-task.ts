// Tasks that sleep where no signal reaches them, for longer than anyone should: said in the log, while there are any.
// Linux: kernel/hung_task.c. A parent in vfork(2) is none of them: it waits as long as its child likes.

import { RELEASE, VERSION } from "../../abi/version.ts";
import { toText } from "../../lib/byte-string.ts";
import { panic } from "../crash/panic.ts";
import { callText, crossingText } from "../crash/show.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { Timer } from "./timers.ts";

const SECOND = 1e9;
/** clone(2) and clone3(2). */
const FORKS: ReadonlySet<number> = new Set([220, 435]);

export class HungTasks {
  private readonly kernel: Kernel;
  /** How many sleep so. */
  private sleepers = 0;
  private timer: Timer | undefined;
  /** What a sleeper's count of switches was when it was first seen asleep, and when that was. */
  private readonly seen = new WeakMap<Task, { switches: number; since: number }>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  /** One goes to sleep. Looking after it costs a timer while there is one, and nothing otherwise. */
  asleep(): void {
    if (this.sleepers++ === 0) this.arm();
  }
  awake(): void {
    if (--this.sleepers > 0) return;
    this.kernel.timers.cancel(this.timer);
    this.timer = undefined;
  }
  get watching(): boolean {
    return this.timer !== undefined;
  }
  private arm(): void {
    const { sysctl, timers, clock } = this.kernel;
    const every =
      sysctl.number("kernel/hung_task_check_interval_secs") || sysctl.number("kernel/hung_task_timeout_secs");
    // Where it is switched off, it looks again whether it still is.
    this.timer = timers.set(clock.monotonic() + (every || 120) * SECOND, () => this.check());
  }
  private check(): void {
    const { sysctl, tasks, clock } = this.kernel;
    const limit = sysctl.number("kernel/hung_task_timeout_secs");
    const now = clock.monotonic();
    let hung = false;
    for (const task of tasks.all) {
      if (limit === 0 || task.state !== "D" || FORKS.has(task.syscall)) continue;
      const switches = task.voluntarySwitches + task.involuntarySwitches;
      const before = this.seen.get(task);
      if (before?.switches !== switches) this.seen.set(task, { switches, since: now });
      else if (now - before.since >= limit * SECOND) {
        hung = true;
        this.report(task, Math.floor((now - before.since) / SECOND), limit);
      }
    }
    if (hung && sysctl.number("kernel/hung_task_panic") !== 0) panic(this.kernel, "hung_task: blocked tasks");
    this.arm();
  }
  private report(task: Task, seconds: number, limit: number): void {
    const { log, sysctl, taints, crossings } = this.kernel;
    const left = sysctl.number("kernel/hung_task_warnings");
    if (left === 0) return;
    if (left > 0) sysctl.put("kernel/hung_task_warnings", String(left - 1));
    log.write(
      3,
      `INFO: task ${toText(task.comm)}:${task.tid} blocked for more than ${Math.max(seconds, limit)} seconds.`,
    );
    log.write(3, `      ${taints} ${RELEASE} ${VERSION}`);
    log.write(3, `"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.`);
    log.write(
      6,
      task.syscall >= 0
        ? `In ${callText(task, task.syscall)}`
        : `Waits for the page at pc 0x${task.context.pc.toString(16)}`,
    );
    for (const crossing of crossings.last().filter(({ tid }) => tid === task.tid))
      log.write(6, ` ${crossingText(crossing)}`);
  }
}
