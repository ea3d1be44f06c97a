// Changes that are tried: the program sees the same, its output is the same, and its calls are fewer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boot, type Machine, type SpawnOptions } from "../../src/index.ts";
import { Evidence } from "../../src/observe/doctor/evidence.ts";
import type { Facts } from "../../src/observe/doctor/facts.ts";
import { startTrial, type Trial } from "../../src/observe/doctor/trial.ts";
import { buildSubjects, mount, place } from "./subjects.ts";

let machine: Machine;
before(async () => {
  buildSubjects();
  machine = await boot({ image: "debian", memory: "512m", mounts: [mount] });
});
after(() => machine.shutdown());

async function tried(
  command: string[],
  trial: Trial,
  options: SpawnOptions = {},
): Promise<{ code: number; facts: Facts; stdout: string }> {
  const change = startTrial(trial);
  const evidence = new Evidence(machine.kernel);
  const stops = [machine.kernel.trace.listen(change), machine.kernel.trace.listen(evidence)];
  const { code, stdout } = await machine.exec(command, options);
  for (const stop of stops) stop();
  evidence.finish();
  change.settled(evidence.facts);
  return { code, facts: evidence.facts, stdout };
}
const calls = (facts: Facts, name: string): number => facts.calls.get(name)?.calls ?? 0;
const sh = (script: string): string[] => ["sh", "-c", script];

test("writes through a buffer: a file, a pipe that is narrower, children in between", async () => {
  const script = "seq 1 3000 | while read -r n; do echo $n; done > /tmp/out; cksum < /tmp/out";
  const plain = await machine.exec(sh(script));
  const { facts, stdout } = await tried(sh(script), {
    kind: "buffered",
    program: "sh",
    path: "/tmp/out",
    direction: "write",
  });
  assert.equal(stdout, plain.stdout);
  assert.ok(calls(facts, "write") < 100, `${calls(facts, "write")} writes`);

  // 200 kB into a pipe of 64: the buffer is written in parts, and its writer waits for the reader.
  const wide = "dd if=/dev/zero bs=100 count=2000 2>/dev/null | cksum";
  const piped = await tried(sh(wide), { kind: "buffered", program: "dd", path: "pipe:[1]", direction: "write" });
  assert.equal(piped.stdout, (await machine.exec(sh(wide))).stdout);
  assert.ok(calls(piped.facts, "write") < 100, `${calls(piped.facts, "write")} writes`);
});

test("reads through a buffer give the same bytes, and what was read ahead goes back", async () => {
  const script =
    "dd if=/etc/services of=/tmp/copy bs=7 2>/dev/null; cmp /etc/services /tmp/copy && (dd bs=5 count=2 2>/dev/null; dd bs=5 count=2 2>/dev/null) < /etc/services";
  const plain = await machine.exec(sh(script));
  assert.equal(plain.code, 0);
  const { code, facts, stdout } = await tried(sh(script), {
    kind: "buffered",
    program: "dd",
    path: "/etc/services",
    direction: "read",
  });
  assert.deepEqual([code, stdout], [0, plain.stdout]);
  assert.ok(calls(facts, "read") < 200, `${calls(facts, "read")} reads`);
});

test("one fsync, no sleeps, waiting instead of EAGAIN, limits raised", async () => {
  const syncs = await tried([`${place}/files`, "syncs", "wasteful"], { kind: "unsynced" });
  assert.deepEqual([syncs.code, calls(syncs.facts, "fsync")], [0, 1]);
  const sleeps = await tried([`${place}/waits`, "sleeps", "wasteful"], { kind: "unslept", program: "waits" });
  assert.deepEqual([sleeps.code, calls(sleeps.facts, "clock_nanosleep")], [0, 0]);
  const spins = [`${place}/waits`, "spins", "wasteful"];
  const waits = await tried(spins, { kind: "blocking", program: "waits", path: "pipe:[1]" });
  assert.equal(waits.facts.spins.size, 0);
  assert.equal(waits.code, 0);
  const limits = { limits: { ulimits: { nofile: 40 } } };
  const refused = await tried([`${place}/tasks`, "leak", "wasteful"], { kind: "unslept", program: "nobody" }, limits);
  assert.ok(refused.facts.refused.size > 0);
  const raised = await tried([`${place}/tasks`, "leak", "wasteful"], { kind: "unlimited" }, limits);
  assert.equal(raised.facts.refused.size, 0);
});
