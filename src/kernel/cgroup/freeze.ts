// The freezer: cgroup.freeze brings all tasks of a group, and of those below, to rest on their way to user space; only
// SIGKILL gets through. A task that is stopped, traced to a stop or waits for its vfork's child counts as frozen already.
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";

/** A write to cgroup.freeze. */
export function setFreeze(cgroup: Cgroup, freeze: boolean): void {
  if (cgroup.freeze === freeze) return;
  cgroup.freeze = freeze;
  apply(cgroup);
}

function apply(cgroup: Cgroup): void {
  const freezing = cgroup.freeze || (cgroup.parent?.freezing ?? false);
  if (freezing === cgroup.freezing) return;
  cgroup.freezing = freezing;
  for (const task of cgroup.members()) freezeOrThaw(task);
  for (const child of cgroup.children.values()) apply(child);
  updateFrozen(cgroup);
}

/** A new group is as frozen as its parent. */
export function inheritFreeze(cgroup: Cgroup): void {
  cgroup.freezing = cgroup.frozen = cgroup.parent?.freezing ?? false;
}

/** Its group, or what its group does, has changed: it looks. The kernel's own init is always at rest. */
export function freezeOrThaw(task: Task): void {
  const { cgroup, group, kernel } = task;
  if (cgroup.freezing && group.reapsItself) enterFrozen(task);
  else if (cgroup.freezing || task.frozen) {
    task.attention = true;
    if (task.state === "S") kernel.scheduler.wake(task);
  }
}

/** On its way to user space, or in a stop: it will run nothing until it is let go on. */
export function enterFrozen(task: Task): void {
  if (task.frozen) return;
  task.frozen = true;
  const { cgroup } = task;
  cgroup.frozenTasks++;
  if (cgroup.freezing) updateFrozen(cgroup);
}

export function leaveFrozen(task: Task): void {
  if (!task.frozen) return;
  task.frozen = false;
  const { cgroup } = task;
  cgroup.frozenTasks--;
  if (cgroup.freezing) updateFrozen(cgroup);
}

/** It sleeps until its group is thawed, or it is killed. */
export function freezeTask(task: Task): void {
  task.state = "S";
  task.voluntarySwitches++;
  enterFrozen(task);
}

/** A task or a group in it has come, gone, or changed its state: is all of it at rest? */
export function updateFrozen(cgroup: Cgroup): void {
  for (let at = cgroup; at.parent; at = at.parent) {
    const frozen = isFrozen(at);
    if (frozen === at.frozen) return;
    at.frozen = frozen;
    at.changed("cgroup.events");
  }
}

function isFrozen(cgroup: Cgroup): boolean {
  if (!cgroup.freezing || cgroup.frozenTasks !== cgroup.taskCount) return false;
  for (const child of cgroup.children.values()) if (!child.frozen) return false;
  return true;
}
