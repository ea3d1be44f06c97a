// Who may look into another process: the rule that ptrace, /proc and prlimit share. ptrace(2) "Ptrace access mode checking"
import type { Task } from "../task/task.ts";
import { CAP_SYS_PTRACE, type Cred } from "./cred.ts";

/** May `cred` look at `target`'s memory, links and descriptors (PTRACE_MODE_READ_FSCREDS)? */
export function mayRead(reader: Task | undefined, target: Task): boolean {
  if (!reader || reader.group === target.group) return true;
  const { cred } = reader;
  if (cred.can(CAP_SYS_PTRACE)) return true;
  return sameUser(cred.fsuid, cred.fsgid, target.cred) && target.dumpable === 1 && holdsAll(cred, target.cred);
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

const holdsAll = (cred: Cred, target: Cred): boolean => (target.permitted & ~cred.permitted) === 0n;
