// Machines with names: ps, exec, kill and strace -p over their sockets.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const cli = join(import.meta.dirname, "../apps/cli/main.ts");
const run = mkdtempSync(join(tmpdir(), "airside-run-"));
const env = { ...process.env, XDG_RUNTIME_DIR: run };
const airside = (args: string[], input = "") => {
  const done = spawnSync(process.execPath, [cli, ...args], { input, encoding: "utf8", env, timeout: 60_000 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
};

let machine: ChildProcess;
before(async () => {
  const script = "echo up; while :; do sleep 0.1; done";
  machine = spawn(process.execPath, [cli, "run", "--name", "box", "busybox", "sh", "-c", script], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve) => machine.stdout!.once("data", () => resolve()));
});
after(() => {
  machine.kill("SIGKILL");
  rmSync(run, { recursive: true });
});

const shell = (): string =>
  JSON.parse(airside(["ps", "--json", "box"]).stdout).processes.find((each: { command: string }) =>
    /while/.test(each.command),
  ).pid;

test("the folder of sockets is the user's own", () => {
  assert.equal(statSync(join(run, "airside")).mode & 0o777, 0o700);
});

test("ps lists machines, and what runs in one", () => {
  assert.equal(airside(["ps", "-q"]).stdout, "box\n");
  assert.match(airside(["ps"]).stdout, /^NAME .*\nbox +busybox +"sh -c/);
  assert.match(airside(["ps", "box"]).stdout, /^PID .*\n\d+ +1 +0 +[SR] +\d\d:\d\d:\d\d +sh -c echo up/);
});

test("exec: streams, environment, folder and exit code are the command's", () => {
  const script = "cat; echo $A; pwd; echo wrong >&2; exit 7";
  assert.deepEqual(airside(["exec", "-i", "-e", "A=1", "-w", "/tmp", "box", "sh", "-c", script], "in\n"), {
    status: 7,
    stdout: "in\n1\n/tmp\n",
    stderr: "wrong\n",
  });
  assert.equal(airside(["exec", "box", "cat"], "unread").stdout, "");
  assert.equal(airside(["exec", "box", "no-such-program"]).status, 127);
});

test("doctor -p: a process that runs, for a while; one that is not there is an error", () => {
  const looked = airside(["doctor", "--json", "--model", "published", "--seconds", "0.6", "-p", String(shell())]);
  const report = JSON.parse(looked.stdout);
  assert.equal(report.verdict, "waiting", looked.stdout);
  assert.equal(report.waitingOn[0].what, "child processes");
  assert.ok(report.processes > 2 && report.systemCalls > 10);
  assert.match(airside(["doctor", "--seconds", "0.1", "-p", "9999"]).stderr, /^airside: no such process: 9999$/m);
});

test("strace -p: lines of a process that runs, until the trace is told to end", async () => {
  const trace = spawn(process.execPath, [cli, "strace", "-f", "-e", "trace=execve,wait4", "-p", String(shell())], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  await new Promise<void>((resolve) =>
    trace.stderr!.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (/resumed>\[\{WIFEXITED/.test(text) && !trace.killed) trace.kill("SIGINT");
      if (/detached/.test(text)) resolve();
    }),
  );
  assert.match(text, /^strace: Process \d+ attached\n/);
  assert.match(text, /^\[pid +\d+\] execve\("[^"]*", \["sleep", "0.1"\], 0x[0-9a-f]+ \/\* \d+ vars \*\/\) = 0$/m);
  assert.match(
    airside(["strace", "-p", "99999"]).stderr,
    /^strace: attach: ptrace\(PTRACE_SEIZE, 99999\): No such process/,
  );
});

test("each mistake has one plain line", () => {
  const cases: [args: string[], status: number, line: RegExp][] = [
    [["run", "--name", "box", "busybox", "true"], 125, /^airside: the name is taken: box/],
    [["run", "--name", "a/b", "busybox", "true"], 125, /^airside: not a name for a machine: a\/b/],
    [["exec", "nobody", "true"], 125, /^airside: no such machine: nobody$/m],
    [["kill", "nobody"], 1, /^airside: no such machine: nobody$/m],
    [["kill", "-s", "NONE", "box"], 1, /^airside: invalid signal: NONE$/m],
    [["ps", "nobody"], 1, /^airside: no such machine: nobody$/m],
  ];
  for (const [args, status, line] of cases) {
    const done = airside(args);
    assert.equal(done.status, status, `${args.join(" ")}: ${done.stderr}`);
    assert.match(done.stderr, line);
  }
});

test("a socket that was left behind is no obstacle", async () => {
  mkdirSync(join(run, "airside"), { recursive: true });
  const path = join(run, "airside/old.sock");
  // A server that ends without removing its socket.
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ["-e", script]);
  assert.ok(statSync(path).isSocket());
  assert.equal(airside(["run", "--name", "old", "busybox", "echo", "new"]).stdout, "new\n");
  assert.equal(airside(["ps", "-q"]).stdout, "box\n");
});

test("kill ends the machine with its command", async () => {
  const ended = new Promise((resolve) => machine.once("exit", resolve));
  assert.equal(airside(["kill", "-s", "TERM", "box"]).stdout, "box\n");
  assert.equal(await ended, 143);
  assert.equal(airside(["ps", "-q"]).stdout, "");
});
