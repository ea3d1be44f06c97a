// Threaded mode: below a thread root the threads of one process may be in different groups, for the controllers that can
// tell threads apart. cgroups(7), "Cgroups v2 thread mode"
import { EINVAL, ENODEV, EOPNOTSUPP, type Errno } from "../../abi/errno.ts";
import type { Cgroup } from "./cgroup.ts";

/** Controllers are on for its children that can't tell threads apart. */
function hasDomainControllers({ kernel, subtreeControl }: Cgroup): boolean {
  return kernel.cgroups.controllers.some(({ name, threaded }) => !threaded && subtreeControl.has(name));
}

/** Is it one, by having threaded children, or tasks beside controlled children? */
export function isThreadRoot(cgroup: Cgroup): boolean {
  if (cgroup.threaded) return false;
  if (cgroup.threadedChildren > 0) return true;
  return (
    cgroup.hasTasks &&
    cgroup.kernel.cgroups.controllers.some(({ name, threaded }) => threaded && cgroup.subtreeControl.has(name))
  );
}

/** Can it become one, or is it one already? */
export function canBeThreadRoot(cgroup: Cgroup): boolean {
  if (!cgroup.parent) return true;
  if (cgroup.threaded || cgroup.populatedDomains > 0) return false;
  return !hasDomainControllers(cgroup);
}

/** Can it hold processes? Not below a thread root, as a domain. */
export function isValidDomain(cgroup: Cgroup): boolean {
  if (cgroup.threaded) return false;
  for (let at = cgroup.parent; at; at = at.parent) {
    if (at.threaded || (at.parent && isThreadRoot(at))) return false;
  }
  return true;
}

/** cgroup.type. */
export function typeOf(cgroup: Cgroup): string {
  if (cgroup.threaded) return "threaded";
  if (!isValidDomain(cgroup)) return "domain invalid";
  return isThreadRoot(cgroup) ? "domain threaded" : "domain";
}

/** A write to cgroup.type: there is no way back. Errors: EINVAL; EOPNOTSUPP with tasks in it, with controllers on that
 *  need domains, or where the parent's domain can't have threads. */
export function makeThreaded(cgroup: Cgroup, type: string): 0 | Errno {
  const { parent } = cgroup;
  if (type !== "threaded" || !parent) return EINVAL;
  if (cgroup.dead) return ENODEV;
  if (cgroup.threaded) return 0;
  const { domain } = parent;
  if (cgroup.populated || hasDomainControllers(cgroup)) return EOPNOTSUPP;
  if (!isValidDomain(domain) || !canBeThreadRoot(domain)) return EOPNOTSUPP;
  for (const below of cgroup.subtree()) if (below === cgroup || below.threaded) below.domain = domain;
  for (const { name, threaded } of cgroup.kernel.cgroups.controllers) {
    if (!threaded) cgroup.kernel.cgroups.withdraw(cgroup, name);
  }
  parent.threadedChildren++;
  return 0;
}
