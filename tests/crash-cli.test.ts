// Crashes and modules from the command line: exit codes, restarts, reports as files, `airside crash` and `airside module`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "airside-crash-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

function airside(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, "apps/cli/main.ts"), ...args], { encoding: "utf8", timeout: 60_000 });
}

test("a panic ends the command with 125 and a report, which airside crash explains", () => {
  const run = airside("run", "--crash-report", at("report"), "busybox", "sh", "-c", "echo c > /proc/sysrq-trigger");
  assert.equal(run.status, 125);
  assert.match(run.stderr, /Kernel panic - not syncing: sysrq triggered crash/);
  const told = airside("crash", at("report"));
  assert.equal(told.status, 0);
  assert.match(told.stdout, /^What happened\n {2}The kernel panicked: sysrq triggered crash$/m);
  assert.match(told.stdout, /^ {2}Nearest place: .* \(src\/kernel\/[a-z/-]+\.ts:\d+:\d+\)$/m);
  assert.match(airside("crash", "--tasks", at("report")).stdout, /^ +\d+ +1 R sh +write\(fd=1, /m);
  writeFileSync(at("cut"), readFileSync(at("report"), "utf8").slice(0, 3000));
  assert.match(airside("crash", at("cut")).stdout, /^note: the file is cut short/);
  assert.equal(airside("crash", at("nowhere")).status, 1);
});

test("--panic starts the machine anew; so does a reboot from inside; a power-off is an end in good order", () => {
  // What a folder of the host holds outlives the machine.
  const volume = ["-v", `${folder}:/mnt`];
  const script = "if test -e /mnt/once; then echo again; else touch /mnt/once; echo c > /proc/sysrq-trigger; fi";
  const panicked = airside("run", "--panic", "-1", "--crash-report", at("r"), ...volume, "busybox", "sh", "-c", script);
  assert.equal(panicked.stdout, "again\n");
  assert.equal(panicked.status, 0);
  rmSync(at("once"));
  const restarted = airside("run", ...volume, "busybox", "sh", "-c", script.replace(/echo c .*;/, "reboot -f;"));
  assert.equal(restarted.stdout, "again\n");
  const off = airside("run", "busybox", "sh", "-c", "poweroff -f; sleep 9");
  assert.equal(off.status, 0);
  assert.match(off.stderr, /reboot: Power down/);
});

test("airside module: a key, a build, what is in it, a signature that is good, wrong, or none", () => {
  assert.equal(airside("module", "keygen", at("key")).status, 0);
  assert.match(airside("module", "keygen", at("key")).stderr, /is there already/);
  const source = join(root, "modules/rot13/rot13.ts");
  assert.match(airside("module", "build", source, "-o", at("rot13.ko")).stdout, /not signed/);
  assert.match(airside("module", "info", at("rot13.ko")).stdout, /^signature: +none \(ENODATA\)$/m);
  airside("module", "sign", at("rot13.ko"), "--key", at("key"), "--signer", "me");
  const good = airside("module", "info", at("rot13.ko"), "--module-key", at("key.pub")).stdout;
  assert.match(good, /^parmtype: +shift:int$/m);
  assert.match(good, /^signer: +me$/m);
  assert.match(good, /^signature: +good/m);
  const bytes = readFileSync(at("rot13.ko"));
  bytes[70]! ^= 1;
  writeFileSync(at("altered.ko"), bytes);
  assert.match(
    airside("module", "info", at("altered.ko"), "--module-key", at("key.pub")).stdout,
    /^signature: +wrong/m,
  );
  assert.match(airside("module", "build", at("key"), "-o", at("x.ko")).stderr, /^airside: can't build /);
  assert.match(airside("module", "info", at("key")).stderr, /is no kernel module/);
});

const compiler = "riscv64-linux-gnu-gcc";
const noCompiler = spawnSync(compiler, ["--version"]).error ? `needs ${compiler}` : false;

test("doctor says in which function and line a program crashed, and who called it there", { skip: noCompiler }, () => {
  const lines = [
    "static int divide(int *a, int b) {",
    "  return a[b] / b;",
    "}",
    "int middle(int n) { return divide((int *)(long)n, n) + 1; }",
    "int main(void) { return middle(4); }",
  ];
  writeFileSync(at("crash.c"), lines.join("\n"));
  const built = spawnSync(compiler, ["-g", "-O0", "-static", "-o", at("crash"), at("crash.c")]);
  assert.equal(built.status, 0, String(built.stderr));
  const { stdout, status } = airside("doctor", "--json", "--volume", `${folder}:/mnt`, "busybox", "--", "/mnt/crash");
  assert.equal(status, 0);
  assert.match(stdout, /Kernel 6\.[0-9.]+-airside, Airside [0-9.]+, not tainted\./);
  assert.match(stdout, /SIGSEGV in divide \(crash\.c:2\), called from middle \(crash\.c:4\), from main \(crash\.c:5\)/);
});
