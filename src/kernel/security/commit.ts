// Giving a task new credentials. A change of identity makes the process unreadable to others of the old one. prctl(2),
// PR_SET_DUMPABLE
import { exceedsProcessLimit } from "../task/process-limit.ts";
import type { Task } from "../task/task.ts";
import type { Cred } from "./cred.ts";

export function commitCred(task: Task, next: Cred): void {
  const old = task.cred;
  const changed =
    old.euid !== next.euid || old.egid !== next.egid || old.fsuid !== next.fsuid || old.fsgid !== next.fsgid;
  if (changed || gains(old, next)) {
    task.dumpable = task.kernel.sysctl.number("fs/suid_dumpable");
    task.parentDeathSignal = 0;
  }
  if (old.userNamespace !== next.userNamespace) {
    next.userNamespace.ref();
    old.userNamespace.unref();
  }
  task.cred = next;
  // A user with too many processes finds out when it runs a program. execve(2)
  if (old.uid !== next.uid) task.tooManyProcesses = exceedsProcessLimit(task, 1);
}

/** Has `next` a capability that `old` had not? Who made a user namespace has had all of them in it. */
function gains(old: Cred, next: Cred): boolean {
  if (old.userNamespace === next.userNamespace) return (next.permitted & ~old.permitted) !== 0n;
  for (let at = next.userNamespace; at.parent; at = at.parent) {
    if (at.parent === old.userNamespace) return at.owner !== old.euid;
  }
  return true;
}
