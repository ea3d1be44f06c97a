import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../task/task.ts";
import { Entity, SCHED_FIFO } from "./entity.ts";
import { RunQueue } from "./runqueue.ts";
import { TaskGroup } from "./task-group.ts";

const task = (name: string, change?: (entity: Entity) => void): Task => {
  const entity = new Entity();
  change?.(entity);
  return { comm: name, entity } as unknown as Task;
};

/** Gives turns of `cost` instructions; a task in `sleepers` sleeps after each and is woken at once. */
function turns(
  queue: RunQueue,
  count: number,
  cost: (task: Task) => number,
  sleepers: ReadonlySet<Task>,
): Map<string, number> {
  const ran = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const next = queue.take()!;
    ran.set(next.comm, (ran.get(next.comm) ?? 0) + cost(next));
    if (sleepers.has(next)) queue.sleep(next);
    queue.charge(next.entity, cost(next));
    queue.add(next);
  }
  return ran;
}

test("tasks that sleep after each short turn do not starve one that runs on", () => {
  const queue = new RunQueue();
  const hog = task("hog");
  const naps = [task("a"), task("b")];
  for (const each of [hog, ...naps]) queue.add(each);
  const ran = turns(queue, 50_000, (each) => (each === hog ? 700_000 : 350), new Set(naps));
  assert.ok(ran.get("hog")! > ran.get("a")!, `${[...ran]}`);
});

test("nice 0 gets about three times what nice 5 gets", () => {
  const queue = new RunQueue();
  queue.add(task("0"));
  queue.add(
    task("5", (entity) => {
      entity.nice = 5;
    }),
  );
  const ran = turns(queue, 4000, () => 700_000, new Set());
  const ratio = ran.get("0")! / ran.get("5")!;
  assert.ok(ratio > 2.7 && ratio < 3.4, `${ratio}`);
});

test("a real-time task goes first, the higher priority before the lower, equals in order", () => {
  const queue = new RunQueue();
  const fifo = (name: string, priority: number): Task =>
    task(name, (entity) => {
      entity.policy = SCHED_FIFO;
      entity.priority = priority;
    });
  for (const each of [task("fair"), fifo("low", 1), fifo("first", 9), fifo("second", 9)]) queue.add(each);
  const order = [1, 2, 3, 4].map(() => queue.take()!.comm);
  assert.deepEqual(order, ["first", "second", "low", "fair"]);
});

test("real-time tasks that have had their share let others by", () => {
  const queue = new RunQueue();
  const fifo = task("fifo", (entity) => {
    entity.policy = SCHED_FIFO;
    entity.priority = 1;
  });
  for (const each of [fifo, task("fair")]) queue.add(each);
  assert.equal(queue.take(true)!.comm, "fair");
  assert.equal(queue.take(true)!.comm, "fifo");
});

/** A group of that weight, with tasks in it. */
function group(queue: RunQueue, shares: number, tasks: readonly Task[], parent = queue.root): TaskGroup {
  const made = new TaskGroup(parent);
  made.entity.shares = shares;
  for (const each of tasks) {
    each.entity.group = made;
    queue.add(each);
  }
  return made;
}

/** As `turns`, with groups settled after each. */
function turnsInGroups(queue: RunQueue, count: number): Map<string, number> {
  const ran = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const next = queue.take()!;
    ran.set(next.comm, (ran.get(next.comm) ?? 0) + 1);
    queue.charge(next.entity, 700_000);
    queue.add(next);
    queue.settle(0);
  }
  return ran;
}

test("groups share by weight, however many tasks each has, and so do the groups in them", () => {
  const queue = new RunQueue();
  group(queue, 1024, [task("a")]);
  group(queue, 3072, [task("b"), task("c"), task("d")]);
  const outer = group(queue, 2048, []);
  group(queue, 1024, [task("x")], outer);
  group(queue, 4096, [task("y")], outer);
  queue.add(task("top"));
  const ran = turnsInGroups(queue, 21_000);
  // 7 parts of 1024: 1, 3 among three, 2 in the ratio 1 : 4, 1
  const wanted = { a: 3000, b: 3000, c: 3000, d: 3000, x: 1200, y: 4800, top: 3000 };
  for (const [name, turns] of Object.entries(wanted)) {
    assert.ok(Math.abs(ran.get(name)! / turns - 1) < 0.02, `${name} ${ran.get(name)}`);
  }
});

test("a group whose tasks sleep and wake competes like one of its own, and counts what waits in it", () => {
  const queue = new RunQueue();
  const [a, b, c] = [task("a"), task("b"), task("c")];
  const outer = group(queue, 1024, []);
  const inner = group(queue, 1024, [a, b], outer);
  queue.add(c);
  assert.deepEqual([queue.length, outer.count, inner.count], [3, 2, 2]);
  queue.remove(a);
  queue.remove(b);
  assert.deepEqual([queue.length, outer.count, inner.count], [1, 0, 0]);
  assert.equal(queue.take(), c);
  assert.equal(queue.take(), undefined);
  queue.add(a);
  assert.equal(queue.take(), a);
  queue.add(b);
  assert.deepEqual([queue.length, outer.entity.queued, inner.entity.queued], [1, false, false]);
  queue.settle(0);
  assert.equal(queue.take(), b);
  queue.settle(0);
  assert.deepEqual([queue.length, outer.count, inner.count], [0, 0, 0]);
});

test("an idle group gives way to what is not idle, and to nothing else", () => {
  const queue = new RunQueue();
  const [idle, normal, top] = [task("idle"), task("normal"), task("top")];
  group(queue, 3, [idle]).idle = true;
  group(queue, 1024, [normal]);
  assert.equal(queue.preempts(normal, idle), true);
  assert.equal(queue.preempts(top, idle), true);
  assert.equal(queue.preempts(idle, normal), false);
  assert.equal(queue.preempts(top, normal), false);
});
