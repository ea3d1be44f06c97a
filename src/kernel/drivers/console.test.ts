// The console outside, through the line discipline: what is typed, what is written, back-pressure, the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { O_NONBLOCK, O_RDWR } from "../../abi/flags.ts";
import type { Console } from "../../host/host.ts";
import { Ram } from "../../machine/ram.ts";
import { Kernel } from "../kernel.ts";
import { KernelBuffer } from "../mm/user.ts";
import { Wait } from "../sched/wait-queue.ts";
import { anonymousInode } from "../vfs/anonymous.ts";
import { File } from "../vfs/file.ts";
import { Path } from "../vfs/mount.ts";
import { registerDrivers } from "./index.ts";
import { makedev } from "./table.ts";
import { terminalOf } from "./tty/file.ts";

function setUp(flags = O_RDWR) {
  const kernel = new Kernel({
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
  let shown = "";
  let wants = true;
  const console: Console = {
    write(bytes) {
      shown += new TextDecoder().decode(bytes);
      return wants;
    },
    onInput: undefined,
    onResize: undefined,
    onDrain: undefined,
    columns: 80,
    rows: 24,
  };
  registerDrivers(kernel, { console });
  const path = new Path(kernel.vfs.anonymous, kernel.vfs.anonymous.root);
  const open = (major: number, minor: number) => {
    const file = new File(path, anonymousInode(kernel, 0o20600), flags, {});
    const ops = kernel.devices.character(makedev(major, minor))!.open(file);
    if (typeof ops === "number" || ops instanceof Wait) throw new Error("not opened");
    file.ops = ops;
    return file;
  };
  return {
    console,
    file: open(5, 1),
    type: (text: string) => console.onInput!(new TextEncoder().encode(text)),
    shown: () => shown,
    want: (on: boolean) => {
      wants = on;
      if (on) console.onDrain!();
    },
  };
}

function read(file: File, count = 100): unknown {
  const into = new Uint8Array(count);
  const n = file.ops.read!(file, new KernelBuffer(into), 0);
  return typeof n === "number" && n > 0 ? new TextDecoder().decode(into.subarray(0, n)) : n;
}
const write = (file: File, text: string) => file.ops.write!(file, new KernelBuffer(new TextEncoder().encode(text)), 0);

test("the console echoes what is typed and gives it line by line", () => {
  const { file, type, shown } = setUp();
  const wait = read(file);
  assert.ok(wait instanceof Wait);
  type("ls -\x7f\x7f\r");
  assert.equal(wait.retry(), 3);
  assert.equal(shown(), "ls -\b \b\b \b\r\n");
  type("two\nlines\n");
  assert.equal(read(file), "two\n");
  assert.equal(read(file), "lines\n");
});

test("the console's back-pressure stops a writer, and draining frees it", () => {
  const { file, shown, want } = setUp();
  assert.equal(write(file, "a\n"), 2);
  assert.equal(shown(), "a\r\n");
  want(false);
  assert.equal(write(file, "b"), 1);
  const wait = write(file, "c".repeat(10_000));
  assert.ok(wait instanceof Wait);
  want(true);
  assert.equal(wait.retry(), 10_000);
  assert.equal(shown().length, 10_004);
});

test("the console's size is the terminal's, and follows", () => {
  const { file, console } = setUp();
  const terminal = terminalOf(file)!;
  assert.deepEqual(terminal.window, { columns: 80, rows: 24, xpixel: 0, ypixel: 0 });
  console.onResize!(100, 40);
  assert.deepEqual(terminal.window, { columns: 100, rows: 40, xpixel: 0, ypixel: 0 });
});

test("the console's end is read after all that was typed", () => {
  const { file, type } = setUp(O_RDWR | O_NONBLOCK);
  type("last\n");
  type("");
  assert.equal(read(file), "last\n");
  assert.equal(read(file), 0);
  assert.equal(write(file, "x"), -5);
});
