// A cgroup namespace: the group that its members take for the root. cgroup_namespaces(7)
import { Namespace, type Ownership } from "../namespace/namespace.ts";
import type { Task } from "../task/task.ts";
import type { Cgroup } from "./cgroup.ts";

export class CgroupNamespace extends Namespace {
  readonly kind = "cgroup";
  readonly root: Cgroup;

  constructor(root: Cgroup, ownership?: Ownership) {
    super(ownership);
    this.root = root;
  }
}

/** A group's path as the namespace shows it: "/" for its root, "/../x" for what is outside of it. */
export function pathIn(cgroup: Cgroup, { root }: CgroupNamespace): string {
  const names: string[] = [];
  let common = root;
  while (!cgroup.isWithin(common)) {
    names.push("..");
    common = common.parent!;
  }
  const below: string[] = [];
  for (let at = cgroup; at !== common; at = at.parent!) below.unshift(at.name);
  return `/${[...names, ...below].join("/")}`;
}

/** /proc/PID/cgroup, as `reader` sees it. */
export function showMembership({ cgroup, kernel }: Task, reader: Task | undefined): string {
  const path = pathIn(cgroup, reader?.cgroupNamespace ?? kernel.cgroups.namespace);
  return `0::${path}${cgroup.dead ? " (deleted)" : ""}\n`;
}
