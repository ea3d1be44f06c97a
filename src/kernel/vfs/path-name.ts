// The name of a place: from a dentry back up to the root. getcwd(2), /proc/PID/fd, /proc/PID/maps.
import type { Dentry } from "./dentry.ts";
import type { Mount, Path } from "./mount.ts";

/** The absolute name of `path` as seen from `root`. A removed one ends in " (deleted)"; with `unreachable`, one outside
 *  of the root begins with "(unreachable)" (getcwd's way). Nameless files show their label: "pipe:[7]". */
export function pathName(path: Path, root: Path, unreachable = false): string {
  let { mount, dentry }: { mount: Mount; dentry: Dentry } = path;
  const deleted = dentry.unlinked ? " (deleted)" : "";
  if (dentry.superblock.filesystem.internal) return dentry.name + deleted;
  let name = "";
  while (mount !== root.mount || dentry !== root.dentry) {
    if (dentry === mount.root) {
      if (!mount.parent || !mount.mountpoint) {
        if (unreachable) name = `(unreachable)${name === "" ? "/" : name}`;
        break;
      }
      dentry = mount.mountpoint;
      mount = mount.parent;
      continue;
    }
    if (dentry.isRoot) break;
    name = `/${dentry.name}${name}`;
    dentry = dentry.parent;
  }
  return (name === "" ? "/" : name) + deleted;
}

/** Can `path` be reached by walking down from `root`? */
export function reachable(path: Path, root: Path): boolean {
  let { mount, dentry }: { mount: Mount; dentry: Dentry } = path;
  for (;;) {
    if (mount === root.mount && dentry === root.dentry) return true;
    if (dentry === mount.root) {
      if (!mount.parent || !mount.mountpoint) return false;
      dentry = mount.mountpoint;
      mount = mount.parent;
    } else if (dentry.isRoot) return false;
    else dentry = dentry.parent;
  }
}
