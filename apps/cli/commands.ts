// The command line: each command is a file beside this one.
// No await at the top: the bundle is CommonJS (scripts/build.ts).
import { program } from "commander";
import { doctorCommand } from "./doctor.ts";
import { imageCommand } from "./image.ts";
import { perfCommand } from "./perf.ts";
import { runCommand } from "./run.ts";
import { straceCommand } from "./strace.ts";

program.name("airside").description("Linux programs on a kernel written in TypeScript").enablePositionalOptions();
program.addCommand(runCommand());
program.addCommand(straceCommand());
program.addCommand(perfCommand());
program.addCommand(doctorCommand());
program.addCommand(imageCommand());
void program.parseAsync();
