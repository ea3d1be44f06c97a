// The namespaces of a task, all but the user namespace (cred.ts). Tasks that have the same ones share one Nsproxy: a fork
// that makes no namespace takes a reference, and nothing more.
import type { CgroupNamespace } from "../cgroup/namespace.ts";
import type { Ipc } from "../ipc/ipc.ts";
import type { Net } from "../net/net.ts";
import type { MountNamespace } from "../vfs/mount.ts";
import type { PidNamespace } from "./pid.ts";
import type { TimeNamespace } from "./time.ts";
import type { UtsNamespace } from "./uts.ts";

export interface Namespaces {
  readonly mounts: MountNamespace;
  readonly uts: UtsNamespace;
  readonly ipc: Ipc;
  readonly net: Net;
  readonly cgroup: CgroupNamespace;
  readonly time: TimeNamespace;
  /** Those that children will be in: unshare(2) and setns(2) don't move the caller itself. */
  readonly timeForChildren: TimeNamespace;
  readonly pidForChildren: PidNamespace;
}

export class Nsproxy implements Namespaces {
  readonly mounts: MountNamespace;
  readonly uts: UtsNamespace;
  readonly ipc: Ipc;
  readonly net: Net;
  readonly cgroup: CgroupNamespace;
  readonly time: TimeNamespace;
  readonly timeForChildren: TimeNamespace;
  readonly pidForChildren: PidNamespace;
  private users = 1;

  /** Made with one reference, the maker's. */
  constructor(of: Namespaces) {
    this.mounts = of.mounts.ref();
    this.uts = of.uts.ref();
    this.ipc = of.ipc.ref();
    this.net = of.net.ref();
    this.cgroup = of.cgroup.ref();
    this.time = of.time.ref();
    this.timeForChildren = of.timeForChildren.ref();
    this.pidForChildren = of.pidForChildren.ref();
  }
  ref(): this {
    this.users++;
    return this;
  }
  unref(): void {
    if (--this.users > 0) return;
    const { mounts, uts, ipc, net, cgroup, time, timeForChildren, pidForChildren } = this;
    for (const namespace of [mounts, uts, ipc, net, cgroup, time, timeForChildren, pidForChildren]) namespace.unref();
  }
  /** The same, but for some. */
  with(changes: Partial<Namespaces>): Nsproxy {
    const { mounts, uts, ipc, net, cgroup, time, timeForChildren, pidForChildren } = this;
    return new Nsproxy({ mounts, uts, ipc, net, cgroup, time, timeForChildren, pidForChildren, ...changes });
  }
}
