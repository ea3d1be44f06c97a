// The embedding API: machines, processes, streams, files, limits, errors.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { boot, FileError, ImageError, SpawnError } from "../src/index.ts";

const machine = await boot({ image: "busybox", memory: "256m" });
after(() => machine.shutdown());

test("exec collects what a program writes, and its exit", async () => {
  const done = await machine.exec(["sh", "-c", "echo out; echo err >&2; exit 7"]);
  assert.deepEqual(done, { code: 7, signal: undefined, stdout: "out\n", stderr: "err\n" });
  const killed = await machine.exec(["sh", "-c", "kill -TERM $$"]);
  assert.deepEqual([killed.code, killed.signal], [143, "SIGTERM"]);
});

test("spawn: input and output are streams, with back-pressure", async () => {
  const child = await machine.spawn(["wc", "-c"]);
  const chunk = new Uint8Array(100_000).fill(97);
  for (let i = 0; i < 20; i++) await child.stdin.write(chunk);
  child.stdin.end();
  assert.equal(await child.stdout.text(), "2000000\n");
  assert.equal((await child.exited).code, 0);

  const endless = await machine.spawn(["yes"]);
  let seen = 0;
  for await (const bytes of endless.stdout) {
    seen += bytes.length;
    if (seen > 1_000_000) break;
  }
  assert.equal((await endless.exited).signal, "SIGPIPE");
});

test("kill, environment, working directory and user", async () => {
  const sleeper = await machine.spawn(["sleep", "1000"]);
  sleeper.kill(9);
  assert.equal((await sleeper.exited).signal, "SIGKILL");
  const { stdout } = await machine.exec(["sh", "-c", "echo $A; pwd; id -u; id -g"], {
    env: { A: "b" },
    cwd: "/tmp",
    user: "1000:100",
  });
  assert.equal(stdout, "b\n/tmp\n1000\n100\n");
});

test("fs reads, writes, lists, makes and removes; errors have Linux's names", () => {
  const { fs } = machine;
  fs.mkdir("/d");
  fs.write("/d/ü", "text", 0o600);
  assert.equal(fs.text("/d/ü"), "text");
  assert.deepEqual(fs.list("/d"), ["ü"]);
  assert.deepEqual([fs.stat("/d/ü").size, fs.stat("/d/ü").mode, fs.stat("/d").type], [4, 0o600, "directory"]);
  const fails = (action: () => unknown, errno: string) =>
    assert.throws(action, (error) => error instanceof FileError && error.errno === errno);
  fails(() => fs.read("/none"), "ENOENT");
  fails(() => fs.read("/d"), "EISDIR");
  fails(() => fs.mkdir("/d"), "EEXIST");
  fails(() => fs.remove("/d"), "ENOTEMPTY");
  fs.remove("/d/ü");
  fs.remove("/d");
  assert.equal(fs.exists("/d"), false);
});

test("limits: processor time ends with SIGXCPU, address space with ENOMEM", async () => {
  const spun = await machine.exec(["sh", "-c", "while :; do :; done"], { limits: { cpu: "1s" } });
  assert.equal(spun.signal, "SIGXCPU");
  const grown = await machine.exec(["sh", "-c", "x=0123456789; while :; do x=$x$x; done"], {
    limits: { ulimits: { as: 16 << 20 } },
  });
  assert.notEqual(grown.code, 0);
  assert.match(grown.stderr, /memory/i);
  assert.equal((await machine.exec(["echo", "on"])).stdout, "on\n");
});

test("limits: memory that is used up kills the process, not its neighbours; what it had is free again", async () => {
  const { ram, cgroups } = machine.kernel;
  const neighbour = await machine.spawn(["sh", "-c", "read x; echo $x"]);
  const free = ram.freeFrames;
  const hog = await machine.exec(["sh", "-c", "x=0123456789; while :; do x=$x$x; done"], { limits: { memory: "16m" } });
  assert.equal(hog.signal, "SIGKILL");
  assert.ok(ram.freeFrames > free - 1000, `${free - ram.freeFrames} frames less than before`);
  assert.equal([...cgroups.root.subtree()].length, 1);
  neighbour.stdin.end("here\n");
  assert.equal(await neighbour.stdout.text(), "here\n");
});

