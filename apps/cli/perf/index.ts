// `airside perf`: count, record, report. Options are perf's own.
import { Command } from "commander";
import { listEvents } from "../../../src/observe/perf/events.ts";
import { recordCommand } from "./record.ts";
import { annotateCommand, reportCommand, scriptCommand } from "./report.ts";
import { statCommand } from "./stat.ts";

const listCommand = (): Command =>
  new Command("list").description("list the events there are").action(() => void process.stdout.write(listEvents()));

export const perfCommand = (): Command =>
  new Command("perf")
    .description("count and record what a command does, exactly")
    .enablePositionalOptions()
    .addCommand(statCommand())
    .addCommand(recordCommand())
    .addCommand(reportCommand())
    .addCommand(scriptCommand())
    .addCommand(annotateCommand())
    .addCommand(listCommand());
