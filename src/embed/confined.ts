// Code that is not trusted: who it is, what it sees and what it may use. Nothing of this is a mechanism of its own: the
// same calls and files that a container's runtime uses make it. SECURITY.md says what it is worth.
import { ENOENT, type Errno } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/flags.ts";
import { LANDLOCK_MASK_SCOPE } from "../abi/landlock.ts";
import { MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY } from "../abi/mount.ts";
import { mountAt } from "../kernel/boot.ts";
import { Domain, Ruleset } from "../kernel/landlock/ruleset.ts";
import type { Cred } from "../kernel/security/cred.ts";
import { CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUTS } from "../kernel/task/clone.ts";
import type { Task } from "../kernel/task/task.ts";
import { DIRECTORY, FOLLOW, walk } from "../kernel/vfs/namei.ts";
import type { Limits } from "./limits.ts";
import { compileProfile } from "./seccomp/compile.ts";
import { untrustedProfile } from "./seccomp/untrusted-profile.ts";

/** nobody:nogroup. */
export const UNTRUSTED_USER = "65534:65534";
/** Its own process numbers, network (without a way out), System V IPC, host name and mounts. */
export const UNTRUSTED_NAMESPACES = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;

const MIB = 2 ** 20;
const OUTPUT = 16 * MIB;
const SCRATCH = "64m";

/** What is not limited otherwise. `machine`: bytes of memory that the machine has. */
export function untrustedLimits(given: Limits, machine: number): Limits {
  return {
    pids: 64,
    memory: Math.min(512 * MIB, Math.floor(machine / 2)),
    cpu: 60,
    output: OUTPUT,
    ...given,
    ulimits: {
      core: 0,
      fsize: 64 * MIB,
      memlock: 64 * 1024,
      msgqueue: 64 * 1024,
      nofile: 256,
      sigpending: 256,
      ...given.ulimits,
    },
  };
}

/** No capability, and no way to any; nothing to do with processes outside: no signal, no trace, no abstract socket. */
export function untrustedCred(cred: Cred): Cred {
  return cred.with({
    permitted: 0n,
    effective: 0n,
    inheritable: 0n,
    ambient: 0n,
    bounding: 0n,
    noNewPrivileges: true,
    landlock: new Domain(cred.landlock, new Ruleset(0, 0, LANDLOCK_MASK_SCOPE)),
  });
}

export const untrustedFilter = () => compileProfile(untrustedProfile);

/** Directories that are memory of its own. */
const scratch = ["/tmp", "/var/tmp", "/dev/shm"];

/** In its own mount namespace: everything read-only but folders that it was given and its scratch space; no devices, no
 *  set-user-ID programs; of /proc only its own processes. */
export function confineMounts(task: Task): 0 | Errno {
  // The first process of its namespace, but no init: it dies of signals as any other does.
  task.group.unkillable = false;
  for (const mount of task.mounts.mounts) {
    const { name } = mount.superblock.filesystem;
    mount.flags |= MS_NOSUID;
    if (name !== "devtmpfs" && name !== "devpts") mount.flags |= MS_NODEV;
    if (name !== "hostfs" && name !== "devpts") mount.flags |= MS_RDONLY;
  }
  for (const path of scratch) {
    const found = walk(task, AT_FDCWD, path, FOLLOW | DIRECTORY);
    if (found === ENOENT) continue;
    if (typeof found === "number") return found;
    mountAt(task, "tmpfs", path, "tmpfs", `size=${SCRATCH},mode=1777,nr_inodes=16k`, MS_NOSUID | MS_NODEV);
  }
  mountAt(task, "proc", "/proc", "proc", "hidepid=ptraceable", MS_NOSUID | MS_NODEV | MS_NOEXEC);
  return 0;
}
