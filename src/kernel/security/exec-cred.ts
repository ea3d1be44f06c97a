// Credentials across execve(2): set-user-ID and set-group-ID, and the transformation of capabilities. capabilities(7),
// "Transformation of capabilities during execve()"; Linux's cap_bprm_creds_from_file.
import { EPERM, type Errno } from "../../abi/errno.ts";
import { S_ISGID, S_ISUID } from "../../abi/flags.ts";
import { MS_NOSUID } from "../../abi/mount.ts";
import { ADDR_COMPAT_LAYOUT, ADDR_NO_RANDOMIZE, MMAP_PAGE_ZERO, READ_IMPLIES_EXEC } from "../../abi/personality.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";
import type { Path } from "../vfs/mount.ts";
import { CAP_SETUID, CAP_SYS_PTRACE, type Cred } from "./cred.ts";
import { fileCapabilities } from "./file-capabilities.ts";

const SECBIT_NOROOT = 1;
const SECBIT_KEEP_CAPS = 1 << 4;
const S_IXGRP = 0o010;
/** What would make a privileged program easier to attack. */
const PER_CLEAR_ON_SETID = READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT | MMAP_PAGE_ZERO;

export interface ExecCred {
  cred: Cred;
  /** It must not trust its environment: AT_SECURE. */
  secure: boolean;
  /** Flags of personality(2) that don't outlast it. */
  clears: number;
}

/** Set-user-ID bits and file capabilities count on filesystems that were mounted in the task's user namespace or above,
 *  and seen through its own mounts. */
function mayRaise({ cred, mounts }: Task, { mount }: Path): boolean {
  const owner = mount.superblock.userNamespace;
  return mount.namespace === mounts && (!owner || owner.contains(cred.userNamespace));
}

/** Errors: EPERM for a program that would not get all capabilities that its file gives it, and does not know how to find
 *  out; EINVAL for an attribute that is none. */
export function execCred(task: Task, file: File): ExecCred | Errno {
  const old = task.cred;
  const { inode, path } = file;
  const { userNamespace } = old;
  const trusted = (path.mount.flags & MS_NOSUID) === 0 && mayRaise(task, path);
  const known = trusted && !old.noNewPrivileges && userNamespace.maps(inode.uid, inode.gid);
  const setsUser = known && (inode.mode & S_ISUID) !== 0;
  const setsGroup = known && (inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP);
  let euid = setsUser ? inode.uid : old.euid;
  let egid = setsGroup ? inode.gid : old.egid;

  const caps = trusted ? fileCapabilities(old, inode) : undefined;
  if (typeof caps === "number") return caps;
  let permitted = caps ? (caps.permitted & old.bounding) | (caps.inheritable & old.inheritable) : 0n;
  let effective = caps?.effective ?? false;
  if (effective && (caps!.permitted & ~permitted) !== 0n) return EPERM;
  const root = userNamespace.uid(0);
  // Root's programs count as having all capabilities; a set-user-ID root program with some of its own has only those.
  const mixed = caps !== undefined && euid === root && old.uid !== root;
  if ((old.securebits & SECBIT_NOROOT) === 0 && !mixed) {
    if (euid === root || old.uid === root) permitted = old.bounding | old.inheritable;
    if (euid === root) effective = true;
  }

  const gained = (permitted & ~old.permitted) !== 0n;
  const clears = setsUser || setsGroup || gained ? PER_CLEAR_ON_SETID : 0;
  const setid = euid !== old.uid || egid !== old.gid;
  if ((setid || gained) && (old.noNewPrivileges || isTraced(task) || sharesPlace(task))) {
    if (old.noNewPrivileges || !old.has(CAP_SETUID)) {
      euid = old.uid;
      egid = old.gid;
    }
    permitted &= old.permitted;
  }
  const ambient = caps !== undefined || setid ? 0n : old.ambient;
  permitted |= ambient;
  const cred = old.with({
    euid,
    egid,
    suid: euid,
    sgid: egid,
    fsuid: euid,
    fsgid: egid,
    permitted,
    effective: effective ? permitted : ambient,
    ambient,
    securebits: old.securebits & ~SECBIT_KEEP_CAPS,
  });
  const secure = setid || (old.uid !== root && (effective || (permitted & ~ambient) !== 0n));
  return { cred, secure, clears };
}

/** A tracer without CAP_SYS_PTRACE would get hold of what the program gains. ptrace(2) */
const isTraced = ({ tracee, cred }: Task): boolean =>
  tracee !== undefined && !tracee.cred.canIn(cred.userNamespace, CAP_SYS_PTRACE);

/** Another process could change the program's working directory or root (CLONE_FS). */
function sharesPlace(task: Task): boolean {
  for (const other of task.kernel.tasks.all) {
    if (other.fs === task.fs && other.group !== task.group && !other.exiting) return true;
  }
  return false;
}
