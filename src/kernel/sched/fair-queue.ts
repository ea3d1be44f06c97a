// The fair tasks, or groups of tasks, that compete with each other, by EEVDF: of those that are owed time, the one with the
// earliest virtual deadline goes first. sched(7)
import { type Entity, SCHED_IDLE } from "./entity.ts";

/** Instructions that an entity asks for at a time: about 3 ms. */
export const BASE_SLICE = 700_000;

/** Weight by nice level from -20 to 19: each step is about 1.25 (Linux's sched_prio_to_weight). */
// biome-ignore format: ten levels a line
export const NICE_WEIGHTS: readonly number[] = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
  9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
  1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
  110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];
export const IDLE_WEIGHT = 3;
export const NICE_0 = 1024;

export function weightOf(entity: Entity): number {
  if (entity.shares !== 0) return entity.shares;
  return entity.policy === SCHED_IDLE ? IDLE_WEIGHT : NICE_WEIGHTS[entity.nice + 20]!;
}

/** A task, or a group of them (task-group.ts). */
export interface Runnable {
  readonly entity: Entity;
}

export class FairQueue<R extends Runnable> {
  private readonly waiting: R[] = [];
  /** Sum of weights, and of weight times virtual time: their mean decides who is owed time. */
  private load = 0;
  private weighted = 0;
  /** Virtual time below which nobody that waits lies; new and woken ones start from the mean. */
  private floor = 0;

  get length(): number {
    return this.waiting.length;
  }
  private get mean(): number {
    return this.load > 0 ? this.weighted / this.load : this.floor;
  }
  /** For checks: who waits, and whether the sum of weights is that of theirs. */
  get all(): readonly R[] {
    return this.waiting;
  }
  get adds(): boolean {
    return this.load === this.waiting.reduce((sum, { entity }) => sum + weightOf(entity), 0);
  }
  has(runnable: R): boolean {
    return this.waiting.includes(runnable);
  }
  add(runnable: R): void {
    const { entity } = runnable;
    entity.queued = true;
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
    this.waiting.push(runnable);
  }
  remove(runnable: R): void {
    const index = this.waiting.indexOf(runnable);
    if (index >= 0) this.takeAt(index);
  }
  /** It stops competing, off the queue: remembers what it was owed. */
  sleep(entity: Entity): void {
    entity.lag = this.mean - entity.vruntime;
  }
  /** Takes the next one off the queue. */
  take(): R | undefined {
    const { waiting } = this;
    if (waiting.length === 0) return undefined;
    if (waiting.length === 1) return this.takeAt(0);
    const mean = this.mean;
    let best = -1;
    let least = 0;
    for (let i = 0; i < waiting.length; i++) {
      const { entity } = waiting[i]!;
      if (entity.vruntime < waiting[least]!.entity.vruntime) least = i;
      if (entity.vruntime <= mean && (best < 0 || entity.deadline < waiting[best]!.entity.deadline)) best = i;
    }
    return this.takeAt(best < 0 ? least : best);
  }
  private takeAt(index: number): R {
    const { waiting } = this;
    const runnable = waiting[index]!;
    const last = waiting.pop()!;
    if (last !== runnable) waiting[index] = last;
    const { entity } = runnable;
    const weight = weightOf(entity);
    this.load -= weight;
    this.weighted -= weight * entity.vruntime;
    this.floor = Math.max(this.floor, entity.vruntime);
    entity.queued = false;
    return runnable;
  }
}

/** Charges instructions to an entity that is off its queue. */
export function chargeEntity(entity: Entity, instructions: number): void {
  const scale = NICE_0 / weightOf(entity);
  entity.vruntime += instructions * scale;
  // One that went to sleep in this turn is charged for it all the same.
  if (entity.lag !== undefined) entity.lag -= instructions * scale;
  if (entity.vruntime >= entity.deadline) entity.deadline = entity.vruntime + BASE_SLICE * scale;
}
