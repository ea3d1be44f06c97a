// Stacks of the bundle, told by the places of the source: through the source map beside it, which is read when there is
// an exception to show and not before.
import { existsSync, readFileSync } from "node:fs";
import type { SourceMap } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FRAME = /^(\s*at (?:(.*) \()?)((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)(\)?)$/;

const maps = new Map<string, SourceMap | undefined>();

function mapOf(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(`${file}.map`));
  return maps.get(file);
}

/** One that is missing or can't be read is as good as none: the frame stays as it is. */
function readMap(path: string): SourceMap | undefined {
  if (!existsSync(path)) return undefined;
  const { SourceMap: Made } = process.getBuiltinModule("node:module");
  try {
    return new Made(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    process.stderr.write(`airside: can't read ${path}: ${String(error)}\n`);
    return undefined;
  }
}

/** From the package's folder on: "src/kernel/vfs/io.ts". */
const short = (path: string): string => path.replace(/^.*\/(?=(?:src|apps|tests)\/)/, "");

export function sourceStack(stack: string): string {
  return stack
    .split("\n")
    .map((line) => {
      const [all, lead = "", name, place = "", row = "", column = "", end = ""] = FRAME.exec(line) ?? [];
      if (all === undefined) return line;
      const file = place.startsWith("file:") ? fileURLToPath(place) : place;
      const entry = mapOf(file)?.findEntry(Number(row) - 1, Number(column) - 1);
      if (!entry || !("originalSource" in entry)) return `${lead}${short(file)}:${row}:${column}${end}`;
      const source = short(join(file, "..", entry.originalSource));
      const at = `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
      return name === undefined ? `    at ${at}` : `    at ${name} (${at})`;
    })
    .join("\n");
}
