import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { exercises } from "../../apps/web/page/lab/exercises.ts";
import { screen, startBrowser, type, type WebTest, waitForText } from "./browser.ts";

let web: WebTest & AsyncDisposable;
before(async () => {
  web = await startBrowser();
});
after(() => web[Symbol.asyncDispose]());

const doneSteps = (page: Page): Promise<number> => page.locator(".steps li.done").count();

/** Runs a command of the exercise's, and waits for the prompt behind it. */
async function run(page: Page, at: number): Promise<void> {
  const before = (await screen(page)).length;
  await page.locator(".try button").nth(at).click();
  const until = Date.now() + 60_000;
  for (;;) {
    await page.waitForTimeout(50);
    const now = await screen(page);
    if (now.length > before + 5 && /[#$]$/.test(now)) break;
    if (await page.locator("dialog").isVisible()) break;
    assert.ok(Date.now() < until, `no prompt after a minute:\n${now}`);
  }
}

for (const exercise of exercises) {
  test(`lab: ${exercise.title}`, { timeout: 120_000 }, async () => {
    await using visitor = await web.visitor();
    const page = await visitor.open("#lab");
    await page.locator(".exercises button", { hasText: exercise.title }).click();
    // What is not it leaves the steps as they are.
    await type(page, "true; echo nothing", /^nothing$/m);
    await page.waitForTimeout(300);
    assert.equal(await doneSteps(page), 0, "nothing has been done yet");
    for (let at = 0; at < exercise.tries.length; at++) await run(page, at);
    const all = exercise.steps.length;
    const until = Date.now() + 15_000;
    while ((await doneSteps(page)) < all && Date.now() < until) await page.waitForTimeout(50);
    assert.equal(await doneSteps(page), all, await screen(page));
    assert.ok(await page.getByText("What happened", { exact: true }).isVisible());
    if (exercise.id === "panic") {
      const report = (await page.locator("dialog pre").textContent()) ?? "";
      assert.match(report, /What happened\n.*sysrq triggered crash/);
      assert.match(report, /Nearest place: .*src\/kernel\/[\w-/]+\.ts:\d+/);
      await page.getByText("Start it again").click();
      await waitForText(page, /[#$] $/);
    }
  });
}
