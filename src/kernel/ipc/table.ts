// System V IPC: what message queues, semaphore sets and shared memory have in common. svipc(7)
import { EACCES, EEXIST, EIDRM, EINVAL, ENOENT, ENOSPC, EPERM, type Errno } from "../../abi/errno.ts";
import type { UserNamespace } from "../namespace/user.ts";
import { CAP_IPC_OWNER, CAP_SYS_ADMIN, type Cred } from "../security/cred.ts";

export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;
export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;
export const IPC_INFO = 3;

/** An identifier is an index in the low bits and a sequence number, so that a stale one is recognised. */
const INDEX_BITS = 15;
const MIN_CYCLE = 64;

/** struct ipc_perm. */
export class IpcPermissions {
  key: number;
  id = 0;
  uid: number;
  gid: number;
  readonly cuid: number;
  readonly cgid: number;
  mode: number;
  /** Removed while someone still uses it. */
  removed = false;

  private readonly owner: UserNamespace;

  constructor(key: number, mode: number, cred: Cred, owner: UserNamespace) {
    this.owner = owner;
    this.key = key;
    this.mode = mode & 0o777;
    this.uid = this.cuid = cred.euid;
    this.gid = this.cgid = cred.egid;
  }
  get sequence(): number {
    return this.id >> INDEX_BITS;
  }
  /** May `cred` do what the permission bits in `wanted` (of any class) say? */
  allows(cred: Cred, wanted: number): boolean {
    const requested = (wanted >> 6) | (wanted >> 3) | wanted;
    let granted = this.mode;
    const inGroup = (gid: number): boolean => cred.egid === gid || cred.groups.includes(gid);
    if (cred.euid === this.cuid || cred.euid === this.uid) granted >>= 6;
    else if (inGroup(this.cgid) || inGroup(this.gid)) granted >>= 3;
    return (requested & ~granted & 7) === 0 || cred.canIn(this.owner, CAP_IPC_OWNER);
  }
  /** May `cred` change or remove it? */
  owns(cred: Cred): boolean {
    return cred.euid === this.cuid || cred.euid === this.uid || cred.canIn(this.owner, CAP_SYS_ADMIN);
  }
}

export interface IpcObject {
  readonly permissions: IpcPermissions;
}

export class IpcTable<T extends IpcObject> {
  private readonly objects = new Map<number, T>();
  private readonly limit: number;
  /** The user namespace that the IPC namespace belongs to. */
  private readonly owner: UserNamespace;
  private last = -1;
  private sequence = 0;

  constructor(limit: number, owner: UserNamespace) {
    this.limit = limit;
    this.owner = owner;
  }
  get count(): number {
    return this.objects.size;
  }
  get all(): Iterable<T> {
    return this.objects.values();
  }
  /** The highest index in use; 0 without any. */
  get highest(): number {
    return Math.max(0, ...this.objects.keys());
  }
  /** msgget, semget, shmget. `fits` checks what exists already, `make` makes a new one.
   *  Errors: ENOENT, EEXIST, EACCES, ENOSPC. */
  get(
    key: number,
    flags: number,
    cred: Cred,
    fits: (object: T) => 0 | Errno,
    make: (permissions: IpcPermissions) => T | Errno,
  ): number | Errno {
    const known = key === IPC_PRIVATE ? undefined : this.byKey(key);
    if (known) {
      if ((flags & IPC_CREAT) !== 0 && (flags & IPC_EXCL) !== 0) return EEXIST;
      const fit = fits(known);
      if (fit < 0) return fit;
      return known.permissions.allows(cred, flags & 0o777) ? known.permissions.id : EACCES;
    }
    if (key !== IPC_PRIVATE && (flags & IPC_CREAT) === 0) return ENOENT;
    const permissions = new IpcPermissions(key, flags, cred, this.owner);
    const object = make(permissions);
    if (typeof object === "number") return object;
    if (this.objects.size >= this.limit) return ENOSPC;
    const index = this.allocate();
    permissions.id = (this.sequence << INDEX_BITS) | index;
    this.objects.set(index, object);
    return permissions.id;
  }
  private allocate(): number {
    const cycle = Math.min(this.limit, Math.max(Math.floor((this.objects.size * 3) / 2), MIN_CYCLE));
    let index = this.last + 1 >= cycle ? 0 : this.last + 1;
    while (this.objects.has(index)) index = index + 1 >= cycle ? 0 : index + 1;
    if (index <= this.last) this.sequence = (this.sequence + 1) & 0xffff;
    this.last = index;
    return index;
  }
  private byKey(key: number): T | undefined {
    for (const object of this.objects.values()) if (object.permissions.key === key) return object;
    return undefined;
  }
  /** Errors: EINVAL; EIDRM for an identifier whose object is gone. */
  find(id: number): T | Errno {
    if (id < 0) return EINVAL;
    const object = this.objects.get(id & ((1 << INDEX_BITS) - 1));
    if (!object) return EINVAL;
    return object.permissions.id === id ? object : EIDRM;
  }
  /** By index, for the *_STAT commands. Errors: EINVAL. */
  at(index: number): T | Errno {
    return this.objects.get(index & ((1 << INDEX_BITS) - 1)) ?? EINVAL;
  }
  /** For IPC_SET and IPC_RMID. Errors: EINVAL, EIDRM, EPERM. */
  owned(id: number, cred: Cred): T | Errno {
    const object = this.find(id);
    if (typeof object === "number") return object;
    return object.permissions.owns(cred) ? object : EPERM;
  }
  remove(object: T): void {
    object.permissions.removed = true;
    this.objects.delete(object.permissions.id & ((1 << INDEX_BITS) - 1));
  }
}
