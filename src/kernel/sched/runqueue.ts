// Runnable tasks in the order they should run: real-time ones by priority, the others by EEVDF: of those that are owed
// time, the one with the earliest virtual deadline. sched(7)
import type { Task } from "../task/task.ts";
import { type Entity, SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_RR } from "./entity.ts";

/** Instructions that a task asks for at a time: about 3 ms. */
export const BASE_SLICE = 700_000;
/** Of SCHED_RR, about 100 ms. */
export const RR_SLICE = 25_000_000;

/** Weight by nice level from -20 to 19: each step is about 1.25 (Linux's sched_prio_to_weight in spirit and values). */
const weights: readonly number[] = Array.from({ length: 40 }, (_, i) => Math.round(1024 * 1.25 ** (20 - i)));
const IDLE_WEIGHT = 3;
const NICE_0 = 1024;

export function weightOf(entity: Entity): number {
  return entity.policy === SCHED_IDLE ? IDLE_WEIGHT : weights[entity.nice + 20]!;
}

export const isRealTime = (entity: Entity): boolean => entity.policy === SCHED_FIFO || entity.policy === SCHED_RR;

export class RunQueue {
  private readonly fair: Task[] = [];
  private readonly realTime: Task[] = [];
  /** Sum of weights, and of weight times virtual time, of the fair tasks: their mean decides who is owed time. */
  private load = 0;
  private weighted = 0;
  /** Virtual time below which no waiting task lies; new and woken ones start from the mean. */
  private floor = 0;

  get length(): number {
    return this.fair.length + this.realTime.length;
  }
  get realTimeLength(): number {
    return this.realTime.length;
  }
  private get mean(): number {
    return this.load > 0 ? this.weighted / this.load : this.floor;
  }
  add(task: Task, front = false): void {
    const { entity } = task;
    if (entity.queued) return;
    entity.queued = true;
    if (isRealTime(entity)) {
      if (front) this.realTime.unshift(task);
      else this.realTime.push(task);
      return;
    }
    const weight = weightOf(entity);
    // A sleeper keeps its lag (bounded by a slice): it neither gains by sleeping nor loses what it was owed.
    if (entity.lag !== undefined) {
      const bound = (BASE_SLICE * NICE_0) / weight;
      entity.vruntime = this.mean - Math.max(-bound, Math.min(bound, entity.lag));
      entity.deadline = entity.vruntime + (BASE_SLICE * NICE_0) / weight;
      entity.lag = undefined;
    }
    this.load += weight;
    this.weighted += weight * entity.vruntime;
    this.fair.push(task);
  }
  remove(task: Task): void {
    const { entity } = task;
    if (!entity.queued) return;
    entity.queued = false;
    const list = isRealTime(entity) ? this.realTime : this.fair;
    const index = list.indexOf(task);
    if (index >= 0) list.splice(index, 1);
    if (list === this.fair) this.uncount(entity);
  }
  private uncount(entity: Entity): void {
    const weight = weightOf(entity);
    this.load -= weight;
    this.weighted -= weight * entity.vruntime;
    this.floor = Math.max(this.floor, entity.vruntime);
  }
  /** The task goes to sleep: remembers what it was owed. */
  sleep(task: Task): void {
    if (!isRealTime(task.entity)) task.entity.lag = this.mean - task.entity.vruntime;
  }
  /** Charges instructions that the task has run (it is off the queue). */
  charge(entity: Entity, instructions: number): void {
    const scale = NICE_0 / weightOf(entity);
    entity.vruntime += instructions * scale;
    // A task that went to sleep in this turn is charged for it all the same.
    if (entity.lag !== undefined) entity.lag -= instructions * scale;
    if (entity.vruntime >= entity.deadline) entity.deadline = entity.vruntime + BASE_SLICE * scale;
  }
  /** Takes the next task off the queue. `throttled`: real-time tasks have had their share of this period. */
  take(throttled = false): Task | undefined {
    if (this.realTime.length > 0 && !(throttled && this.fair.length > 0)) {
      let best = 0;
      for (let i = 1; i < this.realTime.length; i++) {
        if (this.realTime[i]!.entity.priority > this.realTime[best]!.entity.priority) best = i;
      }
      return this.takeFrom(this.realTime, best);
    }
    const { fair } = this;
    if (fair.length === 0) return undefined;
    if (fair.length === 1) return this.takeFrom(fair, 0);
    const mean = this.mean;
    let best = -1;
    let least = 0;
    for (let i = 0; i < fair.length; i++) {
      const { entity } = fair[i]!;
      if (entity.vruntime < fair[least]!.entity.vruntime) least = i;
      if (entity.vruntime <= mean && (best < 0 || entity.deadline < fair[best]!.entity.deadline)) best = i;
    }
    return this.takeFrom(fair, best < 0 ? least : best);
  }
  private takeFrom(list: Task[], index: number): Task {
    const task = list[index]!;
    const last = list.pop()!;
    if (list === this.realTime) {
      // Order matters among equals of a real-time priority.
      if (last !== task) {
        list.push(last);
        list.splice(index, 1);
      }
    } else {
      if (last !== task) list[index] = last;
      this.uncount(task.entity);
    }
    task.entity.queued = false;
    return task;
  }
  /** What is wrong with it, for a kernel that has had an exception. */
  check(): string | undefined {
    let load = 0;
    const seen = new Set<Task>();
    for (const list of [this.fair, this.realTime]) {
      for (const task of list) {
        if (!task.entity.queued || task.state !== "R" || seen.has(task)) return `task ${task.tid} is queued wrongly`;
        if (list === this.fair) load += weightOf(task.entity);
        seen.add(task);
      }
    }
    return load === this.load ? undefined : "the run queue's load does not add up";
  }
  has(task: Task): boolean {
    return this.fair.includes(task) || this.realTime.includes(task);
  }
  /** Should a task that just became runnable run before the one that runs now? */
  preempts(woken: Task, running: Task): boolean {
    const a = woken.entity;
    const b = running.entity;
    if (isRealTime(a)) return !isRealTime(b) || a.priority > b.priority;
    // Linux's RUN_TO_PARITY: a fair task keeps the processor until its slice is used up. A writer would otherwise give
    // way to its reader at each write.
    return !isRealTime(b) && b.policy === SCHED_IDLE && a.policy !== SCHED_IDLE && a.policy !== SCHED_BATCH;
  }
}
