// The verdict is right on programs whose answer is known: C, shell, awk, Perl and Python, ten for each side of the gate.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boot, type Machine } from "../../src/index.ts";
import type { Verdict } from "../../src/observe/doctor/report.ts";
import { buildSubjects, examined, mount, place } from "./subjects.ts";

let machine: Machine;
before(async () => {
  buildSubjects();
  machine = await boot({ image: "debian", memory: "512m", mounts: [mount] });
});
after(() => machine.shutdown());

const c = (program: string, subject: string): string[] => [`${place}/${program}`, subject, "wasteful"];
const sh = (script: string): string[] => ["sh", "-c", script];
const python = (script: string): string[] => ["python3", "-c", script];
const perl = (script: string): string[] => ["perl", "-e", script];

const labelled: Record<Verdict, Record<string, string[]>> = {
  "user space": {
    "a sieve in C": c("verdicts", "sieve"),
    "a product of matrices in C": c("verdicts", "matrix"),
    "qsort in C": c("verdicts", "sorts"),
    "a hash of a file in C": c("verdicts", "hash"),
    "a loop of the shell": sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"),
    "a loop in awk": ["awk", "BEGIN { for (i = 0; i < 100000; i++) s += i * i; print s }"],
    "words counted in Perl": perl('my %n; $n{$_ % 97} .= "x" for 1 .. 40000; print scalar keys %n'),
    "numbers in Python": python("print(sum(i * i % 7 for i in range(300000)))"),
    "JSON in Python": python("import json\nfor i in range(150): json.loads(json.dumps(list(range(500))))"),
    "sort of many lines": sh("seq 60000 -1 1 | sort -n | tail -1"),
  },
  "kernel space": {
    "getppid in C": c("verdicts", "calls"),
    "a pipe of one's own in C": c("verdicts", "pipes"),
    "bytes written one by one in C": c("files", "single-writes"),
    "the status of a file in C": c("files", "stats"),
    "bytes to a child and back in C": c("waits", "switches"),
    "mapping and unmapping in C": c("tasks", "maps"),
    "dd of single bytes": sh("dd if=/dev/zero of=/dev/null bs=1 count=20000"),
    "programs started by the shell": sh("i=0; while [ $i -lt 30 ]; do /bin/true; i=$((i+1)); done"),
    "bytes read one by one in Perl": perl('open F, "<", "/dev/zero"; sysread F, $b, 1 for 1 .. 30000'),
    "a tree of files": ["find", "/usr/lib", "/usr/share", "-newer", "/etc/passwd"],
  },
  waiting: {
    sleep: ["sleep", "0.15"],
    "sleeps in C": c("waits", "sleeps"),
    "a poll that times out in C": c("verdicts", "polls"),
    "a mutex that another thread holds in C": c("verdicts", "mutex"),
    "an answer from a socket in C": c("verdicts", "sockets"),
    "a file lock in C": c("verdicts", "locks"),
    "an alarm in C": c("verdicts", "alarms"),
    "a disk in C": c("verdicts", "disk"),
    "a slow writer": sh("(sleep 0.2; echo late) | cat"),
    "a child in Python": python("import subprocess; subprocess.run(['sleep', '0.5'])"),
    "a queue in Python": python("import queue\ntry: queue.Queue().get(timeout=0.5)\nexcept queue.Empty: pass"),
  },
  balanced: {},
};

/** What is waited for, where the verdict is waiting. */
const awaited: Record<string, RegExp> = {
  sleep: /sleeping/,
  "a poll that times out in C": /events/,
  "a mutex that another thread holds in C": /sleeping|locks/,
  "a file lock in C": /sleeping|file locks/,
  "an alarm in C": /signals/,
  "a disk in C": /the disk/,
  "a queue in Python": /locks/,
};

for (const [verdict, programs] of Object.entries(labelled)) {
  for (const [name, command] of Object.entries(programs)) {
    test(`${verdict}: ${name}`, async () => {
      const { report } = await examined(machine, command);
      const { user, kernel, waiting } = report.shares;
      const shares = [user, kernel, waiting].map((share) => share.toFixed(2)).join(" ");
      assert.equal(report.exitCode, 0);
      assert.equal(report.verdict, verdict, shares);
      const what = awaited[name];
      if (what) assert.match(report.waitingOn[0]?.what ?? "nothing", what);
    });
  }
}
