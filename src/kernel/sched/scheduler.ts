// The scheduler: who runs next, what a blocked call waits for and until when, preemption, and the time that is charged.
// The order of runnable tasks is in runqueue.ts; what a task does on its turn is in run.ts.
import type { Errno } from "../../abi/errno.ts";
import { chargeProcessor } from "../cgroup/usage.ts";
import type { Kernel } from "../kernel.ts";
import { changePressure, IO_WAIT, ON_PROCESSOR, RUNNING } from "../psi/change.ts";
import { killPending, signalPending } from "../signal/state.ts";
import { tickRealTime, tickTimers } from "../signal/timers.ts";
import type { Task } from "../task/task.ts";
import type { Entity } from "./entity.ts";
import { BASE_SLICE, NICE_0, weightOf } from "./fair-queue.ts";
import { completeCall, runTask } from "./run.ts";
import { isRealTime, RR_SLICE, RunQueue } from "./runqueue.ts";
import type { TaskGroup } from "./task-group.ts";
import { Wait } from "./wait-queue.ts";
import { checkLockup, LONG_TURN } from "./watchdog.ts";

/** sched_rt_period_us and sched_rt_runtime_us, in nanoseconds. sched(7) */
const RT_PERIOD = 1e9;
const RT_RUNTIME = 0.95e9;

/** Instructions until the entity's virtual deadline. */
function sliceOf(entity: Entity): number {
  const left = ((entity.deadline - entity.vruntime) * weightOf(entity)) / NICE_0;
  return Math.max(50_000, Math.min(BASE_SLICE * 2, Math.ceil(left) || BASE_SLICE));
}

/** A task whose groups want to know it. */
function runsAgain(task: Task): void {
  changePressure(task, IO_WAIT, task.cgroup.parent === undefined ? 0 : RUNNING);
}

export class Scheduler {
  readonly kernel: Kernel;
  readonly queue = new RunQueue();
  /** Set when the running task should give way at the next crossing. */
  reschedule = false;
  /** Switches since boot, and calls of the run loop that found nothing to do. */
  switches = 0;
  private realTimePeriod = 0;
  private realTimeUsed = 0;
  private last: Task | undefined;
  /** Its turn was cut short by the clock: it has so much fuel left, and goes on with it next. So the host's time does not
   *  decide about the order in which tasks run. */
  private cut: Task | undefined;
  private cutFuel = 0;
  /** Load averages, exponentially damped: /proc/loadavg. */
  readonly load: [number, number, number] = [0, 0, 0];
  private loadAt = 0;
  /** Nanoseconds without anything runnable. */
  idleTime = 0;
  private idleSince: number | undefined;
  /** Told when there is work again after `run` found none. */
  onWork: (() => void) | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** `idleTime` with what of it still goes on. */
  idleUntil(now: number): number {
    return this.idleTime + (this.idleSince === undefined ? 0 : now - this.idleSince);
  }

  /** A new task joins. */
  start(task: Task): void {
    task.state = "R";
    this.enqueue(task);
  }
  /** Makes a sleeping task runnable. Returns false if it was not sleeping. */
  wake(task: Task): boolean {
    if (task.state !== "S" && task.state !== "D") return false;
    task.state = "R";
    this.kernel.trace.schedWake?.(task);
    this.enqueue(task);
    return true;
  }
  /** Runnable again after a stop. A call that it was in is tried again, and ends if a signal has come meanwhile. */
  resume(task: Task): void {
    if (task.state !== "T" && task.state !== "t") return;
    task.state = "R";
    this.enqueue(task);
  }
  private enqueue(task: Task): void {
    this.queue.add(task);
    if (task.cgroup.parent !== undefined || task.pressure !== 0) runsAgain(task);
    const { current } = this.kernel;
    if (current && current !== task && this.queue.preempts(task, current)) this.reschedule = true;
    if (!current) this.onWork?.();
  }
  /** The running task gives up the rest of its turn: sched_yield(2). */
  yield(task: Task): void {
    task.entity.deadline += BASE_SLICE;
    this.reschedule = true;
  }
  /** It goes on competing in another group; what it was owed goes with it. */
  regroup(task: Task, group: TaskGroup | undefined): void {
    const { entity } = task;
    if (entity.group === group) return;
    const { queued } = entity;
    if (queued) this.queue.remove(task);
    if (entity.lag === undefined) this.queue.sleep(task);
    entity.group = group;
    if (queued) this.queue.add(task);
  }
  /** A throttled group has quota again. */
  unthrottle(group: TaskGroup): void {
    this.queue.unthrottle(group);
    if (!this.kernel.current && this.queue.length > 0) this.onWork?.();
  }
  setShares(group: TaskGroup, shares: number): void {
    const { entity, parent } = group;
    const { queued } = entity;
    if (queued) parent?.queue.remove(group);
    entity.shares = shares;
    if (queued) parent?.queue.add(group);
  }
  /** Policy or priority changed. */
  reposition(task: Task, change: () => void): void {
    const { queued } = task.entity;
    if (queued) this.queue.remove(task);
    change();
    if (queued) this.queue.add(task);
    else if (task === this.kernel.current) this.reschedule = true;
  }

