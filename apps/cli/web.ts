// `airside web [DIR]` serves the page to this machine's browser; `airside web build OUT` writes it as static files.
import { cpSync, existsSync, mkdirSync, realpathSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { ImageCache } from "../../src/hosts/node/images/cache.ts";
import { openOrBuildImage } from "../../src/hosts/node/images/ensure.ts";
import { progressOnStderr } from "../../src/hosts/node/images/progress.ts";
import { ImageError } from "../../src/images/error.ts";
import { exportImage, ImageFiles } from "../web/export.ts";
import { serveWeb } from "../web/serve.ts";
import { collect } from "./run.ts";

/** Where the page's own files are: beside the command line's bundle, or, run from source, in dist. */
function pageFolder(): string {
  const here = dirname(realpathSync(process.argv[1] ?? "."));
  for (const folder of [join(here, "web"), join(here, "../../dist/web")]) {
    if (existsSync(join(folder, "index.html"))) return folder;
  }
  throw new ImageError("not-found", "the page has not been built: node scripts/build.ts --web");
}

const reporting =
  <Args extends unknown[]>(action: (...args: Args) => Promise<void>) =>
  async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      const known = error instanceof ImageError || (error as NodeJS.ErrnoException).code !== undefined;
      if (!known) throw error;
      process.stderr.write(`airside: ${(error as Error).message}\n`);
      process.exitCode = error instanceof ImageError ? error.exitCode : 1;
    }
  };

async function build(out: string, flags: { image: string[] }): Promise<void> {
  const page = pageFolder();
  const cache = new ImageCache();
  mkdirSync(out, { recursive: true });
  cpSync(page, out, { recursive: true });
  for (const name of flags.image.length > 0 ? flags.image : ["debian"]) {
    (await openOrBuildImage(name, progressOnStderr(), cache)).close();
    const image = new ImageFiles(cache, name);
    const size = await exportImage(image, out);
    image.close();
    process.stdout.write(`${name}: ${image.chunkCount} chunks, ${(size / 1e6).toFixed(1)} MB\n`);
  }
  process.stdout.write(`${out} can be served by any static web server\n`);
}

async function serve(
  folder: string | undefined,
  flags: { port: string; host: string; isolated?: boolean },
): Promise<void> {
  const server = await serveWeb({
    folder: folder ?? pageFolder(),
    port: Number(flags.port),
    host: flags.host,
    isolated: flags.isolated ?? false,
  });
  const { address, port } = server.address() as AddressInfo;
  process.stdout.write(`http://${address === "127.0.0.1" ? "localhost" : address}:${port}/\n`);
}

export const webCommand = (): Command => {
  const command = new Command("web")
    .description("the same machine in a browser")
    .argument("[dir]", "a folder of static files to serve; Airside's own page if none")
    .option("-p, --port <number>", "the port to listen on", "8080")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--isolated", "send the headers of cross-origin isolation: a finer clock")
    .action(reporting(serve));
  command
    .command("build")
    .description("write the page and images as files for any static web server")
    .argument("<out>", "the folder to write")
    .option("-i, --image <name>", "an image to export (again for more); debian if none", collect, [])
    .action(reporting(build));
  return command;
};
