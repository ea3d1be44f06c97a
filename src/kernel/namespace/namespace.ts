// What all kinds of namespaces have in common: who owns one, who uses it, and that it counts against its maker's limits.
// namespaces(7)
import type { Charge } from "./ucounts.ts";
import { FIRST_USER_NAMESPACE, type UserNamespace } from "./user.ts";

/** Kinds with their CLONE_NEW* flags, in the order of /proc/PID/ns. */
export const KINDS = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  mnt: 0x00020000,
  net: 0x40000000,
  pid: 0x20000000,
  time: 0x00000080,
  user: 0x10000000,
  uts: 0x04000000,
} as const;
export type NamespaceKind = keyof typeof KINDS;

/** Who made it, in which user namespace, and what it counts against; nothing for those the machine boots with. */
export interface Ownership {
  readonly userNamespace: UserNamespace;
  readonly charge: Charge | undefined;
}

/** Used by tasks (nsproxy.ts), open files, mounts of its file; with the last of them it goes. */
export abstract class Namespace {
  abstract readonly kind: Exclude<NamespaceKind, "user">;
  /** Capabilities over it are looked for there. */
  readonly userNamespace: UserNamespace;
  private readonly charge: Charge | undefined;
  private uses = 0;

  constructor(ownership?: Ownership) {
    this.userNamespace = ownership?.userNamespace ?? FIRST_USER_NAMESPACE;
    this.charge = ownership?.charge;
    this.userNamespace.ref();
  }
  ref(): this {
    this.uses++;
    return this;
  }
  unref(): void {
    if (--this.uses > 0) return;
    this.release();
    this.charge?.release();
    this.userNamespace.unref();
  }
  /** Nobody uses it any more. */
  protected release(): void {
    // Most are only memory.
  }
}
