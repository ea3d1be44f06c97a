// `airside doctor` as people and CI use it: JSON, a page, a comparison, an exit code, a change that is tried; and --host.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import type { Report } from "../../src/observe/doctor/report.ts";
import { buildSubjects, mount } from "./subjects.ts";

const cli = join(import.meta.dirname, "../../apps/cli/main.ts");
const folder = mkdtempSync(join(tmpdir(), "airside-doctor-test-"));
const file = (name: string): string => join(folder, name);
const volume = ["--volume", `${mount.host}:/doctor:ro`];

function doctor(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const line = [cli, "doctor", "--model", "published", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, { encoding: "utf8", timeout: 120_000 });
  return { status, stdout, stderr };
}
const report = (name: string): Report => JSON.parse(readFileSync(file(name), "utf8")) as Report;

before(buildSubjects);
after(() => rmSync(folder, { recursive: true }));

test("--json, --fail-on, --compare, --html: before and after a change; the change was tried", async () => {
  const wasteful = ["--json", "-o", file("before.json"), "--fail-on", "small-writes", ...volume];
  const first = doctor(...wasteful, "--", "/doctor/files", "small-writes", "wasteful");
  assert.equal(first.status, 1);
  assert.match(first.stderr, /^airside doctor: small-writes: files, write_all\(\), \/tmp\/out$/m);
  const before = report("before.json");
  assert.equal(before.verdict, "kernel space");
  assert.ok(Math.abs(before.shares.user + before.shares.kernel + before.shares.waiting - 1) < 1e-9);
  const finding = before.findings.find(({ id }) => id === "small-writes")!;
  assert.match(finding.tried?.difference ?? "", /system calls instead of 1,\d\d\d/);
  assert.ok(finding.tried!.after < finding.tried!.before * 0.8);

  const compared = ["--compare", file("before.json"), "--html", file("after.html"), "--fail-on", "small-writes"];
  const second = doctor(...compared, ...volume, "--", "/doctor/files", "small-writes", "thrifty");
  assert.equal(second.status, 0, second.stderr);
  assert.match(second.stderr, /^ {2}write +1,000 +20 +−98 %$/m);
  assert.match(second.stderr, /^ {2}Gone: small-writes/m);

  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  for (const [width, colorScheme] of [
    [1200, "light"],
    [390, "dark"],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, offline: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => request.url().startsWith("file:") || complaints.push(request.url()));
    await page.goto(`file://${file("after.html")}`);
    assert.equal(await page.locator("h1").textContent(), "Kernel space");
    assert.equal(await page.locator(".band path").count(), 3);
    assert.ok((await page.locator(".bars i").count()) > 2 && (await page.locator(".columns rect").count()) > 0);
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out");
    assert.deepEqual(complaints, []);
    await context.close();
  }
  await browser.close();
});

test("mistakes have one plain line", () => {
  const cases: [args: string[], line: RegExp][] = [
    [["--compare", file("none.json"), "--", "true"], /can't read the report/],
    [["--model", "guessed", "--", "true"], /no such model: guessed/],
    [["--host", "-p", "4194305"], /no such process: 4194305/],
    [["--host", "--collector", "proc", "--", "no-such-program"], /can't run no-such-program: not found/],
    [["-p", "1", "--", "true"], /can't go together/],
  ];
  for (const [args, line] of cases) assert.match(doctor(...args).stderr, line);
});

test("--host: this machine's own programs, traced, and by /proc alone", async () => {
  const slow = ["--host", "--json", "--", "sh", "-c", "for i in 1 2 3 4 5 6; do sleep 0.1; done"];
  const traced = JSON.parse(doctor(...slow).stdout) as Report;
  assert.equal(traced.verdict, "waiting");
  if (traced.collector === "strace") assert.ok(traced.findings.some(({ id }) => id === "sleeping-in-a-loop"));
  const sampled = JSON.parse(doctor("--collector", "proc", ...slow).stdout) as Report;
  assert.deepEqual([sampled.collector, sampled.verdict], ["proc", "waiting"]);
  assert.ok(sampled.notSeen.length > 0);

  const busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const looked = doctor("--host", "--json", "--collector", "proc", "--seconds", "0.5", "-p", String(busy.pid));
  busy.kill("SIGKILL");
  assert.equal((JSON.parse(looked.stdout) as Report).verdict, "user space");
});
