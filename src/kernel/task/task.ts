// A task: one thread. What threads of a process share is in ThreadGroup (thread-group.ts). Fields are grouped by owner.
import { highOf, lowOf, type SigSet, setOf } from "../../abi/signal.ts";
import type { Context } from "../../machine/hart.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import type { CgroupNamespace } from "../cgroup/namespace.ts";
import type { Ipc } from "../ipc/ipc.ts";
import type { Kernel } from "../kernel.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import type { UserAddress } from "../mm/user.ts";
import type { Nsproxy } from "../namespace/nsproxy.ts";
import type { PidNamespace } from "../namespace/pid.ts";
import type { UtsNamespace } from "../namespace/uts.ts";
import type { Net } from "../net/net.ts";
import type { Tracee } from "../ptrace/tracee.ts";
import type { Entity } from "../sched/entity.ts";
import type { FutexSleep } from "../sched/futex.ts";
import type { RseqArea } from "../sched/rseq.ts";
import type { Timer } from "../sched/timers.ts";
import type { Wait, Waiter } from "../sched/wait-queue.ts";
import type { Seccomp } from "../seccomp/filter.ts";
import type { Cred } from "../security/cred.ts";
import { type AlternateStack, PendingSignals, type SignalInfo } from "../signal/pending.ts";
import type { File } from "../vfs/file.ts";
import type { MountNamespace } from "../vfs/mount.ts";
import type { FdTable } from "./fd-table.ts";
import type { FsContext } from "./fs-context.ts";
import type { ThreadGroup } from "./thread-group.ts";

/** Scheduler states, as /proc/PID/stat shows them: R runnable, S interruptible, D not, T stopped, t traced, Z zombie, X dead. */
export type TaskState = "R" | "S" | "D" | "T" | "t" | "Z" | "X";

export class Task implements Waiter {
  readonly kernel: Kernel;
  /** Thread id, unique in the machine. */
  tid: number;
  readonly group: ThreadGroup;

  // what it runs (exec replaces it)
  readonly context: Context;
  mm: AddressSpace;
  /** The last part of the program's name, at most 15 bytes (byte string); prctl(PR_SET_NAME). */
  comm = "";

  // what it may reach
  files: FdTable;
  fs: FsContext;
  cred: Cred;
  /** It became a user that had more processes than RLIMIT_NPROC allows: execve(2) looks again. */
  tooManyProcesses = false;
  /** What its system calls are restricted to (seccomp/): looked at before each of them. */
  seccomp: Seccomp | undefined;
  /** Kept until it ends; another one when it leaves a namespace (namespace/). */
  nsproxy: Nsproxy;

  // cgroup/
  /** Where it is; a zombie, where it died. */
  cgroup: Cgroup;
  /** What it is known to its groups for doing (psi/change.ts). */
  pressure = 0;
  /** It rests on its way to user space, or in a stop: the freezer counts it. */
  frozen = false;

  // signal/
  /** Blocked signals, as two halves. */
  blockedLow = 0;
  blockedHigh = 0;
  /** The mask to return to after a handler that interrupts sigsuspend, ppoll, pselect or epoll_pwait. */
  savedMask: SigSet | undefined;
  /** Blocked signals that sigtimedwait(2) waits for: kept even where they would be ignored. */
  awaitedLow = 0;
  awaitedHigh = 0;
  readonly pending = new PendingSignals();
  altStack: AlternateStack;
  /** Something is to be done before the next instruction in user space: signals, stop, exit. */
  attention = false;
  /** It is to join its group's stop; it has joined it. */
  stopPending = false;
  stopped = false;
  /** The signal of the last stop of the group that it was to join. */
  lastStop = 0;
  /** It has taken a stopping signal, and no SIGCONT came since. */
  stopDequeued = false;
  /** A signal that its tracer has seen and let through: acted upon before any other. */
  taken: SignalInfo | undefined;
  /** The synchronous fault being delivered. */
  fault: SignalInfo | undefined;

  // ptrace/
  /** How it is traced; undefined when nobody does. */
  tracee: Tracee | undefined;
  /** What it traces itself. */
  readonly tracees = new Set<Task>();
  /** Goes on after a ptrace-stop, with the signal that the tracer gave (0: none). */
  afterStop: ((signal: number) => void) | undefined;
  resumeSignal = 0;
  /** CALL_ (ptrace/tracee.ts): what its tracer wants of system calls, and of each instruction. */
  callWork = 0;
  /** To be reported before the call that it is in goes on. */
  event: { event: number; message: number } | undefined;
  /** PTRACE_EVENT_EXIT was reported, or is not to be. */
  exitReported = false;

