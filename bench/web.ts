// node bench/web.ts [NAME…]: the compute kernels in Chromium beside the same in Node.js, in one run: a machine in each, the
// program put into it, and the time that it takes there by the host's clock. The least of --runs (3) counts.
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { serveWeb } from "../apps/web/serve.ts";
import { buildWeb } from "../scripts/web.ts";
import { boot } from "../src/index.ts";
import { FLAGS } from "./workloads/kernels.ts";

const root = join(import.meta.dirname, "..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "3" }, seconds: { type: "string", default: "1" } },
});
const runs = Number(values.runs);
const folder = mkdtempSync(join(tmpdir(), "airside-web-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const names = globSync("bench/kernels/*.c", { cwd: root })
  .map((path) => basename(path, ".c"))
  .sort();
const chosen = positionals.length > 0 ? positionals : names;
for (const name of chosen) {
  const source = join(root, "bench/kernels", `${name}.c`);
  const flags = ["-O2", "-static", ...FLAGS];
  const made = spawnSync("riscv64-linux-gnu-gcc", [...flags, source, "-o", join(folder, name)]);
  if (made.status !== 0) throw new Error(`${name}: ${made.stderr.toString()}`);
}

/** Runs a command; milliseconds. */
type Run = (argv: readonly string[]) => Promise<number>;

const machine = await boot({ image: "busybox", keepTranslations: false });
for (const name of chosen) machine.fs.write(`/${name}`, readFileSync(join(folder, name)), 0o755);
const inNode: Run = async (argv) => {
  const start = performance.now();
  const { code, stderr } = await machine.exec(argv);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${code} ${stderr}`);
  return performance.now() - start;
};

await buildWeb();
const server = await serveWeb({ folder: join(root, "dist/web"), port: 0, host: "127.0.0.1", isolated: true });
const base = `http://localhost:${(server.address() as AddressInfo).port}/`;
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage();
await page.goto(`${base}style.css`);
const script = (body: string): Promise<unknown> => page.evaluate(`(async () => { ${body} })()`);
await script(
  `globalThis.machine = await (await import("${base}airside.js")).boot({ image: "busybox", base: "${base}" })`,
);
for (const name of chosen) {
  const bytes = JSON.stringify(readFileSync(join(folder, name)).toString("base64"));
  await script(`await machine.fs.write("/${name}", Uint8Array.from(atob(${bytes}), (c) => c.charCodeAt(0)), 0o755)`);
}
const inChromium: Run = async (argv) =>
  (await script(`const start = performance.now();
    const { code, stderr } = await machine.exec(${JSON.stringify(argv)});
    if (code !== 0) throw new Error(code + stderr);
    return performance.now() - start;`)) as number;

console.log(`${browser.version()} beside Node.js ${process.versions.node}; milliseconds, the least of ${runs}`);
const ratios: number[] = [];
for (const name of chosen) {
  // As many rounds as fill a second in Node.js, once its code is warm.
  const one = Math.min(await inNode([`/${name}`, "1"]), await inNode([`/${name}`, "1"]));
  const rounds = String(Math.max(1, Math.round((Number(values.seconds) * 1000) / one)));
  let node = Number.POSITIVE_INFINITY;
  let web = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    node = Math.min(node, await inNode([`/${name}`, rounds]));
    web = Math.min(web, await inChromium([`/${name}`, rounds]));
  }
  ratios.push(web / node);
  console.log(
    `${name.padEnd(12)} Node ${node.toFixed(0).padStart(6)}  Chromium ${web.toFixed(0).padStart(6)}  ${(web / node).toFixed(2)}`,
  );
}
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
console.log(`geometric mean ${mean.toFixed(2)}, most ${Math.max(...ratios).toFixed(2)}`);
await browser.close();
server.closeAllConnections();
server.close();
await machine.shutdown();
