// RLIMIT_NPROC: how many tasks a real user may have. getrlimit(2)
import { RLIMIT_NPROC } from "../../abi/flags.ts";
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE } from "../security/cred.ts";
import type { Task } from "./task.ts";

/** Does the task's real user have more than `more` tasks above the limit? */
export function exceedsProcessLimit({ kernel, cred, group }: Task, more = 0): boolean {
  if (cred.uid === 0) return false;
  const limit = group.limit(RLIMIT_NPROC) + more;
  if (kernel.tasks.taskCount <= limit) return false;
  let count = 0;
  for (const task of kernel.tasks.all) if (task.cred.uid === cred.uid) count++;
  return count > limit;
}

/** May it not have another? Root and who has CAP_SYS_RESOURCE or CAP_SYS_ADMIN go past the limit. */
export const atProcessLimit = (task: Task): boolean =>
  exceedsProcessLimit(task, -1) && !task.cred.can(CAP_SYS_RESOURCE) && !task.cred.can(CAP_SYS_ADMIN);
