// `airside image …`: makes, lists and removes root filesystems in the user's cache.
import * as fs from "node:fs";
import { constants } from "node:os";
import { Command } from "commander";
import { buildImage } from "../../src/hosts/node/images/build.ts";
import { BUILT_IN } from "../../src/hosts/node/images/built-in.ts";
import { ImageCache } from "../../src/hosts/node/images/cache.ts";
import { extractImage } from "../../src/hosts/node/images/extract.ts";
import { importImage } from "../../src/hosts/node/images/import.ts";
import { openImage, verifyData } from "../../src/hosts/node/images/open.ts";
import { progressOnStderr } from "../../src/hosts/node/images/progress.ts";
import { IMAGE_EXIT_CODES, ImageError } from "../../src/images/error.ts";

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const commaList = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

/** A signal while an image is made ends the process in good order: what is half made goes with it (cache.ts). */
const exitOnSignals = (): void => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
};

/** Runs an action; an ImageError becomes its one line and its exit code. */
const reporting =
  <Args extends unknown[]>(action: (...args: Args) => Promise<void> | void) =>
  async (...args: Args): Promise<void> => {
    exitOnSignals();
    try {
      await action(...args);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      process.stderr.write(`airside: ${error.message}\n`);
      process.exitCode = error.exitCode;
    }
  };

const sizeOf = (cache: ImageCache, id: string): number => {
  let size = 0;
  for (const file of ["index", "data"])
    size += fs.statSync(cache.path("store", id, file), { throwIfNoEntry: false })?.size ?? 0;
  return size;
};

interface BuildFlags {
  packages?: string;
  bare?: boolean;
  configure?: boolean;
  mirror?: string;
  suite?: string;
}

const build = async (name: string, flags: BuildFlags): Promise<void> => {
  const builtIn = BUILT_IN[name];
  if (!flags.packages && !builtIn)
    throw new ImageError(
      "usage",
      `${name} is no built-in image: say which packages it is to hold with --packages a,b,c`,
    );
  const cache = new ImageCache();
  const progress = progressOnStderr();
  const started = Date.now();
  const description = flags.packages ? { packages: commaList(flags.packages), bare: flags.bare ?? false } : builtIn!;
  const { id, failures } = await buildImage(
    cache,
    name,
    { ...description, mirror: flags.mirror, suite: flags.suite, unconfigured: flags.configure === false },
    progress,
  );
  progress.end(`built ${name}: ${megabytes(sizeOf(cache, id))} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  process.stdout.write(`${id}\n`);
  if (failures.length > 0) process.exitCode = IMAGE_EXIT_CODES["configure-failed"];
};

const importArchive = async (name: string, file: string): Promise<void> => {
  const cache = new ImageCache();
  const progress = progressOnStderr();
  const id = await importImage(cache, name, file, progress);
  progress.end(`imported ${name}: ${megabytes(sizeOf(cache, id))}`);
  process.stdout.write(`${id}\n`);
};

const list = (): void => {
  const cache = new ImageCache();
  const rows = cache.list().map(({ name, id }) => [name, id.slice(0, 12), megabytes(sizeOf(cache, id))]);
  const table = [["NAME", "ID", "SIZE"], ...rows];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const [name, id, size] of table)
    process.stdout.write(`${name!.padEnd(widths[0]!)}  ${id!.padEnd(widths[1]!)}  ${size}\n`);
};

const inspect = (name: string, flags: { verify?: boolean }): void => {
  const image = openImage(new ImageCache(), name);
  try {
    const { index } = image;
    const bad = flags.verify ? verifyData(image) : undefined;
    if (bad !== undefined)
      throw new ImageError("damaged", `the image ${name} is damaged: chunk ${bad} of its data has changed`);
    const summary = {
      name,
      id: image.id,
      inodes: index.inodeCount,
      names: index.entryCount,
      dataBytes: index.dataSize,
    };
    process.stdout.write(`${JSON.stringify({ ...summary, ...JSON.parse(index.about()) }, undefined, 2)}\n`);
  } finally {
    image.close();
  }
};

const extract = (name: string, folder: string): void => {
  const image = openImage(new ImageCache(), name);
  const progress = progressOnStderr();
  try {
    extractImage(image, folder, progress);
    progress.end(`wrote ${name} to ${folder}`);
  } finally {
    image.close();
  }
};

export const imageCommand = (): Command => {
  const command = new Command("image").description("make, list and remove root filesystems");
  command
    .command("build")
    .argument("<name>", `what to call it; ${Object.keys(BUILT_IN).join(" and ")} need no --packages`)
    .option("--packages <a,b,c>", "Debian packages it is to hold, beside the essential ones")
    .option("--bare", "leave the essential packages out")
    .option("--no-configure", "do not run the packages' scripts")
    .option("--mirror <url>", "Debian mirror (otherwise the one this machine is set up with)")
    .option("--suite <suite>", "the mirror's name for the release")
    .description("make an image from Debian 13 riscv64 packages")
    .action(reporting(build));
  command
    .command("import")
    .argument("<name>")
    .argument("<file>", "a tar archive, plain or compressed with gzip, zstd or xz")
    .description("make an image from an archive of a root filesystem")
    .action(reporting(importArchive));
  command.command("ls").description("list images").action(reporting(list));
  command
    .command("rm")
    .argument("<name...>")
    .description("remove images")
    .action(
      reporting((names: string[]) => {
        for (const name of names) new ImageCache().remove(name);
      }),
    );
  command
    .command("inspect")
    .argument("<name>")
    .option("--verify", "check all of its data against the hashes")
    .description("say what an image holds and where it comes from")
    .action(reporting(inspect));
  command
    .command("extract")
    .argument("<name>")
    .argument("<folder>", "a folder that does not exist yet")
    .description("write an image out as a plain folder")
    .action(reporting(extract));
  return command;
};
