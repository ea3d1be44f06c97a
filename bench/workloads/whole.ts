// What a user waits for: starts, scripts, trees of files. Idle and busy processes: many.ts.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sequence } from "../inputs.ts";
import { coldCache, debianCommand, debianRoots, debianScript, has, root, scratch } from "../sides.ts";
import { environment, wholeProcess } from "../timed.ts";
import { Absent, type Outcome, type Side, type Workload } from "../workload.ts";
import { many } from "./many.ts";

/** tree/: folders of small files, the same bytes each time. */
function makeTree(name: string, files: number): void {
  const folder = join(scratch, name);
  if (existsSync(folder)) return;
  const random = sequence(5);
  for (let i = 0; i < files; i++) {
    const below = join(folder, `d${i % 40}`, `e${i % 7}`);
    if (i < 280) mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `file-${i}.txt`), `${i} `.repeat(20 + random(400)));
  }
}

const SHM = "/dev/shm/airside-bench-untar";
const NOTHING_BOOTS = new Absent("nothing boots there");

export function whole(quick: boolean): Workload[] {
  const part = quick ? 4 : 1;
  const row = (name: string, about: string, run: Workload["run"], prepare?: () => void): Workload => ({
    name,
    group: "whole",
    unit: "ms",
    about,
    run,
    ...(prepare && { prepare }),
  });
  const one = (made: Workload): Workload => ({ ...made, oneQemu: true });
  const python = (side: Side, env?: Record<string, string>) =>
    wholeProcess(debianCommand(side, ["python3", "-c", "pass"]), env && { env });
  const loops = 1000 / part;
  const archived = 10_000 / part;
  const tracked = 5000 / part;
  return [
    row("prompt, cold", "from `airside run -it debian` to the prompt; nothing kept but the image", (side) =>
      side.kind === "airside" ? prompt(coldCache()) : NOTHING_BOOTS,
    ),
    row("prompt, warm", "likewise, after a first time", (side, turn) =>
      side.kind === "airside" ? afterFirst(turn, () => prompt(environment())) : NOTHING_BOOTS,
    ),
    one(
      row("/bin/true", "start and end of a program that does nothing", (side) =>
        wholeProcess(debianCommand(side, ["true"])),
      ),
    ),
    row("python3 -c pass, cold", "start and end of the interpreter; nothing kept but the image", (side) =>
      python(side, side.kind === "airside" ? coldCache() : undefined),
    ),
    row("python3 -c pass, warm", "likewise, after a first time", (side, turn) => afterFirst(turn, () => python(side))),
    one(
      row("bash loop of /bin/true", `${loops.toLocaleString("en")} times`, (side) =>
        wholeProcess(
          debianScript(side, (start) => `for i in {1..${loops}}; do ${start("/bin/true")} || exit 1; done; echo done`),
        ),
      ),
    ),
    one(
      row("find /usr | wc -l", "every file of the image", (side) => {
        const top = side.kind === "airside" ? "/usr" : join(debianRoots().qemu, "usr");
        return wholeProcess(debianScript(side, (start) => `${start("find", top)} | ${start("wc", "-l")}`));
      }),
    ),
    one(
      row(
        "tar x",
        `${archived.toLocaleString("en")} small files into tmpfs`,
        (side) => {
          rmSync(SHM, { recursive: true, force: true });
          const sample = wholeProcess(debianCommand(side, ["tar", "-xvf", "tree.tar", `--one-top-level=${SHM}`]));
          rmSync(SHM, { recursive: true, force: true });
          return sample;
        },
        () => {
          makeTree("archived", archived);
          execFileSync("tar", ["-C", scratch, "--sort=name", "-cf", join(scratch, "tree.tar"), "archived"]);
        },
      ),
    ),
    one(
      row(
        "git status",
        `a repository of ${tracked.toLocaleString("en")} files on the host's disk`,
        (side) =>
          wholeProcess(
            debianCommand(side, [
              "git",
              ..."--no-optional-locks -c safe.directory=* -c core.checkStat=minimal -c core.trustctime=false".split(
                " ",
              ),
              ..."-C tracked status --porcelain".split(" "),
            ]),
          ),
        () => {
          makeTree("tracked", tracked);
          makeRepository(join(scratch, "tracked"));
        },
      ),
    ),
    ...many(quick),
  ];
}

/** The first time of all is not measured. */
async function afterFirst(turn: number, run: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  if (turn === 0) await run();
  return run();
}

/** A terminal from script(1), whose other end is a pipe; until the prompt comes. */
async function prompt(env: Record<string, string>): Promise<Outcome> {
  if (!has("script")) return new Absent("no script(1)");
  const command = `'${process.execPath}' '${join(root, "dist/cli.js")}' run -it debian`;
  const start = performance.now();
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...environment(), ...env },
  });
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
