import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { screen, startBrowser, type, type WebTest, waitForText } from "./browser.ts";

let web: WebTest & AsyncDisposable;
before(async () => {
  web = await startBrowser();
});
after(() => web[Symbol.asyncDispose]());

test("a file is edited in vim", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "vi /root/poem", /~\n~/);
  await page.keyboard.type("ihello from vim");
  await page.keyboard.press("Escape");
  await page.keyboard.type(":wq\n");
  await waitForText(page, /[#$] $/);
  await type(page, "cat /root/poem", /^hello from vim$/m);
});

test("the terminal's size is the program's, and follows the window", async () => {
  await using visitor = await web.visitor({ viewport: { width: 1200, height: 700 } });
  const page = await visitor.open();
  const size = (): Promise<string> =>
    page.evaluate(() => {
      const { cols, rows } = globalThis.airside.terminal.terminal;
      return `${rows} ${cols}`;
    });
  const first = await size();
  await type(page, "stty size", new RegExp(`^${first}$`, "m"));
  await page.setViewportSize({ width: 1500, height: 900 });
  await page.waitForFunction((before) => {
    const { cols, rows } = globalThis.airside.terminal.terminal;
    return `${rows} ${cols}` !== before;
  }, first);
  const second = await size();
  await type(page, "stty size", new RegExp(`^${second}$`, "m"));
});

test("100 KB are pasted, and nothing is lost", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "stty -echo; cat > /root/pasted; stty echo; md5sum < /root/pasted", /md5sum < .root.pasted/m);
  await page.waitForTimeout(300);
  const line = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-+";
  const text = `${line}\n`.repeat(1550);
  await page.evaluate((pasted) => globalThis.airside.terminal.terminal.paste(pasted), text);
  await page.waitForTimeout(500);
  await page.keyboard.press("Control+d");
  await waitForText(page, /^[0-9a-f]{32}/m);
  const content = await page.evaluate(() => globalThis.airside.machine.fs.text("/root/pasted"));
  assert.equal(content.length, text.length);
  assert.equal(content, text);
});

test("files are dropped in and taken out; what was written goes out as an archive and begins another machine", async () => {
  await using visitor = await web.visitor({ acceptDownloads: true });
  const page = await visitor.open();
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["dropped\n"], "dropped.txt"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  });
  await page.getByText("/root/dropped.txt is there").waitFor();
  await type(page, "cat dropped.txt; rm /etc/debian_version; tr a-z A-Z < dropped.txt > out.txt", /^dropped$/m);
  await page.getByRole("button", { name: "List" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download out.txt" }).click(),
  ]);
  assert.equal(readFileSync(await download.path(), "utf8"), "DROPPED\n");
  const [archive] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as archive" }).click(),
  ]);
  await using other = await web.visitor();
  const second = await other.open();
  const fresh = await second.evaluateHandle(() => globalThis.airside.machine);
  await second.getByRole("tab", { name: "Files" }).click();
  await second.getByLabel("An archive to begin with").setInputFiles({
    name: "layer.tar",
    mimeType: "application/x-tar",
    buffer: readFileSync(await archive.path()),
  });
  await second.waitForFunction((before) => globalThis.airside.machine !== before, fresh);
  await waitForText(second, /^root@airside:~# $/);
  await type(second, "cat out.txt; ls /etc/debian_version", /^DROPPED\n.*No such file/m);
});

test("two machines in one page know nothing of each other", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  const both = await page.evaluate(async () => {
    const { boot } = await import(new URL("airside.js", location.href).href);
    const [a, b] = await Promise.all([boot({ image: "debian" }), boot({ image: "debian" })]);
    await a.fs.write("/root/who", "a");
    const seen = await Promise.all([a, b].map((each) => each.exec(["sh", "-c", "cat /root/who; echo $$"])));
    await Promise.all([a.shutdown(), b.shutdown()]);
    return seen;
  });
  assert.match(both[0].stdout, /^a/);
  assert.match(both[1].stderr, /No such file/);
});

