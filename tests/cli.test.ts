// The command line: exit codes, pipes, and one plain line for what goes wrong.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const cli = join(import.meta.dirname, "../apps/cli/main.ts");
const airside = (args: string[], input = "") => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { input, encoding: "utf8" });
  return { status, stdout, stderr };
};

test("run: a script on standard input, its output and its exit code; -t without a terminal is no obstacle", () => {
  const script = 'uname -s; id -u; ls -d /etc; python3 -c "print(6*7)"; exit 3\n';
  assert.deepEqual(airside(["run", "-it", "debian"], script), {
    status: 3,
    stdout: "Linux\n0\n/etc\n42\n",
    stderr: "",
  });
});

test("run: without -i standard input is empty; -e, -w, -u and -h are docker's", () => {
  const args = [
    "-e",
    "A=1",
    "-w",
    "/tmp",
    "-u",
    "65534",
    "-h",
    "box",
    "busybox",
    "sh",
    "-c",
    "cat; echo $A; pwd; id -u; hostname",
  ];
  assert.equal(airside(["run", ...args], "unread").stdout, "1\n/tmp\n65534\nbox\n");
});

test("run --report-missing names the calls that have no row", () => {
  const script = "import ctypes; ctypes.CDLL(None).syscall(425, 0, 0)";
  const { stderr } = airside(["run", "--report-missing", "debian", "python3", "-c", script]);
  assert.match(stderr, /missing system call io_uring_setup \(425\): 1 times/);
});

test("each mistake has one plain line and an exit code of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "airside-cli-"));
  writeFileSync(join(folder, "damaged.tar.gz"), "no archive");
  const cases: [args: string[], status: number, line: RegExp][] = [
    [["run", "no-such-image", "true"], 3, /no such image: no-such-image/],
    [["run", "busybox", "no-such-program"], 127, /can't run no-such-program: not found/],
    [["run", "-v", `${folder}/none:/x`, "busybox", "true"], 125, /no such folder on this machine/],
    [["run", "-v", "/usr/bin:/host:ro", "busybox", "/host/env"], 126, /not for riscv64/],
    [["run", "-m", "lots", "busybox", "true"], 125, /not an amount of memory/],
    [["run", "-u", "nobody-here", "busybox", "true"], 125, /no such user in the image/],
    [["run", "-w", "/none", "busybox", "true"], 127, /no such directory: \/none/],
    [["image", "import", "damaged", join(folder, "damaged.tar.gz")], 5, /archive/],
  ];
  for (const [args, status, line] of cases) {
    const done = airside(args);
    assert.equal(done.status, status, `${args.join(" ")}: ${done.stderr}`);
    const said = done.stderr.split("\n").filter((each) => each.startsWith("airside:"));
    assert.equal(said.length, 1, done.stderr);
    assert.match(said[0]!, line);
  }
  rmSync(folder, { recursive: true });
});

test("out of memory kills what took it, says so, and exits 137", () => {
  const script = 'BEGIN { for (;;) a[i++] = "0123456789abcdef0123456789abcdef" i }';
  const { status, stderr } = airside(["run", "-m", "32m", "busybox", "awk", script]);
  assert.equal(status, 137);
  assert.match(stderr, /Out of memory: Killed process \d+ \(awk\)/);
});
