// Imports a tar archive as an image: plain or compressed with gzip, zstd or xz, told by its first bytes, not its name.
import * as fs from "node:fs";
import { basename } from "node:path";
import { addTar } from "../../../images/add-tar.ts";
import { ImageError } from "../../../images/error.ts";
import type { ImageCache } from "./cache.ts";
import { decompressed } from "./decompress.ts";
import type { Progress } from "./progress.ts";
import { createImage } from "./write.ts";

export const importImage = async (
  cache: ImageCache,
  name: string,
  file: string,
  progress: Progress,
): Promise<string> => {
  const size = archiveSize(file);
  return createImage(cache, name, async (tree, contents) => {
    progress.phase(`importing ${basename(file)}`);
    try {
      await addTar(
        tree,
        contents,
        decompressed(file, (read) => progress.step(read, size)),
      );
    } catch (error) {
      if (error instanceof ImageError) throw new ImageError(error.fault, `${file}: ${error.message}`, { cause: error });
      throw error;
    }
    progress.phase("writing the image");
    return { kind: "archive", file: basename(file) };
  });
};

const archiveSize = (file: string): number => {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat) throw new ImageError("not-found", `no such file: ${file}`);
  if (!stat.isFile()) throw new ImageError("usage", `${file} is not a file`);
  return stat.size;
};
