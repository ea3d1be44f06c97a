// A turn in which the kernel kept the processor for far too long: it is seen when it is over, as nothing else runs
// meanwhile. Linux: kernel/watchdog.c
import { toText } from "../../lib/byte-string.ts";
import { panic } from "../crash/panic.ts";
import { whoLine } from "../crash/show.ts";
import { TAINT_SOFTLOCKUP } from "../crash/taint.ts";
import type { Task } from "../task/task.ts";

/** Turns that were shorter are not looked at: nanoseconds. */
export const LONG_TURN = 1e9;

/** `elapsed`: nanoseconds that the task's turn took. */
export function checkLockup(task: Task, elapsed: number): void {
  const { kernel } = task;
  const threshold = kernel.sysctl.number("kernel/watchdog_thresh");
  if (threshold === 0 || elapsed < 2 * threshold * 1e9) return;
  const { log } = kernel;
  const seconds = Math.floor(elapsed / 1e9);
  log.write(0, `watchdog: BUG: soft lockup - CPU#0 stuck for ${seconds}s! [${toText(task.comm)}:${task.tid}]`);
  log.write(0, whoLine(kernel, task));
  kernel.taints.add(TAINT_SOFTLOCKUP);
  if (kernel.sysctl.number("kernel/softlockup_panic") !== 0) panic(kernel, "softlockup: hung tasks");
}
