// Process groups and sessions. credentials(7), setpgid(2)
import type { Kernel } from "../kernel.ts";
import type { ThreadGroup } from "./thread-group.ts";

/** No member has a parent in another group of the same session: nobody could continue it if it stopped. */
export function isOrphaned(kernel: Kernel, pgid: number, ignoring?: ThreadGroup): boolean {
  for (const group of kernel.tasks.processGroup(pgid)) {
    const { parent } = group;
    if (group === ignoring || group.zombie || !parent || parent === kernel.tasks.init) continue;
    if (parent.pgid !== pgid && parent.sid === group.sid) return false;
  }
  return true;
}

export function hasStopped(kernel: Kernel, pgid: number): boolean {
  return kernel.tasks.processGroup(pgid).some((group) => group.stopSignal !== 0 && !group.zombie);
}