  // sched/
  state: TaskState = "R";
  readonly entity: Entity;
  /** The blocked system call. */
  wait: Wait<number> | undefined;
  /** Its time-out. */
  sleepTimer: Timer | undefined;
  /** It waits for a page, not in a call. */
  faulting = false;
  get exclusive(): boolean {
    return this.wait?.exclusive ?? false;
  }

  // syscalls/: the call being made
  /** Files that the call has asked for by descriptor; held while it waits (descriptors.ts). */
  readonly callFiles: File[] = [];
  callFileCount = 0;
  holdsFiles = false;
  /** Number of the current call, -1 outside of one. */
  syscall = -1;
  /** Register a0 at entry, to restart with: its halves, signed. */
  originalLow = 0;
  originalHigh = 0;
  /** What restart_syscall(2) goes on with. */
  restart: (() => number | Wait<number>) | undefined;

  // rseq(2)
  rseq: RseqArea | undefined;

  // futex, exit
  futexSleep: FutexSleep | undefined;
  clearChildTid = 0 as UserAddress;
  robustList = 0 as UserAddress;
  exitSignal = 0;
  exiting = false;
  /** Wait status of this thread alone, once it exits. */
  exitCode = 0;
  /** vfork: told when this task execs or exits. */
  vforkDone: (() => void) | undefined;

  // accounting, exact
  /** Guest instructions retired. */
  instructions = 0;
  /** Nanoseconds in user space and in kernel space. */
  utime = 0;
  stime = 0;
  /** It went beyond its group's memory.high and rests until then, in nanoseconds (mm/charge.ts). */
  pausedUntil = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
  syscalls = 0;
  readonly startTime: number;

  /** read(2) and write(2) and their kin: /proc/PID/io. */
  readonly io = { readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 };
  peakRss = 0;

  /** set_mempolicy(2): mode and the nodes that it names. */
  memoryPolicy = { mode: 0, nodes: 0 };

  // prctl(2)
  /** Children that asked for a signal, or may, when this thread dies. */
  readonly parentDeathTargets = new Set<Task>();
  /** The thread that made this process, while both live. */
  parentTask: Task | undefined;
  parentDeathSignal = 0;
  dumpable = 1;
  timerSlack = 50_000;
  /** What it goes back to: what the creating thread had. */
  defaultTimerSlack = 50_000;

  constructor(init: {
    kernel: Kernel;
    tid: number;
    group: ThreadGroup;
    context: Context;
    mm: AddressSpace;
    files: FdTable;
    fs: FsContext;
    cred: Cred;
    nsproxy: Nsproxy;
    entity: Entity;
  }) {
    this.kernel = init.kernel;
    this.tid = init.tid;
    this.group = init.group;
    this.context = init.context;
    this.mm = init.mm;
    this.files = init.files;
    this.fs = init.fs;
    this.cred = init.cred;
    this.nsproxy = init.nsproxy;
    this.cgroup = init.kernel.cgroups.root;
    this.entity = init.entity;
    this.altStack = { address: 0, size: 0, flags: 2 };
    this.startTime = init.kernel.clock.monotonic();
  }
  get mounts(): MountNamespace {
    return this.nsproxy.mounts;
  }
  get uts(): UtsNamespace {
    return this.nsproxy.uts;
  }
  get ipc(): Ipc {
    return this.nsproxy.ipc;
  }
  get cgroupNamespace(): CgroupNamespace {
    return this.nsproxy.cgroup;
  }
  get net(): Net {
    return this.nsproxy.net;
  }
  /** The one that it was made in. */
  get pidNamespace(): PidNamespace {
    return this.group.pidNamespace;
  }
  /** Process id in the first namespace. */
  get pid(): number {
    return this.group.pid;
  }
  /** Another process has the same handlers (CLONE_SIGHAND without CLONE_THREAD). */
  get handlersShared(): boolean {
    for (const group of this.kernel.tasks.allGroups) {
      if (group !== this.group && group.handlers === this.group.handlers) return true;
    }
    return false;
  }
  /** The mask of blocked signals as one. */
  get blocked(): SigSet {
    return setOf(this.blockedLow, this.blockedHigh);
  }
  set blocked(mask: SigSet) {
    this.blockedLow = lowOf(mask);
    this.blockedHigh = highOf(mask);
  }
  set awaited(mask: SigSet) {
    this.awaitedLow = lowOf(mask);
    this.awaitedHigh = highOf(mask);
  }
  get isLeader(): boolean {
    return this.group.leader === this;
  }
  /** As a Waiter: an event came that its blocked call waits for. */
  wake(_mask: number): boolean {
    return this.kernel.scheduler.wake(this);
  }
}
