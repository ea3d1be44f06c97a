// perf on programs whose calls are known: exact counts, totals that agree, stacks, symbols, and the formats of other tools
// as those tools read them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Profile as Pprof } from "pprof-format";
import { boot, type Machine } from "../src/index.ts";
import type { UserAddress } from "../src/kernel/mm/user.ts";
import { annotateText } from "../src/observe/perf/annotate.ts";
import { callgrindText } from "../src/observe/perf/callgrind.ts";
import { parseEvents } from "../src/observe/perf/events.ts";
import { accountFor } from "../src/observe/perf/mix.ts";
import { pprofBytes } from "../src/observe/perf/pprof.ts";
import { framesOf, type Profile } from "../src/observe/perf/profile.ts";
import { Recorder, type RecordOptions } from "../src/observe/perf/recorder.ts";
import { reportText } from "../src/observe/perf/report.ts";
import { foldedStacks, foldedText, scriptText } from "../src/observe/perf/script.ts";
import { countsOf } from "../src/observe/perf/stat.ts";
import { gecko, speedscope } from "../src/observe/perf/viewers.ts";

const folder = mkdtempSync(join(tmpdir(), "airside-perf-"));
const cross = (tool: string, ...args: string[]) => execFileSync(`riscv64-linux-gnu-${tool}`, args, { cwd: folder });
cross("gcc", "-O2", "-g", "-static", "-fno-inline", "-o", "calls", join(import.meta.dirname, "perf/calls.c"));
// The same program with its symbols elsewhere.
cross("objcopy", "--only-keep-debug", "calls", "stripped.debug");
cross("strip", "-o", "stripped", "calls");
cross("objcopy", "--add-gnu-debuglink=stripped.debug", "stripped");

const machines: Machine[] = [];
async function machine(): Promise<Machine> {
  const made = await boot({
    image: "debian",
    memory: "512m",
    seed: 1,
    mounts: [{ host: folder, guest: "/perf", readOnly: true }],
  });
  machines.push(made);
  return made;
}
after(async () => {
  for (const each of machines) await each.shutdown();
  rmSync(folder, { recursive: true });
});

const ALL =
  "instructions:u,branches,loads,stores,page-faults,raw_syscalls:sys_enter,context-switches,syscalls:sys_enter_write";

async function counted(argv: string[], events = ALL): Promise<Map<string, number>> {
  const { kernel, exec } = await machine().then((made) => ({ kernel: made.kernel, exec: made.exec.bind(made) }));
  const asked = parseEvents(events);
  const account = accountFor(kernel, asked);
  const stop = kernel.trace.listen(account);
  await exec(argv);
  stop();
  account.finish();
  return new Map(countsOf(account, asked).values);
}

async function recorded(argv: string[], events: string, options: Partial<RecordOptions> = {}): Promise<Profile> {
  const made = await machine();
  const recorder = new Recorder(made.kernel, {
    events: parseEvents(events),
    ...{ instructions: 1009, nanoseconds: 20_000, every: 1, calls: "dwarf" as const },
    ...options,
  });
  recorder.start();
  await made.exec(argv);
  return recorder.finish(argv);
}

const total = (profile: Profile, name: string): number => profile.events.find((event) => event.name === name)!.total;
const periods = (profile: Profile, index: number): number =>
  profile.samples.period.reduce((sum, period, i) => sum + (profile.samples.event[i] === index ? period : 0), 0);
/** Stacks of functions, outermost first, from the program's own on. */
const stacks = (profile: Profile): string[] =>
  profile.samples.stack.map((stack) =>
    framesOf(profile, stack)
      .map(({ name }) => name)
      .join(" "),
  );

test("five runs of a pipeline take the same instructions, branches, loads, stores, faults and calls", async () => {
  const runs = [];
  for (let i = 0; i < 5; i++) runs.push(await counted(["sh", "-c", "seq 3000 | grep 7 | sort -r | md5sum"]));
  for (const run of runs) assert.deepEqual(run, runs[0]);
  assert.ok(runs[0]!.get("instructions:u")! > 1_000_000);
  assert.ok(runs[0]!.get("branch-instructions:u")! > 100_000);
});

test("branches, loads and stores are what a debugger that steps through the program sees", async () => {
  const made = await machine();
  const sums = { instructions: 0, branches: 0, loads: 0, stores: 0 };
  const stop = made.kernel.trace.listen({
    budget: (task) => {
      const { pc } = task.context;
      const bytes = task.mm.read(pc as UserAddress, 4);
      const word = typeof bytes === "number" ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      next = kindsOf(word);
      return 1;
    },
    retired: (_task, instructions) => {
      sums.instructions += instructions;
      if (instructions === 1) for (const kind of next) sums[kind]++;
    },
  });
  let next: ("branches" | "loads" | "stores")[] = [];
  await made.exec(["/perf/calls"]);
  stop();
  const counts = await counted(["/perf/calls"], "instructions:u,branches,loads,stores");
  assert.deepEqual([...counts.values()], [sums.instructions, sums.branches, sums.loads, sums.stores]);
});

