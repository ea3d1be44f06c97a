// /proc/PID/ns: the namespaces of a task as magic links. Two tasks share one when the numbers are equal. namespaces(7)
import { EACCES } from "../../../../abi/errno.ts";
import { KINDS, type NamespaceKind } from "../../../namespace/file.ts";
import type { Task } from "../../../task/task.ts";
import { type Directory, directory, type Link, link } from "../../rows/row.ts";

const row = (name: string, kind: NamespaceKind): Link<Task> =>
  link(name, (task) => task.kernel.namespaces.of(task, kind).dentry.name, {
    guarded: EACCES,
    follow: (task) => task.kernel.namespaces.of(task, kind),
  });

export const namespaces: Directory<Task> = directory(
  "ns",
  [
    ...Object.keys(KINDS).map((kind) => row(kind, kind as NamespaceKind)),
    row("pid_for_children", "pid"),
    row("time_for_children", "time"),
  ],
  { mode: 0o511 },
);
