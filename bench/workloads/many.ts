// Many processes: a thousand that sleep (what they take of the host: time to start, memory, time while idle) and a
// hundred that are busy (how fair their shares are, how often they take turns).
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { IMAGE } from "../debian.ts";
import { compile, debianScript, ownCommand, root, scratch } from "../sides.ts";
import { environment, timed } from "../timed.ts";
import { Absent, type Outcome, type Side, together, type Workload } from "../workload.ts";

/** What bench/memory.ts prints. */
export interface Idle {
  /** KiB of the host before the first sleeper. Undefined where no machine boots. */
  readonly idle?: number;
  /** KiB a sleeper. */
  readonly each: number;
  /** Milliseconds that starting 1,000 took. */
  readonly start: number;
  /** Milliseconds of processor time a second while all sleep. */
  readonly busy: number;
}

const sleepers = (count: number, sleep: string): string =>
  `read line; for i in {1..${count}}; do ${sleep} & done; echo ready; wait`;

export function many(quick: boolean): Workload[] {
  const count = quick ? 200 : 1000;
  const idle = together((side) => (side.kind === "airside" ? measureMachine(count) : measureHost(side, count)));
  const turns = together(busy);
  const field = async <T>(from: Promise<T | Absent>, pick: (value: T) => number | undefined): Promise<Outcome> => {
    const all = await from;
    if (all instanceof Absent) return all;
    const value = pick(all);
    return value === undefined ? new Absent("nothing boots there") : { value, output: "" };
  };
  const base = { group: "whole", oneQemu: true } as const;
  const prepare = () => compile("crossings/busy", ["-pthread"]);
  return [
    {
      ...base,
      name: "idle machine",
      unit: "KiB",
      about: "memory of the host with a shell that waits",
      run: (side, turn) => field(idle(side, turn), (all) => all.idle),
    },
    {
      ...base,
      name: "idle process",
      unit: "KiB",
      about: `memory of the host that each of ${count.toLocaleString("en")} \`sleep\` takes (200 under qemu)`,
      run: (side, turn) => field(idle(side, turn), (all) => all.each),
    },
    {
      ...base,
      name: "1,000 idle: start",
      unit: "ms",
      about: "bash starts `sleep` 1,000 times",
      run: (side, turn) => field(idle(side, turn), (all) => all.start),
    },
    {
      ...base,
      name: "1,000 idle: processor",
      unit: "ms/s",
      about: "the host's processor time while they sleep",
      run: (side, turn) => field(idle(side, turn), (all) => all.busy),
    },
    {
      ...base,
      name: "100 busy: fairness",
      unit: "×",
      about: "the largest share of one processor over the smallest, after 2 s",
      prepare,
      run: (side, turn) => field(turns(side, turn), (all) => all.fairness),
    },
    {
      ...base,
      name: "100 busy: switches",
      unit: "/s",
      about: "turns that were taken from them",
      prepare,
      run: (side, turn) => field(turns(side, turn), (all) => all.switches),
    },
  ];
}

function measureMachine(count: number): Idle | Absent {
  const program = join(scratch, "memory.mjs");
  writeFileSync(program, stripTypeScriptTypes(readFileSync(join(root, "bench/memory.ts"), "utf8")));
  const bundle = pathToFileURL(join(root, "dist/index.js")).href;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", program, String(count), sleepers(count, "sleep 1000"), bundle, IMAGE],
    { encoding: "utf8", timeout: 120_000, env: environment() },
  );
  const line = stdout.trim();
  return line.startsWith("{") ? (JSON.parse(line) as Idle) : new Absent(`bench/memory.ts: ${stderr.slice(0, 80)}`);
}

/** The same script on the host; memory is the mean of the processes' proportional set sizes. */
async function measureHost(side: Side, most: number): Promise<Idle | Absent> {
  const count = side.kind === "qemu" ? Math.min(most, 200) : most;
  const command = debianScript(side, (start) => sleepers(count, start("sleep", "1000")));
  if (command instanceof Absent) return command;
  // A process group of its own, so that all of it can be ended.
  const shell = spawn(command[0]!, command.slice(1), {
    stdio: ["pipe", "pipe", "inherit"],
    env: environment(),
    detached: true,
  });
  await pause(500);
  const started = performance.now();
  shell.stdin.write("go\n");
  for await (const _ of shell.stdout) break;
  const start = ((performance.now() - started) / count) * 1000;
  await pause(1000);
  const pids = readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, "utf8").trim().split(" ");
  const before = processorTime(pids);
  await pause(2000);
  const busy = (processorTime(pids) - before) / 2;
  let memory = 0;
  for (const pid of pids) {
    memory += Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
  }
  process.kill(-shell.pid!, "SIGKILL");
  if (pids.length < count) return new Absent(`only ${pids.length} of ${count} started`);
  return { each: memory / count, start, busy };
}

/** Milliseconds. utime and stime are fields 14 and 15, in hundredths of a second. proc_pid_stat(5) */
function processorTime(pids: readonly string[]): number {
  let sum = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    sum += Number(fields[11]) + Number(fields[12]);
  }
  return sum * 10;
}

function busy(side: Side): { fairness: number; switches: number } | Absent {
  const command = ownCommand(side, "crossings/busy", []);
  if (command instanceof Absent) return command;
  const { failed, errors } = timed(command, { timeout: 30_000 });
  const found = /^shares ([\d.]+) switches ([\d.]+)$/m.exec(errors);
  if (failed !== undefined || !found) return new Absent(failed ?? errors.slice(0, 80));
  return { fairness: Number(found[1]), switches: Number(found[2]) };
}