/** What an instruction does, by its encoding alone. Unprivileged ISA 34 and 26.8 */
function kindsOf(word: number): ("branches" | "loads" | "stores")[] {
  if ((word & 3) === 3) {
    switch (word & 0x7f) {
      case 0x03:
      case 0x07:
        return ["loads"];
      case 0x23:
      case 0x27:
        return ["stores"];
      case 0x63:
      case 0x67:
      case 0x6f:
        return ["branches"];
      case 0x2f: {
        const operation = word >>> 27;
        return operation === 2 ? ["loads"] : operation === 3 ? ["stores"] : ["loads", "stores"];
      }
      default:
        return [];
    }
  }
  const half = word & 0xffff;
  const funct3 = half >>> 13;
  if ((half & 3) === 0) return funct3 >= 1 && funct3 <= 3 ? ["loads"] : funct3 >= 5 ? ["stores"] : [];
  if ((half & 3) === 1) return funct3 >= 5 ? ["branches"] : [];
  if (funct3 === 4) return (half & 0x7c) === 0 && (half & 0xf80) !== 0 ? ["branches"] : [];
  return funct3 >= 1 && funct3 <= 3 ? ["loads"] : funct3 >= 5 ? ["stores"] : [];
}

test("record's totals are stat's, by samples, by following calls, and exactly", async () => {
  const argv = ["sh", "-c", "seq 2000 | sort -r | tail -1; echo done"];
  const counts = await counted(argv);
  const events = "instructions:u,page-faults,raw_syscalls:sys_enter,context-switches,syscalls:sys_enter_write";
  for (const options of [{}, { calls: "lbr" }, { instructions: 1 }, { every: 7 }] as Partial<RecordOptions>[]) {
    const profile = await recorded(argv, events, options);
    profile.events.forEach(({ name }, index) => {
      assert.equal(total(profile, name), counts.get(name), `${name} ${JSON.stringify(options)}`);
      assert.equal(periods(profile, index), counts.get(name), name);
    });
  }
});

test("a sample's calls, by frame descriptions and by following them", async () => {
  for (const calls of ["dwarf", "lbr"] as const) {
    const found = new Set(stacks(await recorded(["/perf/calls"], "instructions:u", { instructions: 101, calls })));
    const has = (pattern: RegExp): void =>
      assert.ok(
        [...found].some((stack) => pattern.test(stack)),
        `${calls}: ${pattern}`,
      );
    has(/_start .*main middle leaf$/);
    has(/main (recurse ){20}leaf$/);
    has(/main run_made made code$/);
    has(/main .*raise.* handler leaf$/);
    // The tail call has left its caller.
    has(/main tail_target$/);
    // After the longjmp, main is leaf's caller again.
    has(/main leaf$/);
    assert.ok(![...found].some((stack) => /jumps_out leaf/.test(stack)), calls);
  }
});

test("exact: how often each function was called by which, and that costs add up", async () => {
  const profile = await recorded(["/perf/calls"], "instructions:u", { instructions: 1 });
  const { parent, frame, calls } = profile.stacks;
  const name = (node: number): string => (node < 0 ? "" : profile.frames[frame[node]!]!.name);
  const called = new Map<string, number>();
  parent.forEach((above, node) => {
    const key = `${name(above)} ${name(node)}`;
    called.set(key, (called.get(key) ?? 0) + calls![node]!);
  });
  assert.equal(called.get("main middle"), 100);
  assert.equal(called.get("middle leaf"), 1000);
  assert.equal(called.get("recurse recurse"), 20);
  assert.equal(called.get("jumps_out jumps_out"), 5);
  assert.equal(called.get("run_made made code"), 10);
  assert.equal(called.get("main getppid") ?? called.get("main __getppid"), 50);
  // Six instructions before the loop, two a round, three behind it.
  const made = profile.samples.stack.findIndex((stack) => name(stack) === "made code");
  assert.equal(profile.samples.period[made], 10 * (4 + 2 * 50_000 + 3));
});

test("symbols come from the debug file that .gnu_debuglink names", async () => {
  const found = stacks(await recorded(["/perf/stripped"], "instructions:u"));
  assert.ok(found.some((stack) => / main middle leaf$/.test(stack)));
});

