// Random system calls: programs made from the rows' argument types, each in a machine of its own so that a seed
// reproduces it. The kernel must answer each call; an exception in it fails the test, with the seed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemCalls } from "../../src/kernel/syscalls/index.ts";
import type { Row } from "../../src/kernel/syscalls/table.ts";
import { bootWith, compile, generator } from "./machine.ts";

const CALLS = Number(process.env.AIRSIDE_FUZZ_CALLS ?? 1_000_000);
const FIRST_SEED = Number(process.env.AIRSIDE_FUZZ_SEED ?? 1);
const PER_PROGRAM = 1000;
const _ARENA = 1 << 18;
/** Calls that only end the program or wait for ever. */
const LEFT_OUT = new Set(["exit", "exit_group", "rt_sigreturn", "execve", "execveat", "rt_sigsuspend"]);

const PATHS = [
  "/",
  ".",
  "..",
  "/program",
  "/tmp",
  "a",
  "b",
  "d/x",
  "/proc/self/mem",
  "/dev/null",
  "/proc/self/fd",
  "/dev/zero",
  "d",
  "/proc/1/status",
  "f1",
  "",
  "/dev/ptmx",
  "/dev/tty",
  "/sys",
];

function arena(random: (below: number) => number): Uint8Array {
  const bytes = new Uint8Array(16384);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(4) === 0 ? random(256) : random(3) === 0 ? random(8) : 0;
  return bytes;
}

function argument(row: Row, index: number, random: (below: number) => number): [value: bigint, how: number] {
  const kind = row.arguments[index]?.kind;
  const wild = (): [bigint, number] => {
    const bits = BigInt(random(2 ** 31)) << BigInt(random(33));
    return [BigInt.asUintN(64, random(2) === 0 ? -bits : bits), 0];
  };
  if (kind === undefined) return [0n, 0];
  if (random(24) === 0) return wild();
  switch (kind) {
    case "fd":
      return random(3) === 0 ? [BigInt(random(256)), 2] : [BigInt.asUintN(64, BigInt(random(16) - 1)), 0];
    case "dirfd":
      return [BigInt.asUintN(64, random(2) === 0 ? -100n : BigInt(random(8))), 0];
    case "path":
    case "text":
      return [BigInt(random(PATHS.length) * 32), 1];
    case "flags":
    case "mode":
      return [random(2) === 0 ? 0n : BigInt(1 << random(31)) | BigInt(random(8)), 0];
    case "size":
    case "ulong":
      return [BigInt([0, 1, 8, 16, 24, 64, 128, 4096, 65536][random(9)]!), 0];
    case "pid":
      return [BigInt(random(3) === 0 ? 0 : random(5) + 2), 0];
    case "signal":
      return [BigInt([0, 10, 12, 17, 18, 23, 28, 34, 64, 65][random(10)]!), 0];
    case "int":
    case "uint":
    case "uid":
    case "long":
    case "offset":
    case "bits":
      return [BigInt.asUintN(64, BigInt(random(40) - 4)), 0];
    default:
      return [BigInt(random(12000) & ~7) + 1024n, random(16) === 0 ? 3 : 1];
  }
}

function program(seed: number, rows: readonly Row[]): Uint8Array {
  const random = generator(seed * 2654435761);
  const words = new BigUint64Array(8 * (PER_PROGRAM + 1));
  for (let i = 1; i <= PER_PROGRAM; i++) {
    const row = rows[random(rows.length)]!;
    words[8 * i] = BigInt(row.number);
    let how = 0n;
    for (let k = 0; k < 6; k++) {
      const [value, kind] = argument(row, k, random);
      words[8 * i + 1 + k] = value;
      how |= BigInt(kind) << BigInt(4 * k);
    }
    words[8 * i + 7] = how;
  }
  const data = arena(random);
  for (const [i, path] of PATHS.entries()) data.set(new TextEncoder().encode(`${path}\0`), i * 32);
  words[0] = BigInt(PER_PROGRAM);
  words[1] = BigInt(data.length);
  const bytes = new Uint8Array(words.byteLength + data.length);
  bytes.set(new Uint8Array(words.buffer));
  bytes.set(data, words.byteLength);
  return bytes;
}

test(`${CALLS} random system calls meet no kernel exception`, async () => {
  const rows = systemCalls().filter((row): row is Row => row !== undefined && !LEFT_OUT.has(row.name));
  const image = compile("calls", "-nostdlib", "-nostartfiles", "-ffreestanding");
  let made = 0;
  const found = new Map<string, string>();
  for (let seed = FIRST_SEED; made < CALLS; seed++) {
    const { machine, oopses } = bootWith(image);
    const child = await machine.spawn(["/program"], { stdout: "null", stderr: "null" });
    child.stdin.end(program(seed, rows));
    // What blocks is cut short: a program that waits for ever has been fuzzed enough.
    const timeout = setTimeout(() => child.kill(9), 150);
    await child.exited;
    clearTimeout(timeout);
    for (const task of machine.kernel.tasks.all) made += task.syscalls;
    made += child.calls;
    await machine.shutdown();
    const texts = oopses().map((record) => record.text);
    for (const [i, text] of texts.entries()) {
      if (!text.startsWith("Oops: ")) continue;
      // One report for each place in the kernel.
      const place = `${text.replace(/\[#\d+\]/, "")} ${texts[i + 4]}`;
      if (!found.has(place)) found.set(place, [`seed ${seed}`, ...texts.slice(i, i + 14)].join("\n"));
    }
  }
  assert.equal([...found.values()].join("\n\n"), "");
});
