// `airside run [OPTIONS] IMAGE [COMMAND…]`: options in docker's spelling.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { systemCallName } from "../../src/abi/system-call-names.ts";
import { type DeviceRates, parseDeviceRate } from "../../src/embed/cgroup-limits.ts";
import { parseUlimitOption } from "../../src/embed/limits.ts";
import { parseSize } from "../../src/embed/size.ts";
import { NodeConsole, nodeSink, nodeSource } from "../../src/hosts/node/console.ts";
import { keepCrash } from "../../src/hosts/node/crashes.ts";
import { progressOnStderr } from "../../src/hosts/node/images/progress.ts";
import { readModuleKey } from "../../src/hosts/node/modules.ts";
import {
  type BootOptions,
  boot,
  type Ended,
  type FolderMount,
  ImageError,
  type Limits,
  type Machine,
  type Privileges,
  SpawnError,
  type SpawnOptions,
} from "../../src/index.ts";
import { printable } from "../../src/lib/printable.ts";
import { serve } from "./control/server.ts";

export interface RunFlags {
  interactive?: boolean;
  tty?: boolean;
  volume: string[];
  workdir?: string;
  env: string[];
  /** Variables that are not to be there. */
  unset?: string[];
  user?: string;
  hostname?: string;
  memory: string;
  memorySwap?: string;
  memoryReservation?: string;
  oomKillDisable?: boolean;
  oomScoreAdj?: string;
  ulimit?: string[];
  // what the command and all that it starts may use together
  cpus?: string;
  cpuShares?: string;
  cpusetCpus?: string;
  pidsLimit?: string;
  blkioWeight?: string;
  deviceReadBps?: string[];
  deviceWriteBps?: string[];
  deviceReadIops?: string[];
  deviceWriteIops?: string[];
  readOnly?: boolean;
  // what the command may do
  untrusted?: boolean;
  capAdd?: string[];
  capDrop?: string[];
  securityOpt?: string[];
  network?: string;
  reportMissing?: boolean;
  /** Seconds after which a machine whose kernel has panicked starts anew. */
  panic?: string;
  /** Words for the kernel's command line. */
  cmdline?: string[];
  /** Files of public keys. */
  moduleKey?: string[];
  crashReport?: string;
  reportOops?: boolean;
  name?: string;
  /** Random numbers inside are the same each time. */
  seed?: number;
}

/** What watches the machine from before the command starts; told when it has ended. */
export type Watch = (machine: Machine) => ((code: number) => void) | undefined;

export const collect = (value: string, list: string[]): string[] => [...list, value];

/** Exit codes of docker's run: 125 for our own errors, 126 and 127 for a command that can't be started. */
const OWN_ERROR = 125;

function parseVolume(text: string): FolderMount {
  const [host, guest, mode, ...rest] = text.split(":");
  if (!host || !guest || rest.length > 0 || (mode !== undefined && mode !== "ro" && mode !== "rw")) {
    throw new RangeError(`not a volume: ${text} (write it like HOST:GUEST or HOST:GUEST:ro)`);
  }
  return { host, guest, readOnly: mode === "ro" };
}

/** Docker's --memory-swap is memory and swap together; -1: as much swap as there may be. */
function swapOf({ memory, memorySwap }: RunFlags): number {
  if (memorySwap === undefined) return 0;
  if (memorySwap === "-1") return 4 * 2 ** 30;
  const swap = parseSize(memorySwap) - parseSize(memory);
  if (swap < 0) throw new RangeError("--memory-swap is memory and swap together: it can't be below --memory");
  return swap;
}

export function environment(flags: { env: readonly string[] }, tty: boolean): Record<string, string> {
  const env: Record<string, string> = {};
  if (tty) env.TERM = process.env.TERM ?? "xterm";
  for (const entry of flags.env) {
    const equals = entry.indexOf("=");
    if (equals > 0) env[entry.slice(0, equals)] = entry.slice(equals + 1);
    else if (equals < 0 && process.env[entry] !== undefined) env[entry] = process.env[entry];
  }
  return env;
}

