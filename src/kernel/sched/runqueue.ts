// Runnable tasks in the order they should run: real-time ones by priority, the others by EEVDF (fair-queue.ts), group
// within group (task-group.ts). sched(7)
import type { Task } from "../task/task.ts";
import { type Entity, SCHED_BATCH, SCHED_FIFO, SCHED_IDLE, SCHED_RR } from "./entity.ts";
import { chargeEntity } from "./fair-queue.ts";
import { TaskGroup } from "./task-group.ts";

/** Of SCHED_RR, about 100 ms. */
export const RR_SLICE = 25_000_000;

export const isRealTime = (entity: Entity): boolean => entity.policy === SCHED_FIFO || entity.policy === SCHED_RR;

export class RunQueue {
  readonly root = new TaskGroup(undefined);
  private readonly realTime: Task[] = [];
  /** The group that the running task was taken from; undefined: the root, or nobody runs. */
  running: TaskGroup | undefined;

  /** Tasks that could run now. */
  get length(): number {
    return this.root.count + this.realTime.length;
  }
  get realTimeLength(): number {
    return this.realTime.length;
  }
  add(task: Task, front = false): void {
    const { entity } = task;
    if (entity.queued) return;
    if (isRealTime(entity)) {
      entity.queued = true;
      if (front) this.realTime.unshift(task);
      else this.realTime.push(task);
      return;
    }
    const group = entity.group ?? this.root;
    group.queue.add(task);
    this.grow(group, 1);
  }
  remove(task: Task): void {
    const { entity } = task;
    if (!entity.queued) return;
    if (isRealTime(entity)) {
      entity.queued = false;
      const index = this.realTime.indexOf(task);
      if (index >= 0) this.realTime.splice(index, 1);
      return;
    }
    const group = entity.group ?? this.root;
    group.queue.remove(task);
    this.shrink(group, 1);
  }
  /** `count` more tasks wait in a group: it competes, and those above it do, unless one is throttled. */
  private grow(group: TaskGroup, count: number): void {
    for (let at = group; ; at = at.parent) {
      at.count += count;
      if (!at.parent || at.throttled) return;
      if (at.entity.queued || at.running) continue;
      if (at.bandwidth?.exhausted) {
        // It slept when its quota ran out.
        this.setThrottled(at, true);
        return;
      }
      at.parent.queue.add(at);
    }
  }
  private shrink(group: TaskGroup, count: number): void {
    for (let at = group; ; at = at.parent) {
      at.count -= count;
      if (!at.parent || at.throttled) return;
      if (at.count > 0 || !at.entity.queued) continue;
      at.parent.queue.remove(at);
      at.parent.queue.sleep(at.entity);
    }
  }

  /** The task goes to sleep: remembers what it was owed. */
  sleep({ entity }: Task): void {
    if (!isRealTime(entity)) (entity.group ?? this.root).queue.sleep(entity);
  }
  /** Charges instructions that the task has run (it is off the queue), to it and to the groups that it ran in. */
  charge(entity: Entity, instructions: number): void {
    chargeEntity(entity, instructions);
    for (let at = this.running; at?.parent; at = at.parent) chargeEntity(at.entity, instructions);
  }
  /** Takes the next task off the queue. `throttled`: real-time tasks have had their share of this period. */
  take(throttled = false): Task | undefined {
    if (this.realTime.length > 0 && !(throttled && this.root.count > 0)) {
      let best = 0;
      for (let i = 1; i < this.realTime.length; i++) {
        if (this.realTime[i]!.entity.priority > this.realTime[best]!.entity.priority) best = i;
      }
      const [task] = this.realTime.splice(best, 1);
      task!.entity.queued = false;
      return task;
    }
    let group = this.root;
    for (;;) {
      const next = group.queue.take();
      if (next === undefined) return undefined;
      group.count--;
      if (!(next instanceof TaskGroup)) return next;
      group = this.running = next;
      group.running = true;
    }
  }
  /** The turn is over: the groups that it was made in are charged its time, and compete again, or are throttled. */
  settle(elapsed: number): void {
    for (let at = this.running; at?.parent; at = at.parent) {
      const { parent, bandwidth } = at;
      at.running = false;
      if (bandwidth?.limited) bandwidth.use(elapsed);
      if (at.count === 0) parent.queue.sleep(at.entity);
      else if (!bandwidth?.exhausted) parent.queue.add(at);
      else {
        this.setThrottled(at, true);
        this.shrink(parent, at.count);
      }
    }
    this.running = undefined;
  }
  private setThrottled(group: TaskGroup, throttled: boolean): void {
    group.throttled = throttled;
    group.bandwidth?.throttle(throttled);
  }
  /** A throttled group has quota again. */
  unthrottle(group: TaskGroup): void {
    if (!group.throttled) return;
    this.setThrottled(group, false);
    const { count } = group;
    if (count === 0) return;
    group.count = 0;
    this.grow(group, count);
  }

  /** What is wrong with it, for a kernel that has had an exception. */
  check(): string | undefined {
    for (const task of this.realTime) if (!task.entity.queued || task.state !== "R") return wronglyQueued(task);
    const running = new Set<TaskGroup>();
    for (let at = this.running; at?.parent; at = at.parent) running.add(at);
    return checkGroup(this.root, running);
  }
  has(task: Task): boolean {
    return this.realTime.includes(task) || (task.entity.group ?? this.root).queue.has(task);
  }

  /** Should a task that just became runnable run before the one that runs now? */
  preempts(woken: Task, running: Task): boolean {
    const a = woken.entity;
    const b = running.entity;
    if (isRealTime(a)) return !isRealTime(b) || a.priority > b.priority;
    if (isRealTime(b)) return false;
    // Linux's RUN_TO_PARITY: a fair task keeps the processor until its slice is used up. A writer would otherwise give
    // way to its reader at each write.
    if (a.group === b.group) return b.policy === SCHED_IDLE && a.policy !== SCHED_IDLE && a.policy !== SCHED_BATCH;
    return this.preemptsGroup(a, b);
  }
  /** Of two tasks in different groups, what competes with each other counts: an idle group gives way as an idle task does. */
  private preemptsGroup(a: Entity, b: Entity): boolean {
    let [x, y] = [a.group ?? this.root, b.group ?? this.root];
    let [fromX, fromY] = [a.policy === SCHED_IDLE, b.policy === SCHED_IDLE];
    while (x !== y) {
      if (x.depth >= y.depth) {
        fromX = x.idle;
        if (x.throttled || !x.parent) return false;
        x = x.parent;
      } else {
        fromY = y.idle;
        y = y.parent!;
      }
    }
    return fromY && !fromX;
  }
}

const wronglyQueued = ({ tid }: Task): string => `task ${tid} is queued wrongly`;

/** `running`: groups that are off their queue while a task of theirs has the processor. */
function checkGroup(group: TaskGroup, running: ReadonlySet<TaskGroup>): string | undefined {
  const { queue, count } = group;
  let tasks = 0;
  for (const each of [...queue.all, ...[...running].filter(({ parent }) => parent === group)]) {
    if (each instanceof TaskGroup) {
      tasks += each.count;
      const wrong = checkGroup(each, running);
      if (wrong !== undefined) return wrong;
    } else {
      tasks++;
      if (!each.entity.queued || each.state !== "R") return wronglyQueued(each);
    }
  }
  return tasks === count && queue.adds ? undefined : "the run queue's load does not add up";
}
