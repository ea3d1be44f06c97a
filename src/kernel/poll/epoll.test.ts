import assert from "node:assert/strict";
import { test } from "node:test";
import { EEXIST, EINVAL, ELOOP, ENOENT } from "../../abi/errno.ts";
import { O_RDWR, POLLIN, POLLOUT } from "../../abi/flags.ts";
import { EventCounter, eventOperations } from "../event/eventfd.ts";
import type { Kernel } from "../kernel.ts";
import { anonymousFile } from "../vfs/anonymous.ts";
import type { File } from "../vfs/file.ts";
import { Vfs } from "../vfs/vfs.ts";
import { EPOLLET, EPOLLEXCLUSIVE, EPOLLONESHOT, Epoll, epollOf, epollOperations } from "./epoll.ts";

const kernel = { clock: { now: () => 0n } } as unknown as Kernel;
Object.assign(kernel, { vfs: new Vfs(kernel) });

function counterFile(count = 0n): { file: File; counter: EventCounter } {
  const counter = new EventCounter(count, false, 0);
  return { file: anonymousFile(kernel, "anon_inode:[eventfd]", O_RDWR, eventOperations, counter), counter };
}
function set(): Epoll {
  const epoll = new Epoll();
  epoll.file = anonymousFile(kernel, "anon_inode:[eventpoll]", O_RDWR, epollOperations, epoll);
  return epoll;
}
function ready(epoll: Epoll, limit = 10): [number, bigint][] {
  const found: [number, bigint][] = [];
  epoll.collect(limit, { give: (events, data) => found.push([events, data]) > 0 });
  return found;
}

test("epoll(7): a level-triggered item is reported as long as it is ready", () => {
  const epoll = set();
  const { file, counter } = counterFile();
  assert.equal(epoll.add(file, 3, POLLIN, 42n), 0);
  assert.deepEqual(ready(epoll), []);
  counter.add(1, 0, true);
  assert.deepEqual(ready(epoll), [[POLLIN, 42n]]);
  assert.deepEqual(ready(epoll), [[POLLIN, 42n]]);
  counter.count = 0n;
  assert.deepEqual(ready(epoll), []);
});

test("epoll(7): EPOLLET reports each event once, EPOLLONESHOT until it is armed again", () => {
  const epoll = set();
  const { file, counter } = counterFile();
  epoll.add(file, 3, POLLIN | EPOLLET, 1n);
  counter.add(1, 0, true);
  assert.equal(ready(epoll).length, 1);
  assert.equal(ready(epoll).length, 0);
  counter.add(1, 0, true);
  assert.equal(ready(epoll).length, 1);
  epoll.modify(file, 3, POLLIN | EPOLLONESHOT, 2n);
  assert.deepEqual(ready(epoll), [[POLLIN, 2n]]);
  counter.add(1, 0, true);
  assert.deepEqual(ready(epoll), []);
  epoll.modify(file, 3, POLLOUT | EPOLLONESHOT, 3n);
  assert.deepEqual(ready(epoll), [[POLLOUT, 3n]]);
});

test("epoll_wait(2): ready items take turns when there is room for one", () => {
  const epoll = set();
  for (let i = 0; i < 3; i++) epoll.add(counterFile(1n).file, i, POLLIN, BigInt(i));
  const turns = [0, 1, 2, 3, 4, 5].map(() => ready(epoll, 1)[0]![1]);
  assert.deepEqual(turns, [0n, 1n, 2n, 0n, 1n, 2n]);
});

test("epoll_ctl(2): EEXIST, ENOENT, EINVAL for EPOLLEXCLUSIVE, ELOOP", () => {
  const epoll = set();
  const { file } = counterFile();
  assert.equal(epoll.add(file, 3, POLLIN, 0n), 0);
  assert.equal(epoll.add(file, 3, POLLIN, 0n), EEXIST);
  assert.equal(epoll.add(file, 4, POLLIN | EPOLLEXCLUSIVE, 0n), 0);
  assert.equal(epoll.add(file, 5, POLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 0n), EINVAL);
  assert.equal(epoll.modify(file, 4, POLLIN, 0n), EINVAL);
  assert.equal(epoll.modify(file, 9, POLLIN, 0n), ENOENT);
  assert.equal(epoll.delete(file, 9), ENOENT);
  const outer = set();
  assert.equal(outer.add(epoll.file!, 6, POLLIN, 0n), 0);
  assert.equal(epoll.add(outer.file!, 7, POLLIN, 0n), ELOOP);
  let top = outer;
  const results: number[] = [];
  for (let i = 0; i < 5; i++) {
    const next = set();
    results.push(next.add(top.file!, 8, POLLIN, 0n));
    top = next;
  }
  assert.deepEqual(results.slice(0, 4), [0, 0, 0, ELOOP]);
});

test("epoll(7): a set in a set is ready when one of its items is", () => {
  const inner = set();
  const outer = set();
  const { file, counter } = counterFile();
  inner.add(file, 3, POLLIN, 1n);
  outer.add(inner.file!, 4, POLLIN, 2n);
  assert.deepEqual(ready(outer), []);
  counter.add(1, 0, true);
  assert.deepEqual(ready(outer), [[POLLIN, 2n]]);
  counter.count = 0n;
  assert.deepEqual(ready(outer), []);
});

test("epoll(7): the last close of a file takes its items out; the set's own release detaches all", () => {
  const epoll = set();
  const { file, counter } = counterFile(1n);
  file.ref();
  epoll.add(file, 3, POLLIN, 0n);
  file.unref();
  assert.equal(ready(epoll).length, 1);
  file.unref();
  assert.equal(ready(epoll).length, 0);
  assert.ok(counter.queue.empty);
  const other = counterFile();
  epoll.add(other.file, 3, POLLIN, 0n);
  assert.equal(epollOf(epoll.file!), epoll);
  epoll.file!.unref();
  assert.ok(other.counter.queue.empty);
});

test("epoll(7): EPOLLEXCLUSIVE wakes one set of several", () => {
  const { file, counter } = counterFile();
  const sets = [set(), set(), set()];
  for (const epoll of sets) {
    epoll.add(file, 3, POLLIN | EPOLLEXCLUSIVE, 0n);
    epoll.waiters.add({ wake: () => true, exclusive: true });
  }
  counter.count = 1n;
  counter.queue.wakeOne(POLLIN);
  assert.deepEqual(
    sets.map((epoll) => epoll.anyListed),
    [true, false, false],
  );
});