  /** Blocks the running task on `wait`. When a signal is already there the call ends at once. */
  block(task: Task, wait: Wait<number>): void {
    const interrupted = this.interruption(task, wait);
    if (interrupted !== undefined) {
      completeCall(task, interrupted);
      return;
    }
    task.voluntarySwitches++;
    this.kernel.trace.schedBlock?.(task, wait);
    this.sleep(task, wait);
  }
  private sleep(task: Task, wait: Wait<number>): void {
    task.wait = wait;
    task.state = wait.killable ? "D" : "S";
    if (wait.killable) this.kernel.hungTasks.asleep();
    task.entity.realTime = 0;
    for (const queue of wait.queues) queue.add(task);
    if (wait.deadline !== undefined && Number.isFinite(wait.deadline)) {
      task.sleepTimer = this.kernel.timers.set(wait.deadline, () => this.wake(task));
    }
    if (!task.entity.queued) this.queue.sleep(task);
    if (wait.io) changePressure(task, RUNNING, IO_WAIT);
    else if (task.pressure !== 0) changePressure(task, RUNNING, 0);
  }
  private unsleep(task: Task, wait: Wait<number>): void {
    for (const queue of wait.queues) queue.remove(task);
    this.kernel.timers.cancel(task.sleepTimer);
    task.sleepTimer = undefined;
    if (wait.killable) this.kernel.hungTasks.awake();
  }
  /** Takes a task out of whatever it waits for, without an answer (it dies, or it stops). */
  forget(task: Task): void {
    if (task.wait) this.unsleep(task, task.wait);
    this.queue.remove(task);
    if (task.pressure !== 0) changePressure(task, RUNNING | IO_WAIT, 0);
  }
  private interruption(task: Task, wait: Wait<number>): number | Errno | undefined {
    if (wait.killable ? !killPending(task) : !signalPending(task)) return undefined;
    return typeof wait.interrupt === "function" ? wait.interrupt() : wait.interrupt;
  }
  /** A woken task tries its call again. False when it sleeps on. */
  retry(task: Task, wait: Wait<number>): boolean {
    this.unsleep(task, wait);
    task.wait = undefined;
    let result: number | Errno | Wait<number> = wait.retry();
    if (result instanceof Wait) {
      const next = result;
      const late = next.deadline !== undefined && this.kernel.clock.monotonic() >= next.deadline;
      const interrupted = this.interruption(task, next);
      if (interrupted !== undefined) result = interrupted;
      else if (late) result = next.onTimeout();
      else {
        this.kernel.trace.schedBlock?.(task, next);
        this.sleep(task, next);
        return false;
      }
    }
    completeCall(task, result);
    return true;
  }

