// perf report --stdio: what each function cost, itself and with what it called. perf-report(1)
import { type Frame, isKernel, moduleName, type Profile } from "./profile.ts";

export interface ReportOptions {
  /** perf's sort keys: comm, dso, symbol, pid, tid. */
  readonly sort: readonly SortKey[];
  /** Include what was called (perf's --children); needs a recording with calls. */
  readonly children: boolean;
  /** Show who called, as a tree below each line. */
  readonly graph: boolean;
  /** How many samples there were of each. */
  readonly samples: boolean;
  /** Leave out what is below this share, per cent. */
  readonly limit: number;
  /** Fields apart by this instead of columns. */
  readonly separator?: string;
  readonly comms?: readonly string[];
  readonly dsos?: readonly string[];
}

export type SortKey = "comm" | "dso" | "symbol" | "pid" | "tid";

const titles: Readonly<Record<SortKey, string>> = {
  comm: "Command",
  dso: "Shared Object",
  symbol: "Symbol",
  pid: "Pid:Command",
  tid: "Tid:Command",
};

/** Throws a RangeError with one plain line. */
export function parseSort(text: string): SortKey[] {
  return text.split(",").map((word) => {
    const key = word === "sym" ? "symbol" : word;
    if (!Object.hasOwn(titles, key)) throw new RangeError(`not a sort key: ${word} (comm, dso, symbol, pid, tid)`);
    return key as SortKey;
  });
}

/** A tree of callers: the function itself at its root. */
interface Callers {
  period: number;
  readonly from: Map<string, Callers>;
}

interface Line {
  readonly fields: readonly string[];
  self: number;
  children: number;
  samples: number;
  readonly callers: Callers;
}

const symbolText = (profile: Profile, frame: Frame): string =>
  `${isKernel(profile, frame) ? "[k]" : "[.]"} ${frame.name === "" ? `0x${frame.start.toString(16).padStart(16, "0")}` : frame.name}`;

/** One section: an event's lines, the most costly first. */
export function reportText(profile: Profile, event: number, options: ReportOptions): string {
  const { samples, stacks } = profile;
  const symbols = profile.frames.map((frame) => symbolText(profile, frame));
  const dsos = profile.frames.map((frame) => moduleName(profile, frame));
  const nothing = { symbol: "[.] [unknown]", dso: "[unknown]" };
  const lines = new Map<string, Line>();
  let total = 0;
  let count = 0;
  const lineFor = (thread: number, frame: number): Line => {
    const { comm, pid, tid } = profile.threads[thread]!;
    const fields = options.sort.map((key) => {
      if (key === "comm") return comm;
      if (key === "pid") return `${pid}:${comm}`;
      if (key === "tid") return `${tid}:${comm}`;
      return frame < 0 ? nothing[key] : key === "dso" ? dsos[frame]! : symbols[frame]!;
    });
    const key = fields.join("\0");
    let line = lines.get(key);
    if (!line) {
      line = { fields, self: 0, children: 0, samples: 0, callers: { period: 0, from: new Map() } };
      lines.set(key, line);
    }
    return line;
  };
  for (let i = 0; i < samples.event.length; i++) {
    if (samples.event[i] !== event) continue;
    const thread = samples.thread[i]!;
    const node = samples.stack[i]!;
    const frame = node < 0 ? -1 : stacks.frame[node]!;
    if (options.comms && !options.comms.includes(profile.threads[thread]!.comm)) continue;
    if (options.dsos && !options.dsos.includes(frame < 0 ? nothing.dso : dsos[frame]!)) continue;
    const period = samples.period[i]!;
    total += period;
    count++;
    const line = lineFor(thread, frame);
    line.self += period;
    line.samples++;
    if (options.graph) addCallers(line.callers, profile, node, period, symbols);
    if (!options.children) continue;
    const seen = new Set<Line>();
    for (let at = node; at >= 0; at = stacks.parent[at]!) {
      const each = lineFor(thread, stacks.frame[at]!);
      if (seen.has(each)) continue;
      seen.add(each);
      each.children += period;
    }
    if (node < 0) line.children += period;
  }
  const key = (line: Line): number => (options.children ? line.children : line.self);
  const shown = [...lines.values()]
    .filter((line) => total > 0 && (100 * key(line)) / total >= options.limit)
    .sort((a, b) => key(b) - key(a) || b.self - a.self || a.fields.join().localeCompare(b.fields.join()));
  return `${header(profile, event, count, total)}${table(shown, total, options)}`;
}

