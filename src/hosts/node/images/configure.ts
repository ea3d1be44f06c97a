// The second stage of building an image: boots a machine on it, writable in memory, runs the packages' scripts inside,
// and writes what has become of the root filesystem as the image. How a machine is booted is the caller's (it is made of
// everything else); what is run is src/images/debian/second-stage.ts.
import { captureTree } from "../../../images/capture.ts";
import type { DebianAbout, ScriptFailure } from "../../../images/debian/database.ts";
import {
  countSetUp,
  ENVIRONMENT,
  lastSetUp,
  type RunInside,
  scriptFailures,
  secondStageScript,
} from "../../../images/debian/second-stage.ts";
import { ImageError } from "../../../images/error.ts";
import type { Inode } from "../../../kernel/vfs/inode.ts";
import type { ImageCache } from "./cache.ts";
import { type OpenImage, openImage } from "./open.ts";
import type { Progress } from "./progress.ts";
import { createImage } from "./write.ts";

/** A machine whose root is an image under a writable layer in memory. */
export interface ConfiguringMachine {
  readonly run: RunInside;
  /** The root filesystem's own root inode, both layers together. */
  readonly root: Inode;
  shutdown(): Promise<void> | void;
}

export type BootForConfiguring = (image: OpenImage) => Promise<ConfiguringMachine>;

export interface Configured {
  readonly id: string;
  readonly failures: readonly ScriptFailure[];
  /** All that the scripts printed. */
  readonly output: string;
}

// Directories whose contents are the running machine's, not the image's.
const TRANSIENT: ReadonlySet<string> = new Set(["/tmp", "/proc", "/sys"]);

export const configureImage = async (
  cache: ImageCache,
  name: string,
  boot: BootForConfiguring,
  progress: Progress,
): Promise<Configured> => {
  const image = openImage(cache, name);
  try {
    const about = JSON.parse(image.index.about()) as DebianAbout;
    if (about.kind !== "debian")
      throw new ImageError("usage", `${name} was not made from packages: it has no scripts to run`);
    if (about.configured) return { id: image.id, failures: about.failures ?? [], output: "" };
    progress.phase(`running the scripts of ${about.packages.length} packages inside`);
    const machine = await boot(image);
    try {
      let output = "";
      const onOutput = (text: string) => {
        output += text;
        progress.step(countSetUp(output), about.packages.length, lastSetUp(text));
      };
      const command = ["/bin/sh", "-c", secondStageScript(about.provisional)];
      const { code } = await machine.run(command, { environment: ENVIRONMENT, onOutput });
      const failures = scriptFailures(output);
      if (code !== 0 && failures.length === 0)
        failures.push({ package: "dpkg", reason: lastLine(output) || `exit status ${code}` });
      for (const failure of failures) progress.note(`the scripts of ${failure.package} failed: ${failure.reason}`);
      progress.phase("writing the image");
      const id = await createImage(cache, name, (tree, contents) => {
        captureTree(machine.root, tree, contents, TRANSIENT);
        return Promise.resolve({ ...about, configured: true, provisional: [], failures });
      });
      return { id, failures, output };
    } finally {
      await machine.shutdown();
    }
  } finally {
    image.close();
  }
};

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
