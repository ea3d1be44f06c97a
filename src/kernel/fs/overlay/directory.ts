// Directories of an overlay: one name is looked for from the top layer down, a listing merges them all.
import type { Errno } from "../../../abi/errno.ts";
import { type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import type { OverlayInode } from "./inode.ts";

/** What a directory has under `name`, mark and all: undefined when the name is absent or hidden. */
export function lookupIn(directory: OverlayInode, name: string): OverlayInode | Errno | undefined {
  const { overlay, upper } = directory;
  const { marks } = overlay;
  if (marks.reserved(name)) return undefined;
  let found: OverlayInode | undefined;
  const above = upper?.lookup(name);
  if (typeof above === "number") return above;
  if (upper && marks.hides(upper, name, above)) return undefined;
  if (above) {
    found = overlay.known(above);
    if (!found) {
      const merges = above.isDirectory && directory.lower.length > 0 && !marks.isOpaque(above);
      const below = merges ? lookupBelow(directory, name) : [];
      if (typeof below === "number") return below;
      found = overlay.inode(above, below[0]?.isDirectory ? below : []);
    }
  } else {
    const below = lookupBelow(directory, name);
    if (typeof below === "number") return below;
    if (below.length === 0) return undefined;
    found = overlay.inode(undefined, below);
  }
  found.named(directory, name);
  return found;
}

/** What the layers below have under a name: one file, or the directories that merge. Empty: nothing. */
function lookupBelow(directory: OverlayInode, name: string): readonly Inode[] | Errno {
  const { marks } = directory.overlay;
  let all: Inode[] | undefined;
  for (const layer of directory.lower) {
    const found = layer.lookup(name);
    if (typeof found === "number") return found;
    if (marks.hides(layer, name, found)) break;
    if (!found) continue;
    if (!found.isDirectory) return all ?? [found];
    (all ??= []).push(found);
    if (marks.isOpaque(found)) break;
  }
  return all ?? [];
}

/** Would the name show through from below if the upper layer had nothing to say about it? */
export function lowerHas(directory: OverlayInode, name: string): boolean {
  const below = lookupBelow(directory, name);
  return typeof below !== "number" && below.length > 0;
}

/** All entries, the upper layer's first; each name once. */
export function mergedEntries(directory: OverlayInode): readonly DirectoryEntry[] | Errno {
  const { overlay, upper } = directory;
  const { marks } = overlay;
  const merged = new Map<string, DirectoryEntry>();
  const hidden = new Set<string>();
  if (upper) {
    const entries = upper.entries();
    if (typeof entries === "number") return entries;
    for (const entry of entries) {
      const name = marks.hiddenName(upper, entry);
      if (name !== undefined) hidden.add(name);
      else if (!marks.isMark(upper, entry))
        merged.set(entry.name, { ...entry, ino: upperNumber(directory, upper, entry) });
    }
  }
  for (const layer of directory.lower) {
    const entries = layer.entries();
    if (typeof entries === "number") return entries;
    const below = new Set<string>();
    for (const entry of entries) {
      if (merged.has(entry.name) || hidden.has(entry.name)) continue;
      const name = marks.hiddenName(layer, entry);
      if (name !== undefined) below.add(name);
      else if (!marks.isMark(layer, entry))
        merged.set(entry.name, { ...entry, ino: lowerNumber(directory, layer, entry) });
    }
    for (const name of below) hidden.add(name);
  }
  return [...merged.values()];
}

/** d_ino of an entry of the upper layer: that of what it was copied up from, if it was. */
function upperNumber(directory: OverlayInode, upper: Inode, entry: DirectoryEntry): number {
  const real = upper.lookup(entry.name);
  if (!(real instanceof Inode)) return entry.ino;
  const known = directory.overlay.known(real);
  if (known) return known.ino;
  if (directory.lower.length === 0 || !real.isDirectory) return directory.overlay.number(real);
  const merged = lookupIn(directory, entry.name);
  return merged instanceof Inode ? merged.ino : directory.overlay.number(real);
}

function lowerNumber(directory: OverlayInode, layer: Inode, entry: DirectoryEntry): number {
  return directory.overlay.number(layer) - layer.ino + entry.ino;
}