function addCallers(root: Callers, profile: Profile, node: number, period: number, symbols: readonly string[]): void {
  let callers = root;
  callers.period += period;
  for (let at = node < 0 ? -1 : profile.stacks.parent[node]!; at >= 0; at = profile.stacks.parent[at]!) {
    const name = symbols[profile.stacks.frame[at]!]!.slice(4);
    let next = callers.from.get(name);
    if (!next) {
      next = { period: 0, from: new Map() };
      callers.from.set(name, next);
    }
    next.period += period;
    callers = next;
  }
}

function header(profile: Profile, event: number, count: number, total: number): string {
  const round = count >= 10_000 ? `${Math.round(count / 1000)}K` : String(count);
  return [
    `# Samples: ${round} of event '${profile.events[event]!.name}'`,
    `# Event count: ${Math.round(total)}`,
    "#",
    "",
  ].join("\n");
}

function table(lines: readonly Line[], total: number, options: ReportOptions): string {
  const percent = (value: number): string => `${((100 * value) / total).toFixed(2)}%`;
  const titlesOf = [
    ...(options.children ? ["Children", "Self"] : ["Overhead"]),
    ...(options.samples ? ["Samples"] : []),
    ...options.sort.map((key) => titles[key]),
  ];
  const rows = lines.map((line) => [
    ...(options.children ? [percent(line.children), percent(line.self)] : [percent(line.self)]),
    ...(options.samples ? [String(line.samples)] : []),
    ...line.fields,
  ]);
  const { separator } = options;
  if (separator !== undefined) {
    return [`# ${titlesOf.join(separator)}`, ...rows.map((row) => row.join(separator)), ""].join("\n");
  }
  const numbers = titlesOf.length - options.sort.length;
  const widths = titlesOf.map((title, i) =>
    Math.max(title.length, i < numbers ? 8 : 0, ...rows.map((row) => row[i]!.length)),
  );
  const joined = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < numbers ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  const text = [`# ${joined(titlesOf)}`, `# ${widths.map((width) => ".".repeat(width)).join("  ")}`, "#"];
  rows.forEach((row, i) => {
    text.push(`  ${joined(row)}`);
    const line = lines[i]!;
    const callers =
      options.graph && line.self > 0 ? tree(line.fields.at(-1)!.slice(4), line.callers, options.limit) : [];
    if (callers.length > 0) text.push(...callers, "");
  });
  return `${text.join("\n")}\n\n`;
}

/** Who called, below a line: branches with their share of it, straight runs without. */
function tree(name: string, root: Callers, limit: number): string[] {
  const indent = " ".repeat(12);
  const text = [`${indent}|`, `${indent}---${name}`];
  const least = Math.max(limit, 0.5);
  const below = (callers: Callers, prefix: string): void => {
    const from = [...callers.from]
      .filter(([, each]) => (100 * each.period) / root.period >= least)
      .sort((a, b) => b[1].period - a[1].period);
    from.forEach(([caller, each], i) => {
      if (from.length === 1 && each.period === callers.period) {
        text.push(prefix + caller);
        below(each, prefix);
        return;
      }
      const last = i === from.length - 1;
      text.push(`${prefix}|`.padEnd(prefix.length + 11));
      text.push(`${prefix}${last ? " " : "|"}--${((100 * each.period) / root.period).toFixed(2)}%--${caller}`);
      below(each, `${prefix}${last ? " " : "|"}${" ".repeat(10)}`);
    });
  };
  below(root, `${indent}   `);
  return text.length > 2 ? text : [];
}
