import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN, EBUSY, ENXIO, EPERM, EPIPE } from "../../abi/errno.ts";
import {
  O_DIRECT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
} from "../../abi/flags.ts";
import { SIGPIPE } from "../../abi/signal.ts";
import { Ram } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { PidNamespace } from "../namespace/pid.ts";
import { Wait, WaitQueue } from "../sched/wait-queue.ts";
import { userCred } from "../security/cred.ts";
import { SignalHandlers } from "../signal/handlers.ts";
import { PendingSignals } from "../signal/pending.ts";
import { Sysctl } from "../sysctl.ts";
import { anonymousInode } from "../vfs/anonymous.ts";
import type { File, FileOperations } from "../vfs/file.ts";
import { Vfs } from "../vfs/vfs.ts";
import { openFifo } from "./fifo.ts";
import { makePipe, pipeOf } from "./file.ts";
import { Pipes } from "./page.ts";

function fakeKernel(uid = 0): Kernel {
  const ram = new Ram({ maximum: 16 << 20 });
  const pipes = new Pipes(new Sysctl(), ram);
  const kernel = { trace: {}, ram, pipes, clock: { now: () => 0n } } as unknown as Kernel;
  const task = {
    pid: 1,
    kernel,
    cred: userCred(uid, uid),
    pending: new PendingSignals(),
    blockedLow: -1,
    blockedHigh: -1,
    awaitedLow: 0,
    awaitedHigh: 0,
    group: {
      pidNamespace: new PidNamespace(),
      signalQueue: new WaitQueue(),
      handlers: new SignalHandlers(),
      pending: new PendingSignals(),
      threads: new Set(),
      limit: () => Number.POSITIVE_INFINITY,
    },
  };
  return Object.assign(kernel, { vfs: new Vfs(kernel), current: task });
}
const write = (file: File, data: number | string): unknown =>
  file.ops.write!(file, new KernelBuffer(typeof data === "string" ? Buffer.from(data) : new Uint8Array(data)), 0);
function read(file: File, room: number): unknown {
  const bytes = new Uint8Array(room);
  const result = file.ops.read!(file, new KernelBuffer(bytes), 0);
  return typeof result === "number" && result > 0 ? Buffer.from(bytes.subarray(0, result)).toString() : result;
}

test("pipe(7): bytes come out in order, across slots, in pieces", () => {
  const [reading, writing] = makePipe(fakeKernel());
  assert.equal(write(writing, "hello "), 6);
  assert.equal(write(writing, "world"), 5);
  assert.equal(pipeOf(reading)!.used, 1);
  assert.equal(read(reading, 3), "hel");
  assert.equal(read(reading, 100), "lo world");
  assert.ok(read(reading, 1) instanceof Wait);
});

test("pipe(7): the capacity is 65536 bytes, or 16 writes of more than half a page", () => {
  const [, writing] = makePipe(fakeKernel(), O_NONBLOCK);
  assert.equal(write(writing, 70000), 65536);
  assert.equal(write(writing, 1), EAGAIN);
  const [, other] = makePipe(fakeKernel(), O_NONBLOCK);
  let writes = 0;
  while (write(other, 2049) === 2049) writes++;
  assert.equal(writes, 16);
});

test("pipe(7): a write of at most PIPE_BUF bytes goes in whole or not at all", () => {
  const [reading, writing] = makePipe(fakeKernel(), O_NONBLOCK);
  assert.equal(write(writing, 15 * 4096 + 1), 15 * 4096 + 1);
  assert.equal(write(writing, 4096), EAGAIN);
  assert.equal(write(writing, 4095), 4095);
  assert.equal(pipeOf(reading)!.bytes, 65536);
});

test("write(2): a blocked write goes on where it stopped and an interruption reports what was done", () => {
  const [reading, writing] = makePipe(fakeKernel());
  const wait = write(writing, 65536 + 10);
  assert.ok(wait instanceof Wait);
  assert.equal((wait.interrupt as () => number)(), 65536);
  read(reading, 4096);
  assert.equal(wait.retry(), 65546);
});

test("pipe(7): no writer is end of file, no reader EPIPE and SIGPIPE", () => {
  const kernel = fakeKernel();
  const [reading, writing] = makePipe(kernel);
  write(writing, "x");
  writing.unref();
  assert.equal(reading.ops.poll!(reading) & (POLLIN | POLLHUP), POLLIN | POLLHUP);
  assert.equal(read(reading, 5), "x");
  assert.equal(read(reading, 5), 0);
  const [other, broken] = makePipe(kernel);
  other.unref();
  assert.equal(write(broken, "x"), EPIPE);
  assert.ok(kernel.current!.pending.has(SIGPIPE));
  assert.equal(broken.ops.poll!(broken) & (POLLOUT | POLLERR), POLLOUT | POLLERR);
});

test("pipe(2): O_DIRECT keeps packets apart and drops what a read has no room for", () => {
  const [reading, writing] = makePipe(fakeKernel(), O_DIRECT);
  write(writing, "one");
  write(writing, "second");
  assert.equal(read(reading, 2), "on");
  assert.equal(read(reading, 100), "second");
});

test("fcntl(2): F_SETPIPE_SZ rounds up, keeps data and refuses what does not fit or is not allowed", () => {
  const kernel = fakeKernel(1000);
  const [reading, writing] = makePipe(kernel, O_NONBLOCK);
  const resize = (size: number): unknown => reading.ops.fcntl!(reading, kernel.current!, 1031, size);
  write(writing, 3 * 4096);
  assert.equal(resize(8192), EBUSY);
  assert.equal(resize(5 * 4096), 8 * 4096);
  assert.equal(resize((1 << 20) + 1), EPERM);
  assert.equal(pipeOf(reading)!.bytes, 3 * 4096);
  assert.equal(write(writing, 1 << 20), 5 * 4096);
});

test("pipes return their pages: a steady exchange takes one page from the pool", () => {
  const kernel = fakeKernel();
  const [reading, writing] = makePipe(kernel);
  write(writing, "a");
  read(reading, 1);
  const page = kernel.pipes.take()!;
  kernel.pipes.release(page);
  for (let i = 0; i < 100; i++) {
    write(writing, "a");
    read(reading, 1);
  }
  assert.equal(kernel.pipes.take(), page);
});

test("fifo(7): a reader waits for a writer, a writer that will not wait gets ENXIO, O_RDWR never waits", () => {
  const kernel = fakeKernel();
  // A FIFO has a name on some filesystem.
  const inode = Object.assign(anonymousInode(kernel, 0o10600), { superblock: {} });
  const open = (flags: number): { file: File; result: unknown } => {
    const file = { inode, flags, path: { mount: undefined } } as unknown as File;
    return { file, result: openFifo(kernel, file) };
  };
  assert.equal(open(O_WRONLY | O_NONBLOCK).result, ENXIO);
  const reader = open(O_RDONLY);
  assert.ok(reader.result instanceof Wait);
  const writer = open(O_WRONLY);
  assert.ok(!(writer.result instanceof Wait));
  assert.ok(typeof ((reader.result as Wait<FileOperations>).retry() as FileOperations).read === "function");
  const both = open(O_RDWR);
  assert.ok(!(both.result instanceof Wait) && typeof both.result !== "number");
});
