// `airside doctor [OPTIONS] [IMAGE] -- COMMAND…`: user space, kernel space or waiting, and what to change.
import * as fs from "node:fs";
import { Command } from "commander";
import { Evidence } from "../../src/observe/doctor/evidence.ts";
import { type Report, report, reportJson, reportText } from "../../src/observe/doctor/report.ts";
import { guarded, imageAndCommand, observe, withRunOptions } from "./observed.ts";
import { collect, type RunFlags } from "./run.ts";

interface Flags extends Partial<RunFlags> {
  json?: boolean;
  output?: string;
  failOn: string[];
}

async function doctor(words: string[], flags: Flags): Promise<void> {
  const { command } = imageAndCommand(words, process.argv);
  let answer: Report | undefined;
  let code = 0;
  await observe(words, flags, (machine) => {
    const evidence = new Evidence(machine.kernel);
    const stop = machine.kernel.trace.listen(evidence);
    return (status) => {
      stop();
      evidence.finish();
      code = status;
      answer = report(evidence, command);
    };
  });
  if (!answer) return;
  const text = flags.json ? reportJson(answer) : reportText(answer);
  if (flags.output !== undefined) fs.writeFileSync(flags.output, text);
  else if (flags.json) process.stdout.write(text);
  else process.stderr.write(`\n${text}${code === 0 ? "" : `\nThe command ended with exit code ${code}.\n`}`);
  const wanted = flags.failOn.flatMap((list) => list.split(","));
  process.exitCode = answer.findings.some(({ id }) => wanted.includes(id)) ? 1 : 0;
}

export const doctorCommand = (): Command =>
  withRunOptions(new Command("doctor"))
    .description("run a command and say whether user space, kernel space or waiting takes its time, and what to change")
    .option("--json", "the whole report as JSON, on standard output behind the command's own")
    .option("-o, --output <file>", "write the report to this file")
    .option("--fail-on <finding>", "exit with 1 when there is this finding", collect, [])
    .action((words: string[], flags: Flags) => guarded("doctor", () => doctor(words, flags)));
