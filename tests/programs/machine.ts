// What the tests of real programs share: a machine on the debian-test image, and the same image's programs under
// qemu-user as the judge of their output.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { ImageCache } from "../../src/hosts/node/images/cache.ts";
import { type BootOptions, boot, type Machine } from "../../src/index.ts";

const root = join(import.meta.dirname, "../..");

/** A machine that is shut down after the file's tests. */
export async function testMachine(options: BootOptions = {}): Promise<Machine> {
  const machine = await boot({ image: "debian-test", memory: "2g", ...options });
  after(() => machine.shutdown());
  return machine;
}

/** Runs a shell script; its output, or an error that shows what it wrote. */
export async function sh(machine: Machine, script: string): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(["bash", "-c", script], {
    cwd: "/root",
    env: { LC_ALL: "C.UTF-8" },
  });
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

let folder: string | undefined;

/** The image as a plain folder, for qemu-user. */
export function sysroot(): string {
  if (folder) return folder;
  const { id } = new ImageCache().reference("debian-test")!;
  folder = join(tmpdir(), `airside-sysroot-${id.slice(0, 16)}`);
  if (!existsSync(join(folder, "usr/bin/python3"))) {
    execFileSync(process.execPath, [join(root, "apps/cli/main.ts"), "image", "extract", "debian-test", folder], {
      stdio: "ignore",
    });
  }
  return folder;
}

/** What a program of the image prints under qemu-user. */
export function underQemu(argv: readonly string[], input = ""): string {
  const place = sysroot();
  const [program = "", ...rest] = argv;
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", QEMU_LD_PREFIX: place, HOME: "/root" };
  return execFileSync("qemu-riscv64-static", [join(place, program), ...rest], {
    input,
    env,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
}
