import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "./task/task.ts";
import { Trace } from "./trace.ts";

const task = {} as Task;

test("several observers hear the same point, in the order in which they came", () => {
  const trace = new Trace();
  const heard: string[] = [];
  const stop = trace.listen({ taskExec: () => heard.push("first") });
  trace.listen({ taskExec: () => heard.push("second") });
  trace.taskExec?.(task);
  stop();
  trace.taskExec?.(task);
  assert.deepEqual(heard, ["first", "second", "second"]);
});

test("a point that nobody wants is undefined", () => {
  const trace = new Trace();
  const stop = trace.listen({ schedIn: () => undefined });
  assert.equal(trace.syscallEnter, undefined);
  stop();
  assert.equal(trace.schedIn, undefined);
});

test("the first observer with an answer stands in for a call's handler", () => {
  const trace = new Trace();
  trace.listen({ syscallInject: () => undefined });
  trace.listen({ syscallInject: () => 7 });
  trace.listen({ syscallInject: () => 8 });
  assert.equal(trace.syscallInject?.(task, undefined, 1), 7);
});

test("of several budgets the least counts", () => {
  const trace = new Trace();
  trace.listen({ budget: (_task, fuel) => Math.min(fuel, 300) });
  trace.listen({ budget: (_task, fuel) => Math.min(fuel, 200) });
  trace.listen({ schedIn: () => undefined });
  assert.equal(trace.budget?.(task, 1000), 200);
  assert.equal(trace.budget?.(task, 100), 100);
});
