// Out of memory: the task that holds most dies, as oom_score says. proc(5)
import { SI_KERNEL, SIGKILL } from "../../abi/signal.ts";
import type { Kernel } from "../kernel.ts";
import { sendToGroup } from "../signal/send.ts";
import type { ThreadGroup } from "../task/thread-group.ts";

/** Kills a process for its memory. True when frames are free now; false when there is nobody to kill, or it is the caller. */
export function outOfMemory(kernel: Kernel): boolean {
  const victim = choose(kernel);
  if (!victim) return false;
  const { resident } = victim.leader.mm;
  kernel.log.write(
    3,
    `Out of memory: Killed process ${victim.pid} (${victim.leader.comm}) total-vm:${victim.leader.mm.totalPages * 4}kB, anon-rss:${victim.leader.mm.rss.anonymous * 4}kB, pages:${resident}`,
  );
  victim.oomKilled = true;
  kernel.memory.oomKills++;
  sendToGroup(victim, { signal: SIGKILL, code: SI_KERNEL });
  if (victim === kernel.current?.group) return false;
  // It never runs in user space again: its pages can go before it has had its turn to die (Linux: the OOM reaper).
  const { mm } = victim.leader;
  for (const vma of mm.areas) mm.unmapPages(vma.start, vma.end);
  return true;
}

/** The process with the most resident pages, its oom_score_adj taken into account; never the first process. */
function choose(kernel: Kernel): ThreadGroup | undefined {
  let worst: ThreadGroup | undefined;
  let worstScore = 0;
  for (const group of kernel.tasks.allGroups) {
    if (
      group.zombie ||
      group.exiting ||
      group.oomKilled ||
      group.oomScoreAdj === -1000 ||
      group === kernel.tasks.init
    ) {
      continue;
    }
    const score = group.leader.mm.resident + (group.oomScoreAdj * kernel.ram.totalFrames) / 1000;
    if (score > worstScore) {
      worst = group;
      worstScore = score;
    }
  }
  return worst;
}
