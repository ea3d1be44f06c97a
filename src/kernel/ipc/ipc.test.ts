import assert from "node:assert/strict";
import { test } from "node:test";
import { E2BIG, EAGAIN, EEXIST, EIDRM, EINTR, ENOENT, ENOMSG, ERANGE } from "../../abi/errno.ts";
import { Wait } from "../sched/wait-queue.ts";
import { userCred } from "../security/cred.ts";
import { Sysctl } from "../sysctl.ts";
import { Ipc } from "./ipc.ts";
import { type Message, MessageQueue, MSG_EXCEPT, MSG_NOERROR } from "./messages.ts";
import { SEM_UNDO, type SemaphoreSet } from "./semaphores.ts";
import { IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IpcPermissions } from "./table.ts";

const root = userCred(0, 0);
const now = () => 1;

function newSet(ipc: Ipc, count = 2): SemaphoreSet {
  const { semaphores } = ipc;
  const id = semaphores.sets.get(
    0,
    0o600,
    root,
    () => 0,
    (permissions) => semaphores.make(permissions, count, now),
  );
  return semaphores.sets.find(id) as SemaphoreSet;
}
const op = (number: number, change: number, flags = 0) => ({ number, change, flags });
const a = {};
const b = {};

test("semop(2): all operations or none", () => {
  const set = newSet(new Ipc(new Sysctl()));
  assert.equal(set.operate([op(0, 2), op(1, -1, IPC_NOWAIT)], 1, a, undefined), EAGAIN);
  assert.equal(set.semaphores[0]!.value, 0);
  assert.equal(set.operate([op(0, 2), op(0, -1)], 1, a, undefined), 0);
  assert.equal(set.semaphores[0]!.value, 1);
  assert.equal(set.operate([op(0, 32767)], 1, a, undefined), ERANGE);
});

test("semop(2): those who wait are served in order, by whoever makes it possible", () => {
  const set = newSet(new Ipc(new Sysctl()));
  const first = set.operate([op(0, -2)], 1, a, undefined) as Wait;
  const second = set.operate([op(0, -1)], 2, b, undefined) as Wait;
  assert.equal(set.waiting(0, false), 2);
  set.operate([op(0, 1)], 3, a, undefined);
  assert.equal(second.retry(), 0);
  assert.ok(first.retry() instanceof Wait);
  set.operate([op(0, 2)], 3, a, undefined);
  assert.equal(first.retry(), 0);
  assert.equal(set.semaphores[0]!.value, 0);
  const third = set.operate([op(0, -1)], 1, a, undefined) as Wait;
  assert.equal((third.interrupt as () => number)(), EINTR);
  assert.equal(set.waiting(0, false), 0);
});

test("semop(2): SEM_UNDO is undone when the process ends; removal wakes with EIDRM", () => {
  const ipc = new Ipc(new Sysctl());
  const set = newSet(ipc);
  set.operate([op(0, 3)], 1, a, undefined);
  set.operate([op(0, -2, SEM_UNDO)], 2, b, undefined);
  assert.equal(set.semaphores[0]!.value, 1);
  ipc.exit(b, 2);
  assert.equal(set.semaphores[0]!.value, 3);
  const wait = set.operate([op(1, -1)], 1, a, undefined) as Wait;
  ipc.semaphores.remove(set);
  assert.equal(wait.retry(), EIDRM);
});

test("svipc(7): keys, exclusive creation, and identifiers that don't come back", () => {
  const { queues } = new Ipc(new Sysctl()).messages;
  const get = (key: number, flags: number) =>
    queues.get(
      key,
      flags | 0o600,
      root,
      () => 0,
      (permissions) => new MessageQueue(permissions, now),
    );
  assert.equal(get(7, 0), ENOENT);
  const id = get(7, IPC_CREAT);
  assert.equal(get(7, IPC_CREAT), id);
  assert.equal(get(7, IPC_CREAT | IPC_EXCL), EEXIST);
  queues.remove(queues.find(id) as MessageQueue);
  assert.notEqual(get(7, IPC_CREAT), id);
});

test("msgrcv(2): by type, lowest up to a type, any but a type; sizes", () => {
  const queue = new MessageQueue(new IpcPermissions(0, 0o600, root, root.userNamespace), now);
  for (const type of [3n, 1n, 2n]) queue.send({ type, text: new Uint8Array(Number(type) * 10) }, 0, 1);
  const type = (message: unknown) => (message as Message).type;
  assert.equal(queue.receive(5, 1n, 0, 1), E2BIG);
  assert.equal(type(queue.receive(100, -2n, 0, 1)), 1n);
  assert.equal(type(queue.receive(100, 3n, MSG_EXCEPT, 1)), 2n);
  assert.equal(queue.receive(100, 5n, IPC_NOWAIT, 1), ENOMSG);
  assert.equal(type(queue.receive(5, 0n, MSG_NOERROR, 1)), 3n);
  assert.ok(queue.receive(5, 0n, 0, 1) instanceof Wait);
  assert.equal(queue.send({ type: 1n, text: new Uint8Array(16384) }, IPC_NOWAIT, 1), 0);
  assert.equal(queue.send({ type: 1n, text: new Uint8Array(1) }, IPC_NOWAIT, 1), EAGAIN);
});
