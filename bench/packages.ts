// Debian's packages, unpacked into the user's cache. What is there already is taken as it is; AIRSIDE_BENCH_UPDATE=1
// asks the mirror again.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { openArchive, RELEASE } from "../src/hosts/node/images/apt.ts";
import { ImageCache } from "../src/hosts/node/images/cache.ts";
import { progressOnStderr } from "../src/hosts/node/images/progress.ts";
import { ImageError } from "../src/images/error.ts";
import { Absent } from "./workload.ts";

export interface Wanted {
  /** Leads the folder's name. */
  readonly label: string;
  readonly packages: readonly string[];
  readonly release?: string;
  readonly architecture?: string;
  /** The only file or folder to unpack, from the package that has it. */
  readonly only?: string;
}

/** In the folder: the names of the package files that were unpacked. */
export const LIST = "packages.txt";

/** The folder, or why it can't be had. */
export async function unpack({
  label,
  packages,
  release = RELEASE,
  architecture = "amd64",
  only,
}: Wanted): Promise<string | Absent> {
  if (process.arch !== "x64") return new Absent(`this machine is ${process.arch}, not amd64`);
  const cache = new ImageCache();
  const key = createHash("sha256").update([release, architecture, only, ...packages].join("\n"));
  const folder = join(cache.directory("bench"), `${label}-${key.digest("hex").slice(0, 16)}`);
  if (existsSync(join(folder, LIST)) && process.env.AIRSIDE_BENCH_UPDATE === undefined) return folder;
  const progress = progressOnStderr();
  try {
    const archive = await openArchive(cache, progress, { architecture, release });
    const files = await archive.fetch(packages, progress).finally(() => archive.close());
    const making = `${folder}.new`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making);
    for (const file of inOrder(files)) {
      if (only === undefined) execFileSync("dpkg-deb", ["-x", file, making]);
      else {
        const script = 'dpkg-deb --fsys-tarfile "$0" | tar -xC "$1" "./$2" 2>/dev/null || true';
        execFileSync("sh", ["-c", script, file, making, only]);
      }
    }
    if (only !== undefined && !existsSync(join(making, only))) return new Absent(`no package has ${only}`);
    writeFileSync(join(making, LIST), `${files.map((file) => basename(file)).join("\n")}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
    return folder;
  } catch (error) {
    if (error instanceof ImageError) return new Absent(error.message);
    throw error;
  } finally {
    progress.end("");
  }
}

/** The links that base-files makes come first: /bin is /usr/bin and so on. */
const inOrder = (files: readonly string[]): string[] => files.toSorted((a, b) => Number(isBase(b)) - Number(isBase(a)));
const isBase = (file: string): boolean => basename(file).startsWith("base-files_");
