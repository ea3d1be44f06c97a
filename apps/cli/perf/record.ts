// `airside perf record [OPTIONS] [IMAGE] -- COMMAND…`: samples by instruction count and by time, kept in a file.
import * as fs from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { Command } from "commander";
import { checkRecordable, type Event, parseEvents } from "../../../src/observe/perf/events.ts";
import type { Profile } from "../../../src/observe/perf/profile.ts";
import { Recorder, type RecordOptions } from "../../../src/observe/perf/recorder.ts";
import { guarded, imageAndCommand, observe, withRunOptions } from "../observed.ts";
import type { RunFlags } from "../run.ts";
import { attach } from "./attach.ts";
import { SEED } from "./stat.ts";

export interface RecordFlags extends Partial<RunFlags> {
  event: string[];
  count?: string;
  freq: string;
  g?: boolean;
  callGraph?: string;
  output: string;
  offCpu?: boolean;
  quiet?: boolean;
  pid?: string;
  machine?: string;
}

const collect = (value: string, list: string[]): string[] => [...list, value];

/** Instructions and nanoseconds between two samples unless -c or -F say otherwise. */
const FREQUENCY = 10_000;

function whole(text: string, what: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`not a ${what}: ${text}`);
  return value;
}

/** Throws a RangeError with one plain line. */
export function recordOptions(flags: RecordFlags): RecordOptions {
  const events: Event[] =
    flags.event.length > 0 ? flags.event.flatMap(parseEvents) : parseEvents("cpu-clock,instructions:u");
  for (const event of events) checkRecordable(event);
  const clocks = events.filter(({ name }) => /^(cpu|task)-clock/.test(name));
  if (clocks.length > 1) throw new RangeError(`one clock at a time: ${clocks.map(({ name }) => name).join(", ")}`);
  if (flags.offCpu) events.push(...parseEvents("offcpu-time"));
  const frequency = flags.freq === "max" ? FREQUENCY : whole(flags.freq, "frequency");
  const period = flags.count === undefined ? undefined : whole(flags.count, "count");
  const mode = flags.callGraph?.split(",")[0];
  if (mode !== undefined && !/^(dwarf|fp|lbr|no)$/.test(mode)) {
    throw new RangeError(`not a way to find callers: ${flags.callGraph} (dwarf, lbr)`);
  }
  return {
    events,
    instructions: period ?? Math.max(1, Math.round(1e9 / frequency)),
    nanoseconds: period ?? Math.max(1, Math.round(1e9 / frequency)),
    every: period ?? 1,
    calls: mode === "lbr" ? "lbr" : mode === "no" || (mode === undefined && !flags.g) ? "none" : "dwarf",
  };
}

/** What perf says when it has written a recording. */
function write(bytes: Uint8Array, samples: number, output: string, quiet: boolean): void {
  if (output === "-") {
    process.stdout.write(bytes);
    return;
  }
  fs.writeFileSync(output, bytes, { mode: 0o600 });
  if (quiet) return;
  const size = (bytes.length / 1e6).toFixed(3);
  process.stderr.write(`[ perf record: Captured and wrote ${size} MB ${output} (${samples} samples) ]\n`);
}

async function record(words: string[], flags: RecordFlags): Promise<void> {
  const options = recordOptions(flags);
  if (flags.pid !== undefined) {
    const { events, instructions, nanoseconds, every, calls } = options;
    const bytes = await attach(
      words,
      { ...flags, pid: flags.pid },
      { events: events.map(({ name }) => name), record: { instructions, nanoseconds, every, calls } },
    );
    const { samples } = JSON.parse(gunzipSync(bytes).toString()) as Profile;
    write(bytes, samples.event.length, flags.output, flags.quiet ?? false);
    return;
  }
  const { command } = imageAndCommand(words, process.argv);
  await observe(words, { ...flags, seed: SEED }, (machine) => {
    const recorder = new Recorder(machine.kernel, options);
    recorder.start();
    return () => {
      const profile = recorder.finish(command);
      const bytes = gzipSync(JSON.stringify(profile), { level: 1 });
      write(bytes, profile.samples.event.length, flags.output, flags.quiet ?? false);
    };
  });
}

export const recordCommand = (): Command =>
  withRunOptions(new Command("record"))
    .description("run a command and record where its instructions and its time in the kernel go")
    .option("-e, --event <list>", "events (airside perf list); default cpu-clock,instructions:u", collect, [])
    .option("-c, --count <n>", "take a sample every so many instructions, nanoseconds or events; 1: count all")
    .option("-F, --freq <n>", "take so many samples for each 10^9 instructions or nanoseconds", String(FREQUENCY))
    .option("-g", "record the calls that led to each sample")
    .option(
      "--call-graph <mode>",
      "how calls are found; dwarf: by frame descriptions (as -g); lbr: the machine follows each",
    )
    .option("-o, --output <file>", "write to this file", "perf.data")
    .option("--off-cpu", "record where it waits, too (event offcpu-time)")
    .option("-a, --all-cpus", "accepted: a machine of one's own is watched as a whole")
    .option("-p, --pid <pids>", "processes of a machine that runs (airside ps), until Ctrl-C or behind `-- sleep N`")
    .option("--machine <name>", "the machine's name, if there are several")
    .option("-q, --quiet", "say nothing of one's own")
    .action((words: string[], flags: RecordFlags) => guarded("perf record", () => record(words, flags)));
