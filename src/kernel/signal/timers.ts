// Timers that end in signals: interval timers and POSIX timers, on the clocks of the machine and of processors' time.
// setitimer(2), timer_create(2)
import type { Errno } from "../../abi/errno.ts";
import { EAGAIN } from "../../abi/errno.ts";
import { RLIM_INFINITY, RLIMIT_CPU, RLIMIT_RTTIME } from "../../abi/flags.ts";
import { SI_KERNEL, SI_TIMER, SIGALRM, SIGKILL, SIGPROF, SIGVTALRM, SIGXCPU } from "../../abi/signal.ts";
import type { Timer } from "../sched/timers.ts";
import type { Task } from "../task/task.ts";
import type { ThreadGroup } from "../task/thread-group.ts";
import { usageOf } from "../task/wait.ts";
import type { SignalInfo } from "./pending.ts";
import { hasRoom, sendToGroup, sendToTask } from "./send.ts";

export const ITIMER_REAL = 0;
export const ITIMER_VIRTUAL = 1;
export const ITIMER_PROF = 2;

/** What a timer measures: time on the machine, or that a process or thread has used. Nanoseconds. */
export type TimeSource =
  /** `clock`: by which a program says times; none for interval timers. */
  | { kind: "monotonic"; clock?: number }
  | { kind: "realtime" }
  | { kind: "process"; group: ThreadGroup; user: boolean }
  | { kind: "thread"; task: Task };

/** Something that expires, once or again and again. */
class Countdown {
  readonly group: ThreadGroup;
  readonly source: TimeSource;
  /** Nanoseconds between expirations, 0 for one only. */
  interval = 0;
  /** When it expires next, on its source's clock; undefined when it is not set. */
  at: number | undefined;
  private timer: Timer | undefined;
  private readonly expire: (times: number) => void;

  constructor(group: ThreadGroup, source: TimeSource, expire: (times: number) => void) {
    this.group = group;
    this.source = source;
    this.expire = expire;
  }
  /** Nanoseconds on its clock. */
  now(): number {
    const { source, group } = this;
    const { clock } = group.leader.kernel;
    if (source.kind === "thread") return source.task.utime + source.task.stime;
    if (source.kind === "process") {
      const usage = usageOf(source.group);
      return source.user ? usage.utime : usage.utime + usage.stime;
    }
    return clock.monotonic();
  }
  get left(): number {
    return this.at === undefined ? 0 : Math.max(1, this.at - this.now());
  }
  set(at: number | undefined, interval: number): void {
    const { timers } = this.group.leader.kernel;
    timers.cancel(this.timer);
    this.timer = undefined;
    this.at = at;
    this.interval = interval;
    if (at === undefined) return;
    if (this.onProcessor) timersOf(this.group).watched.add(this);
    else this.timer = timers.set(at, () => this.check());
  }
  private get onProcessor(): boolean {
    return this.source.kind === "process" || this.source.kind === "thread";
  }
  /** Expires if it is time. */
  check(): void {
    const { at, interval } = this;
    if (at === undefined) return;
    const now = this.now();
    if (now < at) return;
    let times = 1;
    if (interval > 0) {
      times += Math.floor((now - at) / interval);
      const next = at + times * interval;
      this.at = next;
      if (!this.onProcessor) this.timer = this.group.leader.kernel.timers.set(next, () => this.check());
    } else {
      this.at = undefined;
      timersOf(this.group).watched.delete(this);
    }
    this.expire(times);
  }
}

export interface PosixTimer {
  readonly id: number;
  readonly clock: number;
  readonly countdown: Countdown;
  /** Expirations that its pending or last delivered signal stood for beyond the first. */
  overrun: number;
  pending: boolean;
}

/** How a POSIX timer tells: struct sigevent. */
export interface Notification {
  signal: number;
  value: bigint | undefined;
  /** One thread, or the process. */
  thread: Task | undefined;
  silent: boolean;
}

const MAX_OVERRUN = 0x7fffffff;

/** All timers of a process. */
export class GroupTimers {
  readonly interval: readonly [Countdown, Countdown, Countdown];
  readonly posix = new Map<number, PosixTimer>();
  /** Those on processor time: looked at after each turn. */
  readonly watched = new Set<Countdown>();
  private readonly group: ThreadGroup;
  private nextId = 0;
  private cpuWarning = 0;

