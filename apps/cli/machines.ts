// `airside ps`, `exec` and `kill`: machines that were started with a name, and what runs in them.
import { Command } from "commander";
import { NodeConsole } from "../../src/hosts/node/console.ts";
import { signalNumber } from "../../src/observe/strace/signals.ts";
import { ask, machines, open } from "./control/client.ts";
import { ControlError } from "./control/folder.ts";
import { parsed } from "./control/frames.ts";
import type { MachineReport } from "./control/requests.ts";
import { collect, environment } from "./run.ts";

/** docker's: our own mistakes. */
const OWN_ERROR = 125;

/** One plain line for what goes wrong. */
export async function controlled(action: () => Promise<void>, code = 1): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ControlError || error instanceof RangeError)) throw error;
    process.stderr.write(`airside: ${error.message}\n`);
    process.exitCode = code;
  }
}

/** Columns as wide as their widest cell. */
function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function ago(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  for (const [size, unit] of [
    [86400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count > 0) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return `${seconds} second${seconds === 1 ? "" : "s"} ago`;
}

function clock(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

async function ps(name: string | undefined, flags: { quiet?: boolean; json?: boolean }): Promise<void> {
  if (name !== undefined) {
    const report = (await ask(name, { verb: "report" })) as MachineReport;
    if (flags.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else {
      const rows = report.processes.map(({ pid, ppid, uid, state, time, command }) => [
        String(pid),
        String(ppid),
        String(uid),
        state,
        clock(time),
        command,
      ]);
      process.stdout.write(table([["PID", "PPID", "UID", "STAT", "TIME", "COMMAND"], ...rows]));
    }
    return;
  }
  const all = await machines();
  if (flags.json) process.stdout.write(`${JSON.stringify(all)}\n`);
  else if (flags.quiet) for (const machine of all) process.stdout.write(`${machine.name}\n`);
  else {
    const rows = all.map((machine) => [
      machine.name,
      machine.image,
      JSON.stringify(machine.command.join(" ")).slice(0, 40),
      ago(Date.now() - machine.started),
      String(machine.processes.length),
      `${Math.round(machine.memory / 1e6)} MB`,
      String(machine.host),
    ]);
    process.stdout.write(table([["NAME", "IMAGE", "COMMAND", "CREATED", "PROCESSES", "MEMORY", "HOST PID"], ...rows]));
  }
}

interface ExecFlags {
  interactive?: boolean;
  tty?: boolean;
  env: string[];
  workdir?: string;
  user?: string;
}

async function exec(name: string, command: string[], flags: ExecFlags): Promise<void> {
  const tty = (flags.tty ?? false) && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const channel = await open(name, {
    verb: "exec",
    command,
    env: environment(flags, tty),
    interactive: flags.interactive ?? false,
    ...(flags.workdir === undefined ? {} : { cwd: flags.workdir }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(tty ? { tty: { columns: process.stdout.columns, rows: process.stdout.rows } } : {}),
  });
  const terminal = tty ? new NodeConsole(process.stdin, process.stdout) : undefined;
  if (terminal) {
    terminal.onInput = (bytes) => void channel.send("input", bytes);
    terminal.onResize = (columns, rows) => channel.sendJson("resize", { columns, rows });
  } else {
    if (flags.interactive) {
      process.stdin.on("data", (bytes: Buffer) => {
        if (!channel.send("input", bytes)) process.stdin.pause();
      });
      channel.onDrain = () => process.stdin.resume();
      process.stdin.on("end", () => channel.send("input"));
    }
    for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3 }))
      process.on(signal, () => channel.sendJson("signal", { signal: number }));
  }
  let code: number | undefined;
  await new Promise<void>((resolve) => {
    channel.onFrame = (type, bytes) => {
      if (type === "output") process.stdout.write(bytes);
      else if (type === "diagnostics") process.stderr.write(bytes);
      else if (type === "error") process.stderr.write(`airside: ${bytes.toString()}\n`);
      else if (type === "end") code = (parsed(bytes) as { code: number }).code;
    };
    channel.onClose = resolve;
  });
  terminal?.close();
  process.stdin.destroy();
  if (code === undefined) throw new ControlError(`${name} has ended`);
  process.exitCode = code;
}

async function kill(names: readonly string[], signal: string): Promise<void> {
  const number = signalNumber(signal);
  if (number === undefined || number === 0) throw new ControlError(`invalid signal: ${signal}`);
  for (const name of names) {
    await ask(name, { verb: "kill", signal: number });
    process.stdout.write(`${name}\n`);
  }
}

export const psCommand = (): Command =>
  new Command("ps")
    .description("list the machines that were started with a name, or what runs in one of them")
    .argument("[name]", "a machine")
    .option("-q, --quiet", "names alone")
    .option("--json", "all that is known, as JSON")
    .action((name: string | undefined, flags: { quiet?: boolean; json?: boolean }) =>
      controlled(() => ps(name, flags)),
    );

export const execCommand = (): Command =>
  new Command("exec")
    .description("run a command in a machine that runs")
    .argument("<name>", "the machine")
    .argument("<command...>", "the command and its arguments")
    .passThroughOptions()
    .option("-i, --interactive", "keep standard input open")
    .option("-t, --tty", "give the command this terminal")
    .option("-e, --env <name[=value]>", "set an environment variable", collect, [])
    .option("-w, --workdir <dir>", "working directory inside")
    .option("-u, --user <name|uid[:group|gid]>", "run as this user")
    .action((name: string, command: string[], flags: ExecFlags) =>
      controlled(() => exec(name, command, flags), OWN_ERROR),
    );

export const killCommand = (): Command =>
  new Command("kill")
    .description("send a signal to the command that a machine was started for; it ends with that command")
    .argument("<name...>", "machines")
    .option("-s, --signal <signal>", "by name or number", "KILL")
    .action((names: string[], { signal }: { signal: string }) => controlled(() => kill(names, signal)));
