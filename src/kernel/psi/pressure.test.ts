import assert from "node:assert/strict";
import { test } from "node:test";
import { POLLPRI } from "../../abi/flags.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import { userCred } from "../security/cred.ts";
import type { Task } from "../task/task.ts";
import { fakeKernel, Time } from "../vfs/caller.fake.ts";
import { changePressure, IO_WAIT, MEMORY_STALL, ON_PROCESSOR, RUNNING } from "./change.ts";
import type { Pressure, Resource } from "./pressure.ts";
import { pollTrigger, type TriggerHolder, writeTrigger } from "./trigger.ts";

const MS = 1e6;

function made() {
  const time = new Time();
  const kernel = fakeKernel(time);
  const cgroup = kernel.cgroups.create(kernel.cgroups.root, "a") as Cgroup;
  const task = (): Task => ({ kernel, cgroup, pressure: 0 }) as Task;
  const at = (ms: number): void => {
    for (;;) {
      const { next } = kernel.timers;
      if (next === undefined || next > ms * MS) break;
      time.now = Math.max(time.now, next);
      kernel.timers.run();
    }
    time.now = ms * MS;
  };
  return { kernel, cgroup, task, at };
}

/** Milliseconds of some, and of full. */
function totals({ show }: { show: (resource: Resource) => string }, resource: Resource): number[] {
  return [...show(resource).matchAll(/total=(\d+)/g)].map(([, total]) => Number(total) / 1000);
}
const of = (pressure: Pressure) => ({ show: (resource: Resource) => pressure.show(resource) });

test("the processor: some wait while others run, all wait while none does", () => {
  const { cgroup, task, at } = made();
  const [a, b] = [task(), task()];
  changePressure(a, 0, RUNNING);
  at(10);
  changePressure(a, 0, ON_PROCESSOR);
  at(30);
  changePressure(b, 0, RUNNING);
  at(70);
  changePressure(a, RUNNING | ON_PROCESSOR, 0);
  changePressure(b, 0, ON_PROCESSOR);
  at(100);
  assert.deepEqual(totals(of(cgroup.pressure), "cpu"), [50, 10]);
  assert.deepEqual(totals(of(cgroup.pressure), "io"), [0, 0]);
});

test("input and output: all wait when nobody could run; memory: when all that run reclaim", () => {
  const { kernel, cgroup, task, at } = made();
  const [a, b] = [task(), task()];
  changePressure(a, 0, IO_WAIT);
  changePressure(b, 0, RUNNING | ON_PROCESSOR);
  at(10);
  changePressure(b, RUNNING | ON_PROCESSOR, 0);
  at(30);
  changePressure(a, IO_WAIT, 0);
  at(40);
  assert.deepEqual(totals(of(cgroup.pressure), "io"), [30, 20]);
  changePressure(a, 0, RUNNING | ON_PROCESSOR | MEMORY_STALL);
  at(45);
  changePressure(b, 0, RUNNING);
  at(50);
  assert.deepEqual(totals(of(cgroup.pressure), "memory"), [10, 5]);
  // The machine is idle as far as its scheduler has said.
  assert.deepEqual(totals(of(kernel.cgroups.root.pressure), "io"), [30, 30]);
});

test("averages: of a group that stalls all the time and then no more", () => {
  const { cgroup, task, at } = made();
  const a = task();
  changePressure(a, 0, RUNNING);
  at(10_000);
  const averages = () =>
    [...cgroup.pressure.show("cpu").matchAll(/avg\d+=([\d.]+)/g)].slice(0, 3).map(([, x]) => Number(x));
  const [ten, sixty, most] = averages() as [number, number, number];
  // 1 - e^(-10/10) and so on
  assert.ok(Math.abs(ten - 63.2) < 1 && Math.abs(sixty - 15.3) < 1 && Math.abs(most - 3.2) < 1, `${averages()}`);
  changePressure(a, RUNNING, 0);
  at(20_000);
  assert.ok(Math.abs(averages()[0]! - 63.2 * Math.exp(-1)) < 1, `${averages()}`);
  at(500_000);
  assert.deepEqual(averages(), [0, 0, averages()[2]]);
});

test("a trigger fires once a window while the threshold is passed, and not below it", () => {
  const { kernel, cgroup, task, at } = made();
  const { pressure } = cgroup;
  const high: TriggerHolder = { trigger: undefined };
  const low: TriggerHolder = { trigger: undefined };
  assert.equal(writeTrigger(kernel, pressure, "cpu", "some 500000 1000000", high, userCred(0, 0)), 0);
  assert.equal(writeTrigger(kernel, pressure, "cpu", "some 100000 1000000", low, userCred(0, 0)), 0);
  const a = task();
  changePressure(a, 0, RUNNING);
  at(300);
  changePressure(a, 0, ON_PROCESSOR);
  at(900);
  assert.deepEqual([pollTrigger(high), pollTrigger(low), pollTrigger(low)], [0, POLLPRI, 0]);
  changePressure(a, ON_PROCESSOR, 0);
  at(2000);
  assert.deepEqual([pollTrigger(high), pollTrigger(low)], [POLLPRI, POLLPRI]);
  assert.deepEqual([pollTrigger(high), pollTrigger(low)], [0, 0]);
  changePressure(a, RUNNING, 0);
  low.trigger!.release();
  high.trigger!.release();
  at(20_000);
  assert.equal(kernel.timers.next, undefined, "nothing is watched any more");
});
