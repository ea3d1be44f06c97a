// /proc/PID/ns: the namespaces of a task as magic links. Two tasks share one when the numbers are equal. namespaces(7)
import { EACCES } from "../../../../abi/errno.ts";
import { S_IFREG } from "../../../../abi/flags.ts";
import type { Kernel } from "../../../kernel.ts";
import type { Task } from "../../../task/task.ts";
import { anonymousInode } from "../../../vfs/anonymous.ts";
import { Dentry } from "../../../vfs/dentry.ts";
import { Path } from "../../../vfs/mount.ts";
import { type Directory, directory, type Link, link } from "../../rows/row.ts";

/** Linux's numbers for the first namespaces (include/uapi/linux/nsfs.h and proc_ns.h). */
const FIRST = {
  time: 0xeffffffa,
  cgroup: 0xeffffffb,
  pid: 0xeffffffc,
  user: 0xeffffffd,
  uts: 0xeffffffe,
  ipc: 0xefffffff,
  mnt: 0xf0000000,
  net: 0xf0000001,
} as const;
type Kind = keyof typeof FIRST;

/** The object that stands for a task's namespace of a kind; the kernel for those that there is one of. */
function namespaceOf(task: Task, kind: Kind): object {
  if (kind === "uts") return task.uts;
  return kind === "mnt" ? task.mounts : task.kernel;
}

/** Places of namespaces, so that one namespace is one inode. */
export class NamespacePlaces {
  private readonly kernel: Kernel;
  private readonly places = new WeakMap<object, Map<Kind, Path>>();
  private readonly first = new Map<Kind, object>();
  private last = 0xf0000100;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  place(task: Task, kind: Kind): Path {
    const namespace = namespaceOf(task, kind);
    let kinds = this.places.get(namespace);
    if (!kinds) this.places.set(namespace, (kinds = new Map()));
    let path = kinds.get(kind);
    if (!path) {
      if (!this.first.has(kind)) this.first.set(kind, namespaceOf(this.kernel.tasks.init?.leader ?? task, kind));
      const number = this.first.get(kind) === namespace ? FIRST[kind] : this.last++;
      const { anonymous } = this.kernel.vfs;
      const inode = anonymousInode(this.kernel, S_IFREG | 0o444);
      inode.uid = inode.gid = 0;
      inode.special = { kind, namespace };
      path = new Path(anonymous, new Dentry(anonymous.superblock, `${kind}:[${number}]`, anonymous.root, inode));
      kinds.set(kind, path);
    }
    return path;
  }
}

export function namespaces(places: NamespacePlaces): Directory<Task> {
  const row = (name: string, kind: Kind): Link<Task> =>
    link(name, (task) => places.place(task, kind).dentry.name, {
      guarded: EACCES,
      follow: (task) => places.place(task, kind),
    });
  const kinds: Kind[] = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];
  const rows = kinds.map((kind) => row(kind, kind));
  rows.push(row("pid_for_children", "pid"), row("time_for_children", "time"));
  return directory("ns", rows, { mode: 0o511 });
}
