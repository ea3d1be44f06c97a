// Is the kernel's state whole after an exception? There are no locks to be left held: the kernel is one thread, and a
// handler runs from its start to its answer. What an exception can tear is what the others run by: the run queue, the
// timers, the queues that sleepers are woken through, the tree of processes. It costs nothing until it is asked.
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";

/** What is torn, or undefined. `running`: the task that was in kernel space, in no queue. */
export function torn(kernel: Kernel, running: Task | undefined): string | undefined {
  const { scheduler, timers, tasks } = kernel;
  const wrong = scheduler.queue.check() ?? timers.check();
  if (wrong !== undefined) return wrong;
  for (const task of tasks.all) {
    if (task === running) continue;
    if (task.entity.queued && !scheduler.queue.has(task)) return `task ${task.tid} is not in the run queue`;
    const { wait, state } = task;
    if (!wait || (state !== "S" && state !== "D")) continue;
    if (wait.queues.some((queue) => !queue.has(task))) return `task ${task.tid} sleeps where nobody wakes it`;
  }
  for (const group of tasks.allGroups) {
    if (group.parent && !group.parent.children.has(group)) return `process ${group.pid} is not its parent's child`;
    if (!group.zombie && !group.exiting && group.threads.size === 0) return `process ${group.pid} has no thread`;
  }
  return undefined;
}
