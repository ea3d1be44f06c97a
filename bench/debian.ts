// Debian's programs on the host: the amd64 packages of the suite that the image is made of, unpacked into a folder of
// the user's cache and run through their own loader; and the image's riscv64 files as a plain folder for qemu.
import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ImageCache } from "../src/hosts/node/images/cache.ts";
import { LIST, unpack } from "./packages.ts";
import type { Absent } from "./workload.ts";

export const IMAGE = "debian-test";

const PACKAGES =
  "bash coreutils findutils grep sed gawk tar gzip xz-utils zstd openssl python3 perl lua5.4 sqlite3 git fzf ripgrep " +
  "cpp-14-riscv64-linux-gnu";

const cache = new ImageCache();

/** The amd64 packages, or why they can't be had. */
export const unpackNative = (): Promise<string | Absent> => unpack({ label: "amd64", packages: PACKAGES.split(" ") });

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

/** Without what Debian adds when it builds the same again for one processor. */
const plain = (version: string): string => version.replace(/(\+b|cross)\d+$/, "");

/** What the image's packages are, and which of them are not the same natively. */
export function versions(native: string | undefined, image: string): { all: string; differing: string[] } {
  const status = readFileSync(join(image, "var/lib/dpkg/status"), "utf8");
  const inImage = new Map(
    [...status.matchAll(/^Package: (\S+)\n(?:.+\n)*?Version: (\S+)$/gm)].map((match) => [match[1]!, plain(match[2]!)]),
  );
  const files = native === undefined ? "" : readFileSync(join(native, LIST), "utf8");
  const onHost = new Map(
    [...files.matchAll(/^([^_]+)_([^_]+)_\w+\.deb$/gm)].map((match) => [
      match[1]!,
      plain(decodeURIComponent(match[2]!)),
    ]),
  );
  const names = PACKAGES.split(" ").filter((name) => inImage.has(name));
  const differing = names
    .filter((name) => onHost.has(name) && onHost.get(name) !== inImage.get(name))
    .map((name) => `${name} is ${inImage.get(name)} in the image, ${onHost.get(name)} natively`);
  return { all: names.map((name) => `${name} ${inImage.get(name)}`).join(", "), differing };
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
