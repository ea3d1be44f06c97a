// Lockdown: what even root may not do to a kernel that is to stay as it was booted. It can be raised, never lowered.
// kernel_lockdown(7), Linux: security/lockdown/lockdown.c
import { EPERM, type Errno } from "../../abi/errno.ts";
import type { Log } from "../log.ts";

export const LOCKDOWN_LEVELS: readonly string[] = ["none", "integrity", "confidentiality"];
/** Nobody changes the running kernel; nobody reads what is the kernel's own either. */
export const LOCKDOWN_INTEGRITY = 1;
export const LOCKDOWN_CONFIDENTIALITY = 2;

export class Lockdown {
  private readonly log: Log;
  private level = 0;

  constructor(log: Log) {
    this.log = log;
  }
  /** "none [integrity] confidentiality". */
  toString(): string {
    return LOCKDOWN_LEVELS.map((name, level) => (level === this.level ? `[${name}]` : name)).join(" ");
  }
  /** Errors: EPERM: it is that high already. */
  raise(level: number, where: string): 0 | Errno {
    if (this.level >= level) return EPERM;
    this.level = level;
    this.log.write(5, `Kernel is locked down from ${where}; see man kernel_lockdown.7`);
    return 0;
  }
  /** EPERM where the kernel is locked down so far that `what` is not to be. */
  refuses(level: number, what: string, who: string): 0 | Errno {
    if (this.level < level) return 0;
    this.log.write(5, `Lockdown: ${who}: ${what} is restricted; see man kernel_lockdown.7`);
    return EPERM;
  }
}
