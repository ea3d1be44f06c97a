// How much memory was promised to programs, and how much may be: vm.overcommit_memory. proc_sys_vm(5)
import { ENOMEM, type Errno } from "../../abi/errno.ts";
import { MAP_NORESERVE, MAP_SHARED, PROT_WRITE } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import { CAP_SYS_ADMIN } from "../security/cred.ts";
import type { Swap } from "./swap.ts";

const HEURISTIC = 0;
const ALWAYS = 1;
const KB_PAGE = PAGE_SIZE / 1024;

export class Overcommit {
  private readonly kernel: Kernel;
  private readonly swap: Swap;
  /** Pages promised: Committed_AS. */
  committed = 0;

  constructor(kernel: Kernel, swap: Swap) {
    this.kernel = kernel;
    this.swap = swap;
  }
  get mode(): number {
    return this.kernel.sysctl.number("vm/overcommit_memory");
  }
  /** Pages that may be promised in mode 2. */
  get limit(): number {
    const { sysctl, ram } = this.kernel;
    const fixed = sysctl.number("vm/overcommit_kbytes");
    const share = fixed > 0 ? fixed / KB_PAGE : (ram.totalFrames * sysctl.number("vm/overcommit_ratio")) / 100;
    return Math.floor(share) + this.swap.total;
  }
  /** Promises pages. `total`: those of the address space that asks, of which a part stays free for root to log in and to
   *  recover; `less`: what will be given up for them in a moment. Errors: ENOMEM. */
  promise(pages: number, total: number, less = 0): 0 | Errno {
    const { kernel } = this;
    const { sysctl } = kernel;
    const { mode } = this;
    if (mode === HEURISTIC && pages - less > kernel.ram.totalFrames + this.swap.total) return ENOMEM;
    if (mode !== HEURISTIC && mode !== ALWAYS) {
      let allowed = this.limit;
      const privileged = kernel.current?.cred.can(CAP_SYS_ADMIN) ?? true;
      if (!privileged) allowed -= sysctl.number("vm/admin_reserve_kbytes") / KB_PAGE;
      allowed -= Math.min(total / 32, sysctl.number("vm/user_reserve_kbytes") / KB_PAGE);
      if (pages > less && this.committed + pages - less >= allowed) return ENOMEM;
    }
    this.committed += pages;
    return 0;
  }
  release(pages: number): void {
    this.committed -= pages;
  }
}

/** Does memory of this kind count? Private and writable, unless MAP_NORESERVE says otherwise and mode 2 does not. */
export function isAccountable(kernel: Kernel, prot: number, flags: number): boolean {
  if ((flags & MAP_SHARED) !== 0 || (prot & PROT_WRITE) === 0) return false;
  return (flags & MAP_NORESERVE) === 0 || kernel.memory.overcommit.mode === 2;
}
