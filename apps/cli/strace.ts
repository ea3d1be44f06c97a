// `airside strace [FLAGS] [IMAGE] -- COMMAND…`: strace's own flags and output (strace(1)); run's under their long names.
import { Command } from "commander";
import type { Machine } from "../../src/index.ts";
import { systemCalls } from "../../src/kernel/syscalls/index.ts";
import { parseFlags, type StraceCommand } from "../../src/observe/strace/flags.ts";
import { Strace } from "../../src/observe/strace/strace.ts";
import { machines, open } from "./control/client.ts";
import { parsed as json } from "./control/frames.ts";
import { controlled } from "./machines.ts";
import { guarded, observe, withRunOptions } from "./observed.ts";
import type { RunFlags } from "./run.ts";
import { sinks } from "./strace-output.ts";

const HELP = `Usage: airside strace [FLAGS] [IMAGE] -- COMMAND...
       airside strace [FLAGS] -p PID [--machine NAME]

Flags are strace's own:
  -f, -ff            follow the children; -ff with -o: a file for each
  -o FILE, -A        write to this file instead of standard error; at its end
  -e trace=SET       names, %file %network %process %desc %memory %signal %ipc ..., /regular expressions, ! for the others
  -e signal=SET, -e status=SET, -z, -Z, -P PATH, -e trace-fds=SET
                     only these signals, answers, paths, descriptors
  -e inject=SET:error=ERRNO|retval=N|signal=SIG|delay_enter=T|delay_exit=T|poke_enter=..|poke_exit=..[:when=EXPR]
  -e read=SET, -e write=SET, -e raw=SET, -e abbrev=SET, -e verbose=SET
  -t, -tt, -ttt, -r, -T, -n, -i, -k
                     time of day, since the line before, spent in the call; number, instruction pointer, stack
  -y, -yy, -Y        paths of descriptors, and sockets and devices; names of processes
  -v, -s SIZE, -x, -xx, -a COLUMN
                     whole structures, longer strings, hexadecimal strings, where answers stand
  -c, -C, -S KEY, -U COLUMNS, -w, -O TIME
                     a table of counts and times instead of lines, or with them
  -p PID             attach to a process of a machine that runs (airside ps)
  -E VAR=VALUE, -u USER, -q, -qq, -qqq, -b execve, --syscall-limit N, -D

Of airside run: --volume, --workdir, --hostname, --memory, --tty, --interactive, --read-only, ...
`;

/** Begins to trace what the machine runs; what comes back ends it. */
export function startStrace(machine: Machine, parsed: StraceCommand): () => void {
  const { sinkFor, notice, flush } = sinks(parsed);
  const { options } = parsed;
  const strace = new Strace(machine.kernel, { ...options, notice }, sinkFor);
  const stop = machine.kernel.trace.listen(strace);
  return () => {
    stop();
    strace.flush();
    if (options.summary > 0) {
      const table = strace.summary.text(options.sort, options.columns);
      sinkFor(0).write(Buffer.from(table, "latin1"));
    }
    flush();
  };
}

/** -p: traces processes of a machine that runs, over its control socket. */
async function attach(line: readonly string[], parsed: StraceCommand): Promise<void> {
  if (parsed.operands.length > 0) throw new RangeError("-p and a command can't go together here");
  let name = parsed.others.get("machine")?.[0];
  if (name === undefined) {
    const all = (await machines()).map((machine) => machine.name);
    if (all.length !== 1)
      throw new RangeError(
        all.length === 0 ? "no machine has a name: airside run --name" : `which machine? --machine ${all.join(" | ")}`,
      );
    name = all[0]!;
  }
  const { sinkFor, notice, flush } = sinks(parsed);
  // --machine is ours alone.
  const flags = line.filter((word, i) => !/^--machine(=|$)/.test(word) && line[i - 1] !== "--machine");
  const channel = await open(name, { verb: "strace", flags });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) process.on(signal, () => channel.send("stop"));
  let code: number | undefined;
  await new Promise<void>((resolve) => {
    channel.onFrame = (type, bytes, tid) => {
      if (type === "trace") sinkFor(tid).write(bytes);
      else if (type === "diagnostics") notice(bytes.toString());
      else if (type === "error") notice(`airside strace: ${bytes.toString()}`);
      else if (type === "end") code = (json(bytes) as { code: number }).code;
    };
    channel.onClose = resolve;
  });
  flush();
  if (code === undefined) notice(`airside strace: ${name} has ended`);
  process.exitCode = code ?? 1;
}

/** run's flags among the words, by their long names. */
function runFlags(parsed: StraceCommand): Partial<RunFlags> {
  const words = [...parsed.others].flatMap(([name, values]) =>
    values.flatMap((value) => (value === "" ? [`--${name}`] : [`--${name}`, value])),
  );
  const flags = withRunOptions(new Command("run")).parse(words, { from: "user" }).opts<Partial<RunFlags>>();
  const env = parsed.environment.filter((entry) => entry.includes("="));
  const unset = parsed.environment.filter((entry) => !entry.includes("="));
  return { ...flags, env, unset, ...(parsed.user === undefined ? {} : { user: parsed.user }) };
}

async function strace(line: readonly string[]): Promise<void> {
  const own = Object.fromEntries(
    withRunOptions(new Command("run")).options.map((option) => [option.long!.slice(2), option.required]),
  );
  for (const name of ["env", "user", "help"]) delete own[name];
  own.machine = true;
  const parsed = parseFlags(line, systemCalls(), own);
  if (parsed.help) process.stdout.write(HELP);
  else if (parsed.version) process.stdout.write("airside strace, in the manner of strace 6.13\n");
  else if (parsed.pids.length > 0) await controlled(() => attach(line, parsed));
  else {
    const bare = parsed.operands[0] === "--";
    const words = bare ? parsed.operands.slice(1) : [...parsed.operands];
    await observe(words, runFlags(parsed), (machine) => startStrace(machine, parsed), bare ? [] : words);
  }
}

export const straceCommand = (): Command =>
  new Command("strace")
    .description("run a command and show its system calls and signals (strace's own flags; --help)")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .argument("[words...]")
    .action(() => guarded("strace", () => strace(process.argv.slice(process.argv.indexOf("strace") + 1))));
