// What setuid(2) and its family allow, and what they do to capabilities. Pure: credentials in, new ones or an errno out.
// credentials(7), capabilities(7) "Effect of user ID changes on capabilities"
import { EINVAL, EPERM, type Errno } from "../../abi/errno.ts";
import {
  CAP_CHOWN,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_LINUX_IMMUTABLE,
  CAP_MKNOD,
  CAP_SETGID,
  CAP_SETUID,
  type Cred,
} from "./cred.ts";

/** "Leave it": -1 as the calls pass it. */
export const KEEP = 0xffffffff;

export const SECBIT_NO_SETUID_FIXUP = 1 << 2;
export const SECBIT_KEEP_CAPS = 1 << 4;

const CAP_MAC_OVERRIDE = 32;
/** The capabilities that go with fsuid 0. capabilities(7) */
const FILESYSTEM_CAPABILITIES = [
  CAP_CHOWN,
  CAP_DAC_OVERRIDE,
  CAP_DAC_READ_SEARCH,
  CAP_FOWNER,
  CAP_FSETID,
  CAP_LINUX_IMMUTABLE,
  CAP_MKNOD,
  CAP_MAC_OVERRIDE,
].reduce((set, capability) => set | (1n << BigInt(capability)), 0n);

/** Leaving the last of the user IDs of root drops capabilities; an effective ID of root's brings them back. */
function fixCapabilities(old: Cred, next: Cred): Cred {
  if ((old.securebits & SECBIT_NO_SETUID_FIXUP) !== 0) return next;
  let { permitted, effective, ambient } = next;
  const root = old.userNamespace.uid(0);
  const wasRoot = old.uid === root || old.euid === root || old.suid === root;
  const isRoot = next.uid === root || next.euid === root || next.suid === root;
  if (wasRoot && !isRoot) {
    if ((old.securebits & SECBIT_KEEP_CAPS) === 0) permitted = effective = 0n;
    ambient = 0n;
  }
  if (old.euid === root && next.euid !== root) effective = 0n;
  if (old.euid !== root && next.euid === root) effective = permitted;
  return next.with({ permitted, effective, ambient });
}

export function setuid(cred: Cred, uid: number): Cred | Errno {
  if (uid === KEEP) return EINVAL;
  if (cred.has(CAP_SETUID)) {
    return fixCapabilities(cred, cred.with({ uid, suid: uid, euid: uid, fsuid: uid }));
  }
  if (uid !== cred.uid && uid !== cred.suid) return EPERM;
  return fixCapabilities(cred, cred.with({ euid: uid, fsuid: uid }));
}

export function setreuid(cred: Cred, ruid: number, euid: number): Cred | Errno {
  const free = cred.has(CAP_SETUID);
  if (ruid !== KEEP && ruid !== cred.uid && ruid !== cred.euid && !free) return EPERM;
  if (euid !== KEEP && euid !== cred.uid && euid !== cred.euid && euid !== cred.suid && !free) return EPERM;
  const effective = euid === KEEP ? cred.euid : euid;
  const saves = ruid !== KEEP || (euid !== KEEP && euid !== cred.uid);
  const next = cred.with({
    uid: ruid === KEEP ? cred.uid : ruid,
    euid: effective,
    suid: saves ? effective : cred.suid,
    fsuid: effective,
  });
  return fixCapabilities(cred, next);
}

export function setresuid(cred: Cred, ruid: number, euid: number, suid: number): Cred | Errno {
  const own = (id: number) => id === KEEP || id === cred.uid || id === cred.euid || id === cred.suid;
  if (!cred.has(CAP_SETUID) && !(own(ruid) && own(euid) && own(suid))) return EPERM;
  const effective = euid === KEEP ? cred.euid : euid;
  const next = cred.with({
    uid: ruid === KEEP ? cred.uid : ruid,
    euid: effective,
    suid: suid === KEEP ? cred.suid : suid,
    fsuid: effective,
  });
  return fixCapabilities(cred, next);
}

/** Never fails: an ID that is not allowed leaves things as they are. setfsuid(2) */
export function setfsuid(cred: Cred, fsuid: number): Cred {
  const own = fsuid === cred.uid || fsuid === cred.euid || fsuid === cred.suid || fsuid === cred.fsuid;
  if (fsuid === KEEP || fsuid === cred.fsuid || !(own || cred.has(CAP_SETUID))) return cred;
  const next = cred.with({ fsuid });
  if ((cred.securebits & SECBIT_NO_SETUID_FIXUP) !== 0) return next;
  const root = cred.userNamespace.uid(0);
  if (cred.fsuid === root) return next.with({ effective: cred.effective & ~FILESYSTEM_CAPABILITIES });
  if (fsuid === root) return next.with({ effective: cred.effective | (cred.permitted & FILESYSTEM_CAPABILITIES) });
  return next;
}

export function setgid(cred: Cred, gid: number): Cred | Errno {
  if (gid === KEEP) return EINVAL;
  if (cred.has(CAP_SETGID)) return cred.with({ gid, egid: gid, sgid: gid, fsgid: gid });
  if (gid !== cred.gid && gid !== cred.sgid) return EPERM;
  return cred.with({ egid: gid, fsgid: gid });
}

export function setregid(cred: Cred, rgid: number, egid: number): Cred | Errno {
  const free = cred.has(CAP_SETGID);
  if (rgid !== KEEP && rgid !== cred.gid && rgid !== cred.egid && !free) return EPERM;
  if (egid !== KEEP && egid !== cred.gid && egid !== cred.egid && egid !== cred.sgid && !free) return EPERM;
  const effective = egid === KEEP ? cred.egid : egid;
  const saves = rgid !== KEEP || (egid !== KEEP && egid !== cred.gid);
  return cred.with({
    gid: rgid === KEEP ? cred.gid : rgid,
    egid: effective,
    sgid: saves ? effective : cred.sgid,
    fsgid: effective,
  });
}

export function setresgid(cred: Cred, rgid: number, egid: number, sgid: number): Cred | Errno {
  const own = (id: number) => id === KEEP || id === cred.gid || id === cred.egid || id === cred.sgid;
  if (!cred.has(CAP_SETGID) && !(own(rgid) && own(egid) && own(sgid))) return EPERM;
  const effective = egid === KEEP ? cred.egid : egid;
  return cred.with({
    gid: rgid === KEEP ? cred.gid : rgid,
    egid: effective,
    sgid: sgid === KEEP ? cred.sgid : sgid,
    fsgid: effective,
  });
}

export function setfsgid(cred: Cred, fsgid: number): Cred {
  const own = fsgid === cred.gid || fsgid === cred.egid || fsgid === cred.sgid || fsgid === cred.fsgid;
  return fsgid === KEEP || !(own || cred.has(CAP_SETGID)) ? cred : cred.with({ fsgid });
}
