// Is a module signed by someone whom this kernel was told to trust? Linux: kernel/module/signing.c
import { EKEYREJECTED, ENODATA, ENOKEY, ENOPKG, type Errno } from "../../abi/errno.ts";
import { splitSignature } from "../../abi/module.ts";
import { verifyEd25519 } from "../../lib/ed25519.ts";
import { sha512 } from "../../lib/sha512.ts";
import type { Kernel } from "../kernel.ts";
import { LOCKDOWN_INTEGRITY } from "../security/lockdown.ts";
import type { Task } from "../task/task.ts";

/** How a signature names the key that made it. */
export const keyIdOf = (key: Uint8Array): Uint8Array => sha512(key).subarray(0, 20);

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Without these the file counts as unsigned, if that is allowed. */
const MISSING: ReadonlyMap<number, string> = new Map([
  [ENODATA, "unsigned module"],
  [ENOPKG, "module with unsupported crypto"],
  [ENOKEY, "module with unavailable key"],
]);

export interface Checked {
  /** The file without its signature. */
  readonly content: Uint8Array;
  readonly signed: boolean;
}

/** Errors: EKEYREJECTED: the signature is wrong, or one is needed; EBADMSG: it makes no sense; EPERM: lockdown. */
export function checkSignature(task: Task, file: Uint8Array, altered: boolean): Checked | Errno {
  const { kernel } = task;
  const { content, signed } = splitSignature(file);
  // A file that is not to be taken as it is has no use for a signature.
  const error = altered ? ENODATA : typeof signed === "number" ? signed : verify(kernel, content, signed);
  if (error === 0) return { content, signed: true };
  const reason = MISSING.get(error);
  if (reason === undefined) return error as Errno;
  if (kernel.modules.enforceSignatures) {
    kernel.log.write(5, `Loading of ${reason} is rejected`);
    return EKEYREJECTED;
  }
  const refused = kernel.lockdown.refuses(LOCKDOWN_INTEGRITY, "unsigned module loading", task.comm);
  return refused < 0 ? (refused as Errno) : { content, signed: false };
}

function verify(
  { modules }: Kernel,
  content: Uint8Array,
  { keyId, signature }: { keyId: Uint8Array; signature: Uint8Array },
): 0 | Errno {
  const trusted = modules.keys.find(({ key }) => same(keyIdOf(key), keyId));
  if (!trusted) return ENOKEY;
  return verifyEd25519(trusted.key, content, signature) ? 0 : EKEYREJECTED;
}
