// Lays a tar archive's entries into a tree: what dpkg does with a package's files, and what importing an archive is.
import { TYPE_BLOCK, TYPE_CHAR, TYPE_FIFO } from "../kernel/fs/imagefs/layout.ts";
import type { ContentWriter } from "./content.ts";
import { ImageError } from "./error.ts";
import { readTar, type TarEntry } from "./tar/read.ts";
import { type ImageTree, makeDevice } from "./tree.ts";

// A file of holes alone costs an archive nothing and a disk everything.
const MAX_FILE = 2 ** 35;

/** `seen` is told each path that was laid, in the archive's order. */
export const addTar = (
  tree: ImageTree,
  contents: ContentWriter,
  source: AsyncIterable<Uint8Array>,
  seen: (entry: TarEntry) => void = () => undefined,
): Promise<void> =>
  readTar(source, (entry) => {
    seen(entry);
    if (entry.type === "file") {
      if (entry.size > MAX_FILE)
        throw new ImageError("hostile", `it holds a file of ${entry.size} bytes: ${entry.path}`);
      const content = contents.begin(entry.size);
      return { body: content, done: () => void tree.file(entry.path, entry, content.finish()) };
    }
    addSpecial(tree, entry);
    return undefined;
  });

const addSpecial = (tree: ImageTree, entry: TarEntry): void => {
  const device = makeDevice(entry.deviceMajor, entry.deviceMinor);
  switch (entry.type) {
    case "directory":
      tree.directory(entry.path, entry);
      return;
    case "symlink":
      tree.symlink(entry.path, entry.linkPath, entry);
      return;
    case "hardlink":
      tree.hardLink(entry.path, entry.linkPath);
      return;
    case "char":
      tree.special(entry.path, TYPE_CHAR, entry, device);
      return;
    case "block":
      tree.special(entry.path, TYPE_BLOCK, entry, device);
      return;
    default:
      tree.special(entry.path, TYPE_FIFO, entry, 0);
  }
};
