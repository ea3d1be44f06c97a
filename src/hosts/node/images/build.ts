// Builds an image from Debian packages: fetch (apt.ts), unpack, make usable (base.ts), write. Running the packages' own
// scripts inside the machine is a second stage, configure.ts.
import { basename } from "node:path";
import { completeRoot, prepareRoot } from "../../../images/debian/base.ts";
import { linkApplets } from "../../../images/debian/busybox.ts";
import { type DebianAbout, packageLine, writeDatabase } from "../../../images/debian/database.ts";
import { type DebSource, type UnpackedPackage, unpackPackage } from "../../../images/debian/package.ts";
import { type AptArchive, ARCHITECTURE, openArchive } from "./apt.ts";
import type { ImageCache } from "./cache.ts";
import { type Configured, configureImage } from "./configure.ts";
import { bootForConfiguring } from "./machine.ts";
import type { Progress } from "./progress.ts";
import { outputOf } from "./run-process.ts";
import { createImage, hashMaker } from "./write.ts";

// What every Debian system has, less apt: it can be asked for by name.
export const MINIMAL = ["?essential?not(?exact-name(apt))"];

export interface BuildOptions {
  readonly packages: readonly string[];
  /** Without the essential packages; busybox, if it is there, stands in for them. */
  readonly bare?: boolean;
  /** Files of our own, by path, that are there before the packages' scripts run. */
  readonly files?: Readonly<Record<string, string>>;
  /** Leave out the second stage: the packages' scripts have not run then. */
  readonly unconfigured?: boolean | undefined;
  readonly mirror?: string | undefined;
  readonly suite?: string | undefined;
}

const debSource = (path: string): DebSource => {
  const file = basename(path);
  return {
    file,
    control: () => outputOf("dpkg-deb", ["--ctrl-tarfile", path], file),
    data: () => outputOf("dpkg-deb", ["--fsys-tarfile", path], file),
  };
};

/** Both stages. After the first the image is in the cache and usable; the second replaces it, noting scripts that failed. */
export const buildImage = async (
  cache: ImageCache,
  name: string,
  options: BuildOptions,
  progress: Progress,
): Promise<Configured> => {
  const id = await unpackImage(cache, name, options, progress);
  if (options.unconfigured || options.bare) return { id, failures: [], output: "" };
  return configureImage(cache, name, bootForConfiguring, progress);
};

const unpackImage = async (
  cache: ImageCache,
  name: string,
  options: BuildOptions,
  progress: Progress,
): Promise<string> => {
  const archive = await openArchive(cache, progress, options);
  try {
    const wanted = options.bare ? options.packages : [...MINIMAL, ...options.packages];
    const files = await archive.fetch(wanted, progress);
    return await createImage(cache, name, async (tree, contents) => {
      prepareRoot(tree);
      progress.phase(`unpacking ${files.length} packages`);
      const unpacked: UnpackedPackage[] = [];
      for (const file of files) {
        unpacked.push(await unpackPackage(tree, contents, debSource(file), hashMaker("md5")));
        progress.step(unpacked.length, files.length);
      }
      writeDatabase(tree, contents, unpacked, ARCHITECTURE);
      if (options.bare) linkApplets(tree, contents);
      for (const [path, text] of Object.entries(options.files ?? {}))
        tree.file(path, { uid: 0, gid: 0, mtimeSec: 0, mode: 0o644 }, contents.putText(text));
      const provisional = completeRoot(tree, contents);
      progress.phase("writing the image");
      return about(archive, options, unpacked, provisional);
    });
  } finally {
    archive.close();
  }
};

const about = (
  archive: AptArchive,
  options: BuildOptions,
  unpacked: readonly UnpackedPackage[],
  provisional: readonly string[],
): DebianAbout => ({
  kind: "debian",
  architecture: ARCHITECTURE,
  mirror: archive.mirror,
  suite: archive.suite,
  debian: archive.version,
  released: archive.date,
  requested: options.packages,
  configured: false,
  provisional,
  packages: unpacked.map(packageLine).sort((a, b) => (a.name < b.name ? -1 : 1)),
});