test("limits of a process and all that it starts: a fork bomb ends, the processor is shared out, and the group goes with it", async () => {
  const bomb = await machine.exec(["sh", "-c", "cat /proc/self/cgroup; f() { f | f & }; f; sleep 1; echo over"], {
    limits: { pids: 16 },
  });
  assert.match(bomb.stdout, /^0::\/process-1\n/);
  assert.match(bomb.stderr, /fork/);
  assert.equal((await machine.exec(["echo", "on"])).stdout, "on\n");
  const busy =
    "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; cat /sys/fs/cgroup/$(cut -d/ -f2 /proc/self/cgroup)/cpu.stat";
  const throttled = await machine.exec(["sh", "-c", busy], { limits: { cpus: 0.2 } });
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(throttled.stdout)?.[1]);
  assert.ok(count("nr_throttled") > 0 && count("throttled_usec") > count("usage_usec"), throttled.stdout);
  assert.deepEqual(
    machine.fs.list("/sys/fs/cgroup").filter((name) => name.startsWith("process-")),
    [],
  );
  await assert.rejects(machine.exec(["true"], { limits: { pids: 0.5 } }), RangeError);
});

test("limits: writes to a folder of the host keep to their rate; a process alongside shares the group", async () => {
  const host = mkdtempSync(join(tmpdir(), "airside-"));
  const other = await boot({ image: "busybox", memory: "128m", mounts: [{ host, guest: "/data" }] });
  const options = { limits: { writeBps: { "/data": "1m" }, pids: 8 } };
  const start = performance.now();
  const write = await other.exec(["dd", "if=/dev/zero", "of=/data/x", "bs=64k", "count=10"], options);
  const took = performance.now() - start;
  assert.equal(write.code, 0);
  // 640 KiB, less what a tenth of a second saves
  assert.ok(took > 500, `${took}`);
  const sleeper = await other.spawn(["sleep", "100"], options);
  const { stdout } = await other.exec(["cat", "/proc/self/cgroup"], { alongside: sleeper });
  assert.equal(stdout, "0::/process-1\n");
  sleeper.kill(9);
  await sleeper.exited;
  assert.equal((await other.exec(["cat", "/proc/self/cgroup"], { alongside: sleeper })).stdout, "0::/\n");
  await other.shutdown();
  rmSync(host, { recursive: true });
});

test("what can't be started is a SpawnError in one line, with the shell's exit code", async () => {
  const fails = (argv: string[], exitCode: number, message: RegExp) =>
    assert.rejects(machine.spawn(argv), (error) => {
      assert.ok(error instanceof SpawnError);
      assert.equal(error.exitCode, exitCode);
      assert.match(error.message, message);
      return true;
    });
  await fails(["no-such-program"], 127, /no-such-program: not found/);
  await fails(["/etc/passwd"], 126, /permission denied/);
  machine.fs.write("/foreign", readFileSync(process.execPath).subarray(0, 4096), 0o755);
  await fails(["/foreign"], 126, /for (x86-64|aarch64), not for riscv64/);
  await assert.rejects(boot({ image: "no-such-image" }), ImageError);
  await assert.rejects(boot({ image: "busybox", memory: "much" }), RangeError);
});

test("several machines, and folders of the host: read-only or both ways", async () => {
  const folder = mkdtempSync(join(tmpdir(), "airside-api-"));
  writeFileSync(join(folder, "a"), "from the host");
  const mounts = [
    { host: folder, guest: "/ro", readOnly: true },
    { host: folder, guest: "/rw" },
  ];
  const [one, two] = await Promise.all([boot({ image: "busybox", mounts }), boot({ image: "busybox" })]);
  one.fs.write("/mark", "1");
  assert.equal(two.fs.exists("/mark"), false);
  const script = "cat /ro/a; echo x > /ro/b; echo y > /rw/c";
  const done = await one.exec(["sh", "-c", script]);
  assert.equal(done.stdout, "from the host");
  assert.match(done.stderr, /Read-only/);
  assert.equal(readFileSync(join(folder, "c"), "utf8"), "y\n");
  await Promise.all([one.shutdown(), two.shutdown()]);
  rmSync(folder, { recursive: true });
});

test("the first process adopts orphans and lets them go", async () => {
  const { stdout } = await machine.exec([
    "sh",
    "-c",
    "(sleep 0.05; cat /proc/self/stat | cut -d' ' -f4 > /tmp/ppid) & exit 0",
  ]);
  assert.equal(stdout, "");
  await machine.exec(["sleep", "0.3"]);
  const { stdout: zombies } = await machine.exec(["sh", "-c", "ps -o stat | grep -c Z"]);
  assert.equal(zombies, "0\n");
});
