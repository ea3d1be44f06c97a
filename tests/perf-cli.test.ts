// perf and trace on the command line: a recording is made, kept, and read in every way; a process that runs is watched.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { buildFlameGraph } from "../scripts/flame-graph.ts";

const cli = join(import.meta.dirname, "../apps/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "airside-perf-"));
after(() => rmSync(folder, { recursive: true }));
const airside = (...args: string[]) =>
  spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 120_000,
    killSignal: "SIGKILL",
  });

test("perf stat -r 3: no count varies; -x and -j are for tools", () => {
  const events = "instructions:u,page-faults,raw_syscalls:sys_enter";
  const { stderr } = airside(
    "perf",
    "stat",
    "-r",
    "3",
    "-e",
    events,
    "debian",
    "--",
    "sh",
    "-c",
    "seq 500 | sort | tail -1",
  );
  assert.match(stderr, /^ Performance counter stats for 'sh -c seq 500 \| sort \| tail -1' \(3 runs\):$/m);
  assert.match(stderr, /^ +[\d,]+ {6}instructions:u .*\( \+- {2}0\.00% \)$/m);
  const fields = airside("perf", "stat", "-x;", "-e", "instructions:u", "--", "true").stderr.trim().split(";");
  assert.deepEqual([Number(fields[0]) > 50_000, fields[2]], [true, "instructions:u"]);
  const object = JSON.parse(airside("perf", "stat", "-j", "-e", "page-faults", "--", "true").stderr) as {
    event: string;
  };
  assert.equal(object.event, "page-faults");
});

test("perf record, report, script and annotate", async () => {
  const made = airside("perf", "record", "-g", "-F", "50000", "debian", "--", "sort", "/etc/services");
  assert.match(made.stderr, /^\[ perf record: Captured and wrote \d+\.\d{3} MB perf\.data \(\d+ samples\) \]\n$/);
  assert.match(made.stdout, /ssh/);
  const report = airside("perf", "report", "--stdio").stdout;
  assert.match(report, /^# Samples: \d+ of event 'cpu-clock'$/m);
  assert.match(report, /^# Samples: \d+ of event 'instructions:u'$/m);
  assert.match(report, /^ +\d+\.\d\d% +\d+\.\d\d% {2}sort +libc\.so\.6 +\[\.\] __libc_start_main$/m);
  assert.match(airside("perf", "report", "--no-children", "-s", "dso", "-t,").stdout, /^\d+\.\d\d%,libc\.so\.6$/m);
  assert.match(airside("perf", "script").stdout, /^ +sort +\d+ +\d+\.\d{6}: +\d+ instructions:u: \n\t +[0-9a-f]+ /m);
  assert.match(airside("perf", "script", "stackcollapse").stdout, /^sort;[^\n]* \d+$/m);
  assert.match(
    airside("perf", "annotate", "--percent-limit", "1").stdout,
    /^ +\d+\.\d\d : +[0-9a-f]+: {2}[0-9a-f]{4,8} +[a-z]/m,
  );
  await buildFlameGraph();
  assert.match(airside("perf", "script", "report", "flamegraph").stderr, /wrote flamegraph\.html/);
  const page = readFileSync(join(folder, "flamegraph.html"), "utf8");
  const [, json] = /<script id="profile" type="application\/json">(.*)<\/script>/.exec(page)!;
  const { command, events } = JSON.parse(json!) as { command: string; events: { root: { value: number } }[] };
  assert.equal(command, "sort /etc/services");
  assert.ok(events.every(({ root }) => root.value > 0));
  assert.ok(!/(src|href)="(?!data:)/.test(page), "the page needs nothing else");
});

test("what is wrong is one plain line", () => {
  const wrong: [args: string[], line: RegExp][] = [
    [["stat", "-e", "nope", "--", "true"], /^airside perf stat: event is not known: nope \(airside perf list\)\n$/],
    [
      ["record", "-e", "loads", "--", "true"],
      /^airside perf record: L1-dcache-loads:u can be counted, not recorded\n$/,
    ],
    [
      ["report", "-i", "missing"],
      /^airside perf report: can't read missing: ENOENT \(airside perf record makes it\)\n$/,
    ],
    [["script", "nope"], /^airside perf script: no such script: nope \(stackcollapse, /],
  ];
  for (const [args, line] of wrong) {
    const { status, stderr } = airside("perf", ...args);
    assert.match(stderr, line);
    assert.equal(status, 125);
  }
});

test("perf stat -p and perf record -p watch a process of a machine that runs", async () => {
  const name = `perf${process.pid}`;
  const loop = "while :; do seq 50 > /dev/null; done";
  const child = spawn(process.execPath, [cli, "run", "--name", name, "debian", "sh", "-c", loop], { stdio: "ignore" });
  try {
    for (let i = 0; i < 100 && !airside("ps").stdout.includes(name); i++) await new Promise((r) => setTimeout(r, 100));
    const stat = airside("perf", "stat", "-p", "2", "--machine", name, "--", "sleep", "0.3").stderr;
    assert.match(stat, /Performance counter stats for process id '2':[\s\S]* [\d,]{6,} {6}instructions:u/);
    airside("perf", "record", "-g", "-p", "2", "--machine", name, "-o", "attached", "--", "sleep", "0.3");
    assert.match(airside("perf", "report", "-i", "attached").stdout, /\bseq +libc\.so\.6/);
  } finally {
    child.kill("SIGKILL");
  }
});

test("trace: spans of one thread lie in one another, and name calls, faults and waits", () => {
  const { stderr } = airside("trace", "-o", "trace.json", "debian", "--", "sh", "-c", "seq 100 | wc -l; sleep 0.02");
  assert.match(stderr, /wrote trace\.json \(\d+ events\)/);
  interface Event {
    name: string;
    cat?: string;
    ph: string;
    ts: number;
    dur: number;
    pid: number;
    tid: number;
    id?: number;
  }
  const { traceEvents } = JSON.parse(readFileSync(join(folder, "trace.json"), "utf8")) as { traceEvents: Event[] };
  const spans = traceEvents.filter(({ ph }) => ph === "X");
  assert.deepEqual(new Set(spans.map(({ cat }) => cat)), new Set(["syscall", "fault", "wait", "sched"]));
  for (const tid of new Set(spans.map((span) => span.tid))) {
    const ends: number[] = [];
    const own = spans.filter((span) => span.tid === tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
    for (const { name, ts, dur } of own) {
      while (ends.length > 0 && ends.at(-1)! <= ts) ends.pop();
      assert.ok(dur >= 0 && (ends.length === 0 || ts + dur <= ends.at(-1)! + 0.001), `${name} at ${ts}`);
      ends.push(ts + dur);
    }
  }
  const sleep = spans.find(({ name }) => name === "clock_nanosleep")!;
  assert.ok(sleep.dur >= 20_000);
  assert.ok(spans.some(({ name, tid }) => name === "wait (clock_nanosleep)" && tid === sleep.tid));
  const arrows = (ph: string) => traceEvents.filter((event) => event.ph === ph).map(({ id }) => id!);
  for (const id of arrows("f")) assert.ok(arrows("s").includes(id));
});
