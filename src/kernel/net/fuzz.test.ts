// Random calls of the whole family with arguments that are often sensible: nothing may throw, and when all descriptors
// are closed nothing may be left. AIRSIDE_FUZZ=N makes N calls, AIRSIDE_SEED starts elsewhere.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tmpfs } from "../fs/tmpfs/tmpfs.ts";
import { Wait } from "../sched/wait-queue.ts";
import { userCred } from "../security/cred.ts";
import { rows } from "../syscalls/socket.ts";
import { fakeRoot } from "../vfs/caller.fake.ts";
import { Caller, fakeKernel } from "./calls.fake.ts";

/** A small generator of random numbers that is the same everywhere. */
function random(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const COUNT = Number(process.env.AIRSIDE_FUZZ ?? 30_000);
const SEED = Number(process.env.AIRSIDE_SEED ?? 1);

test(`socket calls: ${COUNT} random ones throw nothing and leave nothing behind`, () => {
  const { kernel, host } = fakeKernel();
  const next = random(SEED);
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const root = fakeRoot(kernel, tmpfs);
  const callers = [new Caller(kernel, 1, undefined, root), new Caller(kernel, 2, userCred(1000, 1000), root)];
  const waits: { caller: Caller; wait: Wait }[] = [];
  const SCRATCH = 1 << 20;

  const address = (c: Caller): number => {
    const at = SCRATCH + next(64) * 4096;
    const kind = next(8);
    const { memory } = c;
    for (let i = 0; i < 128; i++) memory[at + i] = 0;
    if (kind < 3) {
      memory.set(
        [
          2,
          0,
          next(3) === 0 ? 0 : 0x40,
          next(6),
          ...pick([
            [127, 0, 0, 1],
            [0, 0, 0, 0],
            [127, 9, 9, 9],
            [224, 0, 0, 1],
            [8, 8, 8, 8],
            [255, 255, 255, 255],
          ]),
        ],
        at,
      );
    } else if (kind < 5) {
      memory.set([10, 0, 0x40, next(6)], at);
      memory[at + 23] = next(2);
      if (next(3) === 0) memory.set([255, 255, 127, 0, 0, 1], at + 18);
    } else if (kind < 7) memory.set([1, 0, next(2) === 0 ? 0 : 46, 97 + next(4)], at);
    else for (let i = 0; i < 40; i++) memory[at + i] = next(256);
    return at;
  };
  const message = (c: Caller): number => {
    const at = SCRATCH + (64 + next(32)) * 4096;
    const { view } = c;
    const iov = at + 1024;
    const control = at + 2048;
    view.setBigUint64(at, BigInt(next(2) === 0 ? 0 : address(c)), true);
    view.setUint32(at + 8, pick([0, 16, 28, 4, 110]), true);
    view.setBigUint64(at + 16, BigInt(iov), true);
    view.setBigUint64(at + 24, BigInt(next(3)), true);
    for (let i = 0; i < 3; i++) {
      view.setBigUint64(iov + i * 16, BigInt(pick([SCRATCH, SCRATCH, 16])), true);
      view.setBigUint64(iov + i * 16 + 8, BigInt(next(2000)), true);
    }
    view.setBigUint64(at + 32, BigInt(next(3) === 0 ? 0 : control), true);
    view.setBigUint64(at + 40, BigInt(pick([0, 8, 20, 24, 32, 64, 128])), true);
    view.setBigUint64(control, BigInt(pick([20, 24, 28, 28, 32, next(200)])), true);
    view.setInt32(control + 8, pick([0, 1, 1, 1, 17, 41, next(300)]), true);
    view.setInt32(control + 12, pick([1, 1, 2, 8, 50, 52, 103, next(100)]), true);
    for (let i = 0; i < 12; i++) view.setInt32(control + 16 + i * 4, next(40) - 1, true);
    return at;
  };
  const argument = (c: Caller, kind: string, name: string): number => {
    if (next(60) === 0) return pick([0, 1, -1, 16, 0x7fffffff, -0x80000000, next(1 << 30)]);
    switch (kind) {
      case "fd":
        return next(60);
      case "flags":
        return next(2) === 0
          ? 0
          : pick([1, 2, 0x20, 0x40, 0x42, 0x100, 0x2000, 0x4000, 0x8000, 0x40000000, next(1 << 16)]);
      case "size":
        return pick([0, 1, 5, 100, 5000, 70_000, 300_000]);
      case "in":
        return name === "message" || name === "vector"
          ? message(c)
          : name === "address"
            ? address(c)
            : SCRATCH + next(1000);
      case "inout":
        if (name === "message" || name === "vector") return message(c);
        c.view.setInt32(SCRATCH - 64, pick([0, 2, 4, 16, 28, 110, 128, -1]), true);
        return SCRATCH - 64;
      case "in-bytes":
      case "out-bytes":
        return SCRATCH;
      case "out":
        return name === "address" && next(3) === 0 ? 0 : SCRATCH - 4096;
      case "address":
        return 0;
      default:
        if (name === "family") return pick([1, 1, 1, 2, 2, 2, 10, 10, 16, 17, next(50)]);
        if (name === "type") return pick([1, 1, 2, 2, 3, 5, next(12)]) | (next(3) === 0 ? 0o4000 : 0);
        if (name === "protocol") return pick([0, 0, 0, 0, 1, 6, 17, 58, 136, 255]);
        if (name === "level") return pick([0, 1, 1, 6, 17, 41, 255, 270]);
        if (name === "name") return next(80);
        if (name === "length") return pick([0, 2, 4, 4, 8, 16, 16, 20, 28, 110, 128]);
        if (name === "backlog" || name === "how" || name === "count") return next(4);
        return next(10);
    }
  };
  const other = (c: Caller, fd: number): void => {
    const file = c.task.files.get(fd);
    if (!file) return;
    kernel.current = c.task;
    switch (next(4)) {
      case 0:
        file.ops.poll?.(file);
        break;
      case 1:
        c.view.setInt32(SCRATCH - 128, next(3), true);
        file.ops.ioctl?.(
          file,
          c.task,
          pick([0x541b, 0x5411, 0x8905, 0x8912, 0x8913, 0x8927, 0x8933, 0x8900 + next(256)]),
          (SCRATCH - 128) as never,
        );
        break;
      case 2:
        for (const name of kernel.net.tables.keys()) kernel.net.tables.get(name)?.();
        break;
      default:
        c.close(fd);
    }
  };

  const interrupt = (wait: Wait): void => {
    if (typeof wait.interrupt === "function") wait.interrupt();
  };

  for (let i = 0; i < COUNT; i++) {
    const c = pick(callers);
    const step = next(10);
    if (step === 0) other(c, next(60));
    else if (step === 1 && waits.length > 0) {
      const [entry] = waits.splice(next(waits.length), 1);
      if (!entry) continue;
      kernel.current = entry.caller.task;
      const way = next(4);
      if (way === 0 && entry.wait.deadline !== undefined) entry.wait.onTimeout();
      else if (way < 2) interrupt(entry.wait);
      else {
        const again = entry.wait.retry();
        if (again instanceof Wait) waits.push({ caller: entry.caller, wait: again });
      }
    } else if (step === 2) {
      host.time += next(2_000_000_000);
      kernel.current = undefined;
      kernel.timers.run();
    } else {
      const row = pick(rows);
      const values = row.arguments.map(({ kind, name }) => argument(c, kind, name));
      const result = c.begin(row.name, ...values);
      if (result instanceof Wait) {
        if (waits.length < 100) waits.push({ caller: c, wait: result });
        else interrupt(result);
      } else if (typeof result === "number")
        assert.ok(Number.isInteger(result) && result > -600, `${row.name} ${result}`);
    }
  }

  for (const { caller, wait } of waits) {
    kernel.current = caller.task;
    interrupt(wait);
  }
  for (const c of callers) for (const [fd] of [...c.task.files.open()]) c.close(fd);
  host.time += 1e12;
  kernel.timers.run();
  const { inet, netlink, unix } = kernel.net;
  unix.inFlight.collect();
  assert.deepEqual(
    {
      unix: unix.sockets.size,
      names: unix.abstract.size,
      tcp: inet.tcpSockets.size,
      udp: inet.udpSockets.size,
      raw: inet.rawSockets.size,
      netlink: netlink.size,
      connections: inet.connections.size,
    },
    { unix: 0, names: 0, tcp: 0, udp: 0, raw: 0, netlink: 0, connections: 0 },
  );
});
