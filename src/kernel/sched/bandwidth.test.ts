import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeKernel, Time } from "../vfs/caller.fake.ts";
import { Bandwidth } from "./bandwidth.ts";

const MS = 1e6;

function made() {
  const time = new Time();
  const kernel = fakeKernel(time);
  const told: string[] = [];
  const bandwidth = new Bandwidth(kernel, {
    refilled: () => told.push("refilled"),
    throttled: (on) => told.push(on ? "throttled" : "unthrottled"),
  });
  const at = (ms: number): void => {
    time.now = ms * MS;
    kernel.timers.run();
  };
  return { bandwidth, told, at, kernel };
}

test("a quota is there in each period, and what was taken beyond it is paid back from the next", () => {
  const { bandwidth, told, at } = made();
  bandwidth.set(20 * MS, 100 * MS, 0);
  assert.equal(bandwidth.left, 20 * MS);
  bandwidth.use(50 * MS);
  assert.ok(bandwidth.exhausted);
  bandwidth.throttle(true);
  told.length = 0;
  at(100);
  assert.ok(bandwidth.exhausted, "ten are still owed");
  assert.deepEqual(told, []);
  at(200);
  assert.equal(bandwidth.left, 10 * MS);
  assert.deepEqual(told, ["refilled"]);
  bandwidth.throttle(false);
  assert.equal(bandwidth.throttledTime, 200 * MS);
  assert.deepEqual([bandwidth.periods, bandwidth.throttles], [2, 2]);
});

test("the period's timer stops once nothing is used, and starts with the next use", () => {
  const { bandwidth, at, kernel } = made();
  bandwidth.set(20 * MS, 100 * MS, 0);
  assert.equal(kernel.timers.next, undefined);
  bandwidth.use(MS);
  at(100);
  assert.equal(kernel.timers.next, 200 * MS);
  at(200);
  assert.equal(kernel.timers.next, undefined);
  assert.equal(bandwidth.periods, 2);
  assert.equal(bandwidth.left, 20 * MS, "no more than the quota is saved");
});

test("what is saved, up to the burst, may be used on top of the quota, and is counted", () => {
  const { bandwidth, at } = made();
  bandwidth.set(20 * MS, 100 * MS, 10 * MS);
  bandwidth.use(MS);
  at(100);
  assert.equal(bandwidth.left, 30 * MS);
  bandwidth.use(28 * MS);
  at(200);
  assert.deepEqual([bandwidth.bursts, bandwidth.burstTime], [1, 8 * MS]);
  assert.equal(bandwidth.left, 22 * MS);
});