test("a link carries a command and a script, and leaves the visitor's own machine alone", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await type(page, "echo mine > /root/mine; sync; echo done", /^done$/m);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("textbox", { name: "Script" }).fill("echo from the link > /root/shared\nls /root");
  const link = await page.getByRole("textbox", { name: "Link" }).inputValue();
  await page.close();
  const shared = await visitor.context.newPage();
  await shared.goto(link);
  const text = await waitForText(shared, /[#$] $/);
  assert.match(text, /^shared\n/m);
  assert.doesNotMatch(text, /mine/);
  await shared.close();
  const again = await visitor.open();
  await type(again, "ls /root", /^mine$/m);
  assert.doesNotMatch(await screen(again), /shared/);
});

test("a page of one's own has a terminal by one line of HTML", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open("", { prompt: false });
  await page.setContent(
    `<script type="module" src="${web.base}airside.js"></script>
     <airside-terminal image="busybox" cmd="sh -c 'echo one line; uname -m'"></airside-terminal>`,
  );
  await page.waitForFunction(() => {
    const { terminal } = document.querySelector("airside-terminal") as unknown as {
      terminal?: { buffer: { active: { length: number; getLine(y: number): { translateToString(): string } } } };
    };
    if (!terminal) return false;
    const { active } = terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y).translateToString().trimEnd());
    return lines.includes("one line") && lines.includes("riscv64");
  });
});

test("a program that can't be started, an image that is not there: one plain line", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  const messages = await page.evaluate(async () => {
    const { boot } = await import(new URL("airside.js", location.href).href);
    const message = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => "",
        (error: Error) => `${error.name}: ${error.message}`,
      );
    return [
      await message(globalThis.airside.machine.spawn(["nothing-of-the-kind"])),
      await message(globalThis.airside.machine.fs.read("/etc/nothing")),
      await message(boot({ image: "nothing" })),
    ];
  });
  assert.deepEqual(messages.slice(0, 2), [
    "SpawnError: can't run nothing-of-the-kind: not found",
    "FileError: /etc/nothing: ENOENT",
  ]);
  assert.match(messages[2]!, /^ImageError: no image nothing at http/);
  // A missing image is a 404, which the browser itself puts on the console.
  visitor.errors.length = 0;
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds that is serious or worse. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: tool } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await tool.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1360, 390]) {
    test(`accessible: no serious finding in any view, ${colorScheme}, ${width} pixels wide`, async () => {
      await using visitor = await web.visitor({ colorScheme, viewport: { width, height: 850 } });
      const page = await visitor.open();
      await type(page, "sleep 1000 &", /\[1\]/);
      for (const tab of ["Gate", "Lab", "Files"]) {
        await page.getByRole("tab", { name: tab, exact: true }).click();
        await page.waitForTimeout(400);
        assert.deepEqual(await findings(page), [], tab);
      }
      await page.getByRole("tab", { name: "Lab", exact: true }).click();
      await page.locator(".exercises button").first().click();
      assert.deepEqual(await findings(page), [], "an exercise");
      await page.getByRole("tab", { name: "Gate", exact: true }).click();
      await page.locator("button.row", { hasText: "bash" }).first().click();
      for (const part of ["System calls", "Memory", "Descriptors", "Flame graph", "Doctor"]) {
        await page.getByRole("tab", { name: part, exact: true }).click();
        await page.waitForTimeout(300);
        assert.deepEqual(await findings(page), [], part);
      }
      await page.getByRole("button", { name: "Share" }).click();
      assert.deepEqual(await findings(page), [], "Share");
    });
  }
}

test("the keyboard alone reaches every view", async () => {
  await using visitor = await web.visitor();
  const page = await visitor.open();
  await page.locator("#tab-gate").focus();
  for (const view of ["process", "lab", "files", "gate"]) {
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator(`#view-${view}`).isVisible(), true, view);
    assert.equal(await page.evaluate(() => document.activeElement?.id), `tab-${view}`);
  }
});
