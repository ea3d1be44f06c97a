// What a traced task is to its tracer: who traces it, with which options, and the stop it is in. A task in a ptrace-stop
// is data like one that waits: state "t", and `Task.afterStop` goes on when the tracer lets it. Entering stops is in
// stop.ts, attaching and detaching in attach.ts, the requests in ../syscalls/ptrace.ts. ptrace(2)
import { PTRACE_O_TRACESYSGOOD } from "../../abi/ptrace.ts";
import type { Cred } from "../security/cred.ts";
import type { SignalInfo } from "../signal/pending.ts";
import type { Task } from "../task/task.ts";

/** In Task.callWork: system calls stop before and after; or before, and are not made. Each instruction stops; an event is
 *  to be reported before the call goes on. */
export const CALL_TRACE = 1;
export const CALL_EMULATE = 2;
export const CALL_STEP = 4;
export const CALL_EVENT = 8;

/** A ptrace-stop, as its tracer sees it. */
export interface Stop {
  /** What wait(2) reports in the upper bytes of its status: a signal, and an event eight bits further up. */
  readonly code: number;
  /** CLD_TRAPPED, or CLD_STOPPED for a stop of the whole group. */
  readonly why: number;
  /** PTRACE_GETEVENTMSG. */
  readonly message: number;
  /** PTRACE_GETSIGINFO; a stop of the group that was not seized has none. */
  info: SignalInfo | undefined;
}

export class Tracee {
  readonly tracer: Task;
  /** Who asked for it, with what they were allowed then: decides about set-user-ID programs. */
  readonly cred: Cred;
  /** PTRACE_SEIZE: it stops for its group with PTRACE_EVENT_STOP. */
  readonly seized: boolean;
  /** PTRACE_O_. */
  options: number;
  stop: Stop | undefined;
  /** `stop` is yet to be reported by wait(2). */
  unreported = false;
  /** PTRACE_LISTEN: stopped, but for ptrace(2) and wait(2) it is not. */
  listening = false;
  /** It is to stop: PTRACE_INTERRUPT, the group's stop, a child of a seized task. */
  trapStop = false;
  /** Something changed about the group's stop: a seized task tells so. */
  trapNotify = false;

  constructor(tracer: Task, cred: Cred, seized: boolean, options: number) {
    this.tracer = tracer;
    this.cred = cred;
    this.seized = seized;
    this.options = options;
  }
  /** PTRACE_O_TRACE… for an event. */
  wants(event: number): boolean {
    return (this.options & (1 << event)) !== 0;
  }
  get systemCallStop(): number {
    return 5 | ((this.options & PTRACE_O_TRACESYSGOOD) !== 0 ? 0x80 : 0);
  }
}

/** Is the tracer another process than the parent? Then both are told. */
export function isReparented(task: Task): boolean {
  return task.tracee !== undefined && task.tracee.tracer.group !== task.group.parent;
}
