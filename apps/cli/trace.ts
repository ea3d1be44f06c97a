// `airside trace [OPTIONS] [IMAGE] -- COMMAND…`: a timeline of tasks and crossings, for Perfetto and chrome://tracing.
import * as fs from "node:fs";
import { Command } from "commander";
import { Timeline } from "../../src/observe/timeline/timeline.ts";
import { guarded, imageAndCommand, observe, withRunOptions } from "./observed.ts";
import type { RunFlags } from "./run.ts";

interface TraceFlags extends Partial<RunFlags> {
  output: string;
}

async function trace(words: string[], flags: TraceFlags): Promise<void> {
  const { command } = imageAndCommand(words, process.argv);
  await observe(words, flags, (machine) => {
    const timeline = new Timeline(machine.kernel);
    const stop = machine.kernel.trace.listen(timeline);
    return () => {
      stop();
      const text = timeline.finish(command);
      if (flags.output === "-") process.stdout.write(text);
      else {
        fs.writeFileSync(flags.output, text);
        process.stderr.write(
          `wrote ${flags.output} (${timeline.events.length} events): open it in https://ui.perfetto.dev\n`,
        );
      }
    };
  });
}

export const traceCommand = (): Command =>
  withRunOptions(new Command("trace"))
    .description("write a timeline of tasks, system calls, faults and waits")
    .option("-o, --output <file>", "write to this file, - for standard output", "trace.json")
    .action((words: string[], flags: TraceFlags) => guarded("trace", () => trace(words, flags)));
