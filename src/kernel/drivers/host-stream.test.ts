import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteSink, ByteSource } from "../../host/host.ts";
import { Ram } from "../../machine/ram.ts";
import { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { Wait } from "../sched/wait-queue.ts";
import type { File } from "../vfs/file.ts";
import { hostInput, hostOutput } from "./host-stream.ts";

const kernel = () =>
  new Kernel({
    host: {
      monotonic: () => 0,
      realtime: () => 0n,
      random: () => undefined,
      soon: () => undefined,
      after: () => () => undefined,
    },
    ram: new Ram({ maximum: 16 << 20 }),
    syscalls: [],
  });

function read(file: File, count: number): string | number | undefined {
  const into = new Uint8Array(count);
  const n = file.ops.read!(file, new KernelBuffer(into), 0);
  if (n instanceof Wait) return undefined;
  return n <= 0 ? n : new TextDecoder().decode(into.subarray(0, n));
}
const write = (file: File, text: string) => file.ops.write!(file, new KernelBuffer(new TextEncoder().encode(text)), 0);

function source() {
  const log: string[] = [];
  const it: ByteSource = {
    onData: undefined,
    resume: () => void log.push("resume"),
    close: () => void log.push("close"),
  };
  return { it, log, send: (text: string) => it.onData?.(new TextEncoder().encode(text)) };
}

test("a host's input is read as it comes, and ends", () => {
  const { it, log, send } = source();
  const file = hostInput(kernel(), it);
  assert.equal(read(file, 10), undefined);
  assert.deepEqual(log, ["resume"]);
  assert.equal(send("hello "), true);
  send("world");
  assert.equal(read(file, 8), "hello wo");
  send("");
  assert.equal(read(file, 8), "rld");
  assert.equal(read(file, 8), 0);
  assert.equal(log.at(-1), "close");
});

test("a host's input is held back while nobody reads", () => {
  const { it, log, send } = source();
  const file = hostInput(kernel(), it);
  let sent = 0;
  while (send("x".repeat(10_000)) && sent < 100) sent++;
  assert.ok(sent < 8, `${sent} parts of 10,000 bytes`);
  const before = log.length;
  for (let i = 0; i < 100 && read(file, 65536) !== undefined; i++);
  assert.ok(log.length > before, "asked for more");
  file.unref();
  assert.equal(log.at(-1), "close");
});

test("output reaches the host with each write; back-pressure stops the writer and onDrain frees it", () => {
  let text = "";
  let wants = true;
  let ended = false;
  const sink: ByteSink = {
    write(bytes) {
      text += new TextDecoder().decode(bytes);
      return wants;
    },
    onDrain: undefined,
    onClose: undefined,
    end() {
      ended = true;
    },
  };
  const file = hostOutput(kernel(), sink);
  assert.equal(write(file, "one"), 3);
  assert.equal(text, "one");
  assert.equal(write(file, "y".repeat(300_000)), 300_000);
  assert.equal(text.length, 300_003);
  wants = false;
  write(file, "z");
  const wait = write(file, "w".repeat(100_000));
  assert.ok(wait instanceof Wait);
  wants = true;
  sink.onDrain!();
  assert.equal(wait.retry(), 100_000);
  assert.equal(text.length, 400_004);
  file.unref();
  assert.equal(ended, true);
});

test("a host that has closed its end gives writers EPIPE", () => {
  const sink: ByteSink = { write: () => true, onDrain: undefined, onClose: undefined, end: () => undefined };
  const file = hostOutput(kernel(), sink);
  sink.onClose!();
  assert.equal(write(file, "x"), -32);
});
