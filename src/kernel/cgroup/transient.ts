// A group that the kernel makes for a process started from outside, with the limits that it is to have, and that goes when
// nothing is left in it: what systemd calls a transient scope.
import { EINVAL, ENOENT, type Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Cgroup } from "./cgroup.ts";
import { coreFiles } from "./core-files.ts";

/** Files of a group and what is written to them, in order. */
export type Settings = readonly (readonly [file: string, text: string])[];

/** A write that was refused. */
export interface Refusal {
  readonly file: string;
  readonly errno: Errno;
}

/** Makes a group below the root and sets it up. */
export function makeTransient(kernel: Kernel, settings: Settings): Cgroup | Refusal {
  const { cgroups } = kernel;
  let number = 1;
  while (cgroups.root.children.has(`process-${number}`)) number++;
  const cgroup = cgroups.create(cgroups.root, `process-${number}`);
  if (typeof cgroup === "number") return { file: "", errno: cgroup };
  for (const [file, text] of settings) {
    const errno = writeFile(cgroup, file, text);
    if (errno === 0) continue;
    cgroups.remove(cgroup);
    return { file, errno };
  }
  cgroup.transient = true;
  return cgroup;
}

function writeFile(cgroup: Cgroup, file: string, text: string): 0 | Errno {
  const { cgroups, tasks } = cgroup.kernel;
  const files = [...coreFiles, ...cgroups.controllers.flatMap((each) => (cgroup.own[each.name] ? each.files : []))];
  const row = files.find(({ name }) => name === file);
  if (!row?.write) return ENOENT;
  const task = tasks.init!.leader;
  const result = row.write(cgroup, text, { task, cred: task.cred, namespace: cgroups.namespace, data: undefined });
  return typeof result === "number" ? result : EINVAL;
}
