import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startBrowser, type, type WebTest, waitForText } from "./browser.ts";

let web: WebTest & AsyncDisposable;
before(async () => {
  web = await startBrowser();
});
after(() => web[Symbol.asyncDispose]());

test("a file survives a reload, and so does its absence", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "echo kept > /root/note; rm /etc/motd; sync; echo done", /^done$/m);
  await page.reload();
  await waitForText(page, /[#$] $/);
  await type(page, "cat /root/note; ls /etc/motd", /^kept\n.*No such file/m);
});

test("without sync, what was written is kept a little later", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "seq 1000 > /root/numbers; echo done", /^done$/m);
  await page.waitForTimeout(3000);
  await page.close();
  const again = await visitor.open();
  await type(again, "tail -1 /root/numbers", /^1000$/m);
});

test("a second tab is told that its changes are not kept, and harms nothing", async () => {
  await using visitor = await web.visitor();
  const first = await visitor.open();
  const second = await visitor.open();
  assert.equal(await first.evaluate(() => globalThis.airside.machine.booted.kept), "kept");
  assert.equal(await second.evaluate(() => globalThis.airside.machine.booted.kept), "busy");
  await type(second, "echo second > /root/who; sync; echo done", /^done$/m);
  await type(first, "echo first > /root/who; sync; echo done", /^done$/m);
  await second.close();
  await first.close();
  const again = await visitor.open();
  await type(again, "cat /root/who", /^first$/m);
});
