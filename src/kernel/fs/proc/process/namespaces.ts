// /proc/PID/ns: the namespaces of a task as magic links. Two tasks share one when the numbers are equal. namespaces(7)
import { EACCES } from "../../../../abi/errno.ts";
import { type AnyNamespace, namespaceOf } from "../../../namespace/file.ts";
import { KINDS, type NamespaceKind } from "../../../namespace/namespace.ts";
import type { Task } from "../../../task/task.ts";
import { type Directory, directory, type Link, link } from "../../rows/row.ts";

const row = (name: string, of: (task: Task) => AnyNamespace): Link<Task> =>
  link(name, (task) => task.kernel.namespaces.of(of(task)).dentry.name, {
    guarded: EACCES,
    follow: (task) => task.kernel.namespaces.of(of(task)),
  });

export const namespaces: Directory<Task> = directory(
  "ns",
  [
    ...(Object.keys(KINDS) as NamespaceKind[]).map((kind) => row(kind, (task) => namespaceOf(task, kind))),
    row("pid_for_children", ({ nsproxy }) => nsproxy.pidForChildren),
    row("time_for_children", ({ nsproxy }) => nsproxy.timeForChildren),
  ],
  { mode: 0o511 },
);
