// The hierarchy of cgroups: making and removing groups, and which controllers look after which (cgroup.subtree_control).
// Who is in which group is attach.ts's and, for tasks that come and go, fork.ts's. cgroups(7)
import { EAGAIN, EBUSY, EINVAL, ENODEV, ENOENT, EOPNOTSUPP, type Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Superblock } from "../vfs/superblock.ts";
import { Cgroup, type Owner } from "./cgroup.ts";
import type { Controller, ControllerName, ControllerState, ControllerStates } from "./controller.ts";
import { controllers } from "./controllers.ts";
import { inheritFreeze, updateFrozen } from "./freeze.ts";
import { CgroupNamespace } from "./namespace.ts";
import { canBeThreadRoot, isThreadRoot, isValidDomain } from "./threaded.ts";

/** Mount options, which hold for the hierarchy wherever it is mounted. */
export interface HierarchyOptions {
  /** Cgroup namespaces are borders of delegation. */
  nsdelegate: boolean;
  favordynmods: boolean;
  /** memory.events counts what happened in the group alone. */
  memoryLocalevents: boolean;
  /** memory.low and memory.min of a group protect what is below it. */
  memoryRecursiveprot: boolean;
  memoryHugetlbAccounting: boolean;
  /** pids.events counts what was refused in the group alone. */
  pidsLocalevents: boolean;
}

export class CgroupHierarchy {
  readonly kernel: Kernel;
  readonly root: Cgroup;
  /** The first namespace, whose root is the root. */
  readonly namespace: CgroupNamespace;
  readonly controllers: readonly Controller[];
  readonly options: HierarchyOptions = {
    nsdelegate: false,
    favordynmods: false,
    memoryLocalevents: false,
    memoryRecursiveprot: false,
    memoryHugetlbAccounting: false,
    pidsLocalevents: false,
  };
  /** The one superblock of cgroup2, once it is mounted (fs/cgroup2). */
  superblock: Superblock | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.controllers = controllers;
    // The root's states follow at once.
    this.root = new Cgroup(kernel, "", undefined, {} as ControllerStates);
    this.root.owners.set("cgroup", { uid: 0, gid: 0 });
    for (const controller of controllers) place(this.root, controller, { uid: 0, gid: 0 });
    this.namespace = new CgroupNamespace(this.root);
  }

  /** mkdir(2). Errors: ENODEV in a removed group, EINVAL for a name with a newline, EAGAIN at cgroup.max.*. */
  create(parent: Cgroup, name: string): Cgroup | Errno {
    if (name.includes("\n")) return EINVAL;
    if (parent.dead) return ENODEV;
    let depth = 1;
    for (let at: Cgroup | undefined = parent; at; at = at.parent) {
      if (at.descendants >= at.maxDescendants || depth > at.maxDepth) return EAGAIN;
      depth++;
    }
    const cgroup = new Cgroup(this.kernel, name, parent, parent.effective);
    cgroup.owners.set("cgroup", this.creator);
    for (let at: Cgroup | undefined = parent; at; at = at.parent) at.descendants++;
    parent.children.set(name, cgroup);
    for (const controller of this.controllers) {
      if (parent.subtreeControl.has(controller.name)) place(cgroup, controller, this.creator);
    }
    inheritFreeze(cgroup);
    return cgroup;
  }

  /** Who does what is being done owns what comes of it. */
  private get creator(): Owner {
    const { current } = this.kernel;
    return { uid: current?.cred.fsuid ?? 0, gid: current?.cred.fsgid ?? 0 };
  }

  /** rmdir(2). Errors: EBUSY with living tasks or groups in it. */
  remove(cgroup: Cgroup): 0 | Errno {
    const { parent } = cgroup;
    if (!parent || cgroup.hasTasks || cgroup.children.size > 0) return EBUSY;
    cgroup.dead = true;
    cgroup.pressure.stop();
    for (const { name } of this.controllers) this.withdraw(cgroup, name);
    parent.children.delete(cgroup.name);
    if (cgroup.threaded) parent.threadedChildren--;
    for (let at: Cgroup | undefined = parent; at; at = at.parent) at.descendants--;
    updateFrozen(parent);
    return 0;
  }

  /** Removes a group that has no tasks in or below it, and those below. */
  removeAll(cgroup: Cgroup): void {
    for (const child of [...cgroup.children.values()]) this.removeAll(child);
    this.remove(cgroup);
  }

  /** What cgroup.controllers lists: those that its children may be given. */
  available(cgroup: Cgroup): readonly Controller[] {
    const { parent } = cgroup;
    if (!parent) return this.controllers;
    return this.controllers.filter(
      ({ name, threaded }) => parent.subtreeControl.has(name) && (threaded || !cgroup.threaded),
    );
  }

  /** A write to cgroup.subtree_control: "+cpu -memory". Errors: EINVAL for what is no controller, ENODEV in a removed
   *  group, ENOENT for one that is not available, EBUSY for one that a child hands on, or with tasks in the group,
   *  EOPNOTSUPP where threads forbid it. */
  control(cgroup: Cgroup, text: string): 0 | Errno {
    const wanted = new Map<Controller, boolean>();
    for (const word of text.split(" ")) {
      if (word === "") continue;
      const controller = this.controllers.find(({ name }) => name === word.slice(1));
      if (!controller || !(word.startsWith("+") || word.startsWith("-"))) return EINVAL;
      wanted.set(controller, word.startsWith("+"));
    }
    if (cgroup.dead) return ENODEV;
    const available = this.available(cgroup);
    for (const controller of this.controllers) {
      const on = wanted.get(controller);
      if (on === cgroup.subtreeControl.has(controller.name)) wanted.delete(controller);
      else if (on === true && !available.includes(controller)) return ENOENT;
      else if (on === false) {
        for (const child of cgroup.children.values()) if (child.subtreeControl.has(controller.name)) return EBUSY;
      }
    }
    const enabled = [...wanted].filter(([, on]) => on).map(([controller]) => controller);
    const refused = mayEnable(cgroup, enabled);
    if (refused !== 0) return refused;
    for (const [controller, on] of wanted) {
      if (on) this.enable(cgroup, controller);
      else this.disable(cgroup, controller);
    }
    return 0;
  }

  private enable(cgroup: Cgroup, controller: Controller): void {
    cgroup.subtreeControl.add(controller.name);
    // A controller that can't tell threads apart stays out of threaded groups, which are their domain's.
    for (const child of cgroup.children.values()) {
      if (controller.threaded || !child.threaded) place(child, controller, this.creator);
    }
  }
  private disable(cgroup: Cgroup, { name }: Controller): void {
    cgroup.subtreeControl.delete(name);
    for (const child of cgroup.children.values()) this.withdraw(child, name);
  }
  /** Takes a controller's state away from a group; its tasks fall to the parent's. */
  withdraw(cgroup: Cgroup, name: ControllerName): void {
    const state: ControllerState | undefined = cgroup.own[name];
    if (!state) return;
    delete cgroup.own[name];
    setEffective(cgroup, name, cgroup.parent!.effective[name]);
    state.destroy?.();
  }
}

