// Tasks that come and go. A new one is in its parent's group, or in the one that clone3(2) names; one that ends leaves it
// at once, though its zombie still shows where it was.
import type { Errno } from "../../abi/errno.ts";
import { leavePressure } from "../psi/change.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";
import type { ControllerState } from "./controller.ts";
import { leaveFrozen, updateFrozen } from "./freeze.ts";

/** The states that look after a group's tasks. */
function* statesOf(cgroup: Cgroup): Generator<ControllerState> {
  for (const { name } of cgroup.kernel.cgroups.controllers) yield cgroup.effective[name];
}

/** May a task be made in the group? What that costs is charged; `cancelFork` takes it back. Errors: a controller's. */
export function mayFork(cgroup: Cgroup, parent: Task): 0 | Errno {
  if (!cgroup.parent) return 0;
  const asked: ControllerState[] = [];
  for (const state of statesOf(cgroup)) {
    const refused = state.mayFork?.(parent) ?? 0;
    if (refused !== 0) {
      for (const charged of asked) charged.cancelFork?.();
      return refused;
    }
    asked.push(state);
  }
  return 0;
}

export function cancelFork(cgroup: Cgroup): void {
  if (cgroup.parent) for (const state of statesOf(cgroup)) state.cancelFork?.();
}

/** The task is there. */
export function enterCgroup(task: Task, cgroup: Cgroup): void {
  cgroup.add(task);
  if (!cgroup.parent) return;
  for (const state of statesOf(cgroup)) state.fork?.(task);
  if (!cgroup.freezing) return;
  task.attention = true;
  updateFrozen(cgroup);
}

/** It has died. */
export function leaveCgroup(task: Task): void {
  const { cgroup } = task;
  if (!cgroup.parent) return;
  leaveFrozen(task);
  leavePressure(task);
  cgroup.remove(task);
  for (const state of statesOf(cgroup)) state.exit?.(task);
  if (cgroup.freezing) updateFrozen(cgroup);
  for (let at: Cgroup | undefined = cgroup; at; at = at.parent) {
    if (at.transient && !at.populated) at.kernel.cgroups.removeAll(at);
  }
}

/** Nothing is left of it. */
export function releaseFromCgroup(task: Task): void {
  const { cgroup } = task;
  if (cgroup.parent) for (const state of statesOf(cgroup)) state.release?.(task);
}
