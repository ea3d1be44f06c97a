// How a resource controller plugs into the hierarchy of cgroups (cgroup.ts). cgroups(7), Documentation/admin-guide/cgroup-v2
//
// A controller is one object (Controller) with a name, its files and a way to make its state for a group (ControllerState:
// Linux's css). It is registered by a line in `ControllerStates` and one in controllers.ts; nothing else knows it.
//
//   cgroup.own.NAME         the group's own state: there when the parent's cgroup.subtree_control has the controller, and
//                           in the root always. Files are shown where it is there.
//   cgroup.effective.NAME   the state that counts for the group's tasks: its own, or the nearest ancestor's.
//   state.cgroup            the group that a state belongs to; its parent's is `cgroup.parent?.effective.NAME`.
//
// A charge walks from `task.cgroup.effective.NAME` up to, and without, the root's: the root has no limits, so a machine
// that makes no groups pays for one comparison, `task.cgroup.parent === undefined`.
//
// What a state may be told, all of it optional:
//   mayFork(parent)         a task is about to be made in the group: charges for it, or refuses with an errno
//   cancelFork()            it was not made after all: takes the charge back
//   fork(task)              it is there, not yet running
//   mayAttach(task, from)   a task is about to come from another state. Errors refuse the whole write
//   attach(task, from)      it has come: charges move. Also when the controller is switched on or off around it; then, and
//                           when a group is removed, for zombies too
//   exit(task)              it has died; as a zombie it may remain for a while
//   release(task)           its id is free: nothing is left of it
//   destroy()               the group was removed, or the controller switched off; its tasks have gone to the parent's state
//
// Limits are set by the files' `write`, which gets the text trimmed; whoever changes something that a poller may wait for
// calls `cgroup.changed("memory.events")`. Names of files start with the controller's.
import type { Errno } from "../../abi/errno.ts";
import type { MemoryGroup } from "../mm/memory-group.ts";
import type { Wait, WaitQueue } from "../sched/wait-queue.ts";
import type { Cred } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CpuState } from "./cpu.ts";
import type { CpusetState } from "./cpuset.ts";
import type { IoState } from "./io.ts";
import type { CgroupNamespace } from "./namespace.ts";
import type { PidsState } from "./pids.ts";

/** What each controller keeps for a group, by its name. */
export interface ControllerStates {
  cpuset: CpusetState;
  cpu: CpuState;
  io: IoState;
  memory: MemoryGroup;
  pids: PidsState;
}

export type ControllerName = keyof ControllerStates;

export interface ControllerState {
  readonly cgroup: Cgroup;
  mayFork?(parent: Task): 0 | Errno;
  cancelFork?(): void;
  fork?(task: Task): void;
  mayAttach?(task: Task, from: ControllerState): 0 | Errno;
  attach?(task: Task, from: ControllerState): void;
  exit?(task: Task): void;
  release?(task: Task): void;
  destroy?(): void;
}

export interface Controller {
  readonly name: ControllerName;
  /** It can tell threads of one process apart, so that they may be in different groups. */
  readonly threaded: boolean;
  readonly files: readonly CgroupFile[];
  /** The state for a group; its parent has one already. */
  create(cgroup: Cgroup): ControllerState;
}

/** Who opened a file of a group: its rights and its view count, whoever writes later. */
export interface Opener {
  readonly task: Task;
  readonly cred: Cred;
  readonly namespace: CgroupNamespace;
  /** What the file keeps for this description: a trigger of pressure. */
  data: unknown;
}

export interface CgroupFile {
  readonly name: string;
  /** Where it is found: in all groups but the root unless said otherwise. */
  readonly where?: "everywhere" | "only in the root";
  /** Is it there? By default always. */
  shown?(cgroup: Cgroup): boolean;
  /** The mode is 0444, 0644 or 0200 by what is here, unless it is said. */
  readonly mode?: number;
  /** A process in a namespace whose root the group is may write it, whatever the mount says (nsdelegate). */
  readonly delegatable?: boolean;
  show?(cgroup: Cgroup, opener: Opener): string | Errno;
  /** `text` without white space at its ends. The whole write is taken, or none of it. */
  write?(cgroup: Cgroup, text: string, opener: Opener): 0 | Errno | Wait<number>;
  /** Ready events beside POLLIN | POLLOUT, where it is not `changed` that says so (with POLLPRI | POLLERR). */
  poll?(cgroup: Cgroup, opener: Opener): number;
  pollQueues?(cgroup: Cgroup, opener: Opener): readonly WaitQueue[];
  release?(cgroup: Cgroup, opener: Opener): void;
}
