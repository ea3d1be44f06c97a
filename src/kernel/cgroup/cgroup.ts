// A cgroup: a node of the one hierarchy, the tasks in it, and the controllers that look after it. What changes the
// hierarchy and who is where is in hierarchy.ts and attach.ts, threaded mode in threaded.ts, freezing in freeze.ts;
// how controllers plug in is said in controller.ts. cgroups(7)
import type { Kernel } from "../kernel.ts";
import { Pressure } from "../psi/pressure.ts";
import type { Task } from "../task/task.ts";
import type { Inode } from "../vfs/inode.ts";
import type { ControllerName, ControllerStates } from "./controller.ts";

/** Processor time in nanoseconds, the descendants' included. */
export interface CpuUsage {
  user: number;
  system: number;
  /** What of it was at a positive nice level. */
  nice: number;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A group as the filesystem shows it (fs/cgroup2). */
export interface CgroupView {
  changed(file: string): void;
  inode(file: string): Inode | undefined;
}

export class Cgroup {
  readonly kernel: Kernel;
  /** "" for the root. */
  readonly name: string;
  readonly parent: Cgroup | undefined;
  /** 0 for the root. */
  readonly depth: number;
  readonly children = new Map<string, Cgroup>();
  /** Living tasks. The root's are those that are nowhere else: `members()` finds them. */
  private readonly tasks = new Set<Task>();
  /** It goes with the last task in and below it (transient.ts). */
  transient = false;
  /** Removed: only zombies and open files still know of it. */
  dead = false;

  // limits of the hierarchy itself
  maxDescendants = Number.POSITIVE_INFINITY;
  maxDepth = Number.POSITIVE_INFINITY;
  /** Living groups below, at any depth. */
  descendants = 0;

  // controllers
  /** What the children may use: cgroup.subtree_control. */
  readonly subtreeControl = new Set<ControllerName>();
  readonly own: Partial<ControllerStates>;
  readonly effective: ControllerStates;

  // threaded.ts
  /** The group that answers for memory and the like: itself, or the root of its threaded subtree. */
  domain: Cgroup = this;
  threadedChildren = 0;
  /** Children with tasks in or below them, by whether they are threaded. */
  populatedDomains = 0;
  populatedThreaded = 0;

  // freeze.ts
  /** cgroup.freeze was written to this one; to this one or an ancestor. */
  freeze = false;
  freezing = false;
  /** All that is in it and below has come to rest. */
  frozen = false;
  frozenTasks = 0;

  readonly pressure: Pressure;
  readonly usage: CpuUsage = { user: 0, system: 0, nice: 0 };
  /** Who made it, and who gave it each controller: whose its files are. */
  readonly owners = new Map<ControllerName | "cgroup", Owner>();
  /** Where it is shown, once somebody has looked. */
  view: CgroupView | undefined;

  constructor(kernel: Kernel, name: string, parent: Cgroup | undefined, inherited: ControllerStates) {
    this.kernel = kernel;
    this.name = name;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
    this.own = {};
    this.effective = { ...inherited };
    this.pressure = new Pressure(kernel, parent === undefined);
  }

  /** Is it `ancestor`, or below it? */
  isWithin(ancestor: Cgroup): boolean {
    let at: Cgroup = this;
    while (at.depth > ancestor.depth) at = at.parent!;
    return at === ancestor;
  }
  /** This one and all below, parents first. */
  *subtree(): Generator<Cgroup> {
    yield this;
    for (const child of this.children.values()) yield* child.subtree();
  }

  /** The tasks in it, those that have died and are not yet waited for left out. */
  *members(): Generator<Task> {
    if (this.parent) yield* this.tasks;
    else for (const task of this.kernel.tasks.all) if (task.cgroup === this && !task.exiting) yield task;
  }
  get hasTasks(): boolean {
    return this.parent ? this.tasks.size > 0 : true;
  }
  get taskCount(): number {
    return this.tasks.size;
  }
  get populated(): boolean {
    return this.hasTasks || this.populatedDomains + this.populatedThreaded > 0;
  }
  get threaded(): boolean {
    return this.domain !== this;
  }

  /** Counts a task in. The root keeps no list. */
  add(task: Task): void {
    task.cgroup = this;
    if (!this.parent) return;
    this.tasks.add(task);
    if (this.tasks.size === 1 && this.populatedDomains + this.populatedThreaded === 0) this.populate(1);
  }
  remove(task: Task): void {
    if (!this.tasks.delete(task)) return;
    if (this.tasks.size === 0 && this.populatedDomains + this.populatedThreaded === 0) this.populate(-1);
  }
  /** It has just got, or lost, the last of what populates it: so may its ancestors have. */
  private populate(step: 1 | -1): void {
    let child: Cgroup = this;
    for (;;) {
      child.changed("cgroup.events");
      const { parent } = child;
      if (!parent) return;
      const was = parent.populated;
      if (child.threaded) parent.populatedThreaded += step;
      else parent.populatedDomains += step;
      if (parent.populated === was) return;
      child = parent;
    }
  }
  /** The content of a file has changed, and whoever waits for that is told. */
  changed(file: string): void {
    this.view?.changed(file);
  }
}
