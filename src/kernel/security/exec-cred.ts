// Credentials across execve(2): set-user-ID and set-group-ID, and the transformation of capabilities. capabilities(7)
import { S_ISGID, S_ISUID } from "../../abi/flags.ts";
import { MS_NOSUID } from "../../abi/mount.ts";
import type { Task } from "../task/task.ts";
import type { File } from "../vfs/file.ts";
import { ALL_CAPABILITIES, CAP_SETUID, CAP_SYS_PTRACE, type Cred } from "./cred.ts";

const SECBIT_NOROOT = 1;
const SECBIT_KEEP_CAPS = 1 << 4;
const S_IXGRP = 0o010;
const VFS_CAP_REVISION_2 = 0x02000000;
const VFS_CAP_REVISION_3 = 0x03000000;

interface FileCapabilities {
  permitted: bigint;
  inheritable: bigint;
  effective: boolean;
}

function fileCapabilities(file: File): FileCapabilities | undefined {
  const value = file.inode.getxattr("security.capability");
  if (typeof value === "number" || value.length < 20) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const magic = view.getUint32(0, true);
  const revision = magic & 0xff000000;
  if (revision !== VFS_CAP_REVISION_2 && revision !== VFS_CAP_REVISION_3) return undefined;
  const word = (at: number) => BigInt(view.getUint32(at, true));
  return {
    permitted: (word(4) | (word(12) << 32n)) & ALL_CAPABILITIES,
    inheritable: (word(8) | (word(16) << 32n)) & ALL_CAPABILITIES,
    effective: (magic & 1) !== 0,
  };
}

/** The credentials of the new program, and whether it must not trust its environment (AT_SECURE). */
export function execCred(task: Task, file: File): { cred: Cred; secure: boolean } {
  const old = task.cred;
  const { inode } = file;
  const { userNamespace } = old;
  const trusted = !old.noNewPrivileges && (file.path.mount.flags & MS_NOSUID) === 0;
  const known = trusted && userNamespace.maps(inode.uid, inode.gid);
  let { euid, egid } = old;
  if (known && (inode.mode & S_ISUID) !== 0) euid = inode.uid;
  if (known && (inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP)) egid = inode.gid;
  const changed = euid !== old.euid || egid !== old.egid;
  const caps = trusted ? fileCapabilities(file) : undefined;

  const root = userNamespace.uid(0);
  let filePermitted = caps?.permitted ?? 0n;
  let fileInheritable = caps?.inheritable ?? 0n;
  let fileEffective = caps?.effective ?? false;
  if ((old.securebits & SECBIT_NOROOT) === 0 && (euid === root || old.uid === root)) {
    // Root's programs count as having all capabilities.
    filePermitted = fileInheritable = ALL_CAPABILITIES;
    if (euid === root) fileEffective = true;
  }
  const privileged = changed || caps !== undefined;
  const ambient = privileged ? 0n : old.ambient;
  let permitted = (old.inheritable & fileInheritable) | (filePermitted & old.bounding) | ambient;
  const setid = euid !== old.uid || egid !== old.gid;
  // A tracer without CAP_SYS_PTRACE would get hold of what the program gains: it gains nothing. ptrace(2)
  const gains = changed || (permitted & ~old.permitted) !== 0n;
  if (gains && task.tracee && !task.tracee.cred.canIn(old.userNamespace, CAP_SYS_PTRACE)) {
    if (!old.has(CAP_SETUID)) {
      euid = old.uid;
      egid = old.gid;
    }
    permitted &= old.permitted;
  }
  const cred = old.with({
    euid,
    egid,
    suid: euid,
    sgid: egid,
    fsuid: euid,
    fsgid: egid,
    permitted,
    effective: fileEffective ? permitted : ambient,
    ambient,
    securebits: old.securebits & ~SECBIT_KEEP_CAPS,
  });
  const gained = old.uid !== root && (permitted & ~ambient) !== 0n && fileEffective;
  return { cred, secure: setid || gained };
}