  constructor(group: ThreadGroup) {
    this.group = group;
    const raise = (signal: number) => () => {
      sendToGroup(group, { signal, code: SI_KERNEL });
    };
    this.interval = [
      new Countdown(group, { kind: "monotonic" }, raise(SIGALRM)),
      new Countdown(group, { kind: "process", group, user: true }, raise(SIGVTALRM)),
      new Countdown(group, { kind: "process", group, user: false }, raise(SIGPROF)),
    ];
    group.onExit = () => this.clear(true);
    // exec(3): interval timers go on, POSIX timers end.
    group.onExec = () => this.clear(false);
  }
  /** Makes a timer. Errors: EAGAIN beyond RLIMIT_SIGPENDING. */
  create(clock: number, source: TimeSource, notification: Notification | undefined): PosixTimer | Errno {
    if (!hasRoom(this.group)) return EAGAIN;
    const id = this.nextId++;
    const told = notification ?? { signal: SIGALRM, value: BigInt(id), thread: undefined, silent: false };
    const timer: PosixTimer = {
      id,
      clock,
      overrun: 0,
      pending: false,
      countdown: new Countdown(this.group, source, (times) => this.fire(timer, told, times)),
    };
    this.posix.set(id, timer);
    return timer;
  }
  private fire(timer: PosixTimer, told: Notification, times: number): void {
    if (told.silent) return;
    if (timer.pending) {
      timer.overrun = Math.min(MAX_OVERRUN, timer.overrun + times);
      return;
    }
    timer.overrun = times - 1;
    const info: SignalInfo = {
      signal: told.signal,
      code: SI_TIMER,
      timer: timer.id,
      value: told.value ?? BigInt(timer.id),
      onTake: (taken) => {
        timer.pending = false;
        taken.overrun = timer.overrun;
      },
    };
    timer.pending = true;
    const { thread } = told;
    const sent = thread && !thread.exiting ? sendToTask(thread, info) : sendToGroup(this.group, info);
    if (sent < 0) timer.pending = false;
  }
  delete(id: number): boolean {
    const timer = this.posix.get(id);
    if (!timer) return false;
    timer.countdown.set(undefined, 0);
    this.watched.delete(timer.countdown);
    return this.posix.delete(id);
  }
  /** After a turn of one of its threads: timers on processor time, and RLIMIT_CPU. getrlimit(2) */
  tick(): void {
    if (this.watched.size > 0) for (const countdown of [...this.watched]) countdown.check();
  }
  /** SIGXCPU each second beyond the soft limit, SIGKILL at the hard one. */
  checkLimit(): void {
    const { soft, hard } = this.group.rlimits[RLIMIT_CPU]!;
    if (soft === RLIM_INFINITY) return;
    const usage = usageOf(this.group);
    const seconds = Math.floor((usage.utime + usage.stime) / 1e9);
    if (hard !== RLIM_INFINITY && seconds >= Number(hard)) {
      sendToGroup(this.group, { signal: SIGKILL, code: SI_KERNEL });
    } else if (seconds >= Number(soft) + this.cpuWarning) {
      this.cpuWarning = seconds - Number(soft) + 1;
      sendToGroup(this.group, { signal: SIGXCPU, code: SI_KERNEL });
    }
  }
  private clear(all: boolean): void {
    for (const id of [...this.posix.keys()]) this.delete(id);
    if (!all) return;
    for (const countdown of this.interval) countdown.set(undefined, 0);
    this.watched.clear();
  }
}

/** The timers of a process, made when they are first asked for. */
export function timersOf(group: ThreadGroup): GroupTimers {
  return (group.timers ??= new GroupTimers(group));
}

/** After each turn. */
export function tickTimers(group: ThreadGroup): void {
  if (group.timers) group.timers.tick();
  if (group.rlimits[RLIMIT_CPU]!.soft !== RLIM_INFINITY) timersOf(group).checkLimit();
}

/** After a turn of a real-time task that has not slept since: RLIMIT_RTTIME, microseconds. SIGXCPU at the soft limit, which
 *  then moves on by a second, SIGKILL at the hard one. getrlimit(2) */
export function tickRealTime(task: Task, elapsed: number): void {
  const { entity, group } = task;
  entity.realTime += elapsed;
  const { soft, hard } = group.rlimits[RLIMIT_RTTIME]!;
  if (soft === RLIM_INFINITY) return;
  const used = entity.realTime / 1000;
  if (hard !== RLIM_INFINITY && used >= Number(hard)) sendToTask(task, { signal: SIGKILL, code: SI_KERNEL });
  else if (used >= Number(soft)) {
    group.rlimits[RLIMIT_RTTIME] = { soft: soft + 1_000_000n, hard };
    sendToTask(task, { signal: SIGXCPU, code: SI_KERNEL });
  }
}
