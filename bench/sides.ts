// How a command runs on each side. Programs of the bench's own are built for both processors from one source; Debian's
// come from debian.ts. Running and timing: timed.ts.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ImageCache } from "../src/hosts/node/images/cache.ts";
import {
  extractImage,
  IMAGE,
  nativeCommand,
  nativeEnvironment,
  qemuCommand,
  unpackNative,
  versions,
} from "./debian.ts";
import { Absent, type Side } from "./workload.ts";

export const root = join(import.meta.dirname, "..");

/** Where programs and their input are: the working directory on all sides, inside the machine as /bench. */
export const scratch = mkdtempSync(join(tmpdir(), "airside-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

export const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

const built = new Set<string>();

/** Compiles bench/NAME.c for both processors: `scratch`/native/NAME and `scratch`/riscv64/NAME. */
export function compile(name: string, flags: readonly string[]): void {
  if (built.has(name)) return;
  built.add(name);
  for (const [folder, compiler] of [
    ["native", "gcc"],
    ["riscv64", "riscv64-linux-gnu-gcc"],
  ] as const) {
    if (!has(compiler)) continue;
    const program = join(scratch, folder, name);
    mkdirSync(dirname(program), { recursive: true });
    const source = join(root, "bench", `${name}.c`);
    execFileSync(compiler, ["-O2", "-static", ...flags, source, "-o", program], { stdio: "inherit" });
  }
}

/** The command that runs a program that `compile` made. */
export function ownCommand({ kind, program }: Side, name: string, args: readonly string[]): string[] | Absent {
  const path = kind === "native" ? `native/${name}` : `riscv64/${name}`;
  if (!existsSync(join(scratch, path))) return new Absent("no compiler");
  if (kind === "native") return [join(scratch, path), ...args];
  if (kind === "qemu") return [program, join(scratch, path), ...args];
  return airsideCommand([`/bench/${path}`, ...args]);
}

interface Roots {
  /** Debian's amd64 files; undefined when they can't be had. */
  readonly native: string | undefined;
  readonly qemu: string;
}
let roots: Roots | undefined;

/** Unpacks Debian's programs for the host and for qemu; says what can't be had, what is not the same, and the versions. */
export async function prepareDebian(): Promise<{ missing: string[]; differing: string[]; all: string }> {
  const qemu = extractImage(join(root, "dist/cli.js"));
  const native = await unpackNative();
  if (native instanceof Absent) {
    roots = { native: undefined, qemu };
    const missing = [`native is left out for Debian's programs: ${native.reason}`];
    return { missing, ...versions(undefined, qemu) };
  }
  roots = { native, qemu };
  return { missing: [], ...versions(native, qemu) };
}

export const debianRoots = (): Roots => {
  if (!roots) throw new Error("Debian's programs have not been made ready");
  return roots;
};

/** The command that runs a program of Debian's. */
export function debianCommand(side: Side, argv: readonly string[], input = false): string[] | Absent {
  if (side.kind === "airside") return airsideCommand(argv, input ? ["-i"] : []);
  const { native, qemu } = debianRoots();
  if (side.kind === "qemu") return qemuCommand(side.program, qemu, argv);
  if (native === undefined) return new Absent("no amd64 packages");
  const env = Object.entries(nativeEnvironment(native)).map(([name, value]) => `${name}=${value}`);
  return ["/usr/bin/env", ...env, ...nativeCommand(native, argv)];
}

/** A script of bash's; `start` gives the words that start a program of the same side (qemu follows no exec itself). */
export function debianScript(
  side: Side,
  script: (start: (...argv: string[]) => string) => string,
  bash: readonly string[] = [],
): string[] | Absent {
  const { native, qemu } = debianRoots();
  if (side.kind === "native" && native === undefined) return new Absent("no amd64 packages");
  const start = (...argv: string[]): string => {
    if (side.kind === "airside") return quote(argv);
    return quote(side.kind === "qemu" ? qemuCommand(side.program, qemu, argv) : nativeCommand(native!, argv));
  };
  return debianCommand(side, ["bash", ...bash, "-c", script(start)]);
}

const quote = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w/.:=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");

/** What is kept from one start to the next goes into folders of the bench's own: the user's images are all they have. */
function emptyCache(name: string): void {
  const folder = join(scratch, name, "airside");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const users = new ImageCache();
  for (const kept of ["images", "store"]) symlinkSync(users.path(kept), join(folder, kept));
}
const variables = (name: string): Record<string, string> => ({
  XDG_CACHE_HOME: join(scratch, name),
  NODE_COMPILE_CACHE: join(scratch, name, "node"),
});

/** The bench's rows share what Node.js keeps of Airside; translations are kept from run to run of a row. */
export const warmCache = variables("cache");
export const forgetTranslations = (): void => emptyCache("cache");
forgetTranslations();
export function coldCache(): Record<string, string> {
  rmSync(join(scratch, "cold"), { recursive: true, force: true });
  emptyCache("cold");
  return variables("cold");
}

export const airsideCommand = (argv: readonly string[], flags: readonly string[] = []): string[] => [
  process.execPath,
  join(root, "dist/cli.js"),
  "run",
  "-v",
  `${scratch}:/bench`,
  "-e",
  "LC_ALL=C.UTF-8",
  "-w",
  "/bench",
  ...flags,
  IMAGE,
  ...argv,
];
