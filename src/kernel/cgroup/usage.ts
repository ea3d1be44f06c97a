// Processor time by group, exact to the turn: cpu.stat's first lines, there with or without the cpu controller.
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";

/** Nanoseconds of a turn in user and in kernel space: the group's and its ancestors'. */
export function chargeProcessor({ cgroup, entity }: Task, user: number, system: number): void {
  for (let at: Cgroup | undefined = cgroup; at; at = at.parent) {
    const { usage } = at;
    usage.user += user;
    usage.system += system;
    if (entity.nice > 0) usage.nice += user + system;
  }
}
