// What a process from outside may do, in docker's terms: capabilities, no new privileges, a seccomp profile. Code that is
// not trusted is confined.ts's.
import { valueTables } from "../abi/flag-tables.ts";
import { RELEASE } from "../abi/version.ts";
import type { Program } from "../kernel/seccomp/program.ts";
import { ALL_CAPABILITIES, type Cred } from "../kernel/security/cred.ts";
import { compileProfile } from "./seccomp/compile.ts";
import { readProfile } from "./seccomp/profile.ts";

export interface Privileges {
  /** Capabilities by name, with or without "CAP_", or "ALL": first taken away, then given. */
  capDrop?: readonly string[];
  capAdd?: readonly string[];
  /** Set-user-ID bits and file capabilities give nothing. prctl(2), PR_SET_NO_NEW_PRIVS */
  noNewPrivileges?: boolean;
  /** A profile as docker's JSON. */
  seccomp?: string;
}

const names = new Map(valueTables.CAP!.names.map(([name, number]) => [name, 1n << BigInt(number)]));

/** Throws a RangeError for a name that there is not. */
function setOf(list: readonly string[] = []): bigint {
  let set = 0n;
  for (const each of list) {
    const name = each.toUpperCase();
    const bits = name === "ALL" ? ALL_CAPABILITIES : names.get(name.startsWith("CAP_") ? name : `CAP_${name}`);
    if (bits === undefined) throw new RangeError(`no such capability: ${each}`);
    set |= bits;
  }
  return set;
}

/** The credentials of a process that is to have these privileges. Throws a RangeError with one plain line. */
export function withPrivileges(cred: Cred, { capDrop, capAdd, noNewPrivileges }: Privileges): Cred {
  const keep = (ALL_CAPABILITIES & ~setOf(capDrop)) | setOf(capAdd);
  return cred.with({
    permitted: cred.permitted & keep,
    effective: cred.effective & keep,
    bounding: cred.bounding & keep,
    noNewPrivileges: cred.noNewPrivileges || (noNewPrivileges ?? false),
  });
}

/** The filter that a profile asks for; undefined for none. Throws a RangeError with one plain line. */
export function filterOf(cred: Cred, { seccomp }: Privileges): Program | undefined {
  if (seccomp === undefined) return undefined;
  const capabilities = new Set([...names].flatMap(([name, bit]) => ((cred.bounding & bit) !== 0n ? [name] : [])));
  const [major = 0, minor = 0] = RELEASE.split(".").map(Number);
  return compileProfile(readProfile(seccomp, { capabilities, kernel: [major, minor] }));
}
