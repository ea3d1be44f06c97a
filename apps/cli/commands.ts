// The command line: each command is a file beside this one.
// No await at the top: the bundle is CommonJS (scripts/build.ts).
import { type Command, program } from "commander";
import { crashCommand } from "./crash.ts";
import { doctorCommand } from "./doctor/command.ts";
import { imageCommand } from "./image.ts";
import { execCommand, killCommand, psCommand } from "./machines.ts";
import { moduleCommand } from "./module.ts";
import { perfCommand } from "./perf/index.ts";
import { runCommand } from "./run.ts";
import { straceCommand } from "./strace.ts";
import { traceCommand } from "./trace.ts";
import { webCommand } from "./web.ts";

// An oops shows the kernel's stack down to the task's turn.
Error.stackTraceLimit = 40;

const commands: Record<string, () => Command> = {
  run: runCommand,
  strace: straceCommand,
  perf: perfCommand,
  trace: traceCommand,
  doctor: doctorCommand,
  crash: crashCommand,
  ps: psCommand,
  exec: execCommand,
  kill: killCommand,
  image: imageCommand,
  module: moduleCommand,
  web: webCommand,
};

program.name("airside").description("Linux programs on a kernel written in TypeScript").enablePositionalOptions();
// Only the one that is asked for is made, unless help may have to list them all.
const [, , asked = ""] = process.argv;
for (const name of Object.hasOwn(commands, asked) ? [asked] : Object.keys(commands)) {
  program.addCommand(commands[name]!());
}
void program.parseAsync();
