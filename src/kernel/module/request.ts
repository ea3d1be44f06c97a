// request_module(): the kernel asks user space for what it lacks, by running kernel.modprobe. The call that needs it
// waits, and is then tried again. Linux: kernel/module/kmod.c
import type { Errno } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/flags.ts";
import type { Kernel } from "../kernel.ts";
import { type Wait, waitOn } from "../sched/wait-queue.ts";
import { userCred } from "../security/cred.ts";
import { spawn } from "../spawn.ts";
import { FOLLOW, walk } from "../vfs/namei.ts";

const ENVIRONMENT = ["HOME=/", "TERM=linux", "PATH=/sbin:/usr/sbin:/bin:/usr/bin"];

/** Has `alias` loaded if there is something of that name, and goes on with `then` either way. */
export function requestModule<T>(kernel: Kernel, alias: string, then: () => T | Errno | Wait<T>): T | Errno | Wait<T> {
  const program = kernel.sysctl.get("kernel/modprobe");
  // A modprobe that needs a module itself does not run another.
  if (program === "" || kernel.sysctl.number("kernel/modules_disabled") !== 0) return then();
  if (kernel.current?.comm === "modprobe") return then();
  if (typeof walk(kernel.tasks.init!.leader, AT_FDCWD, program, FOLLOW) === "number") return then();
  const group = spawn(kernel, {
    argv: [program, "-q", "--", alias],
    envp: ENVIRONMENT,
    cwd: "/",
    cred: userCred(0, 0),
    files: () => [],
  });
  if (typeof group === "number") return then();
  const wait = (): T | Errno | Wait<T> => (group.zombie ? then() : waitOn<T>(group.exited, wait, { killable: true }));
  return wait();
}
