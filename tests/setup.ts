// What the tests need of the machine beyond npm's packages: compilers for guest programs, qemu-user as the oracle, and
// the images. Installed where we may, named where we may not.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const node = process.execPath;

/** Debian packages, and the file by which each is known to be there. */
const packages: Readonly<Record<string, string>> = {
  "qemu-user-static": "/usr/bin/qemu-riscv64-static",
  "gcc-riscv64-linux-gnu": "/usr/bin/riscv64-linux-gnu-gcc",
  "libc6-dev-riscv64-cross": "/usr/riscv64-linux-gnu/lib/libc.a",
  gcc: "/usr/bin/gcc",
  "libc6-dev": "/usr/include/stdio.h",
  "xz-utils": "/usr/bin/xz",
  valgrind: "/usr/bin/callgrind_annotate",
};

/** What the tests in a browser need besides. */
export const browserPackages: Readonly<Record<string, string>> = {
  chromium: "/usr/bin/chromium",
  "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
};

export function installPackages(more: Readonly<Record<string, string>> = {}): void {
  const missing = Object.entries({ ...packages, ...more })
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(`the tests need these packages: apt-get install ${missing.join(" ")}`);
  }
  process.stderr.write(`installing ${missing.join(" ")}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args: string[]) =>
    execFileSync("apt-get", ["-qq", ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...missing);
}

/** Builds what of the images is not in the cache yet. */
export function buildImages(names: readonly string[]): void {
  const cli = join(root, "apps/cli/main.ts");
  const have = execFileSync(node, [cli, "image", "ls"], { encoding: "utf8" });
  for (const name of names) {
    if (new RegExp(`^${name}\\s`, "m").test(have)) continue;
    const built = spawnSync(node, [cli, "image", "build", name], { stdio: ["ignore", "ignore", "inherit"] });
    if (built.status !== 0) throw new Error(`the image ${name} could not be built`);
  }
}

export function buildGuestPrograms(): void {
  const built = spawnSync(node, [join(root, "tests/guest/build.ts")], { stdio: ["ignore", "ignore", "inherit"] });
  if (built.status !== 0) throw new Error("the guest programs could not be compiled");
}
