// The pids controller: how many tasks a group and those below may have at a time, zombies that nobody has waited for
// included. fork(2) fails with EAGAIN beyond that; tasks that are moved in are never refused. cgroups(7)
import { EAGAIN, EINVAL, type Errno } from "../../abi/errno.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";
import type { Controller, ControllerState } from "./controller.ts";
import { pathIn } from "./namespace.ts";
import { parseInt32, showMaximum } from "./numbers.ts";

/** PID_MAX_LIMIT: more can't be. */
const MOST = 4 << 20;

export class PidsState implements ControllerState {
  readonly cgroup: Cgroup;
  readonly parent: PidsState | undefined;
  max = Number.POSITIVE_INFINITY;
  current = 0;
  peak = 0;
  /** Forks that failed at this group's limit: made in it and below; and those that were made in the group itself. */
  refused = 0;
  refusedHere = 0;
  /** Forks of its tasks that failed at whatever limit. */
  failed = 0;

  constructor(cgroup: Cgroup) {
    this.cgroup = cgroup;
    this.parent = cgroup.parent?.effective.pids;
  }
  mayFork(): 0 | Errno {
    for (let at: PidsState = this; at.parent; at = at.parent) {
      if (at.current >= at.max) {
        this.refuse(at);
        return EAGAIN;
      }
    }
    this.charge();
    return 0;
  }
  cancelFork(): void {
    this.uncharge();
  }
  release(): void {
    this.uncharge();
  }
  attach(_task: Task, from: ControllerState): void {
    this.charge();
    if (from instanceof PidsState) from.uncharge();
  }
  private charge(): void {
    for (let at: PidsState = this; at.parent; at = at.parent) if (++at.current > at.peak) at.peak = at.current;
  }
  private uncharge(): void {
    for (let at: PidsState = this; at.parent; at = at.parent) at.current--;
  }
  /** `limiting` is full: it and its ancestors count that, and the group of the fork itself its failure. */
  private refuse(limiting: PidsState): void {
    const { cgroup } = this;
    const { cgroups, log } = cgroup.kernel;
    if (++this.failed === 1)
      log.write(6, `cgroup: fork rejected by pids controller in ${pathIn(cgroup, cgroups.namespace)}`);
    if (cgroups.options.pidsLocalevents) {
      cgroup.changed("pids.events");
      return;
    }
    limiting.refusedHere++;
    limiting.cgroup.changed("pids.events.local");
    for (let at = limiting; at.parent; at = at.parent) {
      at.refused++;
      at.cgroup.changed("pids.events");
    }
  }
}

export const pids: Controller = {
  name: "pids",
  threaded: true,
  create: (cgroup) => new PidsState(cgroup),
  files: [
    {
      name: "pids.max",
      show: ({ own }) => showMaximum(own.pids!.max),
      write({ own }, text) {
        const value = text === "max" ? Number.POSITIVE_INFINITY : parseInt32(text);
        if (value === undefined || value < 0 || (value > MOST && text !== "max")) return EINVAL;
        own.pids!.max = value;
        return 0;
      },
    },
    { name: "pids.current", show: ({ own }) => `${own.pids!.current}\n` },
    { name: "pids.peak", show: ({ own }) => `${own.pids!.peak}\n` },
    {
      name: "pids.events",
      show({ own, kernel }) {
        const { failed, refused } = own.pids!;
        return `max ${kernel.cgroups.options.pidsLocalevents ? failed : refused}\n`;
      },
    },
    { name: "pids.events.local", show: ({ own }) => `max ${own.pids!.refusedHere}\n` },
  ],
};
