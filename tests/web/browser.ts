// A page in headless Chromium, served from dist/web with the cache's images. Whatever the page says on its console as an
// error fails the test that it belongs to.
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { serveWeb } from "../../apps/web/serve.ts";
import type { AirsideTerminal, Machine } from "../../src/browser/index.ts";

declare global {
  // What the page shows to tests and to whoever opens the console.
  var airside: { machine: Machine; terminal: AirsideTerminal };
}

export const page = join(import.meta.dirname, "../../dist/web");

export interface WebTest {
  base: string;
  browser: Browser;
  /** A visitor of its own: storage, and pages whose errors are gathered. */
  visitor(options?: Parameters<Browser["newContext"]>[0]): Promise<Visitor>;
}

export class Visitor {
  readonly context: BrowserContext;
  readonly errors: string[] = [];
  private readonly base: string;
  constructor(context: BrowserContext, base: string) {
    this.context = context;
    this.base = base;
  }
  /** Opens a page, and waits for its machine and its shell's prompt unless told otherwise. */
  async open(path = "", options: { prompt?: boolean } = {}): Promise<Page> {
    const opened = await this.context.newPage();
    opened.setDefaultTimeout(30_000);
    opened.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.errors.push(message.text());
    });
    opened.on("pageerror", (error) => this.errors.push(String(error)));
    await opened.goto(this.base + path);
    if (options.prompt ?? true) await waitForText(opened, /[#$] $/);
    return opened;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    assert.deepEqual(this.errors, [], "nothing on the console");
  }
}

/** Starts a server and a browser; both end with the result. */
export async function startBrowser(options: { isolated?: boolean } = {}): Promise<WebTest & AsyncDisposable> {
  const server = await serveWeb({ folder: page, port: 0, host: "127.0.0.1", isolated: options.isolated ?? false });
  const base = `http://localhost:${(server.address() as AddressInfo).port}/`;
  // As root, as in continuous integration, Chromium's own sandbox can't be set up.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
  return {
    base,
    browser,
    visitor: async (context = {}) => new Visitor(await browser.newContext(context), base),
    async [Symbol.asyncDispose]() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The terminal's text, all of it, lines joined where they were wrapped. */
export function screen(opened: Page): Promise<string> {
  return opened.evaluate(() => {
    const { active } = globalThis.airside?.terminal.terminal.buffer ?? {};
    if (!active) return "";
    let text = "";
    for (let y = 0; y < active.length; y++) {
      const line = active.getLine(y);
      if (line) text += (line.isWrapped || y === 0 ? "" : "\n") + line.translateToString(false);
    }
    return text.replace(/ +$/gm, "").trimEnd();
  });
}

/** Waits until the terminal's text, without what is blank at its end, and then a space, matches. */
export async function waitForText(opened: Page, pattern: RegExp, milliseconds = 30_000): Promise<string> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const text = `${await screen(opened)} `;
    if (pattern.test(text)) return text;
    if (Date.now() > until) assert.fail(`the terminal never showed ${pattern}:\n${text}`);
    await opened.waitForTimeout(20);
  }
}

/** Types a line into the terminal and waits until a pattern shows. */
export async function type(opened: Page, line: string, pattern: RegExp): Promise<string> {
  await opened.evaluate(() => globalThis.airside.terminal.focus());
  await opened.keyboard.type(`${line}\n`);
  return waitForText(opened, pattern);
}
