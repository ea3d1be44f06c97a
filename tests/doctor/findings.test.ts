// Each finding fires on a program that shows it, and stays silent on its counterpart.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boot, type Machine, type SpawnOptions } from "../../src/index.ts";
import type { Finding } from "../../src/observe/doctor/findings/index.ts";
import { buildSubjects, examined, mount, place } from "./subjects.ts";

let machine: Machine;
before(async () => {
  buildSubjects();
  machine = await boot({ image: "debian", memory: "512m", mounts: [mount] });
});
after(() => machine.shutdown());

/** The finding's id, the program and its subject, and what its words say. */
const shown: [id: string, program: string, subject: string, text: RegExp][] = [
  [
    "small-writes",
    "files",
    "small-writes",
    /1\.0 MB|1000 kB to \/tmp\/out in 1,000 calls: 1000 bytes each\. 64 KiB .* 16/,
  ],
  ["single-byte-writes", "files", "single-writes", /5,000 bytes to \/tmp\/out in 5,000 calls/],
  ["small-reads", "files", "small-reads", /from \/tmp\/in in 2,00\d calls/],
  ["single-byte-reads", "files", "single-reads", /50 kB from \/tmp\/in/],
  ["small-sends", "files", "small-sends", /16 kB .* in 400 calls: 40 bytes each/],
  ["missing-files", "files", "missing", /\/nowhere\/ 500/],
  ["stat-storm", "files", "stats", /3,00\d of them in \/etc\//],
  ["open-storm", "files", "opens", /1,10\d different files/],
  ["reopened-files", "files", "reopened", /opened \/etc\/passwd 100 times/],
  ["fsync", "files", "syncs", /40 fsyncs, 40 of \/tmp\/journal/],
  ["sleeping-in-a-loop", "waits", "sleeps", /10 sleeps, [\d.]+ ms each/],
  ["tiny-timeouts", "waits", "timeouts", /called ppoll \d/],
  ["eagain-spinning", "waits", "spins", /read of pipe:\[\d+\] said EAGAIN/],
  ["lock-contention", "waits", "locks", /^The lock shared was waited for \d+ times.*held by thread \d+/],
  ["thundering-herd", "waits", "herd", /woken together with others from futex/],
  ["thundering-herd", "waits", "acceptors", /woken together with others from epoll_pwait/],
  ["context-switches", "waits", "switches", /in read \d/],
  ["preemptions", "waits", "yielding", /sched_yield/],
  ["clock-calls", "waits", "clocks", /3,00\d calls/],
  ["fork-exec", "tasks", "forks", /40 processes were made/],
  ["fault-bound-start", "tasks", "starts", /page faults came while programs were being loaded/],
  ["page-faults", "tasks", "faults", /pages were touched for the first time/],
  ["mmap-churn", "tasks", "maps", /1,20\d calls changed/],
  ["brk-churn", "tasks", "breaks", /brk 1,\d\d\d/],
  ["signal-storm", "tasks", "signals", /SIGUSR1 1,500 times, sent by tasks/],
  ["limit-reached", "tasks", "limit", /openat: EMFILE \(open files, RLIMIT_NOFILE\)/],
  ["descriptor-leak", "tasks", "leak", /\/etc\/passwd open 100 times at once.* The limit is 1,024/],
  ["zombies", "tasks", "zombies", /tasks left 12 children/],
  ["crash", "tasks", "crash", /SIGABRT/],
];

const one = (findings: readonly Finding[], id: string): Finding | undefined => findings.find((each) => each.id === id);

for (const [id, program, subject, text] of shown) {
  test(`${id}: fires on ${subject}, not on its counterpart`, async () => {
    const wasteful = (await examined(machine, [`${place}/${program}`, subject, "wasteful"])).report;
    const found = one(wasteful.findings, id);
    assert.ok(found, `only ${wasteful.findings.map((each) => each.id)}`);
    assert.match(found.evidence, text);
    assert.ok(found.kind !== "cost" || found.saves > 0);
    const thrifty = (await examined(machine, [`${place}/${program}`, subject, "thrifty"])).report;
    const wrong = one(thrifty.findings, id);
    assert.equal(wrong, undefined, wrong?.evidence);
    assert.equal(thrifty.exitCode, 0);
  });
}

test("a finding names the program's function, where symbols tell", async () => {
  const { report } = await examined(machine, [`${place}/files`, "small-writes", "wasteful"]);
  assert.equal(one(report.findings, "small-writes")?.function, "write_all");
  const locks = (await examined(machine, [`${place}/waits`, "locks", "wasteful"])).report;
  assert.match(one(locks.findings, "lock-contention")?.evidence ?? "", /held by thread \d+ in update\(\)/);
});

/** What was permitted and not needed: with these options, and without. */
const postures: [id: string, command: string[], fires: SpawnOptions, silent: SpawnOptions, silentCommand?: string[]][] =
  [
    ["needless-root", ["/bin/true"], {}, { user: "nobody" }],
    ["unused-capabilities", [`${place}/tasks`, "owner", "thrifty"], {}, { user: "nobody" }, ["/bin/true"]],
    ["writable-mounts", [`${place}/tasks`, "writes", "wasteful"], {}, {}, [`${place}/tasks`, "writes", "thrifty"]],
    ["unlimited", ["/bin/true"], {}, { limits: { cpu: "5s", memory: "256m", ulimits: { fsize: 1 << 20 } } }],
    ["no-core-dumps", ["/bin/true"], {}, { limits: { ulimits: { core: 1 << 20 } } }],
  ];
for (const [id, command, fires, silent, other] of postures) {
  test(`${id}: fires on what was permitted and not needed, not on what was used`, async () => {
    const found = (await examined(machine, command, fires)).report.findings;
    assert.equal(one(found, id)?.kind, "posture", `only ${found.map((each) => each.id)}`);
    assert.equal(one((await examined(machine, other ?? command, silent)).report.findings, id), undefined);
  });
}

test("cpu-throttled: fires behind a quota, and the run waits for it; not where it is wide enough", async () => {
  const busy = [`${place}/tasks`, "busy", "wasteful"];
  const { report } = await examined(machine, busy, { limits: { cpus: 0.2 } });
  assert.match(one(report.findings, "cpu-throttled")?.evidence ?? "", /cpu\.max 20000 100000/);
  assert.equal(report.verdict, "waiting");
  assert.equal(report.waitingOn[0]?.call, "cpu.max");
  const enough = (await examined(machine, busy, { limits: { cpus: 4 } })).report;
  assert.equal(one(enough.findings, "cpu-throttled"), undefined);
});

test("near-memory-max, oom-killed: fire close to memory.max and beyond it", async () => {
  const limits = { memory: "16m", memorySwap: "16m" };
  const near = (await examined(machine, [`${place}/tasks`, "most", "wasteful"], { limits })).report;
  assert.match(one(near.findings, "near-memory-max")?.evidence ?? "", /of memory\.max/);
  const beyond = (await examined(machine, [`${place}/tasks`, "memory", "wasteful"], { limits })).report;
  assert.match(one(beyond.findings, "oom-killed")?.evidence ?? "", /1 process killed when memory\.max was used up/);
  const thrifty = (await examined(machine, [`${place}/tasks`, "memory", "thrifty"], { limits })).report;
  assert.deepEqual(
    thrifty.findings.filter(({ id }) => /memory|oom/.test(id)),
    [],
  );
});

test("swapping: fires where memory goes to swap, not where there is enough", async () => {
  const swapping = await boot({ image: "busybox", memory: "64m", swap: "64m", mounts: [mount] });
  const command = (way: string): string[] => [`${place}/static`, "swapped", way];
  const wasteful = (await examined(swapping, command("wasteful"))).report;
  assert.match(one(wasteful.findings, "swapping")?.evidence ?? "", /MB went to swap/);
  assert.equal(one((await examined(swapping, command("thrifty"))).report.findings, "swapping"), undefined);
  await swapping.shutdown();
});
