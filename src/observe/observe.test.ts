// The gate seen on real programs of the Debian image: perf's counts don't vary, the doctor's verdicts and findings.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { boot, type Machine } from "../index.ts";
import { Account } from "./account.ts";
import { Evidence } from "./doctor/evidence.ts";
import { published } from "./doctor/model.ts";
import { reportText } from "./doctor/plain.ts";
import { answerOf, type Report } from "./doctor/report.ts";
import { parseEvents } from "./perf/events.ts";
import { countsOf, statFields, statText } from "./perf/stat.ts";
import { parseSet } from "./strace/classes.ts";
import { parseInjection } from "./strace/inject.ts";
import { defaults, Strace, type StraceOptions } from "./strace/strace.ts";

let machine: Machine;
before(async () => {
  machine = await boot({ image: "debian", memory: "512m" });
});
after(() => machine.shutdown());

async function examined(script: string, name = "sh"): Promise<Report> {
  const evidence = new Evidence(machine.kernel);
  const stop = machine.kernel.trace.listen(evidence);
  await machine.exec([name, "-c", script]);
  stop();
  evidence.finish();
  return answerOf(evidence.facts, [name, "-c", script], published).report;
}

const ids = (answer: Report): string[] =>
  answer.findings.filter(({ kind }) => kind !== "posture").map((finding) => finding.id);

async function straced(argv: string[], options: Partial<StraceOptions>): Promise<{ lines: string[]; code: number }> {
  let text = "";
  const write = (bytes: Uint8Array | string): void => void (text += Buffer.from(bytes as string).toString("latin1"));
  const notice = (line: string): void => write(`${line}\n`);
  const strace = new Strace(machine.kernel, { ...defaults, notice, ...options }, () => sink);
  const sink = { write, eager: true };
  const stop = machine.kernel.trace.listen(strace);
  const { code } = await machine.exec(argv);
  stop();
  return { lines: text.split("\n").slice(0, -1), code };
}

test("perf stat: the same program takes the same instructions", async () => {
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const account = new Account(machine.kernel);
    const stop = machine.kernel.trace.listen(account);
    await machine.exec(["sort", "/etc/passwd"]);
    stop();
    account.finish();
    runs.push(countsOf(account, parseEvents("instructions:u,raw_syscalls:sys_enter")));
  }
  const counts = runs.map((run) => run.values.get("instructions:u"));
  assert.ok(counts[0]! > 100_000);
  // The machine's random numbers differ from run to run, and with them an allocator's choices by a few instructions.
  assert.ok(Math.max(...(counts as number[])) - Math.min(...(counts as number[])) < 1000, `${counts}`);
  assert.match(statText("'sort'", runs), /Performance counter stats for 'sort' \(3 runs\):/);
  assert.match(statFields(runs, ","), /^\d+,,instructions:u,\d\.\d\d%,\d+,100\.00,/);
});

test("doctor: a loop is user space, small writes are kernel space, sleeping is waiting", async () => {
  const loop = await examined("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
  assert.equal(loop.verdict, "user space");
  assert.deepEqual(ids(loop), []);
  const small = await examined("dd if=/dev/zero of=/dev/null bs=1 count=40000 2>/dev/null");
  assert.equal(small.verdict, "kernel space");
  assert.deepEqual(ids(small).slice(0, 2).sort(), ["single-byte-reads", "single-byte-writes"]);
  assert.match(reportText(small), /^Kernel space: \d+ % of the time/);
  const large = await examined("dd if=/dev/zero of=/dev/null bs=64k count=100 2>/dev/null");
  assert.ok(!ids(large).some((id) => /small|single/.test(id)));
  const sleep = await examined("sleep 0.3");
  assert.equal(sleep.verdict, "waiting");
  assert.equal(sleep.waitingOn[0]?.call, "clock_nanosleep");
});

test("doctor: processes that are started one after another", async () => {
  const many = await examined("i=0; while [ $i -lt 30 ]; do /bin/true; i=$((i+1)); done");
  assert.ok(ids(many).includes("fork-exec"));
  assert.ok(!ids(await examined("/bin/true; /bin/true")).includes("fork-exec"));
});

test("doctor: look-ups of what is not there", async () => {
  const answer = await examined('i=0; while [ $i -lt 500 ]; do [ -e "/nope/$i" ]; i=$((i+1)); done');
  assert.ok(ids(answer).includes("missing-files"), ids(answer).join());
  assert.match(answer.findings.find(({ id }) => id === "missing-files")!.evidence, /\/nope\/ 500/);
});

test("strace -e inject: an error instead of the call, at the time that was asked for", async () => {
  const known = machine.kernel.syscalls;
  const { lines, code } = await straced(["cat", "/etc/hostname"], {
    calls: parseSet("openat", known),
    touching: ["/etc/hostname"],
    injections: [parseInjection("openat:error=EACCES:when=1+", known)],
  });
  assert.notEqual(code, 0);
  assert.ok(
    lines.some((line) => line === "+++ exited with 1 +++" || /INJECTED/.test(line)),
    lines.join("\n"),
  );
});

test("strace -f: lines of a child, unfinished and resumed", async () => {
  const { lines } = await straced(["sh", "-c", "/bin/true; exit 3"], {
    follow: true,
    calls: parseSet("execve,wait4,exit_group", machine.kernel.syscalls),
  });
  assert.match(
    lines[0]!,
    /^execve\("\/usr\/bin\/sh", \["sh", "-c", "\/bin\/true; exit 3"\], 0x[0-9a-f]+ \/\* \d+ vars \*\/\) = 0$/,
  );
  const text = lines.join("\n");
  assert.match(text, /^strace: Process \d+ attached$/m);
  assert.match(text, /\[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 0\}\], 0, NULL\)/);
  assert.match(text, /^--- SIGCHLD \{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=\d+, si_uid=0, si_status=0/m);
  assert.equal(lines.at(-1), "+++ exited with 3 +++");
});
