// Who may look into another process: the rule that ptrace, /proc and prlimit share, and Yama's on top of it.
// ptrace(2) "Ptrace access mode checking", Documentation/admin-guide/LSM/Yama.rst
import { mayTrace } from "../landlock/scope.ts";
import type { Task } from "../task/task.ts";
import { CAP_SYS_PTRACE, type Cred } from "./cred.ts";

/** May `cred` look at `target`'s memory, links and descriptors (PTRACE_MODE_READ_FSCREDS)? */
export function mayRead(reader: Task | undefined, target: Task): boolean {
  return !reader || mayAccess(reader, target, "filesystem");
}

/** May it change them, too (PTRACE_MODE_ATTACH)? `ids`: by which of its IDs it is judged. */
export function mayAttach(tracer: Task | undefined, target: Task, ids: "real" | "filesystem"): boolean {
  if (!tracer || tracer.group === target.group) return true;
  return mayAccess(tracer, target, ids) && yamaPermits(tracer, target);
}

function mayAccess(reader: Task, target: Task, ids: "real" | "filesystem"): boolean {
  if (reader.group === target.group) return true;
  const { cred } = reader;
  if (!mayTrace(cred.landlock, target.cred.landlock)) return false;
  if (cred.canIn(target.cred.userNamespace, CAP_SYS_PTRACE)) return true;
  const [uid, gid, held] =
    ids === "real" ? [cred.uid, cred.gid, cred.permitted] : [cred.fsuid, cred.fsgid, cred.effective];
  return sameUser(uid, gid, target.cred) && target.dumpable === 1 && (target.cred.permitted & ~held) === 0n;
}

/** PTRACE_TRACEME: may the parent trace the caller? */
export function mayBeTracedBy(task: Task, parent: Task): boolean {
  if (!mayTrace(parent.cred.landlock, task.cred.landlock)) return false;
  if (parent.cred.canIn(task.cred.userNamespace, CAP_SYS_PTRACE)) return scope(task) < 3;
  return scope(task) < 2 && (task.cred.permitted & ~parent.cred.permitted) === 0n;
}

const scope = (task: Task): number => task.kernel.sysctl.number("kernel/yama/ptrace_scope");

/** kernel.yama.ptrace_scope: 1 only descendants and who allowed it, 2 only with CAP_SYS_PTRACE, 3 nobody. */
function yamaPermits(tracer: Task, target: Task): boolean {
  const level = scope(target);
  if (level === 0) return true;
  if (level === 3) return false;
  if (tracer.cred.canIn(target.cred.userNamespace, CAP_SYS_PTRACE)) return true;
  if (level === 2) return false;
  const allowed = target.group.ptracer;
  if (allowed === "any") return true;
  for (let group = tracer.group.parent; allowed !== 0; ) {
    // Descendants of the one that was named may trace, as it may itself.
    if (tracer.group.pid === allowed || group?.pid === allowed) return true;
    group = group?.parent;
    if (!group) break;
  }
  for (let group = target.group.parent; group; group = group.parent) if (group === tracer.group) return true;
  return false;
}

/** Are all of the target's IDs the caller's? */
export function sameUser(uid: number, gid: number, target: Cred): boolean {
  return (
    uid === target.euid &&
    uid === target.suid &&
    uid === target.uid &&
    gid === target.egid &&
    gid === target.sgid &&
    gid === target.gid
  );
}
