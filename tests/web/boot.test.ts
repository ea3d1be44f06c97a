import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, type, type WebTest } from "./browser.ts";

let web: WebTest & AsyncDisposable;
before(async () => {
  web = await startBrowser();
});
after(() => web[Symbol.asyncDispose]());

test("Debian boots to bash's prompt; programs and pipelines run", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "echo $((6 * 7)) | tr 4 5; uname -m", /^52\nriscv64$/m);
  await type(page, "python3 -c 'print(sum(range(10**5)))'", /^4999950000$/m);
});

// The bars are 3 s and 1 s on an idle machine (docs/browser.md); tests share theirs.
test("a start is quick, cold and warm, from local files", async (t) => {
  await using visitor = await web.visitor();
  const took: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const page = await visitor.open();
    took.push(performance.now() - start);
    await page.close();
  }
  t.diagnostic(`cold ${took[0]!.toFixed()} ms, warm ${took.slice(1).map((each) => each.toFixed())} ms`);
  assert.ok(took[0]! < 15_000, `cold: ${took[0]} ms`);
  assert.ok(Math.min(...took.slice(1)) < 8_000, `warm: ${took.slice(1)} ms`);
});

test("the second start reads its chunks from what was kept", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  const cold = await page.evaluate(() => globalThis.airside.machine.report());
  await page.evaluate(() => globalThis.airside.machine.shutdown());
  await page.close();
  const again = await visitor.open();
  const warm = await again.evaluate(() => globalThis.airside.machine.report());
  assert.ok(cold.chunks.fetched > 10 && cold.chunks.kept === 0, JSON.stringify(cold.chunks));
  assert.ok(warm.chunks.fetched === 0 && warm.chunks.kept > 10, JSON.stringify(warm.chunks));
});
