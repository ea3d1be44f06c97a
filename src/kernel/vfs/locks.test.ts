import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFlock } from "../../abi/fcntl.ts";
import { tmpfs } from "../fs/tmpfs/tmpfs.ts";
import { Wait } from "../sched/wait-queue.ts";
import { FileCaller, fakeKernel, fakeRoot } from "./caller.fake.ts";

const GETLK = 5;
const SETLK = 6;
const SETLKW = 7;
const OFD_SETLK = 37;
const READ = 0;
const WRITE = 1;
const UNLOCK = 2;
const SH = 1;
const EX = 2;
const NB = 4;

function two(): [FileCaller, FileCaller] {
  const kernel = fakeKernel();
  const root = fakeRoot(kernel, tmpfs);
  const a = new FileCaller(kernel, root);
  const b = new FileCaller(kernel, root, a.task.cred, 2);
  a.save("/f", "0123456789");
  return [a, b];
}
const flock = (type: number, start: number, length: number): Uint8Array =>
  encodeFlock({ type, whence: 0, start: BigInt(start), length: BigInt(length), pid: 0 });
const lock = (c: FileCaller, fd: number, type: number, start: number, length: number, command = SETLK): unknown =>
  c.call("fcntl", fd, command, flock(type, start, length));

test("fcntl(2): readers share, writers exclude, ranges that touch don't", () => {
  const [a, b] = two();
  const fa = a.fd("/f");
  const fb = b.fd("/f");
  assert.equal(lock(a, fa, READ, 0, 5), 0);
  assert.equal(lock(b, fb, READ, 0, 5), 0);
  assert.equal(lock(b, fb, WRITE, 0, 5), "EAGAIN");
  assert.equal(lock(b, fb, WRITE, 5, 5), 0);
  assert.equal(lock(a, fa, WRITE, 9, 1), "EAGAIN");
  assert.equal(lock(a, fa, WRITE, 10, 1), 0);
  const probe = a.put(flock(WRITE, 0, 0));
  assert.equal(a.call("fcntl", fa, GETLK, probe), 0);
  assert.equal(a.view.getInt16(probe, true), READ);
  assert.equal(a.view.getBigInt64(probe + 16, true), 5n);
  assert.equal(a.view.getInt32(probe + 24, true), 2);
});

test("fcntl(2): unlocking the middle splits, locking it again joins", () => {
  const [a, b] = two();
  const fa = a.fd("/f");
  const fb = b.fd("/f");
  lock(a, fa, WRITE, 0, 10);
  lock(a, fa, UNLOCK, 4, 2);
  assert.equal(lock(b, fb, WRITE, 4, 2), 0);
  assert.equal(lock(b, fb, WRITE, 3, 1), "EAGAIN");
  assert.equal(lock(b, fb, UNLOCK, 0, 0), 0);
  lock(a, fa, WRITE, 4, 2);
  const probe = b.put(flock(READ, 2, 1));
  b.call("fcntl", fb, GETLK, probe);
  assert.equal(b.view.getBigInt64(probe + 8, true), 0n);
  assert.equal(b.view.getBigInt64(probe + 16, true), 10n);
});

test("fcntl(2): closing any descriptor of the file drops the process's locks", () => {
  const [a, b] = two();
  const fa = a.fd("/f");
  const second = a.fd("/f");
  const fb = b.fd("/f");
  lock(a, fa, WRITE, 0, 0);
  assert.equal(lock(b, fb, WRITE, 0, 0), "EAGAIN");
  a.close(second);
  assert.equal(lock(b, fb, WRITE, 0, 0), 0);
});

test("fcntl(2): F_SETLKW waits, and finds a deadlock", () => {
  const [a, b] = two();
  const fa = a.fd("/f");
  const fb = b.fd("/f");
  lock(a, fa, WRITE, 0, 1);
  lock(b, fb, WRITE, 1, 1);
  const waiting = a.raw("fcntl", fa, SETLKW, flock(WRITE, 1, 1));
  assert.ok(waiting instanceof Wait);
  assert.equal(lock(b, fb, WRITE, 0, 1, SETLKW), "EDEADLK");
  let woken = false;
  waiting.queues[0]!.add({ wake: () => (woken = true) });
  lock(b, fb, UNLOCK, 1, 1);
  assert.ok(woken);
  assert.equal(waiting.retry(), 0);
});

test("fcntl(2): OFD locks belong to the open description", () => {
  const [a] = two();
  const one = a.fd("/f");
  const two_ = a.fd("/f");
  assert.equal(lock(a, one, WRITE, 0, 0, OFD_SETLK), 0);
  assert.equal(lock(a, two_, WRITE, 0, 0, OFD_SETLK), "EAGAIN");
  const copy = a.call("dup", one) as number;
  a.close(one);
  assert.equal(lock(a, two_, WRITE, 0, 0, OFD_SETLK), "EAGAIN");
  a.close(copy);
  assert.equal(lock(a, two_, WRITE, 0, 0, OFD_SETLK), 0);
});

test("flock(2): shared and exclusive, by open description, released with it", () => {
  const [a, b] = two();
  const fa = a.fd("/f");
  const fb = b.fd("/f");
  assert.equal(a.call("flock", fa, SH), 0);
  assert.equal(b.call("flock", fb, SH | NB), 0);
  assert.equal(b.call("flock", fb, EX | NB), "EAGAIN");
  assert.equal(a.call("flock", fa, EX | NB), 0);
  assert.equal(b.call("flock", fb, SH), "WAIT");
  a.close(fa);
  assert.equal(b.call("flock", fb, EX | NB), 0);
  assert.equal(b.call("flock", fb, 3), "EINVAL");
});
