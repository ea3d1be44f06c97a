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

test("a full disk is ENOSPC inside, and said outside; what was kept stays; removing makes room", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "echo before > /root/note; sync; echo done", /^done$/m);
  const session = await visitor.context.newCDPSession(page);
  const { usage } = await session.send("Storage.getUsageAndQuota", { origin: new URL(web.base).origin });
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(web.base).origin, quotaSize: usage + 3e6 });
  await type(page, "dd if=/dev/urandom of=/root/big bs=1M count=16 conv=fsync", /No space left on device/);
  await page.getByText("no room left in this browser").waitFor();
  await type(page, "echo more > /root/other; cat /root/note /root/other", /^before$/m);
  await type(page, "rm -f /root/big /root/other; sync; echo removed", /^removed$/m);
  await page.getByText("what you write is kept in this browser").waitFor();
  await page.reload();
  await waitForText(page, /[#$] $/);
  await type(page, "cat /root/note; ls /root/big", /^before\n.*No such file/m);
});

test("a chunk that is not what its name says is not used, and is asked for again", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await visitor.context.route("**/chunks/**", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[1000]! ^= 1;
    await route.fulfill({ response, body });
  });
  const run = () => page.evaluate(() => globalThis.airside.machine.exec(["python3", "-c", "print(6*7)"]).catch(String));
  const damaged = await run();
  assert.ok(typeof damaged === "string" || damaged.code !== 0, JSON.stringify(damaged));
  await visitor.context.unroute("**/chunks/**");
  const again = await run();
  assert.ok(typeof again !== "string" && again.stdout === "42\n", JSON.stringify(again));
});
