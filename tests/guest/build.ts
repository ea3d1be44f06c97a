// Compiles the programs under tests/guest, each for this machine and for the guest,
// into tests/guest/bin/{host,riscv64}/FAMILY/NAME. Only what is older than its source is made again.
// A program's first lines may hold `// build: FLAGS`; "dynamic" and "pie" replace the default "-static".
//
//   node tests/guest/build.ts [FAMILY[/NAME]]…
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { guestFolder } from "./outcome.ts";

const run = promisify(execFile);
export const targets = ["host", "riscv64"] as const;
export type Target = (typeof targets)[number];

/** A program of the suite: `name` is "family/name", `text` its source. */
export type Program = { name: string; family: string; source: string; text: string; flags: string[] };

/** The programs in `families` under tests/guest, in order of name. */
export function programs(): Program[] {
  const found: Program[] = [];
  for (const family of readdirSync(guestFolder, { withFileTypes: true })) {
    if (!family.isDirectory() || family.name === "bin") continue;
    for (const file of readdirSync(join(guestFolder, family.name))) {
      if (!file.endsWith(".c")) continue;
      const source = join(guestFolder, family.name, file);
      const text = readFileSync(source, "utf8");
      const flags = /^\/\/ build: (.*)$/m.exec(text)?.[1]?.split(/\s+/) ?? [];
      found.push({ name: `${family.name}/${basename(file, ".c")}`, family: family.name, source, text, flags });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a program's binary lies. */
export const binary = (target: Target, name: string) => join(guestFolder, "bin", target, name);

/** `bare` programs speak the guest's system calls themselves: there is none for the host. */
/** Programs that this machine's Linux can't run, as what they test is switched off there: they check what is documented. */
export const checksItself = (program: Program) => program.family === "controllers";
export const isBare = (program: Program) => program.family === "bare";

const compilers: Record<Target, string> = { host: "gcc", riscv64: "riscv64-linux-gnu-gcc" };

const time = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function link(flags: string[]): string[] {
  const rest = flags.filter((flag) => flag !== "dynamic" && flag !== "pie");
  if (flags.includes("pie")) return ["-fPIE", "-pie", ...rest];
  if (flags.includes("dynamic")) return ["-no-pie", ...rest];
  return ["-static", ...rest];
}

async function compile(program: Program, target: Target): Promise<boolean> {
  const output = binary(target, program.name);
  const headers = isBare(program)
    ? [join(guestFolder, "bare/start.h")]
    : ["t.h", "random.h", "namespaces/ns.h"].map((name) => join(guestFolder, name));
  const newest = Math.max(...[program.source, ...headers].map(time));
  if (time(output) > newest) return false;
  mkdirSync(dirname(output), { recursive: true });
  const own = isBare(program) ? ["-nostdlib", "-ffreestanding"] : ["-pthread", "-I", guestFolder];
  const flags = ["-O1", "-g0", "-Wall", "-Wno-unused-result", ...own, ...link(program.flags)];
  await run(compilers[target], [...flags, "-o", output, program.source, "-lm"]).catch((error: { stderr?: string }) => {
    throw new Error(`${program.name} for ${target}: ${error.stderr ?? error}`);
  });
  return true;
}

/** Starts host programs: launch.c. */
export const launcher = join(guestFolder, "bin/launch");

async function buildLauncher(): Promise<void> {
  const source = join(guestFolder, "launch.c");
  if (time(launcher) > time(source)) return;
  mkdirSync(dirname(launcher), { recursive: true });
  await run("gcc", ["-O1", "-Wall", "-Wno-unused-result", "-o", launcher, source]);
}

/** Compiles what `wanted` selects; answers how many binaries were made. */
export async function build(wanted: (program: Program) => boolean = () => true): Promise<number> {
  let made = 0;
  const jobs = programs()
    .filter(wanted)
    .flatMap((program) =>
      targets.filter((target) => target !== "host" || !isBare(program)).map((target) => [program, target] as const),
    );
  // Two at a time: compilers are the slow part of the first run.
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) if (await compile(...job)) made++;
  };
  await Promise.all([worker(), worker(), buildLauncher()]);
  return made;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const chosen = process.argv.slice(2);
  const wanted = (program: Program) =>
    chosen.length === 0 || chosen.some((name) => program.name === name || program.family === name);
  await build(wanted).then(
    (made) => console.log(`${made} compiled`),
    (error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
