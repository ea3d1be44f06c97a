import assert from "node:assert/strict";
import { test } from "node:test";
import { cgroupSettings, parseDeviceRate } from "./cgroup-limits.ts";

const device = (path: string) => (path === "/data" ? "0:31" : "0:1");

test("limits of a group: what docker's options write to cgroup v2", () => {
  assert.deepEqual(cgroupSettings({}, device), []);
  assert.deepEqual(cgroupSettings({ cpus: 0.5, cpuShares: 1024, pids: 64, cpuset: "0" }, device), [
    ["cpu.max", "50000 100000"],
    ["cpu.weight", "39"],
    ["cpuset.cpus", "0"],
    ["pids.max", "64"],
  ]);
  assert.deepEqual(cgroupSettings({ blkioWeight: 500, readBps: { "/data": "1mb" }, writeIops: { "/": 100 } }, device), [
    ["io.weight", "4950"],
    ["io.max", "0:31 rbps=1048576"],
    ["io.max", "0:1 wiops=100"],
  ]);
  assert.deepEqual(cgroupSettings({ pids: -1 }, device), []);
  assert.deepEqual(cgroupSettings({ memory: "1m", memoryReservation: 4096 }, device), [
    ["memory.low", "4096"],
    ["memory.swap.max", "1048576"],
    ["memory.max", "1048576"],
  ]);
  assert.deepEqual(cgroupSettings({ memory: "1m", memorySwap: "3m" }, device)[0], ["memory.swap.max", "2097152"]);
  assert.deepEqual(cgroupSettings({ memory: "1m", memorySwap: -1 }, device)[0], ["memory.swap.max", "max"]);
  assert.throws(() => cgroupSettings({ memorySwap: "1m" }, device), RangeError);
  assert.throws(() => cgroupSettings({ memory: "2m", memorySwap: "1m" }, device), RangeError);
  assert.deepEqual(parseDeviceRate("/a:b:1mb"), ["/a:b", "1mb"]);
});

test("limits of a group: what is none is refused in one line", () => {
  for (const limits of [
    { cpus: 0 },
    { cpus: Number.NaN },
    { cpuShares: 1 },
    { pids: 1.5 },
    { pids: -2 },
    { blkioWeight: 5 },
  ]) {
    assert.throws(() => cgroupSettings(limits, device), RangeError, JSON.stringify(limits));
  }
  assert.throws(() => cgroupSettings({ readBps: { "/": "x" } }, device), RangeError);
  for (const text of ["", "/data", "/data:", ":1mb"]) assert.throws(() => parseDeviceRate(text), RangeError, text);
});
