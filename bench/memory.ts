// node --expose-gc bench/memory.ts COUNT: memory of the host, in KiB, that an idle machine takes and that each sleeping
// process adds. A process of its own, so that nothing else is counted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { IMAGE } from "./debian.ts";

const bundle = pathToFileURL(join(import.meta.dirname, "../dist/index.js")).href;
const { boot }: typeof import("../src/index.ts") = await import(bundle);
const count = Number(process.argv[2]);

async function resident(): Promise<number> {
  await pause(300);
  (globalThis as { gc?: () => void }).gc?.();
  await pause(300);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

const machine = await boot({ image: IMAGE });
const shell = await machine.spawn([
  "bash",
  "-c",
  "read line; for i in {1..$1}; do sleep 1000 & done; echo ready; wait".replace("$1", String(count)),
]);
const idle = await resident();
const started = performance.now();
shell.stdin.write(new TextEncoder().encode("go\n"));
for await (const _ of shell.stdout) break;
const ms = performance.now() - started;
const each = Math.max(0, (await resident()) - idle) / count;
console.log(JSON.stringify({ idle, each, ms }));
process.exit();
