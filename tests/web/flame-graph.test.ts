// The flame graph's page in Chromium, from a file: drawn, searched and zoomed without a network or an error.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { buildFlameGraph } from "../../scripts/flame-graph.ts";
import { flamePage } from "../../src/observe/perf/flame-graph.ts";
import type { Profile } from "../../src/observe/perf/profile.ts";

const profile: Profile = {
  ...{
    version: 1,
    command: ["job", "<b>&"],
    hostname: "airside",
    release: "6.12",
    started: 0,
    duration: 1,
    calls: true,
  },
  events: [
    { name: "cpu-clock", unit: "ns", period: 1000, total: 400 },
    { name: "instructions:u", unit: "", period: 1000, total: 300 },
  ],
  modules: [
    { path: "/usr/bin/job", side: "user" },
    { path: "[kernel.kallsyms]", side: "kernel" },
  ],
  frames: [
    { name: "main", module: 0, address: 0x1000, start: 0x1000 },
    { name: "</script><script>alert(1)", module: 0, address: 0x2000, start: 0x2000 },
    { name: "sys_write", module: 1, address: 0, start: 0 },
  ],
  stacks: { parent: [-1, 0, 0], frame: [0, 1, 2] },
  threads: [{ pid: 2, tid: 2, comm: "job" }],
  samples: {
    ...{ event: [0, 0, 1], thread: [0, 0, 0], time: [1, 2, 3], ip: [0, 0, 0] },
    ...{ period: [100, 300, 300], stack: [1, 2, 1] },
  },
  code: [],
};

test("the page draws every event, finds names and zooms; names are text, whatever they hold", async () => {
  await buildFlameGraph();
  const folder = mkdtempSync(join(tmpdir(), "airside-flame-"));
  const path = join(folder, "flamegraph.html");
  const script = readFileSync(join(import.meta.dirname, "../../dist/flame-graph.js"), "utf8");
  writeFileSync(path, flamePage(profile, 0, script));
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 600 } });
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) wrong.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    const frames = page.locator("g.frame");
    await frames.first().waitFor();
    // all, job, main, and what it calls
    assert.equal(await frames.count(), 5);
    assert.match((await page.locator("#details").textContent()) ?? "", /cpu-clock: 0 ms/);
    await page.fill("#search", "sys_");
    await page.locator("g.frame", { hasText: "sys_write" }).locator("rect").click();
    await page.getByRole("button", { name: "Reset" }).click();
    await page.selectOption("#event", { label: "instructions:u" });
    await page.waitForFunction(() => document.querySelectorAll("g.frame").length === 4);
    assert.equal(await page.locator("#command").textContent(), "job <b>&");
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});
