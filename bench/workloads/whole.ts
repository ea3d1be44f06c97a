// What a user waits for and what a machine takes: starts, scripts, trees of files, memory.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sequence } from "../inputs.ts";
import { compile, debianCommand, debianRoots, has, root, scratch, wholeProcess } from "../sides.ts";
import { Absent, type Sample, type Side, type Workload } from "../workload.ts";
import { ownTime } from "./crossings.ts";

/** tree/: folders of small files, the same bytes each time. */
function makeTree(files: number): void {
  const random = sequence(5);
  for (let i = 0; i < files; i++) {
    const folder = join(scratch, "tree", `d${i % 40}`, `e${i % 7}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}.txt`), `${i} `.repeat(20 + random(400)));
  }
}

const SHM = "/dev/shm/airside-bench-untar";

export function whole(quick: boolean): Workload[] {
  const part = quick ? 4 : 1;
  const files = 4000 / part;
  const sleepers = quick ? 200 : 1000;
  const group = "whole";
  let measured: Measured | undefined;
  const airsideMemory = (): Measured => (measured ??= measureMachine(sleepers));
  return [
    {
      name: "prompt",
      group,
      unit: "ms",
      about: "from the start of `airside run -it debian` to the shell's prompt",
      run: (side) => (side === "airside" ? prompt() : new Absent("nothing boots")),
    },
    {
      name: "/bin/true",
      group,
      unit: "ms",
      about: "start and end of a program that does nothing",
      run: (side) => wholeProcess(debianCommand(side, ["/bin/true"])),
    },
    {
      name: "python3 -c pass",
      group,
      unit: "ms",
      about: "start and end of the interpreter",
      run: (side) => wholeProcess(debianCommand(side, ["python3", "-c", "pass"])),
    },
    {
      name: "bash, /bin/true",
      group,
      unit: "ms",
      about: `a loop that starts it ${1000 / part} times`,
      run: (side) => {
        if (side === "qemu") return new Absent("would start the host's own");
        return wholeProcess(
          debianCommand(side, ["bash", "-c", `for i in {1..${1000 / part}}; do /bin/true || exit 1; done; echo done`]),
        );
      },
    },
    {
      name: "find /usr",
      group,
      unit: "ms",
      about: "every file of the image",
      run: (side) => {
        const top = side === "airside" ? "/usr" : join(debianRoots().qemu, "usr");
        return wholeProcess(debianCommand(side, ["find", top, "-printf", "%P %y\n"]), {
          normalise: (output) => output.split("\n").sort().join("\n"),
        });
      },
    },
    {
      name: "tar x",
      group,
      unit: "ms",
      about: `${files} small files into tmpfs`,
      prepare: () => {
        makeTree(files);
        execFileSync("tar", ["-C", scratch, "--sort=name", "-cf", join(scratch, "tree.tar"), "tree"]);
      },
      run: (side) => {
        rmSync(SHM, { recursive: true, force: true });
        const sample = wholeProcess(debianCommand(side, ["tar", "-xvf", "tree.tar", `--one-top-level=${SHM}`]));
        rmSync(SHM, { recursive: true, force: true });
        return sample;
      },
    },
    {
      name: "git status",
      group,
      unit: "ms",
      about: `a repository of ${files} files on the host's disk`,
      prepare: () => {
        makeTree(files);
        makeRepository(join(scratch, "tree"));
      },
      run: (side) =>
        wholeProcess(
          debianCommand(side, [
            "git",
            ..."--no-optional-locks -c safe.directory=* -c core.checkStat=minimal -c core.trustctime=false".split(" "),
            ..."-C tree status --porcelain".split(" "),
          ]),
        ),
    },
    {
      name: "idle machine",
      group,
      unit: "KiB",
      about: "memory of the host with a shell that waits",
      run: (side) => (side === "airside" ? { value: airsideMemory().idle, output: "" } : new Absent("nothing boots")),
    },
    {
      name: "idle process",
      group,
      unit: "KiB",
      about: `memory of the host that each of ${sleepers} \`sleep\` takes`,
      run: async (side) => {
        if (side !== "airside") return sleeperMemory(side, Math.min(sleepers, 200));
        const { each } = airsideMemory();
        measured = undefined;
        return { value: each, output: "" };
      },
    },
    {
      name: "100 busy processes",
      group,
      unit: "×",
      about: "the largest share of the processor over the smallest",
      prepare: () => compile(join(root, "bench/crossings/busy.c"), ["-pthread"]),
      run: (side) => ownTime(side, "busy", []),
    },
  ];
}

/** A terminal from script(1), whose other end is a pipe; until the prompt comes. */
async function prompt(): Promise<Sample | Absent> {
  if (!has("script")) return new Absent("no script(1)");
  const command = `'${process.execPath}' '${join(root, "dist/cli.js")}' run -it debian`;
  const start = performance.now();
  const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  let seen = "";
  let value: number | undefined;
  for await (const chunk of child.stdout) {
    seen += String(chunk);
    if (value === undefined && /[#$] $/.test(seen)) {
      value = performance.now() - start;
      child.stdin.end("exit\n");
    }
  }
  return value === undefined ? new Absent(`no prompt: ${JSON.stringify(seen.slice(0, 80))}`) : { value, output: "" };
}

function makeRepository(folder: string): void {
  if (existsSync(join(folder, ".git"))) return;
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], {
      stdio: "ignore",
    });
  git("init");
  git("add", ".");
  git("commit", "-m", "all");
  for (const name of ["d0/e0/file-0.txt", "d1/e1/file-1.txt"]) writeFileSync(join(folder, name), "changed\n");
  writeFileSync(join(folder, "new.txt"), "new\n");
}

interface Measured {
  idle: number;
  each: number;
}
function measureMachine(count: number): Measured {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", join(root, "bench/memory.ts"), String(count)],
    {
      encoding: "utf8",
      timeout: 120_000,
    },
  );
  const line = stdout.trim();
  if (!line.startsWith("{")) throw new Error(`bench/memory.ts: ${stderr || line}`);
  return JSON.parse(line) as Measured;
}

/** The mean of the processes' proportional set sizes. */
async function sleeperMemory(side: Side, count: number): Promise<Sample | Absent> {
  const command = debianCommand(side, ["sleep", "1000"]);
  if (command instanceof Absent) return command;
  const children = Array.from({ length: count }, () => spawn(command[0]!, command.slice(1), { stdio: "ignore" }));
  await pause(1500);
  let sum = 0;
  for (const { pid } of children) {
    sum += Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
  }
  for (const child of children) child.kill("SIGKILL");
  return { value: sum / count, output: "" };
}
