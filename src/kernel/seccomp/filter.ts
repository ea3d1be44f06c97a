// Filters: each has the one that was there before it behind it, and all of them are asked. A task's newest one stands for
// the chain. Filters don't change and are shared by who forks; who attaches them is in attach.ts. seccomp(2)
import { AUDIT_ARCH_RISCV64 } from "../../abi/ptrace.ts";
import {
  type SECCOMP_MODE_FILTER,
  type SECCOMP_MODE_STRICT,
  SECCOMP_RET_ACTION_FULL,
  SECCOMP_RET_ALLOW,
} from "../../abi/seccomp.ts";
import type { Listener } from "./listener.ts";
import { allowsAlways, type Program, run } from "./program.ts";

/** What a chain says of a call: 32 bits, and the filter that said it. */
export interface Verdict {
  readonly answer: number;
  readonly filter: Filter;
}

/** Numbers of system calls that are remembered: all there are. */
const REMEMBERED = 512;
const ALWAYS = 1;
const DEPENDS = 2;

export class Filter {
  readonly program: Program;
  readonly previous: Filter | undefined;
  /** SECCOMP_FILTER_FLAG_LOG: what it does not allow is logged. */
  readonly log: boolean;
  /** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV. */
  readonly waitKillable: boolean;
  listener: Listener | undefined;
  /** Tasks whose newest filter it is, and filters whose previous one. */
  users = 1;
  /** By number: is the call allowed whatever its arguments? */
  private readonly remembered = new Uint8Array(REMEMBERED);

  constructor(program: Program, previous: Filter | undefined, options: { log: boolean; waitKillable: boolean }) {
    this.program = program;
    this.previous = previous;
    this.log = options.log;
    this.waitKillable = options.waitKillable;
  }
  /** Is call `number` allowed by the whole chain, whatever its arguments are? */
  allows(number: number): boolean {
    if (number < 0 || number >= REMEMBERED) return false;
    const known = this.remembered[number]!;
    if (known !== 0) return known === ALWAYS;
    const always =
      (this.previous === undefined || this.previous.allows(number)) &&
      allowsAlways(this.program, number, AUDIT_ARCH_RISCV64);
    this.remembered[number] = always ? ALWAYS : DEPENDS;
    return always;
  }
  /** Asks the whole chain; `data` are the words of a struct seccomp_data. The newest of the filters with the action that
   *  counts most decides. undefined: allowed. */
  decide(data: Int32Array): Verdict | undefined {
    let answer = SECCOMP_RET_ALLOW;
    let decisive: Filter | undefined;
    for (let filter: Filter | undefined = this; filter; filter = filter.previous) {
      const own = run(filter.program, data);
      if (action(own) >= action(answer)) continue;
      answer = own;
      decisive = filter;
    }
    return decisive && { answer, filter: decisive };
  }
  /** The chain from this one back: the newest first. */
  *chain(): Generator<Filter> {
    for (let filter: Filter | undefined = this; filter; filter = filter.previous) yield filter;
  }
  /** One user less. What nobody uses any more has nothing to tell its listener. */
  release(): void {
    for (let filter: Filter | undefined = this; filter && --filter.users === 0; filter = filter.previous) {
      filter.listener?.orphaned();
    }
  }
}

/** Signed, as Linux compares them. */
const action = (answer: number): number => (answer & SECCOMP_RET_ACTION_FULL) | 0;

/** What restricts a task's system calls. Replaced when it changes. */
export interface Seccomp {
  readonly mode: typeof SECCOMP_MODE_STRICT | typeof SECCOMP_MODE_FILTER;
  /** The newest one; undefined in strict mode. */
  readonly filter: Filter | undefined;
}

/** Filters in the chain. */
export function filterCount(seccomp: Seccomp | undefined): number {
  let count = 0;
  for (let filter = seccomp?.filter; filter; filter = filter.previous) count++;
  return count;
}
