// `airside perf report | script | annotate`: what a recording holds, as text or in the formats of other tools.
import * as fs from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { Command } from "commander";
import { annotateText } from "../../../src/observe/perf/annotate.ts";
import { callgrindText } from "../../../src/observe/perf/callgrind.ts";
import { flamePage } from "../../../src/observe/perf/flame-graph.ts";
import { pprofBytes } from "../../../src/observe/perf/pprof.ts";
import { eventIndex, type Profile, parseProfile } from "../../../src/observe/perf/profile.ts";
import { parseSort, reportText } from "../../../src/observe/perf/report.ts";
import { foldedText, scriptText } from "../../../src/observe/perf/script.ts";
import { gecko, speedscope } from "../../../src/observe/perf/viewers.ts";
import { guarded } from "../observed.ts";
import { flameScript } from "./flame-script.ts";

interface InputFlags {
  input: string;
  event?: string;
}

/** Throws a RangeError with one plain line. */
function load(path: string): Profile {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RangeError(`can't read ${path}: ${code}${code === "ENOENT" ? " (airside perf record makes it)" : ""}`);
  }
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseProfile((gzip ? gunzipSync(bytes) : bytes).toString());
}

/** Writes to standard output, whose reader may be gone before the end (head, less). */
function printer(): (text: string | Uint8Array) => void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  return (text) => void process.stdout.write(text);
}

interface ReportFlags extends InputFlags {
  sort: string;
  children: boolean;
  callGraph?: string;
  g?: boolean | string;
  showNrSamples?: boolean;
  percentLimit: string;
  fieldSeparator?: string;
  comms?: string;
  dsos?: string;
}

function report(flags: ReportFlags): void {
  const profile = load(flags.input);
  const print = printer();
  const graph = profile.calls && flags.g !== "none" && flags.callGraph !== "none" && flags.fieldSeparator === undefined;
  const wanted = flags.event === undefined ? profile.events.map((_, i) => i) : [eventIndex(profile, flags.event)];
  print("#\n# Total Lost Samples: 0\n#\n");
  for (const event of wanted) {
    const text = reportText(profile, event, {
      sort: parseSort(flags.sort),
      children: flags.children && profile.calls,
      graph,
      samples: flags.showNrSamples ?? false,
      limit: Number(flags.percentLimit),
      ...(flags.fieldSeparator === undefined ? {} : { separator: flags.fieldSeparator }),
      ...(flags.comms === undefined ? {} : { comms: flags.comms.split(",") }),
      ...(flags.dsos === undefined ? {} : { dsos: flags.dsos.split(",") }),
    });
    print(text);
  }
}

interface ScriptFlags extends InputFlags {
  output?: string;
}

/** Ways to write a recording: perf's own scripts, and formats of other tools. */
const scripts: Readonly<Record<string, (profile: Profile, event: string | undefined) => string | Uint8Array>> = {
  stackcollapse: (profile, event) => foldedText(profile, eventIndex(profile, event)),
  flamegraph: (profile, event) => flamePage(profile, eventIndex(profile, event), flameScript()),
  gecko: (profile, event) => gecko(profile, event),
  callgrind: (profile, event) => callgrindText(profile, event),
  pprof: (profile) => gzipSync(pprofBytes(profile)),
  speedscope: (profile) => speedscope(profile),
};
const defaultOutput: Readonly<Record<string, string>> = { flamegraph: "flamegraph.html", pprof: "profile.pb.gz" };

function script(words: string[], flags: ScriptFlags): void {
  // perf script report flamegraph
  const name = words[0] === "report" ? words[1] : words[0];
  if (name !== undefined && !Object.hasOwn(scripts, name)) {
    throw new RangeError(`no such script: ${name} (${Object.keys(scripts).join(", ")})`);
  }
  const print = printer();
  const profile = load(flags.input);
  const content = name === undefined ? [...scriptText(profile)].join("") : scripts[name]!(profile, flags.event);
  const output = flags.output ?? (name === undefined ? undefined : defaultOutput[name]);
  if (output === undefined || output === "-") print(content);
  else {
    fs.writeFileSync(output, content);
    process.stderr.write(`wrote ${output}\n`);
  }
}

interface AnnotateFlags extends InputFlags {
  symbol?: string;
  percentLimit: string;
}

function annotate(words: string[], flags: AnnotateFlags): void {
  const profile = load(flags.input);
  const event = flags.event ?? profile.events.find(({ name }) => name === "instructions:u")?.name;
  const name = flags.symbol ?? words[0];
  printer()(annotateText(profile, eventIndex(profile, event), name, Number(flags.percentLimit)));
}

const withInput = (command: Command): Command =>
  command
    .option("-i, --input <file>", "the recording", "perf.data")
    .option("--event <name>", "this of the recorded events");

export const reportCommand = (): Command =>
  withInput(new Command("report"))
    .description("show what a recording holds, by function")
    .option("--stdio", "as text, which is the only way here")
    .option("-s, --sort <keys>", "comm, dso, symbol, pid, tid", "comm,dso,symbol")
    .option("--children", "count what a function called, too", true)
    .option("--no-children", "count functions by themselves")
    .option("-g, --call-graph <how>", "none: without callers")
    .option("-n, --show-nr-samples", "how many samples there were of each")
    .option("--percent-limit <n>", "leave out what is below this share", "0.5")
    .option("-t, --field-separator <separator>", "fields for tools, apart by this")
    .option("--comms <list>", "only these commands")
    .option("--dsos <list>", "only these files")
    .action((flags: ReportFlags) => guarded("perf report", async () => report(flags)));

export const scriptCommand = (): Command =>
  withInput(new Command("script"))
    .description("write a recording as text, or in another tool's format")
    .argument("[script...]", Object.keys(scripts).join(", "))
    .option("-o, --output <file>", "write to this file, - for standard output")
    .action((words: string[], flags: ScriptFlags) => guarded("perf script", async () => script(words, flags)));

export const annotateCommand = (): Command =>
  withInput(new Command("annotate"))
    .description("show the instructions of functions with what each of them cost")
    .argument("[symbol...]", "only this function")
    .option("-s, --symbol <name>", "only this function")
    .option("--stdio", "as text, which is the only way here")
    .option("--percent-limit <n>", "leave out functions below this share", "5")
    .action((words: string[], flags: AnnotateFlags) => guarded("perf annotate", async () => annotate(words, flags)));
