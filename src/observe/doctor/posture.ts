// What a run was allowed to do and did not need: capabilities, writable mounts, limits without a bound, core dumps.

import { RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE } from "../../abi/flags.ts";
import { MS_RDONLY } from "../../abi/mount.ts";
import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { CAP_LAST_CAP } from "../../kernel/security/cred.ts";
import type { Task } from "../../kernel/task/task.ts";
import { type Mount, Path } from "../../kernel/vfs/mount.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import { capabilityName } from "./capabilities.ts";
import { changes } from "./changes.ts";
import type { Posture } from "./facts.ts";
import type { CallRecord } from "./recorder.ts";

/** What keeps files beyond the run: not the kernel's own state, and not memory. */
const lasting = new Set(["overlay", "hostfs", "ext4", "ext2"]);

export class PostureWatch {
  private readonly exercised = new Set<number>();
  private first: Posture | undefined;
  private readonly mounts = new Map<Mount, string>();
  private readonly written = new Set<string>();

  /** The first program's credentials count; those that come of them tell of each capability that they use. */
  executed(task: Task): void {
    if (this.first) return;
    const { cred, group } = task;
    const capabilities: string[] = [];
    for (let i = 0; i <= CAP_LAST_CAP; i++)
      if ((cred.effective >> BigInt(i)) & 1n) capabilities.push(capabilityName(i));
    for (const mount of task.mounts.mounts) {
      if ((mount.flags & MS_RDONLY) !== 0 || mount.superblock.readOnly) continue;
      if (!lasting.has(mount.superblock.filesystem.name)) continue;
      this.mounts.set(mount, toText(pathName(new Path(mount, mount.root), task.fs.root)));
    }
    const unbounded = (limit: number): boolean => group.limit(limit) === Number.POSITIVE_INFINITY;
    const unlimited: string[] = [];
    const bound = (limit: (cgroup: Cgroup) => boolean | undefined): boolean => {
      for (let at: Cgroup | undefined = task.cgroup; at; at = at.parent) if (limit(at)) return true;
      return false;
    };
    const memoryBound = bound(({ own }) => Number.isFinite(own.memory?.memory.max ?? Number.POSITIVE_INFINITY));
    const cpuBound = bound(({ own }) => own.cpu?.bandwidth?.limited);
    if (!memoryBound && unbounded(RLIMIT_AS) && unbounded(RLIMIT_DATA))
      unlimited.push("memory (ulimit -v, memory.max)");
    if (!cpuBound && unbounded(RLIMIT_CPU)) unlimited.push("processor time (ulimit -t, cpu.max)");
    if (unbounded(RLIMIT_FSIZE)) unlimited.push("size of files (ulimit -f)");
    this.first = {
      uid: cred.euid,
      capabilities,
      exercised: [],
      writableMounts: [],
      writtenMounts: [],
      unlimited,
      coreLimit: group.limit(RLIMIT_CORE),
    };
    task.cred = cred.with({ exercised: this.exercised });
  }

  ended(task: Task, call: CallRecord): void {
    const { name, result } = call;
    if (result < 0) return;
    if (name === "openat" || name === "openat2") {
      const file = task.files.get(result);
      if (file?.writable && file.isRegular) this.wrote(this.mounts.get(file.path.mount));
    } else if (changes.has(name) && call.path !== undefined) {
      const cwd = toText(pathName(task.fs.cwd, task.fs.root));
      this.wrote(this.covering(call.path.startsWith("/") ? call.path : `${cwd}/${call.path}`));
    }
  }

  told(): Posture | undefined {
    return (
      this.first && {
        ...this.first,
        exercised: [...this.exercised].map(capabilityName),
        writableMounts: [...new Set(this.mounts.values())],
        writtenMounts: [...this.written],
      }
    );
  }

  private wrote(place: string | undefined): void {
    if (place !== undefined) this.written.add(place);
  }
  /** The mount whose place begins the path. */
  private covering(path: string): string | undefined {
    let best: string | undefined;
    for (const place of this.mounts.values()) {
      const inside = place === "/" || path === place || path.startsWith(`${place}/`);
      if (inside && place.length > (best?.length ?? 0)) best = place;
    }
    return best;
  }
}
