import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { startBrowser } from "./browser.ts";

for (const isolated of [false, true]) {
  const how = isolated ? "with cross-origin isolation" : "without cross-origin isolation";

  test(`the contract of the host interface holds in Chromium, ${how}`, async () => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, "contract-worker.ts")],
      bundle: true,
      format: "esm",
      write: false,
    });
    await using web = await startBrowser({ isolated });
    await using visitor = await web.visitor();
    const page = await visitor.open("", { prompt: false });
    assert.equal(await page.evaluate(() => crossOriginIsolated), isolated);
    const results = await page.evaluate(
      (script) =>
        new Promise<string[]>((resolve, reject) => {
          const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
          const worker = new Worker(url, { type: "module" });
          worker.onmessage = ({ data }) => resolve(data as string[]);
          worker.onerror = (event) => reject(new Error(event.message));
        }),
      outputFiles[0]!.text,
    );
    assert.ok(results.length >= 9);
    assert.deepEqual(
      results.filter((line) => !line.startsWith("ok ")),
      [],
    );
  });

  test(`the page works ${how}`, async () => {
    await using web = await startBrowser({ isolated });
    await using visitor = await web.visitor();
    const page = await visitor.open();
    const { stdout } = await page.evaluate(() => globalThis.airside.machine.exec(["sh", "-c", "sleep 0.1; echo up"]));
    assert.equal(stdout, "up\n");
  });
}
