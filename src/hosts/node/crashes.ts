// Crash reports as files. Those of machines that nobody has given a place lie in the cache folder, the newest sixteen.
import * as fs from "node:fs";
import { join } from "node:path";
import type { CrashReport } from "../../kernel/crash/report.ts";
import { cacheFolder } from "./images/cache.ts";

const KEPT = 16;
const ENDING = ".crash.json";

const folder = (): string => join(cacheFolder(), "crashes");

/** The reports in the cache folder, the newest last. */
export function keptCrashes(): string[] {
  if (!fs.existsSync(folder())) return [];
  return fs
    .readdirSync(folder())
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .map((name) => join(folder(), name));
}

/** Writes a report to `path`, or to a file of its own; where it is. The file is there whole or not at all. */
export function keepCrash(report: CrashReport, path?: string): string {
  const place = path ?? join(folder(), `${report.time.replaceAll(":", "-")}-${process.pid}${ENDING}`);
  if (path === undefined) fs.mkdirSync(folder(), { recursive: true });
  const unfinished = `${place}.${process.pid}.tmp`;
  // Who may read a machine's memory may read this: nobody else.
  fs.writeFileSync(unfinished, `${JSON.stringify(report, undefined, 1)}\n`, { mode: 0o600 });
  fs.renameSync(unfinished, place);
  if (path === undefined) for (const old of keptCrashes().slice(0, -KEPT)) fs.rmSync(old, { force: true });
  return place;
}
