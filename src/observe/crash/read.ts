// Crash reports from files: what came from a machine that failed may be cut short, or not be a report at all. Each part is
// taken for what it is, and left out if it is something else.
import { CRASH_FORMAT, CRASH_VERSION } from "../../kernel/crash/report.ts";

/** What can be read of a report. Texts and numbers that are not there are undefined; lists are empty. */
export interface ReadCrash {
  kind: string | undefined;
  text: string | undefined;
  exception: string | undefined;
  time: string | undefined;
  uptime: number | undefined;
  release: string | undefined;
  version: string | undefined;
  commandLine: string | undefined;
  host: string | undefined;
  taints: number;
  oopses: number;
  warnings: number;
  modules: { name: string; state: string; taints: number }[];
  stack: string[];
  current: number | undefined;
  registers: string[];
  maps: string[];
  tasks: ReadTask[];
  memory: [string, number][];
  crossings: { tid: number | undefined; text: string }[];
  log: { time: number; priority: number; text: string }[];
  /** Parts that the kernel itself could not tell, and what is wrong with the file. */
  faults: string[];
}

export interface ReadTask {
  tid: number;
  pid: number;
  ppid: number;
  name: string;
  state: string;
  call: string | undefined;
  pc: string;
}

/** The whole file as a report; a text that says what it is instead. */
export function readCrash(file: string): ReadCrash | string {
  const parsed = parse(file);
  if (typeof parsed === "string") return parsed;
  const { value, cut } = parsed;
  if (text(value.format) !== CRASH_FORMAT) return "this is no crash report";
  const version = number(value.version);
  if (version === undefined || version > CRASH_VERSION)
    return `this report has format ${String(value.version)}, of a newer airside; this one reads ${CRASH_VERSION}`;
  const faults = cut ? ["the file is cut short or damaged: what follows is what could be read"] : [];
  for (const [name, part] of Object.entries(value)) {
    const untold = text(object(part)?.untold);
    if (untold !== undefined) faults.push(`the kernel could not tell its ${name}: ${untold}`);
  }
  const kernel = object(value.kernel) ?? {};
  return {
    kind: text(value.kind),
    text: text(value.text),
    exception: text(value.exception),
    time: text(value.time),
    uptime: number(value.uptime),
    release: text(kernel.release),
    version: text(kernel.version),
    commandLine: text(kernel.commandLine),
    host: text(value.host),
    taints: number(value.taints) ?? 0,
    oopses: number(value.oopses) ?? 0,
    warnings: number(value.warnings) ?? 0,
    modules: list(value.modules, ({ name, state, taints }) =>
      text(name) === undefined
        ? undefined
        : { name: text(name)!, state: text(state) ?? "?", taints: number(taints) ?? 0 },
    ),
    stack: texts(value.stack),
    current: number(value.current),
    registers: texts(value.registers),
    maps: texts(value.maps),
    tasks: list(value.tasks, readTask),
    memory: Object.entries(object(value.memory) ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
    crossings: list(value.crossings, (each) =>
      text(each.text) === undefined ? undefined : { tid: number(each.tid), text: text(each.text)! },
    ),
    log: list(value.log, (each) =>
      text(each.text) === undefined
        ? undefined
        : { time: number(each.time) ?? 0, priority: number(each.priority) ?? 6, text: text(each.text)! },
    ),
    faults,
  };
}

function readTask(task: Fields): ReadTask | undefined {
  const tid = number(task.tid);
  if (tid === undefined) return undefined;
  return {
    tid,
    pid: number(task.pid) ?? tid,
    ppid: number(task.ppid) ?? 0,
    name: text(task.name) ?? "?",
    state: text(task.state) ?? "?",
    call: text(task.call),
    pc: text(task.pc) ?? "?",
  };
}

type Fields = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
const object = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

function list<T>(value: unknown, read: (fields: Fields) => T | undefined): T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => {
    const fields = object(each);
    const made = fields && read(fields);
    return made === undefined ? [] : [made];
  });
}

/** A file that was cut short is closed where it ends: reports are written a value a line. */
function parse(file: string): { value: Fields; cut: boolean } | string {
  const whole = tryParse(file);
  if (whole) return { value: whole, cut: false };
  const start = file.indexOf("{");
  if (start < 0) return file.trim() === "" ? "the file is empty" : "this is no crash report";
  const lines = file.slice(start).split("\n");
  // The most lines that make sense together: fewer do too, but for those that stop between a name and its value.
  let best: Fields | undefined;
  let low = 0;
  for (let high = lines.length; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    const mended = parseUpTo(lines, middle);
    if (mended) {
      best = mended;
      low = middle;
    } else high = middle - 1;
  }
  return best ? { value: best, cut: true } : "the file is damaged: nothing of it can be read";
}

function parseUpTo(lines: readonly string[], end: number): Fields | undefined {
  for (let cut = end; cut > Math.max(0, end - 4); cut--) {
    const mended = tryParse(close(lines.slice(0, cut).join("\n")));
    if (mended) return mended;
  }
  return undefined;
}

/** Closes what is open at the end of a text of JSON, without a last comma. */
function close(part: string): string {
  const open: string[] = [];
  let quoted = false;
  for (let i = 0; i < part.length; i++) {
    const c = part[i]!;
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "{") open.push("}");
    else if (c === "[") open.push("]");
    else if (c === "}" || c === "]") open.pop();
  }
  return part.replace(/[,\s]+$/, "") + open.reverse().join("");
}

function tryParse(part: string): Fields | undefined {
  try {
    return object(JSON.parse(part));
  } catch {
    return undefined;
  }
}