function mayEnable(cgroup: Cgroup, enabled: readonly Controller[]): 0 | Errno {
  if (enabled.length === 0) return 0;
  if (!isValidDomain(cgroup.domain)) return EOPNOTSUPP;
  if (!cgroup.parent) return 0;
  if (enabled.some(({ threaded }) => !threaded)) {
    if (cgroup.threaded || isThreadRoot(cgroup)) return EOPNOTSUPP;
  } else if (cgroup.threaded || canBeThreadRoot(cgroup)) return 0;
  // No internal processes: a group with controlled children has no tasks that would compete with them.
  return cgroup.hasTasks ? EBUSY : 0;
}

/** Gives a group a state of its own; the tasks that fall to it are told. */
function place(cgroup: Cgroup, controller: Controller, owner: Owner): void {
  const { name } = controller;
  const state = controller.create(cgroup);
  (cgroup.own as Record<ControllerName, ControllerState>)[name] = state;
  cgroup.owners.set(name, owner);
  setEffective(cgroup, name, state);
}

/** `state` counts for a group, and for those below without one of their own. */
function setEffective(cgroup: Cgroup, name: ControllerName, state: ControllerState): void {
  const before: ControllerState | undefined = cgroup.effective[name];
  const { tasks } = cgroup.kernel;
  (cgroup.effective as Record<ControllerName, ControllerState>)[name] = state;
  if (before && before !== state) {
    for (const task of tasks.all) if (task.cgroup === cgroup) state.attach?.(task, before);
  }
  for (const child of cgroup.children.values()) if (!child.own[name]) setEffective(child, name, state);
}
