// node --expose-gc memory.js COUNT SCRIPT BUNDLE IMAGE: what an idle machine takes of the host, and what the COUNT sleeping
// processes add that the script starts (Idle in workloads/many.ts). A process of its own, so that nothing else is counted:
// not even what Node needs to read TypeScript (some 25 MB), for it runs as JavaScript made of this file.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Idle } from "./workloads/many.ts";

const [, , number, script = "", bundle = "", image = ""] = process.argv;
const { boot }: typeof import("../src/index.ts") = await import(bundle);
const count = Number(number);

async function resident(): Promise<number> {
  await pause(500);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

/** Without what is only waiting to be collected, so that the sleepers' own share can be told. */
async function kept(): Promise<number> {
  (globalThis as { gc?: () => void }).gc?.();
  return resident();
}

const machine = await boot({ image });
const shell = await machine.spawn(["bash", "-c", script]);
const idle = await resident();
const before = await kept();
const started = performance.now();
shell.stdin.write(new TextEncoder().encode("go\n"));
for await (const _ of shell.stdout) break;
const start = ((performance.now() - started) / count) * 1000;
const each = Math.max(0, (await kept()) - before) / count;
const used = process.cpuUsage();
await pause(2000);
const { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ idle, each, start, busy: (user + system) / 2000 } satisfies Idle));
process.exit();
