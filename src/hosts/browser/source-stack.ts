// Stacks of the bundle, told by the places of the source: through the source map beside it, which is fetched when there
// is an exception to show and not before. Source map format, revision 3 (ECMA-426).

/** A frame as V8 and JavaScriptCore's newer versions write it; others stay as they are. */
const FRAME = /^(\s*at )(?:(.*) \()?(https?:\/\/[^()]*?):(\d+):(\d+)\)?$/;

interface SourceMapFile {
  sources: string[];
  mappings: string;
}
/** Of a line: column, and the place of the source that begins there. */
type Segment = readonly [column: number, source: number, line: number, sourceColumn: number];
interface Places {
  readonly sources: readonly string[];
  readonly lines: readonly Segment[][];
}

const maps = new Map<string, Places | undefined>();

function placesOf(script: string): Places | undefined {
  if (!maps.has(script)) maps.set(script, fetchMap(`${script}.map`));
  return maps.get(script);
}

/** One that is not there, or can't be read, is as good as none. */
function fetchMap(url: string): Places | undefined {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  try {
    request.send();
    if (request.status !== 200) return undefined;
    const { sources, mappings } = JSON.parse(request.responseText) as SourceMapFile;
    return { sources, lines: decode(mappings) };
  } catch (error) {
    if (error instanceof DOMException || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base 64 VLQ: five bits a digit, the least first, the sign in the lowest; all but columns go on from line to line. */
function decode(mappings: string): Segment[][] {
  const lines: Segment[][] = [];
  let [source, line, sourceColumn] = [0, 0, 0];
  for (const text of mappings.split(";")) {
    const segments: Segment[] = [];
    let column = 0;
    for (const piece of text.split(",")) {
      const fields: number[] = [];
      let [value, shift] = [0, 0];
      for (const letter of piece) {
        const digit = DIGITS.indexOf(letter);
        value |= (digit & 31) << shift;
        shift += 5;
        if (digit & 32) continue;
        fields.push(value & 1 ? -(value >>> 1) : value >>> 1);
        [value, shift] = [0, 0];
      }
      const [a, b, c, d] = fields;
      if (a === undefined) continue;
      column += a;
      if (b === undefined || c === undefined || d === undefined) continue;
      source += b;
      line += c;
      sourceColumn += d;
      segments.push([column, source, line, sourceColumn]);
    }
    lines.push(segments);
  }
  return lines;
}

/** From the package's folder on: "src/kernel/vfs/io.ts". */
const short = (path: string): string => path.replace(/^.*\/(?=(?:src|apps|tests)\/)/, "");

/** Functions' own names are the bundle's, which say nothing; those of methods are the source's. */
const methodOf = (name: string | undefined): string | undefined =>
  /\[as (\w+)\]$/.exec(name ?? "")?.[1] ?? /\.(\w{3,})$/.exec(name ?? "")?.[1];

export function sourceStack(stack: string): string {
  return stack
    .split("\n")
    .map((text) => {
      const [all, lead = "", name, script = "", row = "", column = ""] = FRAME.exec(text) ?? [];
      if (all === undefined) return text;
      const places = placesOf(script);
      const found = places?.lines[Number(row) - 1]?.findLast((segment) => segment[0] < Number(column));
      if (!places || !found) return text;
      const at = `${short(places.sources[found[1]] ?? "?")}:${found[2] + 1}:${found[3] + 1}`;
      const method = methodOf(name);
      return method === undefined ? `${lead}${at}` : `${lead}${method} (${at})`;
    })
    .join("\n");
}
