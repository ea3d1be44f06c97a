// v86, a PC in WebAssembly (npm v86), as a peer for the C kernels: it boots the newest kernel that Debian has for i386
// (bookworm's; its own machine can't run 64-bit code), and its time for a program is that from the command on the
// machine's serial line to the end of the output there: the machine has booted before.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ImageCache } from "../../src/hosts/node/images/cache.ts";
import { V86 } from "../measure.ts";
import { unpack } from "../packages.ts";
import { root, scratch } from "../sides.ts";
import { Absent, type Outcome, type Side } from "../workload.ts";
import { cpio, DIRECTORY, type Entry, PROGRAM } from "./archive.ts";

const VERSION = "0.5.462";
const LIBGCC = "usr/lib/gcc/x86_64-linux-gnu/14/32/libgcc.a";
const INIT = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs none /dev
/bin/busybox stty -F /dev/ttyS0 -echo -onlcr
exec </dev/ttyS0 >/dev/ttyS0 2>/dev/null
echo READY
while read line; do eval "$line"; echo "END $?"; done
`;

export const v86Side: Side = { kind: "v86", name: V86, program: "", version: `v86 ${VERSION}` };

let parts: { folder: string; libgcc: string } | undefined;

/** Fetches what the machine is made of; or says what can't be had. */
export async function prepareV86(): Promise<Absent | undefined> {
  const npm = unpackNpm();
  if (npm instanceof Absent) return npm;
  const kernel = await unpack({ label: "linux-i386", packages: ["linux-image-686"], ...I386, only: "boot" });
  if (kernel instanceof Absent) return kernel;
  const busybox = await unpack({ label: "busybox-i386", packages: ["busybox-static"], ...I386, only: "bin/busybox" });
  if (busybox instanceof Absent) return busybox;
  const bios = await unpack({ label: "seabios", packages: ["seabios"] });
  if (bios instanceof Absent) return bios;
  const libgcc = await unpack({ label: "libgcc-i386", packages: ["lib32gcc-14-dev"], only: LIBGCC });
  if (libgcc instanceof Absent) return libgcc;
  const folder = join(scratch, "v86");
  mkdirSync(folder, { recursive: true });
  for (const name of ["libv86.mjs", "v86.wasm"]) copyFileSync(join(npm, "package/build", name), join(folder, name));
  for (const name of ["bios.bin", "vgabios-stdvga.bin"])
    copyFileSync(join(bios, "usr/share/seabios", name), join(folder, name));
  const image = readdirSync(join(kernel, "boot")).find((name) => name.startsWith("vmlinuz"));
  if (image === undefined) return new Absent("the package has no kernel");
  copyFileSync(join(kernel, "boot", image), join(folder, "vmlinuz"));
  copyFileSync(join(busybox, "bin/busybox"), join(folder, "busybox"));
  parts = { folder, libgcc: join(libgcc, LIBGCC) };
  return undefined;
}
const I386 = { architecture: "i386", release: "bookworm" } as const;

function unpackNpm(): string | Absent {
  const folder = join(new ImageCache().directory("bench"), `v86-${VERSION}`);
  if (existsSync(join(folder, "package"))) return folder;
  mkdirSync(folder, { recursive: true });
  const { status, stdout, error } = spawnSync("npm", ["pack", "--silent", `v86@${VERSION}`], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) return new Absent(error?.message ?? `npm has no v86 ${VERSION} to give`);
  execFileSync("tar", ["-xzf", stdout.trim()], { cwd: folder });
  rmSync(join(folder, stdout.trim()));
  return folder;
}

/** Compiles a program for the machine, 32 bits of the same source; all must be there before it starts. */
export function compileForV86(source: string, name: string, flags: readonly string[]): void {
  if (!parts) return;
  const to = join(parts.folder, "programs");
  mkdirSync(to, { recursive: true });
  // SSE2, so that double precision is what it is elsewhere.
  const own = ["-m32", "-msse2", "-mfpmath=sse", "-no-pie", "-O2", "-static"];
  execFileSync("gcc", [...own, ...flags, source, parts.libgcc, "-o", join(to, name)], { stdio: "inherit" });
}

interface Answer {
  readonly ms: number;
  readonly output: string;
  readonly status: number;
}
type Machine = (command: string) => Promise<Answer>;
let booted: Promise<Machine> | undefined;

export async function runOnV86(name: string, args: readonly string[]): Promise<Outcome> {
  if (!parts) return new Absent("not made ready");
  booted ??= boot(parts.folder);
  const run = await booted;
  const { ms, output, status } = await run([`/programs/${name}`, ...args].join(" "));
  return status === 0 ? { value: ms, output } : new Absent(`exit code ${status}`);
}

async function boot(folder: string): Promise<Machine> {
  const programs = readdirSync(join(folder, "programs"));
  const file = (path: string, bytes: Uint8Array): Entry => ({ path, mode: PROGRAM, bytes });
  const entries: Entry[] = [
    ...["bin", "dev", "programs"].map((path) => ({ path, mode: DIRECTORY, bytes: Buffer.alloc(0) })),
    file("init", Buffer.from(INIT)),
    file("bin/busybox", readFileSync(join(folder, "busybox"))),
    ...programs.map((name) => file(`programs/${name}`, readFileSync(join(folder, "programs", name)))),
  ];
  writeFileSync(join(folder, "initrd"), cpio(entries));
  const child = spawn(process.execPath, [join(root, "bench/v86/machine.ts"), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  closeV86 = () => void child.kill("SIGKILL");
  process.on("exit", closeV86);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  // While others run it takes nothing of the processor.
  child.kill("SIGSTOP");
  return async (command) => {
    child.kill("SIGCONT");
    child.stdin.write(`${command}\n`);
    const { value } = await lines.next();
    child.kill("SIGSTOP");
    return JSON.parse(value as string) as Answer;
  };
}

/** Ends the machine, if one has booted. */
export let closeV86 = (): void => undefined;
