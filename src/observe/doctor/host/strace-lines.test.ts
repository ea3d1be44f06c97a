// A real machine's strace becomes facts: lines as strace 6.13 writes them with -f -ttt -T -y.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Facts } from "../facts.ts";
import { published } from "../model.ts";
import { answerOf } from "../report.ts";
import { parseCgroups, parseLimits, parseLines, parseStat, waitingCall } from "./proc.ts";
import { StraceLines } from "./strace-lines.ts";

function read(lines: readonly string[]): Facts {
  const facts = new Facts("strace");
  const strace = new StraceLines(facts, published, "job");
  for (const line of lines) strace.line(line);
  strace.finish();
  return facts;
}

test("a call, its file, its bytes and its error", () => {
  const facts = read([
    '7 100.000000 execve("/usr/bin/job", ["job"], 0x7ffc /* 35 vars */) = 0 <0.000400>',
    '7 100.001000 write(1</tmp/out>, "abc", 3) = 3 <0.000030>',
    '7 100.002000 openat(AT_FDCWD</root>, "/none/x", O_RDONLY) = -1 ENOENT (No such file or directory) <0.000020>',
    '7 100.003000 openat(AT_FDCWD</root>, "/etc/passwd", O_RDONLY) = 3</etc/passwd> <0.000020>',
    "7 100.004000 +++ exited with 0 +++",
  ]);
  const [stream] = facts.streams.values();
  assert.deepEqual([stream?.program, stream?.path, stream?.calls, stream?.bytes], ["job", "/tmp/out", 1, 3]);
  assert.equal(facts.calls.get("openat")?.errors, 1);
  assert.deepEqual([...facts.missing.values()][0]?.what, "/none/");
  assert.deepEqual([...facts.opened.values()][0]?.what, "/etc/passwd");
  assert.equal(facts.execs, 1);
});

test("nothing runs while all wait; a child that runs is no waiting", () => {
  const facts = read([
    "7 100.000000 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 8 <0.000100>",
    "7 100.000200 wait4(-1,  <unfinished ...>",
    "8 100.000300 getpid() = 8 <0.000020>",
    // 8 works for 100 ms, then sleeps for 200.
    "8 100.100300 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=200000000}, NULL) = 0 <0.200050>",
    "8 100.300400 exit_group(0) = ?",
    "8 100.300500 +++ exited with 0 +++",
    "7 100.300600 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 8 <0.300400>",
  ]);
  assert.equal(Math.round(facts.idle / 1e6), 200);
  assert.equal(Math.round((facts.calls.get("clock_nanosleep")?.idle ?? 0) / 1e6), 200);
  assert.equal(facts.forks, 1);
  assert.equal(facts.zombies.size, 0);
});

test("a call that took long but can't wait was waiting for a processor, not for anything of its own", () => {
  const facts = read([
    '7 100.0 newfstatat(AT_FDCWD</>, "/x", {st_mode=S_IFREG|0644}, 0) = 0 <0.400000>',
    "7 100.5 getpid() = 7 <0.00002>",
  ]);
  assert.equal(facts.idle, 0);
});

test("findings come of a real machine's lines as of a machine of ours", () => {
  const writes = Array.from(
    { length: 300 },
    (_, i) => `7 100.${String(i).padStart(6, "0")} write(1</tmp/out>, "x", 1) = 1 <0.00002>`,
  );
  const spins = Array.from(
    { length: 300 },
    (_, i) =>
      `7 101.${String(i).padStart(6, "0")} read(3<pipe:[9]>, 0x7ffc, 1) = -1 EAGAIN (Resource temporarily unavailable) <0.00002>`,
  );
  const signals = Array.from(
    { length: 1000 },
    () => "7 102.0 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=0} ---",
  );
  const { report } = answerOf(read([...writes, ...spins, ...signals]), ["job"], published, 0);
  assert.deepEqual(report.findings.map(({ id }) => id).sort(), [
    "eagain-spinning",
    "signal-storm",
    "single-byte-writes",
  ]);
});

test("/proc's own formats", () => {
  const stat = parseStat("12 (a (b) c) S 1 12 12 0 -1 4194304 99 0 3 0 150 25 0 0 20 0 4 0 1 2 3");
  assert.deepEqual(
    [
      stat?.program,
      stat?.state,
      stat?.parent,
      stat?.minorFaults,
      stat?.majorFaults,
      stat?.user,
      stat?.kernel,
      stat?.threads,
    ],
    ["a (b) c", "S", 1, 99, 3, 1.5e9, 0.25e9, 4],
  );
  assert.equal(parseLines("Name:\tsh\nvoluntary_ctxt_switches:\t17\n").get("voluntary_ctxt_switches"), "17");
  assert.equal(parseLines("nr_throttled 4\n").get("nr_throttled"), "4");
  const limits = parseLimits(
    "Limit      Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\nMax cpu time              unlimited            unlimited            seconds\n",
  );
  assert.deepEqual([limits.get("Max open files"), limits.get("Max cpu time")], [1024, Number.POSITIVE_INFINITY]);
  assert.deepEqual(
    parseCgroups("4:memory:/a\n1:cpu,cpuacct:/b\n0::/c\n"),
    new Map([
      ["memory", "/a"],
      ["cpu", "/b"],
      ["cpuacct", "/b"],
      ["", "/c"],
    ]),
  );
  assert.equal(waitingCall("230 0x0 0x0", undefined), "clock_nanosleep");
  assert.equal(waitingCall("running", undefined), undefined);
});
