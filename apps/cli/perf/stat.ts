// `airside perf stat [OPTIONS] [IMAGE] -- COMMAND…`: exact counts in perf's layout (perf-stat(1)).
import * as fs from "node:fs";
import { Command } from "commander";
import { parseEvents } from "../../../src/observe/perf/events.ts";
import { accountFor } from "../../../src/observe/perf/mix.ts";
import {
  type Counts,
  countsOf,
  standardEvents,
  statFields,
  statJson,
  statText,
} from "../../../src/observe/perf/stat.ts";
import { guarded, imageAndCommand, observe, withRunOptions } from "../observed.ts";
import type { RunFlags } from "../run.ts";
import { attach } from "./attach.ts";

/** Random numbers inside are the same in each run: addresses, hashes. Counts would differ by what depends on them. */
export const SEED = 1;

interface StatFlags extends Partial<RunFlags> {
  event: string[];
  repeat: string;
  fieldSeparator?: string;
  jsonOutput?: boolean;
  output?: string;
  append?: boolean;
  pid?: string;
  machine?: string;
}

async function stat(words: string[], flags: StatFlags): Promise<void> {
  const events = flags.event.length > 0 ? flags.event.flatMap(parseEvents) : standardEvents;
  const repeat = Number(flags.repeat);
  if (!Number.isInteger(repeat) || repeat < 1) throw new RangeError(`not a number of runs: ${flags.repeat}`);
  if (flags.pid !== undefined) {
    const answer = await attach(words, { ...flags, pid: flags.pid }, { events: events.map(({ name }) => name) });
    const { values, ...times } = JSON.parse(answer.toString()) as { values: [string, number][] } & Counts;
    print(`process id '${flags.pid}'`, [{ ...times, values: new Map(values) }], flags);
    return;
  }
  const { command } = imageAndCommand(words, process.argv);
  const runs: Counts[] = [];
  for (let i = 0; i < repeat; i++) {
    const before = runs.length;
    await observe(
      words,
      { ...flags, seed: SEED, ...(repeat > 1 ? { interactive: false, tty: false } : {}) },
      (machine) => {
        const account = accountFor(machine.kernel, events);
        const stop = machine.kernel.trace.listen(account);
        return () => {
          stop();
          account.finish();
          runs.push(countsOf(account, events));
        };
      },
    );
    if (runs.length === before) return;
  }
  print(`'${command.join(" ")}'`, runs, flags);
}

function print(what: string, runs: readonly Counts[], flags: StatFlags): void {
  const text = flags.jsonOutput
    ? statJson(runs)
    : flags.fieldSeparator !== undefined
      ? statFields(runs, flags.fieldSeparator)
      : statText(what, runs);
  if (flags.output === undefined) process.stderr.write(text);
  else fs.writeFileSync(flags.output, text, { flag: flags.append ? "a" : "w" });
}

export function statCommand(): Command {
  const collect = (value: string, list: string[]): string[] => [...list, value];
  return withRunOptions(new Command("stat"))
    .description("run a command and count what it did")
    .option("-e, --event <list>", "events, like instructions,task-clock or syscalls:sys_enter_write", collect, [])
    .option("-r, --repeat <n>", "run it so often, and show how counts vary", "1")
    .option("-x, --field-separator <separator>", "fields for tools, apart by this")
    .option("-j, --json-output", "a JSON object for each event")
    .option("-o, --output <file>", "write to this file instead of standard error")
    .option("--append", "go on at the end of that file")
    .option("-a, --all-cpus", "accepted: a machine of one's own is watched as a whole")
    .option("-p, --pid <pids>", "processes of a machine that runs (airside ps), until Ctrl-C or behind `-- sleep N`")
    .option("--machine <name>", "the machine's name, if there are several")
    .action((words: string[], flags: StatFlags) => guarded("perf stat", () => stat(words, flags)));
}
