// Pseudo-terminals here and on the host's Linux, through the same steps: the results must be equal.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type Pair, pair } from "./pair.test-support.ts";

type Side = "master" | "slave";
type Step =
  | { op: "modes"; iflag: number; oflag: number; lflag: number; cc: Record<number, number>; when: "now" | "flush" }
  | { op: "write"; side: Side; bytes: number[] }
  | { op: "read"; side: Side; count: number }
  | { op: "inq" | "poll" | "close"; side: Side }
  | { op: "flush"; side: Side; which: number }
  | { op: "flow"; side: Side; action: number }
  | { op: "packet"; on: number }
  | { op: "open" };

const oracle = fileURLToPath(new URL("oracle.py", import.meta.url));
const available = spawnSync("python3", ["-c", "import termios; open('/dev/ptmx', 'rb+', buffering=0)"]).status === 0;

function onHost(scenarios: Step[][], pause = 0.0004): unknown[][] {
  const { stdout, stderr, status } = spawnSync("python3", [oracle, String(pause)], {
    input: JSON.stringify(scenarios),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as unknown[][];
}

function here(scenario: Step[]): unknown[] {
  const pty = pair();
  return scenario.map((step) => perform(pty, step));
}

function perform(pty: Pair, step: Step): unknown {
  switch (step.op) {
    case "modes":
      return pty.modes(step.iflag, step.oflag, step.lflag, step.cc, step.when === "flush");
    case "write":
      return pty.write(step.side, Uint8Array.from(step.bytes));
    case "read":
      return pty.read(step.side, step.count);
    case "inq":
      return pty.waiting(step.side);
    case "poll":
      return pty.poll(step.side);
    case "flush":
      return pty.control(step.side, 0x540b, step.which);
    case "flow":
      return pty.control(step.side, 0x540a, step.action);
    case "packet":
      return pty.packet(step.on);
    case "close":
      return pty.close(step.side);
    case "open":
      return pty.open();
  }
}

function compare(scenarios: Step[][]): void {
  const expected = onHost(scenarios);
  scenarios.forEach((scenario, n) => {
    const got = here(scenario);
    // The host carries bytes across in the background: when it was too busy, ask again with more time.
    for (const pause of [0.01, 0.05]) {
      if (!isDeepStrictEqual(got, expected[n])) expected[n] = onHost([scenario], pause)[0]!;
    }
    scenario.forEach((step, i) => {
      const trail = scenario.slice(0, i + 1).map((s) => JSON.stringify(s));
      assert.deepEqual(
        got[i],
        expected[n]![i],
        `scenario ${n}, step ${i} ${JSON.stringify(step)}\n${trail.join("\n")}`,
      );
    });
  });
}

const bytes = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
const typed = (text: string): Step => ({ op: "write", side: "master", bytes: bytes(text) });
const printed = (text: string): Step => ({ op: "write", side: "slave", bytes: bytes(text) });
const readSlave = (count = 4096): Step => ({ op: "read", side: "slave", count });
const readMaster = (count = 4096): Step => ({ op: "read", side: "master", count });
const look: Step[] = [
  { op: "poll", side: "slave" },
  { op: "inq", side: "slave" },
  { op: "poll", side: "master" },
  { op: "inq", side: "master" },
];
const all: Step[] = [...look, readMaster(), readSlave(), readSlave(), ...look];

test("canonical mode: editing, echo and line ends are as on Linux", { skip: !available }, () => {
  compare([
    [typed("hello\n"), ...all],
    [typed("hello\r"), ...all],
    [typed("abc"), ...all, typed("\x7f\x7fX\n"), ...all],
    [typed("one two three\x17\x17four\n"), ...all],
    [typed("kill me\x15kept\n"), ...all],
    [typed("a\tb\tc"), readMaster(), typed("\x7f\x7f\x7f\x7f\x7f"), ...all],
    [typed("\x01\x02\x7f\x7f\x7f"), ...all],
    [typed("x\x16\x03y\n"), ...all],
    [typed("abc\x12def\n"), ...all],
    [typed("abc\x04"), readSlave(3), ...all],
    [typed("abc\x04"), readSlave(2), readSlave(2), readSlave(2)],
    [typed("\x04"), ...all],
    [typed("a\nb\nc\n"), readSlave(1), readSlave(1), readSlave(), readSlave()],
    [typed("abc\x03def\n"), ...all],
    [typed("abc"), typed("\x03"), ...all],
    [typed("abc\x1cdef\x1a\n"), ...all],
    [typed("\x13"), printed("held"), readMaster(), typed("\x11"), ...all, printed("free"), readMaster()],
    [printed("a\nb\tc\r\n"), readMaster()],
    [typed("x".repeat(5000)), ...look, typed("\n"), { op: "inq", side: "slave" }, readSlave(8192), readSlave()],
    [{ op: "close", side: "slave" }, ...look.slice(2), readMaster(), { op: "open" }, ...look, typed("hi\n"), ...all],
    [
      printed("last words"),
      { op: "close", side: "slave" },
      ...look.slice(2),
      readMaster(4),
      readMaster(),
      readMaster(),
    ],
    [typed("lost\n"), { op: "close", side: "master" }, ...look.slice(0, 2), readSlave(), printed("x")],
    [{ op: "packet", on: 1 }, printed("data"), readMaster(), typed("\x13"), readMaster(), typed("\x11"), readMaster()],
    [{ op: "packet", on: 1 }, typed("abc\x03"), ...all],
  ]);
});

// A small generator with a seed, so that a failure can be had again.
function randomness(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const INPUT = [0o40, 0o100, 0o200, 0o400, 0o1000, 0o2000, 0o4000, 0o40000, 0o10];
const OUTPUT = [1, 2, 4, 8, 16, 32, 0o14000];
const LOCAL = [1, 2, 8, 16, 32, 64, 128, 0o1000, 0o2000, 0o4000, 0o100000];
const interesting = bytes(
  "abc de\t_9Zé\n\r\x03\x04\x7f\x15\x17\x12\x16\x11\x13\x1a\x1c\x01\x08\xff\xc3\xa9\xe2\x82\xac~`{A",
);

function randomScenario(random: (limit: number) => number): Step[] {
  const some = (flags: number[], likely: number) => flags.reduce((sum, f) => (random(10) < likely ? sum | f : sum), 0);
  const data = () => Array.from({ length: 1 + random(12) }, () => interesting[random(interesting.length)]!);
  const modes = (): Step => ({
    op: "modes",
    iflag: some(INPUT, 3),
    oflag: some(OUTPUT, 4),
    lflag: some(LOCAL, 6),
    cc: { 5: 0, 6: random(3), 11: random(4) === 0 ? 0x7e : 0, 16: random(4) === 0 ? 0x60 : 0 },
    when: random(4) === 0 ? "flush" : "now",
  });
  const steps: Step[] = [modes()];
  for (let i = 0; i < 14; i++) {
    const side: Side = random(2) === 0 ? "master" : "slave";
    switch (random(9)) {
      case 0:
        steps.push(random(2) === 0 ? modes() : { op: "inq", side: "slave" });
        break;
      case 1:
      case 2:
      case 3:
        steps.push({ op: "write", side: "master", bytes: data() });
        break;
      case 4:
        steps.push({ op: "write", side: "slave", bytes: data() });
        break;
      case 5:
        steps.push({ op: "read", side: "slave", count: 1 + random(20) });
        break;
      case 6:
        steps.push({ op: "read", side: "master", count: 1 + random(60) });
        break;
      case 7:
        steps.push({ op: "poll", side });
        break;
      case 8:
        if (random(3) === 0) steps.push({ op: "flush", side: "slave", which: random(3) });
        break;
    }
  }
  steps.push(...all);
  return steps;
}

test("random attributes, input and output: every step is as on Linux", { skip: !available }, () => {
  const random = randomness(Number(process.env.AIRSIDE_SEED ?? 1));
  const count = Number(process.env.AIRSIDE_SCENARIOS ?? 300);
  compare(Array.from({ length: count }, () => randomScenario(random)));
});
