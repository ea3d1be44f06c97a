// Credentials: who a task is and what it may do. Immutable: a change makes a new Cred. IDs are the kernel's own numbers,
// those of the first user namespace. credentials(7), capabilities(7)
import type { Domain } from "../landlock/ruleset.ts";
import { FIRST_USER_NAMESPACE, type UserNamespace } from "../namespace/user.ts";

/** Capability numbers (include/uapi/linux/capability.h). */
export const CAP_CHOWN = 0;
export const CAP_DAC_OVERRIDE = 1;
export const CAP_DAC_READ_SEARCH = 2;
export const CAP_FOWNER = 3;
export const CAP_FSETID = 4;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_LINUX_IMMUTABLE = 9;
export const CAP_NET_BIND_SERVICE = 10;
export const CAP_NET_ADMIN = 12;
export const CAP_NET_RAW = 13;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_MODULE = 16;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_PACCT = 20;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_BOOT = 22;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_MKNOD = 27;
export const CAP_LEASE = 28;
export const CAP_SETFCAP = 31;
export const CAP_SYSLOG = 34;
export const CAP_WAKE_ALARM = 35;
export const CAP_CHECKPOINT_RESTORE = 40;
export const CAP_LAST_CAP = 40;
export const ALL_CAPABILITIES = (1n << BigInt(CAP_LAST_CAP + 1)) - 1n;

export interface CredFields {
  uid: number;
  gid: number;
  euid: number;
  egid: number;
  suid: number;
  sgid: number;
  fsuid: number;
  fsgid: number;
  groups: readonly number[];
  /** Where the capabilities count: there and in the namespaces below. */
  userNamespace: UserNamespace;
  /** Capability sets, bit n is capability n. */
  inheritable: bigint;
  permitted: bigint;
  effective: bigint;
  bounding: bigint;
  ambient: bigint;
  securebits: number;
  noNewPrivileges: boolean;
  /** Told which capabilities made a difference, as Linux notes PF_SUPERPRIV; undefined while nobody asks. */
  exercised: Set<number> | undefined;
  /** What Landlock restricts it to. */
  landlock: Domain | undefined;
}

export class Cred implements CredFields {
  declare readonly uid: number;
  declare readonly gid: number;
  declare readonly euid: number;
  declare readonly egid: number;
  declare readonly suid: number;
  declare readonly sgid: number;
  declare readonly fsuid: number;
  declare readonly fsgid: number;
  declare readonly groups: readonly number[];
  declare readonly userNamespace: UserNamespace;
  declare readonly inheritable: bigint;
  declare readonly permitted: bigint;
  declare readonly effective: bigint;
  declare readonly bounding: bigint;
  declare readonly ambient: bigint;
  declare readonly securebits: number;
  declare readonly noNewPrivileges: boolean;
  declare readonly exercised: Set<number> | undefined;
  declare readonly landlock: Domain | undefined;

  constructor(fields: CredFields) {
    Object.assign(this, fields);
  }
  /** A copy with some fields changed. */
  with(changes: Partial<CredFields>): Cred {
    return new Cred({ ...this, ...changes });
  }
  /** Is the capability in the effective set, wherever that counts (Linux's ns_capable(current_user_ns()))? */
  has(capability: number): boolean {
    if (((this.effective >> BigInt(capability)) & 1n) === 0n) return false;
    this.exercised?.add(capability);
    return true;
  }
  /** Does it count for the whole machine (Linux's capable)? */
  can(capability: number): boolean {
    return this.userNamespace.parent === undefined && this.has(capability);
  }
  /** Does it count for what `namespace` owns (Linux's ns_capable)? Who made a namespace has all capabilities in it. */
  canIn(namespace: UserNamespace, capability: number): boolean {
    const own = this.userNamespace;
    for (let at: UserNamespace | undefined = namespace; at && at.level >= own.level; at = at.parent) {
      if (at === own) return this.has(capability);
      if (at.parent === own && at.owner === this.euid) return true;
    }
    return false;
  }
  /** Does it count for a file of these owners (Linux's capable_wrt_inode_uidgid)? */
  canOver(inode: { readonly uid: number; readonly gid: number }, capability: number): boolean {
    return this.has(capability) && this.userNamespace.maps(inode.uid, inode.gid);
  }
  /** Is `gid` the filesystem group or a supplementary one? */
  inGroup(gid: number): boolean {
    return this.fsgid === gid || this.groups.includes(gid);
  }
}

/** A user's credentials as login would make them: root has all capabilities, others none. */
export function userCred(uid: number, gid: number, groups: readonly number[] = []): Cred {
  const capabilities = uid === 0 ? ALL_CAPABILITIES : 0n;
  return new Cred({
    uid,
    gid,
    euid: uid,
    egid: gid,
    suid: uid,
    sgid: gid,
    fsuid: uid,
    fsgid: gid,
    groups,
    userNamespace: FIRST_USER_NAMESPACE,
    inheritable: 0n,
    permitted: capabilities,
    effective: capabilities,
    bounding: ALL_CAPABILITIES,
    ambient: 0n,
    securebits: 0,
    noNewPrivileges: false,
    exercised: undefined,
    landlock: undefined,
  });
}