export async function run(image: string, command: string[], flags: RunFlags, watch?: Watch): Promise<void> {
  const interactive = flags.interactive ?? false;
  // With -t but without a terminal, streams are piped: a script that feeds `npm start` gets what it expects.
  const tty = (flags.tty ?? false) && process.stdin.isTTY === true && process.stdout.isTTY === true;
  let terminal: NodeConsole | undefined;
  let status = OWN_ERROR;
  try {
    const mounts = flags.volume.map(parseVolume);
    const lateConsole = tty ? new NodeConsole(process.stdin, process.stdout) : undefined;
    terminal = lateConsole;
    const streams = terminal
      ? { tty: terminal }
      : {
          stdin: interactive ? nodeSource(process.stdin) : ("null" as const),
          stdout: nodeSink(() => process.stdout),
          stderr: nodeSink(() => process.stderr),
        };
    if (flags.oomKillDisable) {
      process.stderr.write("airside: cgroup v2 has no --oom-kill-disable: discarded\n");
    }
    for (;;) {
      const end = await runOnce(image, command, flags, { mounts, streams, watch });
      status = end.code;
      if (end.restartAfter === undefined) break;
      await new Promise((resolve) => setTimeout(resolve, end.restartAfter! * 1000));
    }
  } catch (error) {
    terminal?.close();
    terminal = undefined;
    if (error instanceof SpawnError) status = error.exitCode;
    else if (error instanceof ImageError) status = error.exitCode;
    else if (!(error instanceof Error) || error instanceof TypeError || !/^[a-z]/.test(error.message)) throw error;
    process.stderr.write(`airside: ${(error as Error).message}\n`);
  }
  terminal?.close();
  process.exitCode = status;
  if ((flags.tty || interactive) && !process.stdin.destroyed) process.stdin.destroy();
}

interface Surroundings {
  mounts: readonly FolderMount[];
  streams: Pick<SpawnOptions, "stdin" | "stdout" | "stderr" | "tty">;
  watch: Watch | undefined;
}

/** The machine that the flags ask for. */
export const bootOptions = (image: string, flags: RunFlags): BootOptions => ({
  image,
  memory: flags.memory,
  swap: swapOf(flags),
  mounts: flags.volume.map(parseVolume),
  readOnly: flags.readOnly ?? false,
  ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  commandLine: commandLineOf(flags),
  moduleKeys: (flags.moduleKey ?? []).map(readModuleKey),
  ...(flags.hostname === undefined ? {} : { hostname: flags.hostname }),
});

/** The process that the flags ask for, its streams aside. */
export const spawnOptions = (flags: RunFlags, tty: boolean): SpawnOptions => ({
  env: {
    ...environment(flags, tty),
    ...Object.fromEntries((flags.unset ?? []).map((name) => [name, undefined])),
  },
  cwd: flags.workdir ?? "/",
  limits: limitsOf(flags),
  privileges: privilegesOf(flags),
  ...networkOf(flags),
  ...(flags.untrusted ? { untrusted: true } : {}),
  ...(flags.user === undefined ? {} : { user: flags.user }),
});

