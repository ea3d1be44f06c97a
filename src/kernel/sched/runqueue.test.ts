import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../task/task.ts";
import { Entity, SCHED_FIFO } from "./entity.ts";
import { RunQueue } from "./runqueue.ts";

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
