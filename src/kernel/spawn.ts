// Starting a process from outside: what the embedding API and the command line use. It is a child of init, in a session
// of its own, with the files it is given.
import { EACCES, EIO, ENOENT, ENOTDIR, type Errno } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/flags.ts";
import { SECCOMP_MODE_FILTER } from "../abi/seccomp.ts";
import { SIGCHLD } from "../abi/signal.ts";
import type { Cgroup } from "./cgroup/cgroup.ts";
import { execute } from "./exec/exec.ts";
import type { Kernel } from "./kernel.ts";
import type { UserAddress } from "./mm/user.ts";
import { inTask } from "./sched/run.ts";
import { Filter } from "./seccomp/filter.ts";
import type { Program } from "./seccomp/program.ts";
import type { Cred } from "./security/cred.ts";
import { NO_RESULT } from "./syscalls/table.ts";
import { cloneTask } from "./task/clone.ts";
import { exitGroup } from "./task/exit.ts";
import type { Task } from "./task/task.ts";
import type { Rlimit, ThreadGroup } from "./task/thread-group.ts";
import type { File } from "./vfs/file.ts";
import { DIRECTORY, FOLLOW, walk } from "./vfs/namei.ts";

export interface SpawnOptions {
  /** Byte strings, the program's name first. */
  argv: readonly string[];
  envp: readonly string[];
  cwd: string;
  cred: Cred;
  /** Makes the files of descriptors 0, 1, 2…, in the name of the new task; each with a reference of its own. */
  files: (task: Task) => (File | undefined)[] | Errno;
  /** Limits that differ from the first process's, by number. */
  rlimits?: ReadonlyMap<number, Rlimit>;
  /** proc_pid_oom_score_adj(5) */
  oomScoreAdj?: number;
  /** The group to be in; the first process's by default. */
  cgroup?: Cgroup | undefined;
  /** CLONE_NEW…: namespaces of its own. */
  namespaces?: number;
  /** What its system calls are restricted to, from its program's first one on. */
  filter?: Program | undefined;
  /** Done in the new task's name before anything of it is looked up: mounts. */
  confine?: ((task: Task) => 0 | Errno) | undefined;
}

/** Errors: those of chdir(2) and execve(2): ENOENT, EACCES, ENOEXEC…; EIO: the kernel failed in it. */
export function spawn(kernel: Kernel, options: SpawnOptions): ThreadGroup | Errno {
  const init = kernel.tasks.init!.leader;
  const task = cloneTask(init, {
    flags: options.namespaces ?? 0,
    exitSignal: SIGCHLD,
    stack: 0,
    tls: 0n,
    parentTid: 0 as UserAddress,
    childTid: 0 as UserAddress,
    cgroup: options.cgroup,
  });
  if (typeof task === "number") {
    if (options.cgroup?.transient && !options.cgroup.populated) kernel.cgroups.remove(options.cgroup);
    return task;
  }
  const result = inTask(task, () => prepare(task, options)) ?? EIO;
  if (task.exiting) return EIO;
  if (result < 0) {
    task.group.onZombie = undefined;
    exitGroup(task, 127 << 8);
    return result as Errno;
  }
  kernel.scheduler.start(task);
  return task.group;
}

function prepare(task: Task, options: SpawnOptions): 0 | Errno {
  const { group } = task;
  task.kernel.tasks.regroup(group, group.pid, group.pid);
  group.tty = undefined;
  const confined = options.confine?.(task) ?? 0;
  if (confined < 0) return confined;
  task.cred = options.cred;
  group.oomScoreAdj = options.oomScoreAdj ?? 0;
  for (const [resource, limit] of options.rlimits ?? []) group.rlimits[resource] = { ...limit };
  const cwd = walk(task, AT_FDCWD, options.cwd, FOLLOW | DIRECTORY);
  if (typeof cwd === "number") return cwd;
  task.fs.cwd = cwd;
  const files = options.files(task);
  if (typeof files === "number") return files;
  for (const [fd, file] of files.entries()) if (file) task.files.replace(fd, file, false);
  const result = run(task, options);
  if (result === 0 && options.filter) {
    const filter = new Filter(options.filter, undefined, { log: false, waitKillable: false });
    task.seccomp = { mode: SECCOMP_MODE_FILTER, filter };
  }
  return result;
}

/** execvp: a name without a slash is looked for along PATH. */
function run(task: Task, { argv, envp }: SpawnOptions): 0 | Errno {
  const name = argv[0] ?? "";
  const start = (path: string): 0 | Errno => {
    const result = execute(task, { dirfd: AT_FDCWD, path, argv, envp, flags: 0 });
    return result === NO_RESULT ? 0 : (result as Errno);
  };
  if (name === "" || name.includes("/")) return name === "" ? ENOENT : start(name);
  const path = envp.find((entry) => entry.startsWith("PATH="))?.slice(5) ?? "/usr/local/bin:/usr/bin:/bin";
  let denied = false;
  for (const directory of path.split(":")) {
    const result = start(`${directory || "."}/${name}`);
    if (result === EACCES) denied = true;
    else if (result !== ENOENT && result !== ENOTDIR) return result;
  }
  return denied ? EACCES : ENOENT;
}
