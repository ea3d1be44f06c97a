// Moving tasks between groups: writes to cgroup.procs and cgroup.threads, and who may make them. cgroups(7), "Delegation"
import { EACCES, EBUSY, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno, ESRCH } from "../../abi/errno.ts";
import { enterPressure, leavePressure } from "../psi/change.ts";
import { CAP_DAC_OVERRIDE, type Cred } from "../security/cred.ts";
import { inodePermission, MAY_WRITE } from "../security/permission.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";
import type { Controller, ControllerState, Opener } from "./controller.ts";
import { freezeOrThaw, updateFrozen } from "./freeze.ts";
import type { CgroupNamespace } from "./namespace.ts";
import { parseInt32 } from "./numbers.ts";
import { canBeThreadRoot, isValidDomain } from "./threaded.ts";

/** A pid is written: the process, or with `whole` false the thread, comes to the group; 0 is the writer.
 *  Errors: EINVAL, ESRCH, ENODEV in a removed group; those of `mayMove` and of the controllers. */
export function attachByPid(cgroup: Cgroup, text: string, whole: boolean, opener: Opener): 0 | Errno {
  const pid = parseInt32(text);
  if (pid === undefined || pid < 0 || pid > 0x7fffffff) return EINVAL;
  if (cgroup.dead) return ENODEV;
  const { current, tasks } = cgroup.kernel;
  const named = pid === 0 ? current : tasks.task(current?.pidNamespace.find(pid) ?? pid);
  const task = whole ? named?.group.leader : named;
  if (!task || task.state === "X") return ESRCH;
  const refused = mayMove(task.cgroup, cgroup, whole, opener.cred, opener.namespace);
  if (refused !== 0) return refused;
  return attach(whole ? [...task.group.threads] : [task], cgroup);
}

/** May whoever has `cred` move a process from one group to the other? It takes the right to write to cgroup.procs of the
 *  group that both are in. Errors: EACCES; ENOENT across the border of a namespace with nsdelegate; EBUSY into a group
 *  with controlled children; EOPNOTSUPP to where no process may be, or for a thread that would leave its domain. */
export function mayMove(from: Cgroup, to: Cgroup, whole: boolean, cred: Cred, namespace: CgroupNamespace): 0 | Errno {
  let common = to;
  while (!from.isWithin(common)) common = common.parent!;
  const denied = mayWriteTo(common, cred);
  if (denied !== 0) return denied;
  if (to.kernel.cgroups.options.nsdelegate) {
    const { root } = namespace;
    if (!from.isWithin(root) || !to.isWithin(root)) return ENOENT;
  }
  if (!isValidDomain(to.domain)) return EOPNOTSUPP;
  if (to.parent && !to.threaded && !canBeThreadRoot(to) && to.subtreeControl.size > 0) return EBUSY;
  return !whole && from.domain !== to.domain ? EOPNOTSUPP : 0;
}

/** Write permission to the group's cgroup.procs. Errors: EACCES. */
export function mayWriteTo({ view }: Cgroup, cred: Cred): 0 | Errno {
  const inode = view?.inode("cgroup.procs");
  if (inode) return inodePermission(cred, inode, MAY_WRITE);
  // Nobody has looked at it yet: it is root's.
  return cred.fsuid === 0 || cred.can(CAP_DAC_OVERRIDE) ? 0 : EACCES;
}

/** Moves tasks, all of them or, when a controller refuses one, none. */
export function attach(tasks: readonly Task[], to: Cgroup): 0 | Errno {
  const moving = tasks.filter((task) => task.cgroup !== to && !task.exiting);
  const { controllers } = to.kernel.cgroups;
  for (const { name } of controllers) {
    const state: ControllerState = to.effective[name];
    for (const task of moving) {
      const from = task.cgroup.effective[name];
      const refused = from === state ? 0 : (state.mayAttach?.(task, from) ?? 0);
      if (refused !== 0) return refused;
    }
  }
  for (const task of moving) move(task, to, controllers);
  return 0;
}

function move(task: Task, to: Cgroup, controllers: readonly Controller[]): void {
  const from = task.cgroup;
  const pressure = leavePressure(task);
  from.remove(task);
  to.add(task);
  enterPressure(task, pressure);
  if (task.frozen) {
    from.frozenTasks--;
    to.frozenTasks++;
  }
  for (const { name } of controllers) {
    const before = from.effective[name];
    const after: ControllerState = to.effective[name];
    if (before !== after) after.attach?.(task, before);
  }
  updateFrozen(from);
  updateFrozen(to);
  freezeOrThaw(task);
}
