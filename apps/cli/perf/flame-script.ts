// The flame graph's page script: bundled by scripts/build.ts, beside the command line.
import * as fs from "node:fs";
import { join } from "node:path";

/** Throws a RangeError when nothing was built yet. */
export function flameScript(): string {
  // From dist/commands.cjs, and from source.
  for (const folder of [import.meta.dirname, join(import.meta.dirname, "../../../dist")]) {
    const path = join(folder, "flame-graph.js");
    if (fs.existsSync(path)) return fs.readFileSync(path, "utf8");
  }
  throw new RangeError("the flame graph's script is not built: npm run build");
}
