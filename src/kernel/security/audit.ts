// Audit records that no daemon takes: lines in the kernel log, as Linux writes them then, and not more of them than it
// lets through. kernel/audit.c
import { AUDIT_ARCH_RISCV64 } from "../../abi/ptrace.ts";
import { SECCOMP_ACTIONS, SECCOMP_RET_ALLOW } from "../../abi/seccomp.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { pathName } from "../vfs/path-name.ts";

const AUDIT_SECCOMP = 1326;
const NOTICE = 5;
/** No login has set them. */
const UNSET = 0xffffffff;
/** kernel.printk_ratelimit and kernel.printk_ratelimit_burst: so many lines in so many nanoseconds. */
const INTERVAL = 5e9;
const BURST = 10;

export class Audit {
  private readonly kernel: Kernel;
  private serial = 0;
  private windowStart = Number.NEGATIVE_INFINITY;
  private written = 0;
  /** Actions of seccomp filters that are logged: kernel.seccomp.actions_logged. */
  private logged = new Set<number>([...SECCOMP_ACTIONS.keys()].filter((action) => action !== SECCOMP_RET_ALLOW));

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  /** What a filter did with the call that `task` is in; `requested`: the action or the filter asks for a record. */
  seccomp(task: Task, signal: number, action: number, requested: boolean): void {
    if (!requested) return;
    const known = SECCOMP_ACTIONS.has(action) ? action : 0x80000000;
    if (!this.logged.has(known) || this.limited()) return;
    const { kernel, cred, group, context } = task;
    const now = kernel.clock.realtime();
    const seconds = now / 1_000_000_000n;
    const milliseconds = String((now / 1_000_000n) % 1000n).padStart(3, "0");
    const executable = group.executable ? untrusted(pathName(group.executable, kernel.tasks.init!.leader.fs.root)) : "";
    kernel.log.write(
      NOTICE,
      [
        `audit: type=${AUDIT_SECCOMP} audit(${seconds}.${milliseconds}:${++this.serial}):`,
        `auid=${UNSET} uid=${cred.uid} gid=${cred.gid} ses=${UNSET} pid=${group.pid} comm=${untrusted(task.comm)}`,
        `exe=${executable || "(null)"} sig=${signal} arch=${AUDIT_ARCH_RISCV64.toString(16)} syscall=${task.syscall}`,
        `compat=0 ip=0x${context.pc.toString(16)} code=0x${action.toString(16)}`,
      ].join(" "),
    );
  }
  /** kernel.seccomp.actions_logged: names by spaces. */
  get actionsLogged(): string {
    return [...SECCOMP_ACTIONS].flatMap(([action, name]) => (this.logged.has(action) ? [name] : [])).join(" ");
  }
  /** False for a name that is none; what is allowed is never logged. */
  setActionsLogged(text: string): boolean {
    const logged = new Set<number>();
    for (const name of text.split("\n", 1)[0]!.split(" ")) {
      if (name === "") break;
      const found = [...SECCOMP_ACTIONS].find(([, each]) => each === name)?.[0];
      if (found === undefined || found === SECCOMP_RET_ALLOW) return false;
      logged.add(found);
    }
    this.logged = logged;
    return true;
  }
  private limited(): boolean {
    const now = this.kernel.clock.monotonic();
    if (now - this.windowStart > INTERVAL) {
      this.windowStart = now;
      this.written = 0;
    }
    return ++this.written > BURST;
  }
}

/** A string that a program chose: in hexadecimal where it could be taken for something else. */
function untrusted(text: string): string {
  if (!/[^!-~]|"/.test(text)) return `"${text}"`;
  return [...text].map((each) => each.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")).join("");
}
