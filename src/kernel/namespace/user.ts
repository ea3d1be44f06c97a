// User namespaces: who is who, and where a capability counts. The kernel keeps every ID as the first namespace numbers
// it; an ID changes its number only where a program sees or says it. user_namespaces(7)
import type { Charge } from "./ucounts.ts";

/** No such ID: what an unmapped one becomes. */
export const INVALID_ID = 0xffffffff;
/** Shown for IDs that have no number in the looker's namespace (kernel.overflowuid). */
export const OVERFLOW_ID = 65534;
/** Namespaces below the first one. Errors: unshare(2)'s ENOSPC beyond it. */
export const MAX_LEVEL = 32;

/** `count` IDs: from `inside` on in the namespace, from `outside` on in the kernel. */
export interface Extent {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** What IDs are called inside. Empty until it is written, once. */
export class IdMap {
  extents: readonly Extent[];
  constructor(extents: readonly Extent[] = []) {
    this.extents = extents;
  }
  /** The kernel's number of an ID that a program has said (make_kuid); INVALID_ID when it is not mapped. */
  down(id: number): number {
    for (const { inside, outside, count } of this.extents)
      if (id >= inside && id - inside < count) return outside + id - inside;
    return INVALID_ID;
  }
  /** The number inside of one of the kernel's IDs (from_kuid); INVALID_ID when it is not mapped. */
  up(id: number): number {
    for (const { inside, outside, count } of this.extents)
      if (id >= outside && id - outside < count) return inside + id - outside;
    return INVALID_ID;
  }
  /** Is all of a range mapped by one extent? Where it begins in the kernel, or INVALID_ID. */
  downRange(id: number, count: number): number {
    for (const extent of this.extents) {
      const at = id - extent.inside;
      if (at >= 0 && at + count <= extent.count) return extent.outside + at;
    }
    return INVALID_ID;
  }
}

export class UserNamespace {
  readonly kind = "user";
  /** undefined for the first one. */
  readonly parent: UserNamespace | undefined;
  readonly level: number;
  /** Effective IDs of who made it, as the kernel numbers them. */
  readonly owner: number;
  readonly group: number;
  readonly uids: IdMap;
  readonly gids: IdMap;
  readonly projects: IdMap;
  /** /proc/PID/setgroups: "allow". */
  setgroupsAllowed: boolean;
  /** Its maker had CAP_SETFCAP in the parent: it may map the parent's root. */
  readonly parentCouldSetfcap: boolean;

  private readonly charge: Charge | undefined;
  private uses = 0;

  constructor(init: {
    parent?: UserNamespace;
    owner: number;
    group: number;
    parentCouldSetfcap: boolean;
    charge?: Charge;
  }) {
    const { parent } = init;
    const all = parent ? [] : [{ inside: 0, outside: 0, count: INVALID_ID }];
    this.parent = parent?.ref();
    this.charge = init.charge;
    this.level = parent ? parent.level + 1 : 0;
    this.owner = init.owner;
    this.group = init.group;
    this.parentCouldSetfcap = init.parentCouldSetfcap;
    this.setgroupsAllowed = parent?.setgroupsAllowed ?? true;
    this.uids = new IdMap(all);
    this.gids = new IdMap(all);
    this.projects = new IdMap(all);
  }
  /** Users are tasks, namespaces that it owns or that were made in it, open files. The first one stays anyway. */
  ref(): this {
    if (this.parent) this.uses++;
    return this;
  }
  unref(): void {
    if (!this.parent || --this.uses > 0) return;
    this.charge?.release();
    this.parent.unref();
  }
  /** Is it this one, or one made in it or below? */
  contains(other: UserNamespace): boolean {
    let namespace: UserNamespace | undefined = other;
    while (namespace && namespace.level > this.level) namespace = namespace.parent;
    return namespace === this;
  }
  /** IDs as programs here see them: OVERFLOW_ID for those that have no number (from_kuid_munged). */
  showUid(uid: number): number {
    return this.parent === undefined ? uid : shown(this.uids, uid);
  }
  showGid(gid: number): number {
    return this.parent === undefined ? gid : shown(this.gids, gid);
  }
  /** IDs that a program here has said; INVALID_ID where it has no such ID. */
  uid(uid: number): number {
    return this.parent === undefined ? uid : this.uids.down(uid);
  }
  gid(gid: number): number {
    return this.parent === undefined ? gid : this.gids.down(gid);
  }
  /** Do owner and group of a file have numbers here? Else no capability of this namespace counts on it. */
  maps(uid: number, gid: number): boolean {
    return this.parent === undefined || (this.uids.up(uid) !== INVALID_ID && this.gids.up(gid) !== INVALID_ID);
  }
}

function shown(map: IdMap, id: number): number {
  const number = map.up(id);
  return number === INVALID_ID ? OVERFLOW_ID : number;
}

/** The namespace that the machine boots with: every ID is itself, for good, so that all kernels share it. */
export const FIRST_USER_NAMESPACE = new UserNamespace({ owner: 0, group: 0, parentCouldSetfcap: true });