/** One life of the machine, from its boot to its command's end or its own; whether and when it asks to start anew. */
async function runOnce(
  image: string,
  command: readonly string[],
  flags: RunFlags,
  { mounts, streams, watch }: Surroundings,
): Promise<{ code: number; restartAfter?: number | undefined }> {
  const machine = await boot({
    ...bootOptions(image, flags),
    mounts,
    progress: progressOnStderr(),
    onCrash: (report) => {
      if (report.kind === "oops" && !flags.reportOops) return;
      const path = keepCrash(report, flags.crashReport);
      process.stderr.write(`airside: a report of this crash is in ${path} (airside crash explains it)\n`);
    },
  });
  machine.kernel.log.onConsole = (record) =>
    process.stderr.write(`[${(record.time / 1e9).toFixed(6)}] ${printable(record.text)}\n`);
  const served = flags.name === undefined ? undefined : await serve(machine, flags.name, image, [...command]);
  try {
    const ended = watch?.(machine);
    const child = await machine.spawn(
      command.length > 0 ? command : [machine.fs.exists("/bin/bash") ? "/bin/bash" : "/bin/sh"],
      { ...spawnOptions(flags, streams.tty !== undefined), ...streams },
    );
    if (served) served.main = child;
    const forward = (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const).map((name, index) => {
      const listener = (): void => child.kill([2, 15, 1, 3][index]!);
      process.on(name, listener);
      return () => process.off(name, listener);
    });
    // What runs inside may wait for nothing that Node knows of: it must not end meanwhile.
    const alive = setInterval(() => undefined, 1 << 30);
    const { code } = await child.exited;
    clearInterval(alive);
    for (const stop of forward) stop();
    const end = machine.kernel.ended ? endOf(machine.kernel.ended) : { code };
    ended?.(end.code);
    if (flags.reportMissing) reportMissing(machine.kernel.missing);
    return end;
  } finally {
    served?.close();
    await machine.shutdown();
  }
}

function limitsOf(flags: RunFlags): Limits {
  const rates = (texts: readonly string[] | undefined): DeviceRates =>
    Object.fromEntries((texts ?? []).map(parseDeviceRate));
  return {
    ulimits: Object.fromEntries((flags.ulimit ?? []).map(parseUlimitOption)),
    readBps: rates(flags.deviceReadBps),
    writeBps: rates(flags.deviceWriteBps),
    readIops: rates(flags.deviceReadIops),
    writeIops: rates(flags.deviceWriteIops),
    ...(flags.cpus === undefined ? {} : { cpus: Number(flags.cpus) }),
    ...(flags.cpuShares === undefined ? {} : { cpuShares: Number(flags.cpuShares) }),
    ...(flags.cpusetCpus === undefined ? {} : { cpuset: flags.cpusetCpus }),
    ...(flags.pidsLimit === undefined ? {} : { pids: Number(flags.pidsLimit) }),
    ...(flags.memoryReservation === undefined ? {} : { memoryReservation: flags.memoryReservation }),
    ...(flags.oomScoreAdj === undefined ? {} : { oomScoreAdj: Number(flags.oomScoreAdj) }),
    ...(flags.blkioWeight === undefined ? {} : { blkioWeight: Number(flags.blkioWeight) }),
  };
}

/** Docker's --security-opt: no-new-privileges, seccomp=FILE, seccomp=unconfined. */
function privilegesOf({ capAdd = [], capDrop = [], securityOpt = [] }: RunFlags): Privileges {
  const privileges: Privileges = { capAdd, capDrop };
  for (const option of securityOpt) {
    const [name, value] = option.split(/[=:](.*)/s, 2) as [string, string?];
    if (name === "no-new-privileges" && (value === undefined || value === "true" || value === "false")) {
      privileges.noNewPrivileges = value !== "false";
    } else if (name === "seccomp" && value) {
      if (value === "unconfined") delete privileges.seccomp;
      else privileges.seccomp = profileFrom(value);
    } else throw new RangeError(`not a security option: ${option} (there are no-new-privileges and seccomp=FILE)`);
  }
  return privileges;
}

