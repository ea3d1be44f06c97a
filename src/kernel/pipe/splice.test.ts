import assert from "node:assert/strict";
import { test } from "node:test";
import { EAGAIN, ERESTARTSYS } from "../../abi/errno.ts";
import { Ram } from "../../machine/ram.ts";
import type { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { type Wait, WaitQueue, waitOn } from "../sched/wait-queue.ts";
import { Sysctl } from "../sysctl.ts";
import type { File } from "../vfs/file.ts";
import { Vfs } from "../vfs/vfs.ts";
import { makePipe, pipeOf } from "./file.ts";
import { Pipes } from "./page.ts";
import { duplicate, memoryToPipe, pipeToPipe, repeat } from "./splice.ts";

const ram = new Ram({ maximum: 16 << 20 });
const kernel = { ram, pipes: new Pipes(new Sysctl(), ram), clock: { now: () => 0n } } as unknown as Kernel;
Object.assign(kernel, { vfs: new Vfs(kernel) });

const write = (file: File, text: string): unknown => file.ops.write!(file, new KernelBuffer(Buffer.from(text)), 0);
function read(file: File): string {
  const bytes = new Uint8Array(100);
  const n = file.ops.read!(file, new KernelBuffer(bytes), 0) as number;
  return Buffer.from(bytes.subarray(0, n)).toString();
}

test("splice(2) between pipes moves slots, the last in part, and later writes stay apart", () => {
  const [fromOut, fromIn] = makePipe(kernel);
  const [toOut, toIn] = makePipe(kernel);
  write(fromIn, "hello world");
  assert.equal(pipeToPipe(pipeOf(fromOut)!, pipeOf(toIn)!, 5, false), 5);
  write(toIn, "!");
  write(fromIn, "?");
  assert.equal(read(toOut), "hello!");
  assert.equal(read(fromOut), " world?");
  assert.equal(pipeToPipe(pipeOf(fromOut)!, pipeOf(toIn)!, 5, true), EAGAIN);
});

test("tee(2) leaves the data where they are", () => {
  const [fromOut, fromIn] = makePipe(kernel);
  const [toOut, toIn] = makePipe(kernel);
  write(fromIn, "abc");
  assert.equal(duplicate(pipeOf(fromOut)!, pipeOf(toIn)!, 100, false), 3);
  write(fromIn, "d");
  assert.equal(read(toOut), "abc");
  assert.equal(read(fromOut), "abcd");
});

test("vmsplice(2) fills what room there is", () => {
  const [, into] = makePipe(kernel);
  assert.equal(memoryToPipe(new KernelBuffer(new Uint8Array(100000)), pipeOf(into)!, true), 65536);
  assert.equal(memoryToPipe(new KernelBuffer(new Uint8Array(1)), pipeOf(into)!, true), EAGAIN);
});

test("a transfer that waits goes on where it was, and a signal reports what was moved", () => {
  const queue = new WaitQueue();
  let ready = false;
  const step = (left: number): number | Wait => {
    const inner: Wait = waitOn<number>(queue, () => (ready ? Math.min(left, 4) : inner));
    if (ready) return Math.min(left, 4);
    return inner;
  };
  const nothing = repeat(10, step) as Wait;
  assert.equal((nothing.interrupt as () => number)(), ERESTARTSYS);
  let first = true;
  const part = repeat(10, (left) => {
    if (!first) return step(left);
    first = false;
    return 3;
  }) as Wait;
  assert.equal((part.interrupt as () => number)(), 3);
  ready = true;
  assert.equal(part.retry(), 10);
});