test("the kernel's side: spans of system calls and faults behind the calls that led there", async () => {
  const profile = await recorded(["/perf/calls"], "cpu-clock", { nanoseconds: 1 });
  const found = stacks(profile);
  assert.ok(found.some((stack) => / main (__)?getppid sys_getppid$/.test(stack)));
  assert.ok(found.some((stack) => / page_fault$/.test(stack)));
  const report = reportText(profile, 0, {
    ...{ sort: ["comm", "symbol"], children: true, graph: false, samples: false, limit: 0 },
  });
  assert.match(report, /# Samples: \d+K? of event 'cpu-clock'\n# Event count: \d+\n/);
  assert.match(report, / +\d+\.\d\d% +\d+\.\d\d% {2}calls +\[k\] sys_getppid\n/);
});

test("annotate: the loop's instructions bear what the loop cost", async () => {
  const profile = await recorded(["/perf/calls"], "instructions:u", { instructions: 101 });
  const lines = annotateText(profile, 0, "middle", 0).split("\n");
  assert.match(lines[0]!, /Disassembly of \/perf\/calls for middle$/);
  assert.ok(
    lines.some((line) => /^ +\d+\.\d\d : +[0-9a-f]+: +[0-9a-f]{4,8} +\w/.test(line)),
    lines.join("\n"),
  );
});

test("callgrind's format: callgrind_annotate sums and orders it", async () => {
  const profile = await recorded(["/perf/calls"], "instructions:u", { instructions: 1 });
  const path = join(folder, "callgrind.out");
  writeFileSync(path, callgrindText(profile));
  const text = execFileSync("callgrind_annotate", [
    "--tree=both",
    "--inclusive=yes",
    "--threshold=100",
    path,
  ]).toString();
  const sum = total(profile, "instructions:u").toLocaleString("en-US");
  assert.ok(text.includes(`${sum} (100.0%)  PROGRAM TOTALS`), text.slice(0, 1500));
  assert.match(text, /> {3}\?\?\?:leaf \(1,000x\) \[\/perf\/calls\]/);
  assert.match(text, /\* {2}\?\?\?:made code/);
});

test("pprof's format: npm's pprof-format reads samples, functions and mappings", async () => {
  const profile = await recorded(["/perf/calls"], "instructions:u,page-faults");
  const read = Pprof.decode(pprofBytes(profile));
  const text = (index: number | bigint): string => read.stringTable.strings[Number(index)]!;
  assert.deepEqual(
    read.sampleType.map(({ type, unit }) => [text(type), text(unit)]),
    [
      ["instructions:u", "count"],
      ["page-faults", "count"],
    ],
  );
  const sum = (i: number) => read.sample.reduce((all, { value }) => all + Number(value[i]), 0);
  assert.deepEqual([sum(0), sum(1)], [total(profile, "instructions:u"), total(profile, "page-faults")]);
  const functions = new Map(read.function.map(({ id, name }) => [Number(id), text(name)]));
  const locations = new Map(
    read.location.map(({ id, line }) => [Number(id), functions.get(Number(line[0]!.functionId))]),
  );
  const named = read.sample.map(({ locationId }) => locationId.map((id) => locations.get(Number(id))).join(" "));
  assert.ok(named.some((stack) => /^leaf middle main /.test(stack)));
  assert.ok(read.mapping.some(({ filename }) => text(filename) === "/perf/calls"));
  assert.ok(gzipSync(pprofBytes(profile)).length > 100);
});

test("folded stacks, perf script, speedscope and the Firefox Profiler: the same samples", async () => {
  const profile = await recorded(["/perf/calls"], "instructions:u");
  const all = total(profile, "instructions:u");
  const sum = (values: Iterable<number>): number => [...values].reduce((left, right) => left + right, 0);
  assert.equal(sum(foldedStacks(profile, 0).values()), all);
  for (const line of foldedText(profile, 0).trimEnd().split("\n")) assert.match(line, /^[^ ;]+(;[^;]+)* \d+$/);
  // As stackcollapse-perf.pl reads it: a head with the command, the thread and the event, then a line for each frame.
  const paragraphs = [...scriptText(profile)].join("").trimEnd().split("\n\n");
  assert.equal(paragraphs.length, profile.samples.event.length);
  for (const [head, ...frames] of paragraphs.map((paragraph) => paragraph.split("\n"))) {
    assert.match(head!, /^\s*(\S.+?)\s+(\d+)\s+(\d+\.\d{6}):\s+(\d+)\s+([^\s]+):\s*$/);
    for (const frame of frames) assert.match(frame, /^\s*(\w+)\s*(.+) \((\S*)\)$/);
  }
  const [shown] = (JSON.parse(speedscope(profile)) as { profiles: { weights: number[] }[] }).profiles;
  assert.equal(sum(shown!.weights), all);
  const { threads } = JSON.parse(gecko(profile)) as { threads: { samples: { data: unknown[] } }[] };
  assert.equal(threads[0]!.samples.data.length, profile.samples.event.length);
});

test("Python's functions are among the calls, without the program's help", async () => {
  writeFileSync(
    join(folder, "job.py"),
    `import json

class Parser:
    def feed(self, text):
        return [self.word(each) for each in text.split()]
    def word(self, text):
        return json.loads('"%s"' % text)

def main():
    for i in range(300):
        Parser().feed("some words to be parsed")

main()
`,
  );
  for (const calls of ["dwarf", "lbr"] as const) {
    const options = { instructions: 50_021, calls };
    const profile = await recorded(["python3", "/perf/job.py"], "instructions:u", options);
    const found = stacks(profile);
    const pattern = / <module> main Parser\.feed Parser\.word loads .*_PyEval_EvalFrameDefault/;
    assert.ok(
      found.some((stack) => pattern.test(stack)),
      calls,
    );
    assert.equal(profile.frames.find(({ name }) => name === "Parser.word")!.source, "/perf/job.py:6");
  }
});