function profileFrom(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new RangeError(`can't read the seccomp profile ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function networkOf({ network }: RunFlags): Pick<SpawnOptions, "network"> {
  if (network === undefined) return {};
  if (network === "none") return { network };
  throw new RangeError(`no such network: ${network} (there is none, and the machine's own without this option)`);
}

/** Halted or switched off is an end in good order; a kernel that can't go on is a failure of our own. */
const endOf = ({ how, restartAfter }: Ended): { code: number; restartAfter: number | undefined } => ({
  code: how === "panic" ? OWN_ERROR : 0,
  restartAfter,
});

function commandLineOf(flags: RunFlags): string {
  const words = flags.panic === undefined ? [] : [`panic=${flags.panic}`];
  return [...words, ...(flags.cmdline ?? [])].join(" ");
}

function reportMissing(missing: ReadonlyMap<number, number>): void {
  if (missing.size === 0) process.stderr.write("airside: no system call was missing\n");
  for (const [number, count] of [...missing].sort((a, b) => b[1] - a[1])) {
    process.stderr.write(`airside: missing system call ${systemCallName(number)} (${number}): ${count} times\n`);
  }
}

export const runCommand = (): Command =>
  new Command("run")
    .description("run a command in a new machine")
    .argument("<image>", "name of an image, or a folder (with a slash) as the root")
    .argument("[command...]", "the command and its arguments; the image's shell if none")
    .passThroughOptions()
    .option("-i, --interactive", "keep standard input open")
    .option("-t, --tty", "give the command this terminal")
    .option("-v, --volume <host:guest[:ro]>", "show a folder of this machine inside", collect, [])
    .option("-w, --workdir <dir>", "working directory inside")
    .option("-e, --env <name[=value]>", "set an environment variable", collect, [])
    .option("-u, --user <name|uid[:group|gid]>", "run as this user")
    .option("-h, --hostname <name>", "the machine's name")
    .option("-m, --memory <amount>", "memory at most, like 512m or 1g", "2g")
    .option("--memory-swap <amount>", "memory and swap together at most; -1 for as much swap as there may be")
    .option("--memory-reservation <amount>", "memory that others' needs do not take away from the command")
    .option("--oom-score-adj <number>", "killed sooner (to 1000) or later than others when memory is out; -1000: never")
    .option("--oom-kill-disable", "discarded, as docker does with it where there is cgroup v2")
    .option("--ulimit <name=soft[:hard]>", "a resource limit, like nofile=64:128", collect, [])
    .option("--cpus <number>", "how much of the processor, like 0.5")
    .option("-c, --cpu-shares <number>", "its share of the processor among others; 1024 is everybody's")
    .option("--cpuset-cpus <list>", "processors to run on")
    .option("--pids-limit <number>", "processes and threads at a time")
    .option("--blkio-weight <number>", "its share of input and output among others, 10 to 1000")
    .option(
      "--device-read-bps <path:rate>",
      "bytes a second read from the path's filesystem, like /data:1mb",
      collect,
      [],
    )
    .option("--device-write-bps <path:rate>", "bytes a second written to it", collect, [])
    .option("--device-read-iops <path:rate>", "reads a second", collect, [])
    .option("--device-write-iops <path:rate>", "writes a second", collect, [])
    .option("--untrusted", "for code that is not trusted: no privileges, no network, limits (SECURITY.md)")
    .option("--cap-add <name>", "give the command a capability that --cap-drop takes away", collect, [])
    .option("--cap-drop <name>", "take a capability away, or ALL", collect, [])
    .option("--security-opt <option>", "no-new-privileges, seccomp=FILE with docker's JSON profile", collect, [])
    .option("--network <none>", "none: a network of its own without a way out")
    .option("--read-only", "the root filesystem can't be written")
    .option("--rm", "accepted for docker's sake: a machine leaves nothing behind")
    .option("--name <name>", "make it known under a name: airside ps, exec, kill, strace -p")
    .option("--panic <seconds>", "start anew after a panic; negative: at once")
    .option("--cmdline <words>", "words for the kernel's command line", collect, [])
    .option("--module-key <file>", "whose kernel modules may be loaded: a public key", collect, [])
    .option("--crash-report <file>", "where a panic's report goes, instead of a file in the cache")
    .option("--report-oops", "an exception that the kernel survives leaves a report too")
    .option("--report-missing", "list system calls that were asked for and are missing")
    .helpOption("--help", "show this help")
    .action((image: string, command: string[], flags: RunFlags) => run(image, command, flags));