  /** Runs tasks until none is runnable or the clock passes `until` (CLOCK_MONOTONIC, nanoseconds). Returns true when
   *  there is still work. */
  run(until: number): boolean {
    if (this.kernel.ended) return false;
    this.kernel.clock.watched = true;
    const more = this.runTasks(until);
    this.kernel.clock.watched = false;
    return more;
  }
  private runTasks(until: number): boolean {
    const { kernel, queue } = this;
    const { clock, timers } = kernel;
    const system = kernel.cgroups.root.pressure;
    let now = clock.monotonic();
    if (this.idleSince !== undefined) {
      this.idleTime += now - this.idleSince;
      this.idleSince = undefined;
      system.busy(true, now);
    }
    this.decayLoad(now);
    for (;;) {
      if (timers.next !== undefined && timers.next <= now) timers.run();
      const task = this.resumed() ?? queue.take(this.throttled(now));
      if (!task) {
        this.idleSince = clock.monotonic();
        system.busy(false, this.idleSince);
        return false;
      }
      if (task !== this.last) {
        this.last = task;
        this.switches++;
      }
      task.entity.timeslices++;
      this.reschedule = false;
      kernel.current = task;
      kernel.trace.schedIn?.(task);
      if (task.pressure !== 0) changePressure(task, 0, ON_PROCESSOR);
      const before = task.instructions;
      this.turn(task, until, now);
      kernel.trace.schedOut?.(task);
      kernel.current = undefined;
      const after = clock.monotonic();
      const elapsed = after - now;
      this.account(task, elapsed, task.instructions - before);
      now = after;
      if (task.pressure !== 0) changePressure(task, task.state === "R" ? ON_PROCESSOR : ON_PROCESSOR | RUNNING, 0);
      if (queue.length > 0) system.contended(elapsed);
      if (this.cutFuel > 0 && task.state === "R") {
        this.cut = task;
        return true;
      }
      this.cutFuel = 0;
      if (task.state === "R" && !task.entity.queued) queue.add(task);
      if (queue.running !== undefined) queue.settle(elapsed);
      if (now < until) continue;
      if (queue.length > 0) return true;
      this.idleSince = now;
      system.busy(false, now);
      return false;
    }
  }
  /** Real-time tasks may use 950 ms of each second: a loop in one does not lock everybody out (sched_rt_runtime_us). */
  private throttled(now: number): boolean {
    if (this.queue.realTimeLength === 0) return false;
    if (now - this.realTimePeriod >= RT_PERIOD) {
      this.realTimePeriod = now;
      this.realTimeUsed = 0;
    }
    return this.realTimeUsed >= RT_RUNTIME;
  }
  private resumed(): Task | undefined {
    const { cut } = this;
    this.cut = undefined;
    if (!cut || this.queue.realTimeLength === 0 || isRealTime(cut.entity)) return cut;
    this.cutFuel = 0;
    this.queue.add(cut);
    if (this.queue.running !== undefined) this.queue.settle(0);
    return undefined;
  }
  private turn(task: Task, until: number, now: number): void {
    const group = this.queue.running;
    if (group === undefined) this.cutFuel = runTask(task, this.cutFuel || this.slice(task), until, now);
    else this.turnIn(group, task, until, now);
  }
  /** In a group, for as long as that may go on, and those that it is in. */
  private turnIn(group: TaskGroup, task: Task, until: number, now: number): void {
    let slice = this.slice(task);
    let left = Number.POSITIVE_INFINITY;
    for (let at: TaskGroup | undefined = group; at?.parent; at = at.parent) {
      slice = Math.min(slice, sliceOf(at.entity));
      left = Math.min(left, at.bandwidth?.left ?? left);
    }
    if (left === Number.POSITIVE_INFINITY) this.cutFuel = runTask(task, this.cutFuel || slice, until, now);
    else {
      this.cutFuel = 0;
      const fuel = Math.max(1000, Math.min(slice, Math.ceil(this.kernel.pace.instructions(left))));
      runTask(task, fuel, Math.min(until, now + left), now);
    }
  }
  private slice({ entity }: Task): number {
    return isRealTime(entity) ? RR_SLICE : sliceOf(entity);
  }
  /** Charges a turn: virtual time by instructions, real time split between user and kernel space. */
  private account(task: Task, elapsed: number, instructions: number): void {
    this.queue.charge(task.entity, this.cutFuel > 0 ? instructions : instructions + 300);
    task.entity.runTime += elapsed;
    if (elapsed > LONG_TURN) checkLockup(task, elapsed);
    if (isRealTime(task.entity)) {
      this.realTimeUsed += elapsed;
      tickRealTime(task, elapsed);
    }
    const { pace } = this.kernel;
    const user = Math.min(elapsed, pace.nanoseconds(instructions));
    task.utime += user;
    task.stime += elapsed - user;
    chargeProcessor(task, user, elapsed - user);
    tickTimers(task.group);
  }
  /** Linux's load averages: sampled every 5 s. */
  private decayLoad(now: number): void {
    const period = 5e9;
    if (now - this.loadAt < period) return;
    const steps = Math.floor((now - this.loadAt) / period);
    this.loadAt += steps * period;
    let active = this.queue.length;
    for (const task of this.kernel.tasks.all) if (task.state === "D") active++;
    const minutes = [1, 5, 15];
    for (let i = 0; i < 3; i++) {
      const decay = Math.exp((-5 * steps) / (60 * minutes[i]!));
      this.load[i] = this.load[i]! * decay + active * (1 - decay);
    }
  }
}
