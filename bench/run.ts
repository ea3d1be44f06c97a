// npm run bench: every benchmark of this folder, one after the other.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

for (const name of readdirSync(import.meta.dirname).sort()) {
  if (!name.endsWith(".ts") || name === "run.ts") continue;
  console.log(`# ${name}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, name)], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
