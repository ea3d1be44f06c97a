import assert from "node:assert/strict";
import { test } from "node:test";
import { boot } from "../../index.ts";
import { Evidence } from "../doctor/evidence.ts";
import type { GateFrame } from "./frame.ts";
import { Gate } from "./gate.ts";
import { only } from "./only.ts";
import { processDetails } from "./process.ts";

const sumOf = (frames: readonly GateFrame[], pick: (frame: GateFrame) => number): number =>
  frames.reduce((sum, frame) => sum + pick(frame), 0);

test("frames add up to what the process did, and tell when it is gone", async () => {
  const machine = await boot({ image: "busybox", memory: "256m" });
  const gate = new Gate(machine.kernel);
  const stop = machine.kernel.trace.listen(gate);
  const child = await machine.spawn(["dd", "if=/dev/zero", "of=/dev/null", "bs=100", "count=2000"]);
  const frames: GateFrame[] = [];
  const timer = setInterval(() => frames.push(gate.frame()), 5);
  await child.exited;
  clearInterval(timer);
  frames.push(gate.frame());
  stop();
  const calls = (name: string) => frames.flatMap((frame) => frame.calls.filter((call) => call.name === name));
  assert.equal(calls("write").reduce((sum, call) => sum + call.bytes, 0) >= 200_000, true);
  assert.ok(calls("write").every((call) => call.largest <= 4096));
  assert.ok(calls("read").reduce((sum, call) => sum + call.calls, 0) >= 2000);
  assert.ok(sumOf(frames, (frame) => frame.kernel) > 0);
  const last = frames.flatMap((frame) => frame.processes).filter((process) => process.pid === child.pid);
  assert.equal(last.at(-1)?.status, 0);
  assert.equal(last.at(-1)?.name, "dd");
  assert.ok(last.reduce((sum, process) => sum + process.calls, 0) >= 4000, JSON.stringify(last));
  assert.ok(frames.some((frame) => frame.timeline.length > 0 && frame.timeline[1] === child.pid));
  await machine.shutdown();
});

test("a process in detail: its command, areas and descriptors; none once it is gone", async () => {
  const machine = await boot({ image: "busybox", memory: "256m" });
  const child = await machine.spawn(["sleep", "100"]);
  await machine.exec(["true"]);
  const details = processDetails(machine.kernel, child.pid);
  assert.deepEqual(details?.command, ["sleep", "100"]);
  assert.deepEqual(
    details?.descriptors.map(({ fd }) => fd),
    [0, 1, 2],
  );
  const text = details?.areas.find((area) => area.mode === "r-xp" && area.name.includes("busybox"));
  assert.ok(text && text.file > 0 && text.private === 0, JSON.stringify(details?.areas));
  assert.ok(details?.areas.some((area) => area.name === "[stack]" && area.private > 0));
  child.kill(9);
  await child.exited;
  assert.equal(processDetails(machine.kernel, child.pid), undefined);
  await machine.shutdown();
});

test("an observer of one process sees nothing of another", async () => {
  const machine = await boot({ image: "busybox", memory: "256m" });
  const first = await machine.spawn(["cat"]);
  await machine.exec(["true"]);
  const evidence = new Evidence(machine.kernel);
  const stop = machine.kernel.trace.listen(only(machine.kernel.tasks.group(first.pid)!, evidence));
  await machine.exec(["ls", "/"]);
  assert.equal(evidence.systemCalls, 0);
  void first.stdin.end("one line\n");
  await first.exited;
  stop();
  assert.ok(evidence.calls.size > 0 && evidence.crossings > 0);
  assert.equal(evidence.calls.has("execve"), false);
  await machine.shutdown();
});
