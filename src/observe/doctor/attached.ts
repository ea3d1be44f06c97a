// The doctor on a process that runs already: what the others do is not its matter.
import type { Kernel } from "../../kernel/kernel.ts";
import type { ThreadGroup } from "../../kernel/task/thread-group.ts";
import { Evidence } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import type { Model } from "./model.ts";

export interface Attached {
  /** Stops to look. */
  detach(): Facts;
  /** Has everything ended that was looked at? */
  readonly empty: boolean;
}

/** Looks at `group` and what it starts from now on. */
export function attach(kernel: Kernel, group: ThreadGroup, model: Model): Attached {
  const evidence = new Evidence(kernel, model, group.threads);
  for (const task of group.threads) evidence.join(task);
  const stop = kernel.trace.listen(evidence);
  return {
    get empty() {
      return evidence.empty;
    },
    detach: () => {
      stop();
      evidence.finish();
      settleWaiting(evidence.facts, kernel, group);
      return evidence.facts;
    },
  };
}

/** Beside others "nothing runs" says little: what it did not use of the time it waited, in the calls that it waited in.
 *  A wait that goes on has ended no call yet: what nobody else has accounted for is its. */
function settleWaiting(facts: Facts, kernel: Kernel, group: ThreadGroup): void {
  const idle = Math.max(0, facts.elapsed - facts.user - facts.kernelTime);
  let told = 0;
  for (const call of facts.calls.values()) told += call.waited;
  const scale = told > idle ? idle / told : 1;
  for (const call of facts.calls.values()) call.idle = call.waited * scale;
  facts.timeline.add("waiting", Math.max(0, idle - facts.idle));
  facts.idle = idle;
  for (const task of group.threads) {
    const row = task.wait ? kernel.syscalls[task.syscall] : undefined;
    if (!row) continue;
    facts.call(row.name).idle += Math.max(0, idle - told);
    return;
  }
}
