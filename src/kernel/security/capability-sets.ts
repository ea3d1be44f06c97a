// What capset(2) allows. capabilities(7)
import { EPERM, type Errno } from "../../abi/errno.ts";
import { ALL_CAPABILITIES, CAP_SETPCAP, type Cred } from "./cred.ts";

export interface CapabilitySets {
  effective: bigint;
  permitted: bigint;
  inheritable: bigint;
}

const within = (part: bigint, whole: bigint): boolean => (part & ~whole) === 0n;

export function capset(cred: Cred, sets: CapabilitySets): Cred | Errno {
  const effective = sets.effective & ALL_CAPABILITIES;
  const permitted = sets.permitted & ALL_CAPABILITIES;
  const inheritable = sets.inheritable & ALL_CAPABILITIES;
  if (!cred.has(CAP_SETPCAP) && !within(inheritable, cred.inheritable | cred.permitted)) return EPERM;
  if (!within(inheritable, cred.inheritable | cred.bounding)) return EPERM;
  if (!within(permitted, cred.permitted) || !within(effective, permitted)) return EPERM;
  return cred.with({ effective, permitted, inheritable, ambient: cred.ambient & permitted & inheritable });
}
