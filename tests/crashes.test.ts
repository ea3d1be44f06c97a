// What the kernel does when it fails: each failure is provoked inside, and what is left is looked at.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type BootOptions, boot, type CrashReport, type Machine } from "../src/index.ts";
import { explainCrash } from "../src/observe/crash/explain.ts";
import { type ReadCrash, readCrash } from "../src/observe/crash/read.ts";

const PROVOKE = "/sys/kernel/debug/provoke-crash";

async function machine(options: BootOptions = {}): Promise<{ it: Machine; crashes: CrashReport[] }> {
  const crashes: CrashReport[] = [];
  const it = await boot({ image: "busybox", memory: "128m", onCrash: (report) => crashes.push(report), ...options });
  it.kernel.log.onConsole = undefined;
  after(() => it.shutdown());
  return { it, crashes };
}

async function sh(it: Machine, script: string): Promise<string> {
  const { stdout, stderr } = await it.exec(["sh", "-c", script]);
  return stdout + stderr;
}

const logOf = (it: Machine): string => it.kernel.log.records.map(({ text }) => text).join("\n");

describe("an oops", () => {
  test("kills the task that was in the kernel, whose parent sees SIGSEGV; all others go on", async () => {
    const { it, crashes } = await machine();
    const said = await sh(
      it,
      `sh -c 'echo EXCEPTION > ${PROVOKE}/DIRECT; echo alive'; echo $?; cat /proc/sys/kernel/tainted`,
    );
    assert.match(said, /^(Segmentation fault\n)?139\n128\n/m);
    assert.doesNotMatch(said, /alive/);
    const log = logOf(it);
    assert.match(log, /^BUG: TypeError: .*\nOops \[#1\]$/m);
    assert.match(log, /^CPU: 0 UID: 0 PID: \d+ Comm: sh Not tainted 6\./m);
    assert.match(log, /^ EXCEPTION \(src\/kernel\/fs\/debugfs\/provoke-crash\.ts:\d+:\d+\)$/m);
    assert.match(log, /^In write\(fd=1, buf=0x[0-9a-f]+, count=0xa\)$/m);
    assert.match(log, /^epc : [0-9a-f]{16} ra : [0-9a-f]{16} sp : [0-9a-f]{16}$/m);
    assert.match(log, /^Last crossings:\n(.*\n)* \[\d+\] dup[23]?\(.*\) = 1$/m);
    assert.equal(crashes.length, 1);
    assert.equal(crashes[0]!.kind, "oops");
    assert.equal(it.kernel.ended, undefined);
    assert.match(await sh(it, "cat /sys/kernel/oops_count; ps | wc -l"), /^1\n/);
  });

  test("of one thread leaves no frame, file or wait behind that it could give back", async () => {
    const { it } = await machine();
    const provoke = () => sh(it, `(echo BUG > ${PROVOKE}/DIRECT); (echo EXHAUST_STACK > ${PROVOKE}/DIRECT)`);
    await provoke();
    const frames = it.kernel.ram.freeFrames;
    for (let i = 0; i < 5; i++) await provoke();
    assert.ok(frames - it.kernel.ram.freeFrames <= 2, `${frames - it.kernel.ram.freeFrames} frames`);
    assert.equal(it.kernel.tasks.taskCount, 1);
    assert.equal(it.kernel.oopses, 12);
  });

  test("panics with panic_on_oops, and after oops_limit of them", async () => {
    const first = await machine({ commandLine: "oops=panic" });
    await sh(first.it, `echo BUG > ${PROVOKE}/DIRECT`);
    assert.deepEqual(await first.it.ended, { how: "panic", text: "Fatal exception", restartAfter: undefined });
    const second = await machine({ commandLine: "sysctl.kernel.oops_limit=2 panic=7" });
    assert.match(await sh(second.it, `(echo BUG > ${PROVOKE}/DIRECT); echo one`), /one/);
    await sh(second.it, `echo BUG > ${PROVOKE}/DIRECT`);
    const text = "Oopsed too often (kernel.oops_limit is 2)";
    assert.deepEqual(await second.it.ended, { how: "panic", text, restartAfter: 7 });
  });

  test("in a timer, or over a torn run queue, is a panic", async () => {
    const timer = await machine();
    await sh(timer.it, `echo EXCEPTION > ${PROVOKE}/INT_TASKLET_ENTRY; sleep 5`);
    assert.equal((await timer.it.ended).text, "Fatal exception in interrupt");
    const queue = await machine();
    await sh(queue.it, `echo EXCEPTION > ${PROVOKE}/SCHEDULE`);
    assert.match((await queue.it.ended).text, /^Fatal exception: task \d+ is not in the run queue$/);
    assert.deepEqual(
      queue.crashes.map(({ kind }) => kind),
      ["oops", "panic"],
    );
  });
});

describe("a panic", () => {
  test("ends the machine: every process with SIGKILL, all streams, and nothing starts any more", async () => {
    const { it, crashes } = await machine();
    const sleeper = await it.spawn(["sleep", "1000"]);
    await sh(it, "echo c > /proc/sysrq-trigger; echo not here");
    assert.deepEqual(await sleeper.exited, { code: 137, signal: "SIGKILL" });
    assert.equal(await sleeper.stdout.text(), "");
    assert.equal((await it.ended).text, "sysrq triggered crash");
    await assert.rejects(it.spawn(["true"]), /panic: sysrq triggered crash/);
    assert.deepEqual(
      crashes.map(({ kind }) => kind),
      ["panic"],
    );
    assert.match(logOf(it), /Kernel panic - not syncing: sysrq triggered crash\nCPU: 0 .*\nCall Trace:\n Object/);
  });

  test("panic_on_warn and warn_limit make one of a warning, which else only taints", async () => {
    const calm = await machine();
    assert.equal(await sh(calm.it, `echo WARNING > ${PROVOKE}/DIRECT; cat /proc/sys/kernel/tainted`), "512\n");
    assert.match(logOf(calm.it), /WARNING: CPU: 0 PID: \d+ at .*provoke-crash/);
    const strict = await machine({ commandLine: "panic_on_warn" });
    await sh(strict.it, `echo WARNING > ${PROVOKE}/DIRECT`);
    assert.match((await strict.it.ended).text, /panic_on_warn set/);
  });
});

describe("reboot(2) and the magic request", () => {
  for (const [command, how] of [
    ["reboot -f", "restart"],
    ["halt -f", "halt"],
    ["poweroff -f", "poweroff"],
    ["echo b > /proc/sysrq-trigger", "restart"],
    ["echo o > /proc/sysrq-trigger", "poweroff"],
  ] as const) {
    test(`${command}: ${how}`, async () => {
      const { it } = await machine();
      await sh(it, `${command}; sleep 9`);
      assert.equal((await it.ended).how, how);
    });
  }
  test("takes CAP_SYS_BOOT, and root to write", async () => {
    const { it } = await machine();
    const { code } = await it.exec(["reboot", "-f"], { user: "1000" });
    assert.notEqual(code, 0);
    assert.notEqual((await it.exec(["sh", "-c", "echo c > /proc/sysrq-trigger"], { user: "1000" })).code, 0);
    assert.equal(it.kernel.ended, undefined);
  });
  test("the others say what they do, and do it", async () => {
    const { it } = await machine();
    await sh(it, "for i in h m t w l p s z 5 q; do echo $i > /proc/sysrq-trigger; done");
    const log = logOf(it);
    for (const line of [
      "HELP : loglevel(0-9) reboot(b)",
      "Show Memory",
      "Show State",
      "Show Blocked State",
      "Emergency Sync",
    ])
      assert.ok(log.includes(`sysrq: ${line}`), line);
    assert.match(log, /^task:init +state:S pid:1 /m);
    assert.match(await sh(it, "cat /proc/sys/kernel/printk"), /^5\t/);
    const sleeper = await it.spawn(["sleep", "1000"]);
    await sh(it, "trap '' TERM; echo e > /proc/sysrq-trigger; true");
    assert.equal((await sleeper.exited).signal, "SIGTERM");
  });
});

describe("watching", () => {
  test("a task that sleeps for too long where no signal reaches it is said to hang", async () => {
    const { it } = await machine({ commandLine: "sysctl.kernel.hung_task_timeout_secs=1" });
    await sh(it, `echo HUNG_TASK > ${PROVOKE}/DIRECT & sleep 2.5; kill -9 $!`);
    assert.match(logOf(it), /INFO: task sh:\d+ blocked for more than \d seconds\./);
    assert.equal(it.kernel.hungTasks.watching, false, "nothing is watched when nobody sleeps so");
  });
  test("a kernel that keeps the processor for too long is said to be stuck", async () => {
    const { it } = await machine({ commandLine: "watchdog_thresh=1" });
    await sh(it, `echo SOFTLOCKUP > ${PROVOKE}/DIRECT`);
    assert.match(logOf(it), /watchdog: BUG: soft lockup - CPU#0 stuck for 2s! \[sh:\d+\]/);
    assert.equal(it.kernel.taints.mask, 1 << 14);
  });
});

describe("a program that a fault ends", () => {
  const FAULT = "import ctypes; ctypes.string_at(0)";
  test("is said in the log: what, where, in which file, with which registers; not when it or a tracer takes the signal", async () => {
    const { it } = await machine({ image: "debian", memory: "512m" });
    assert.equal((await it.exec(["python3", "-c", FAULT])).signal, "SIGSEGV");
    const log = logOf(it);
    assert.match(
      log,
      /^python3\[\d+\]: unhandled signal 11 code 0x1 at 0x0{16} in libc\.so\.6\[[0-9a-f]+,[0-9a-f]+\+[0-9a-f]+\]$/m,
    );
    assert.match(log, /^status: 0000000200000020 badaddr: 0{16} cause: 0{15}d$/m);
    const before = it.kernel.log.end;
    assert.equal((await it.exec(["python3", "-X", "faulthandler", "-c", FAULT])).signal, "SIGSEGV");
    assert.equal(it.kernel.log.end, before);
    await sh(it, "echo 1 > /proc/sys/kernel/print-fatal-signals; bash -c 'kill -ABRT $$'");
    assert.match(logOf(it), /^bash: bash: potentially unexpected fatal signal 6\.$/m);
    await sh(it, "echo 0 > /proc/sys/debug/exception-trace");
    const quiet = it.kernel.log.end;
    await it.exec(["sh", "-c", `echo 0 > /proc/sys/kernel/print-fatal-signals; exec python3 -c '${FAULT}'`]);
    assert.equal(it.kernel.log.end, quiet);
  });
});

describe("a crash report", () => {
  let report: CrashReport;
  const read = (text: string): ReadCrash => {
    const crash = readCrash(text);
    assert.ok(typeof crash !== "string", String(crash));
    return crash;
  };
  test("says what happened, where, in which task, what led there and what to do", async () => {
    const { it, crashes } = await machine({ commandLine: "oops=panic" });
    await sh(it, `echo BUG > ${PROVOKE}/DIRECT`);
    report = crashes[0]!;
    const text = explainCrash(read(JSON.stringify(report, undefined, 1)));
    for (const part of [
      /^What happened\n {2}The kernel panicked: Fatal exception$/m,
      /^Where\n/m,
      /^ {2}sh, task \d+ of process \d+/m,
      /^ {2}It was in write\(fd=1, /m,
      /^ {2}Tainted D: /m,
      /kernel BUG: provoked/,
    ])
      assert.match(text, part);
  });
  test("that is cut anywhere is read as far as it goes", () => {
    const whole = JSON.stringify(report, undefined, 1);
    for (let length = 0; length < whole.length; length += 397) {
      const crash = readCrash(whole.slice(0, length));
      if (typeof crash === "string") assert.ok(length < 100, `${length}: ${crash}`);
      else assert.ok(explainCrash(crash).startsWith("note: the file is cut short"));
    }
  });
  test("that is damaged in the middle is read up to there, in no time", () => {
    const log = Array.from({ length: 4000 }, (_, i) => ({ time: i, priority: 6, text: `line ${i}` }));
    const whole = JSON.stringify({ ...report, log }, undefined, 1);
    const started = performance.now();
    for (const at of [0.3, 0.6, 0.9]) {
      const quote = whole.indexOf('"', Math.floor(whole.length * at));
      const crash = readCrash(`${whole.slice(0, quote)}\0${whole.slice(quote + 1)}`);
      assert.ok(typeof crash !== "string" && crash.text === report.text && crash.log.length > 4000 * (at - 0.2));
    }
    assert.ok(performance.now() - started < 3000);
  });
  test("that is none, or damaged inside, is told from one", () => {
    assert.equal(readCrash(""), "the file is empty");
    assert.equal(readCrash("hello"), "this is no crash report");
    assert.equal(readCrash("{}"), "this is no crash report");
    assert.match(String(readCrash('{"format":"airside-crash","version":99}')), /newer airside/);
    const odd = {
      format: "airside-crash",
      version: 1,
      tasks: [null, 7, { tid: "x" }],
      log: "no",
      stack: [1, "a"],
      taints: {},
    };
    assert.match(explainCrash(read(JSON.stringify(odd))), /the report does not say/);
  });
  test("can be had of a machine that runs", async () => {
    const { it } = await machine();
    const asked = it.report();
    assert.equal(asked.kind, "request");
    assert.match(explainCrash(read(JSON.stringify(asked))), /nothing has failed/);
  });
});
