// A thread group: what Linux's users call a process. Process groups and sessions are numbers of their leaders
// (process-group.ts); the table of all tasks is in table.ts.
import {
  RLIM_INFINITY,
  RLIM_NLIMITS,
  RLIMIT_CORE,
  RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE,
  RLIMIT_NICE,
  RLIMIT_NOFILE,
  RLIMIT_NPROC,
  RLIMIT_RTPRIO,
  RLIMIT_SIGPENDING,
  RLIMIT_STACK,
} from "../../abi/flags.ts";
import type { Tty } from "../drivers/tty/tty.ts";
import type { PidNamespace } from "../namespace/pid.ts";
import { WaitQueue } from "../sched/wait-queue.ts";
import type { SignalHandlers } from "../signal/handlers.ts";
import { PendingSignals } from "../signal/pending.ts";
import type { GroupTimers } from "../signal/timers.ts";
import type { Path } from "../vfs/mount.ts";
import type { Task } from "./task.ts";

/** Replaced when it changes: processes share them. */
export interface Rlimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** What a child's end left behind for wait4(2) and getrusage(RUSAGE_CHILDREN). */
export interface Usage {
  utime: number;
  stime: number;
  minorFaults: number;
  majorFaults: number;
  voluntarySwitches: number;
  involuntarySwitches: number;
  maxRss: number;
  syscalls: number;
}

export const noUsage = (): Usage => ({
  utime: 0,
  stime: 0,
  minorFaults: 0,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
  maxRss: 0,
  syscalls: 0,
});

export class ThreadGroup {
  readonly pid: number;
  /** The one that its threads were made in. */
  readonly pidNamespace: PidNamespace;
  leader!: Task;
  readonly threads = new Set<Task>();
  /** Threads that have ended and whose tracer has not yet waited for them. */
  readonly deadThreads = new Set<Task>();

  // family
  parent: ThreadGroup | undefined;
  readonly children = new Set<ThreadGroup>();
  /** Adopts orphans of its descendants: prctl(PR_SET_CHILD_SUBREAPER). */
  subreaper = false;
  /** prctl(PR_SET_THP_DISABLE); there are no huge pages. */
  thpDisabled = false;
  /** The kernel's own init: children that end vanish. */
  reapsItself = false;
  /** Signals without a handler don't reach it: the first process. */
  unkillable = false;
  /** Process group id and session id; TaskTable.regroup changes them. */
  pgid: number;
  sid: number;
  /** Has executed a program since fork: setpgid(2) then fails with EACCES. */
  execed = false;
  /** Controlling terminal. */
  tty: Tty | undefined;
  /** A session leader whose terminal hung up: the group that was in its foreground (drivers/tty/job-control.ts). */
  lostForeground = 0;

  // mm/
  oomScoreAdj = 0;
  oomKilled = false;
  /** personality(2). */
  personality = 0;

  // program
  executable: Path | undefined;

  // signal/
  handlers: SignalHandlers;
  readonly pending = new PendingSignals();
  /** The thread that was last told of a signal to all of them. */
  signalTarget: Task | undefined;
  /** Woken when a signal is queued for the group or one of its threads (signalfd). */
  readonly signalQueue = new WaitQueue();
  /** Group stop: the stopping signal while stopped, 0 otherwise. */
  stopSignal = 0;
  /** All of its threads have joined. */
  stopDone = false;
  /** For waitid: a stop or a continue that no waiter has seen. */
  stopReport = 0;
  continueReport = false;
  /** Real-time interval timers, POSIX timers: kept by signal/timers. */
  timers: GroupTimers | undefined;

  // limits
  /** A limit is replaced, never changed. */
  readonly rlimits: Rlimit[];
  private readonly limitsSeen: Rlimit[] = [];
  private readonly limits = new Float64Array(RLIM_NLIMITS);

  /** prctl(PR_SET_PTRACER): the process that may trace this one where Yama permits only descendants; 0 for none. */
  ptracer: number | "any" = 0;

  // at a crash; kept across fork. core(5)
  coredumpFilter = 0x33;

  // exit
  /** The whole group is exiting with `exitCode` (wait status format: code << 8 | signal). */
  exiting = false;
  exitCode = 0;
  zombie = false;
  /** Woken when a child of this group changes state (wait4), keyed by nothing. */
  readonly childEvents = new WaitQueue();
  /** Told when it has a new program (timers that exec ends). */
  onExec: (() => void) | undefined;
  /** Told when the last thread is gone, before the parent is (timers, IPC). */
  onExit: (() => void) | undefined;
  /** Told with the wait status: the embedding API. */
  onZombie: ((status: number) => void) | undefined;
  /** Woken when this group has exited (pidfd poll). */
  readonly exited = new WaitQueue();

  // accounting of threads that are gone, and of children that were waited for
  readonly usage = noUsage();
  readonly childUsage = noUsage();

  constructor(
    pidNamespace: PidNamespace,
    pid: number,
    pgid: number,
    sid: number,
    handlers: SignalHandlers,
    rlimits: readonly Rlimit[],
  ) {
    this.pidNamespace = pidNamespace;
    this.pid = pid;
    this.pgid = pgid;
    this.sid = sid;
    this.handlers = handlers;
    this.rlimits = rlimits.slice();
  }
  /** A soft limit as a number; Infinity for RLIM_INFINITY. */
  limit(resource: number): number {
    const limit = this.rlimits[resource]!;
    if (this.limitsSeen[resource] !== limit) {
      this.limitsSeen[resource] = limit;
      this.limits[resource] = limit.soft === RLIM_INFINITY ? Number.POSITIVE_INFINITY : Number(limit.soft);
    }
    return this.limits[resource]!;
  }
}

/** The limits of the first process, as Debian's are. */
export function initialRlimits(): Rlimit[] {
  const limits: Rlimit[] = [];
  for (let i = 0; i < RLIM_NLIMITS; i++) limits.push({ soft: RLIM_INFINITY, hard: RLIM_INFINITY });
  limits[RLIMIT_STACK] = { soft: 8n << 20n, hard: RLIM_INFINITY };
  limits[RLIMIT_CORE] = { soft: 0n, hard: RLIM_INFINITY };
  limits[RLIMIT_NOFILE] = { soft: 1024n, hard: 1048576n };
  limits[RLIMIT_NPROC] = { soft: 32768n, hard: 32768n };
  limits[RLIMIT_MEMLOCK] = { soft: 8n << 20n, hard: 8n << 20n };
  limits[RLIMIT_SIGPENDING] = { soft: 32768n, hard: 32768n };
  limits[RLIMIT_MSGQUEUE] = { soft: 819200n, hard: 819200n };
  limits[RLIMIT_NICE] = { soft: 0n, hard: 0n };
  limits[RLIMIT_RTPRIO] = { soft: 0n, hard: 0n };
  return limits;
}
