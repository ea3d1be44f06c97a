// How many namespaces each user has made in each user namespace, and the limits on that: /proc/sys/user/max_*_namespaces.
// A new one counts for its maker, and for the makers of all user namespaces above. namespaces(7)
import { ENOSPC, type Errno } from "../../abi/errno.ts";
import type { NamespaceKind } from "./namespace.ts";
import type { UserNamespace } from "./user.ts";

export const LIMITED: readonly NamespaceKind[] = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];
const INT_MAX = 0x7fffffff;

/** What one user has made in one user namespace. */
type Counts = Map<NamespaceKind, number>;

/** One namespace's place in the counts. */
export interface Charge {
  release(): void;
}

export class Ucounts {
  private readonly counts = new WeakMap<UserNamespace, Map<number, Counts>>();
  private readonly limits = new WeakMap<UserNamespace, Map<NamespaceKind, number>>();
  /** The limits of the first user namespace; those of others begin without any. */
  private readonly initial: number;

  constructor(initial: number) {
    this.initial = initial;
  }
  limit(namespace: UserNamespace, kind: NamespaceKind): number {
    return this.limits.get(namespace)?.get(kind) ?? (namespace.parent ? INT_MAX : this.initial);
  }
  /** How many `uid` has made, being in `namespace`. */
  count(namespace: UserNamespace, uid: number, kind: NamespaceKind): number {
    return this.counts.get(namespace)?.get(uid)?.get(kind) ?? 0;
  }
  setLimit(namespace: UserNamespace, kind: NamespaceKind, limit: number): void {
    const limits = this.limits.get(namespace) ?? new Map<NamespaceKind, number>();
    this.limits.set(namespace, limits.set(kind, limit));
  }
  /** `uid` makes a namespace, being in `namespace`. Errors: ENOSPC. */
  charge(namespace: UserNamespace, uid: number, kind: NamespaceKind): Charge | Errno {
    const charged: Counts[] = [];
    const release = (): void => {
      for (const counts of charged) counts.set(kind, counts.get(kind)! - 1);
    };
    let user = uid;
    for (let at: UserNamespace | undefined = namespace; at; user = at.owner, at = at.parent) {
      const counts = this.of(at, user);
      const count = counts.get(kind) ?? 0;
      if (count >= this.limit(at, kind)) {
        release();
        return ENOSPC;
      }
      counts.set(kind, count + 1);
      charged.push(counts);
    }
    return { release };
  }
  private of(namespace: UserNamespace, uid: number): Counts {
    let users = this.counts.get(namespace);
    if (!users) this.counts.set(namespace, (users = new Map()));
    let counts = users.get(uid);
    if (!counts) users.set(uid, (counts = new Map()));
    return counts;
  }
}
