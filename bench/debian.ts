// Debian's programs on the host: the amd64 packages of the suite that the image is made of, unpacked into a folder of
// the user's cache and run through their own loader; and the image's riscv64 files as a plain folder for qemu.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readSync, realpathSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type AptArchive, openArchive } from "../src/hosts/node/images/apt.ts";
import { ImageCache } from "../src/hosts/node/images/cache.ts";
import { progressOn } from "../src/hosts/node/images/progress.ts";
import { ImageError } from "../src/images/error.ts";
import { Absent } from "./workload.ts";

export const IMAGE = "debian-test";

const PACKAGES =
  "bash coreutils findutils grep sed gawk tar gzip xz-utils zstd openssl python3 perl lua5.4 sqlite3 git fzf ripgrep " +
  "cpp-14-riscv64-linux-gnu";

const cache = new ImageCache();

/** Downloads and unpacks the amd64 packages where that has not been done; or says why it can't be. */
export async function unpackNative(): Promise<string | Absent> {
  if (process.arch !== "x64") return new Absent(`this machine is ${process.arch}, not amd64`);
  const progress = progressOn(process.stderr);
  let archive: AptArchive;
  try {
    archive = await openArchive(cache, progress, { architecture: "amd64" });
  } catch (error) {
    if (error instanceof ImageError) return new Absent(error.message);
    throw error;
  }
  try {
    const files = await archive.fetch(PACKAGES.split(" "), progress);
    const key = createHash("sha256").update(files.map((file) => basename(file)).join("\n"));
    const folder = join(cache.directory("bench"), `amd64-${key.digest("hex").slice(0, 16)}`);
    if (existsSync(folder)) return folder;
    const making = `${folder}.new`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making);
    // The links that base-files makes: /bin is /usr/bin and so on.
    for (const file of [...files].sort((a, b) => Number(isBase(b)) - Number(isBase(a)))) {
      execFileSync("dpkg-deb", ["-x", file, making]);
    }
    renameSync(making, folder);
    return folder;
  } finally {
    archive.close();
    progress.end("");
  }
}

const isBase = (file: string): boolean => basename(file).startsWith("base-files_");

/** The image's files as a plain folder. */
export function extractImage(cli: string): string {
  const id = cache.reference(IMAGE)?.id;
  if (id === undefined) throw new Error(`no image ${IMAGE}: airside image build ${IMAGE}`);
  const folder = join(cache.directory("bench"), `riscv64-${id.slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.new`;
  rmSync(making, { recursive: true, force: true });
  execFileSync(process.execPath, [cli, "image", "extract", IMAGE, making], { stdio: "ignore" });
  renameSync(making, folder);
  return folder;
}

const inside = (root: string, program: string): string =>
  join(root, program.startsWith("/") ? program : `usr/bin/${program}`);

/** Whether a program needs a loader: it has a PT_INTERP header. */
function hasInterpreter(path: string): boolean {
  const head = Buffer.alloc(4096);
  const fd = openSync(path, "r");
  readSync(fd, head, 0, head.length, 0);
  closeSync(fd);
  const at = Number(head.readBigUInt64LE(32));
  const count = head.readUInt16LE(56);
  for (let i = 0; i < count; i++) if (head.readUInt32LE(at + i * 56) === 3) return true;
  return false;
}

export function nativeCommand(root: string, argv: readonly string[]): string[] {
  const path = realpathSync(inside(root, argv[0]!));
  const rest = argv.slice(1);
  if (!hasInterpreter(path)) return [path, ...rest];
  const libraries = ["usr/lib/x86_64-linux-gnu", "usr/lib"].map((folder) => join(root, folder)).join(":");
  return [join(root, "usr/lib64/ld-linux-x86-64.so.2"), "--library-path", libraries, path, ...rest];
}

/** What interpreters need to find their libraries when their prefix is not /usr. */
export const nativeEnvironment = (root: string): Record<string, string> => ({
  PYTHONHOME: join(root, "usr"),
  PERL5LIB: ["usr/lib/x86_64-linux-gnu/perl-base", "usr/lib/x86_64-linux-gnu/perl/5.40", "usr/share/perl/5.40"]
    .map((folder) => join(root, folder))
    .join(":"),
});

export const qemuCommand = (qemu: string, root: string, argv: readonly string[]): string[] => [
  qemu,
  "-L",
  root,
  "-0",
  argv[0]!,
  realpathSync(inside(root, argv[0]!)),
  ...argv.slice(1),
];
