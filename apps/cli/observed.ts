// What strace, perf and doctor share: `[OPTIONS] [IMAGE] -- COMMAND…`, and run's options under their long names, because
// the short ones belong to the tools.
import { type Command, Option } from "commander";
import { type RunFlags, run, runCommand, type Watch } from "./run.ts";

export function withRunOptions(command: Command): Command {
  command
    .passThroughOptions()
    .argument(
      "[image-and-command...]",
      "an image (debian unless one is named), --, and the command with its arguments",
    );
  for (const { long, flags, description, parseArg, defaultValue } of runCommand().options) {
    if (long === "--rm" || long === "--help") continue;
    const option = new Option(flags.replace(/^-\w, /, ""), description);
    if (parseArg) option.argParser(parseArg);
    if (defaultValue !== undefined) option.default(defaultValue);
    command.addOption(option);
  }
  return command.helpOption("--help", "show this help");
}

/** Splits the words of the command line that are no options. What stands before "--" is the image. */
export function imageAndCommand(
  words: readonly string[],
  line: readonly string[],
): { image: string; command: string[] } {
  const behind = line.indexOf("--") < 0 ? undefined : line.slice(line.indexOf("--") + 1);
  const separated = behind !== undefined && behind.length < words.length && words[1] === "--";
  const image = separated ? words[0]! : "debian";
  const command = separated ? words.slice(2) : [...words];
  if (command.length === 0) throw new RangeError("no command: write it behind --, like `airside strace -- ls`");
  return { image, command };
}

/** Flags as `run` wants them. */
export const completed = (flags: Partial<RunFlags>): RunFlags => ({ volume: [], env: [], memory: "2g", ...flags });

/** Runs the command with something that watches. */
export async function observe(
  words: readonly string[],
  flags: Partial<RunFlags>,
  watch: Watch,
  line: readonly string[] = process.argv,
): Promise<void> {
  const { image, command } = imageAndCommand(words, line);
  const interactive = flags.interactive ?? flags.tty ?? process.stdin.isTTY !== true;
  await run(image, command, { ...completed(flags), interactive }, watch);
}

/** A wrong option: one plain line. */
export async function guarded(name: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`airside ${name}: ${error.message}\n`);
    process.exitCode = 125;
  }
}
