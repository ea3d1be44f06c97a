// What `airside run IMAGE` begins with: the image from the cache; a built-in one is built first if it isn't there.
import { ImageError } from "../../../images/error.ts";
import { buildImage } from "./build.ts";
import { BUILT_IN } from "./built-in.ts";
import { ImageCache } from "./cache.ts";
import { type OpenImage, openImage } from "./open.ts";
import type { Progress } from "./progress.ts";

/** Errors: ImageError, its message one line for the person and its exitCode the process's. */
export const openOrBuildImage = async (
  name: string,
  progress: Progress,
  cache: ImageCache = new ImageCache(),
): Promise<OpenImage> => {
  if (!cache.reference(name)) {
    const description = BUILT_IN[name];
    if (!description)
      throw new ImageError("not-found", `no such image: ${name} (\`airside image ls\` lists those there are)`);
    progress.note(`the image ${name} is not there yet: building it from Debian packages`);
    const started = Date.now();
    await buildImage(cache, name, description, progress);
    progress.end(`built ${name} in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  return openImage(cache, name);
};
