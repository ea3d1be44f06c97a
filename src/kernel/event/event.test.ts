import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN, ECANCELED } from "../../abi/errno.ts";
import { bit, SIGUSR1, SIGUSR2 } from "../../abi/signal.ts";
import type { Host } from "../../host/host.ts";
import type { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { Clock } from "../sched/clock.ts";
import { Timers } from "../sched/timers.ts";
import { Wait, WaitQueue } from "../sched/wait-queue.ts";
import { PendingSignals } from "../signal/pending.ts";
import type { Task } from "../task/task.ts";
import { EventCounter } from "./eventfd.ts";
import { SignalFile } from "./signalfd.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TimerFile } from "./timerfd.ts";

function machine() {
  const time = { now: 0 };
  const host = { monotonic: () => time.now, realtime: () => 1_000_000_000_000n } as unknown as Host;
  const clock = new Clock(host);
  const timers = new Timers(clock);
  const pass = (nanoseconds: number): void => {
    time.now += nanoseconds;
    timers.run();
  };
  return { kernel: { clock, timers } as unknown as Kernel, clock, pass };
}
function readNumber(read: (into: KernelBuffer) => unknown): unknown {
  const bytes = new Uint8Array(8);
  const result = read(new KernelBuffer(bytes));
  return result === 8 ? Number(new DataView(bytes.buffer).getBigUint64(0, true)) : result;
}

test("timerfd_create(2): a periodic timer counts the periods that nobody read", () => {
  const { kernel, pass } = machine();
  const timer = new TimerFile(kernel, CLOCK_MONOTONIC);
  const read = () => readNumber((into) => timer.read(into, true));
  timer.set(0, 100n, 50n);
  assert.equal(read(), EAGAIN);
  pass(99);
  assert.equal(read(), EAGAIN);
  assert.deepEqual(timer.get(), { value: 1, interval: 50 });
  pass(1);
  assert.equal(read(), 1);
  pass(175);
  assert.deepEqual(timer.get(), { value: 25, interval: 50 });
  assert.equal(read(), 3);
  timer.set(0, 0n, 0n);
  pass(1000);
  assert.equal(read(), EAGAIN);
});

test("timerfd_create(2): an absolute time on the realtime clock follows when that is set, or is cancelled", () => {
  const { kernel, clock, pass } = machine();
  const timer = new TimerFile(kernel, CLOCK_REALTIME);
  const read = () => readNumber((into) => timer.read(into, true));
  timer.set(TFD_TIMER_ABSTIME, clock.realtime() + 500n, 0n);
  clock.set(clock.realtime() + 400n);
  pass(100);
  assert.equal(read(), 1);
  timer.set(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, clock.realtime() + 500n, 0n);
  clock.set(clock.realtime());
  assert.equal(read(), ECANCELED);
  assert.equal(read(), EAGAIN);
});

test("eventfd(2): a semaphore gives one at a time; a sum that is too large waits", () => {
  const counter = new EventCounter(2n, true, 0);
  const read = () => readNumber((into) => counter.read(into, true));
  assert.deepEqual([read(), read(), read()], [1, 1, EAGAIN]);
  assert.equal(counter.add(0xfffffffe, 0xffffffff, true), 8);
  assert.equal(counter.add(1, 0, true), EAGAIN);
  const wait = counter.add(1, 0, false) as Wait;
  assert.ok(wait instanceof Wait);
  assert.equal(read(), 1);
  assert.equal(wait.retry(), 8);
});

test("signalfd(2): the reader's pending signals in the mask, its own before its process's", () => {
  const task = {
    pending: new PendingSignals(),
    group: { pending: new PendingSignals(), signalQueue: new WaitQueue() },
  };
  const file = new SignalFile({} as Kernel, bit(SIGUSR1) | bit(SIGUSR2));
  const bytes = new Uint8Array(300);
  const read = () => file.read(task as unknown as Task, new KernelBuffer(bytes), true);
  assert.equal(read(), EAGAIN);
  task.group.pending.add({ signal: SIGUSR1, code: 0, pid: 7 });
  task.pending.add({ signal: SIGUSR2, code: -1, value: 99n });
  assert.equal(read(), 256);
  const view = new DataView(bytes.buffer);
  assert.deepEqual([view.getUint32(0, true), view.getInt32(44, true)], [SIGUSR2, 99]);
  assert.deepEqual([view.getUint32(128, true), view.getUint32(128 + 12, true)], [SIGUSR1, 7]);
});
