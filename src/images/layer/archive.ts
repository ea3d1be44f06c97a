// A machine's writable layer as a tar archive, and back: a layer as container images have them, where an empty file
// .wh.NAME stands for a name that is gone from below, and .wh..wh..opq for a directory that hides all that is below.
// OCI image-spec layer.md
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "../../abi/flags.ts";
import { deviceMarks } from "../../kernel/fs/overlay/marks.ts";
import { Inode } from "../../kernel/vfs/inode.ts";
import { fromText, toText } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { ImageError } from "../error.ts";
import { readTar, type TarEntry } from "../tar/read.ts";
import { padding, tarEnd, tarEntry } from "../tar/write.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
const types: ReadonlyMap<number, string> = new Map([
  [S_IFREG, "0"],
  [S_IFLNK, "2"],
  [S_IFCHR, "3"],
  [S_IFBLK, "4"],
  [S_IFDIR, "5"],
  [S_IFIFO, "6"],
]);

/** The archive, in pieces. Sockets are left out, as tar does. */
export function layerArchive(root: Inode): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const paths = new Map<Inode, string>();
  const mark = (path: string): void => {
    const entry = { path, type: "0", mode: 0o600, uid: 0, gid: 0, mtime: 0n, size: 0 };
    pieces.push(...tarEntry(entry));
  };
  const visit = (directory: Inode, prefix: string): void => {
    if (deviceMarks.isOpaque(directory)) mark(`${prefix}${OPAQUE}`);
    const entries = directory.entries();
    for (const entry of typeof entries === "number" ? [] : entries) {
      const inode = directory.lookup(entry.name);
      if (!(inode instanceof Inode)) continue;
      const path = prefix + entry.name;
      if (deviceMarks.isMark(directory, entry)) {
        mark(`${prefix}${WHITEOUT}${entry.name}`);
        continue;
      }
      const type = types.get(inode.mode & S_IFMT);
      if (type === undefined) continue;
      const twin = paths.get(inode);
      const { mode, uid, gid, mtime } = inode;
      const common = { mode, uid, gid, mtime };
      if (twin !== undefined) {
        pieces.push(...tarEntry({ ...common, path, type: "1", size: 0, link: twin }));
        continue;
      }
      paths.set(inode, path);
      const size = type === "0" ? inode.size : 0;
      const target = inode.isSymlink ? inode.readlink() : "";
      pieces.push(
        ...tarEntry({
          ...common,
          path: type === "5" ? `${path}/` : path,
          type,
          size,
          ...(typeof target === "string" && target !== "" ? { link: target } : {}),
          major: (inode.rdev >>> 8) & 0xfff,
          minor: (inode.rdev & 0xff) | ((inode.rdev >>> 12) & ~0xff),
          xattrs: xattrsOf(inode),
        }),
      );
      if (size > 0) pieces.push(contentsOf(inode), padding(size));
      if (type === "5") visit(inode, `${path}/`);
    }
  };
  visit(root, "");
  pieces.push(tarEnd());
  return pieces;
}

function xattrsOf(inode: Inode): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const names = inode.listxattr();
  for (const name of typeof names === "number" ? [] : names) {
    const value = inode.getxattr(name);
    if (typeof value !== "number" && !name.startsWith("trusted.overlay.")) found.set(toText(name), value);
  }
  return found;
}

function contentsOf(inode: Inode): Uint8Array {
  const bytes = new Uint8Array(inode.size);
  const pages = inode.pages!;
  for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
    const frame = pages.peek(at / PAGE_SIZE);
    if (frame !== undefined)
      bytes.set(pages.ram.u8.subarray(frame, frame + Math.min(PAGE_SIZE, bytes.length - at)), at);
  }
  return bytes;
}

/** An archive's entry with its contents. */
export interface LayerEntry {
  readonly entry: TarEntry;
  readonly bytes: Uint8Array;
}

/** Reads an archive whole. Rejects with an ImageError for what is none. */
export async function readLayerArchive(source: AsyncIterable<Uint8Array>): Promise<LayerEntry[]> {
  const found: LayerEntry[] = [];
  await readTar(source, (entry) => {
    const bytes = new Uint8Array(entry.type === "file" ? entry.size : 0);
    let at = 0;
    const body = {
      write(part: Uint8Array) {
        bytes.set(part, at);
        at += part.length;
      },
      zerosTo(position: number) {
        at = position;
      },
    };
    return { body, done: () => void found.push({ entry, bytes }) };
  });
  return found;
}

/** Lays an archive's entries into a directory of a tmpfs. Throws an ImageError for names that lead nowhere good. */
export function applyLayer(root: Inode, entries: readonly LayerEntry[]): void {
  for (const { entry, bytes } of entries) {
    const names = namesOf(entry.path);
    const name = names.pop();
    if (name === undefined) {
      dress(root, entry);
      continue;
    }
    const directory = directoryAt(root, names);
    if (name === OPAQUE) check(deviceMarks.setOpaque(directory), entry);
    else if (name.startsWith(WHITEOUT)) {
      const hidden = name.slice(WHITEOUT.length);
      clear(directory, hidden);
      check(deviceMarks.hide(directory, hidden), entry);
    } else lay(root, directory, name, entry, bytes);
  }
  // What came later changed the times of the directories that it came into.
  for (const { entry } of entries) {
    if (entry.type === "directory") directoryAt(root, namesOf(entry.path)).mtime = timeOf(entry);
  }
}

const timeOf = ({ mtimeSec, mtimeNsec }: TarEntry): bigint => BigInt(mtimeSec) * 1_000_000_000n + BigInt(mtimeNsec);

function lay(root: Inode, directory: Inode, name: string, entry: TarEntry, bytes: Uint8Array): void {
  const found = directory.lookup(name);
  if (entry.type === "directory" && found instanceof Inode && found.isDirectory) {
    dress(found, entry);
    return;
  }
  clear(directory, name);
  if (entry.type === "hardlink") {
    const to = namesOf(entry.linkPath);
    const last = to.pop() ?? "";
    const twin = directoryAt(root, to).lookup(last);
    if (!(twin instanceof Inode) || twin.isDirectory)
      throw new ImageError("damaged", `a link to nothing: ${entry.path}`);
    check(directory.link(name, twin), entry);
    return;
  }
  const creation = { mode: modeOf(entry), uid: entry.uid, gid: entry.gid, rdev: deviceOf(entry) };
  const made =
    entry.type === "directory"
      ? directory.mkdir(name, creation)
      : entry.type === "symlink"
        ? directory.symlink(name, fromText(entry.linkPath), creation)
        : directory.create(name, creation);
  if (!(made instanceof Inode)) throw new ImageError("no-space", `no room for ${entry.path}`);
  if (made.pages) {
    const { ram } = made.pages;
    for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
      const frame = made.pages.get(at / PAGE_SIZE);
      if (typeof frame !== "number" || frame < 0) throw new ImageError("no-space", `no room for ${entry.path}`);
      ram.u8.set(bytes.subarray(at, at + PAGE_SIZE), frame);
    }
    made.size = bytes.length;
  }
  dress(made, entry);
}

const kinds = { file: S_IFREG, symlink: S_IFLNK, char: S_IFCHR, block: S_IFBLK, directory: S_IFDIR, fifo: S_IFIFO };
const modeOf = (entry: TarEntry): number =>
  (entry.type === "hardlink" ? S_IFREG : kinds[entry.type]) | (entry.mode & 0o7777);
const deviceOf = ({ deviceMajor: major, deviceMinor: minor }: TarEntry): number =>
  (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);

function dress(inode: Inode, entry: TarEntry): void {
  inode.mode = (inode.mode & S_IFMT) | (entry.mode & 0o7777);
  inode.uid = entry.uid;
  inode.gid = entry.gid;
  for (const [name, value] of entry.xattrs ?? []) inode.setxattr(fromText(name), value, 0);
  inode.mtime = timeOf(entry);
}

/** Removes what has the name, with all that is below. */
function clear(directory: Inode, name: string): void {
  const found = directory.lookup(name);
  if (!(found instanceof Inode)) return;
  if (!found.isDirectory) {
    directory.unlink(name, found);
    return;
  }
  const entries = found.entries();
  for (const each of typeof entries === "number" ? [] : [...entries]) clear(found, each.name);
  directory.rmdir(name, found);
}

/** The directory of these names, made where it is missing. */
function directoryAt(root: Inode, names: readonly string[]): Inode {
  let directory = root;
  for (const name of names) {
    let next = directory.lookup(name);
    if (!(next instanceof Inode)) next = directory.mkdir(name, { mode: S_IFDIR | 0o755, uid: 0, gid: 0 });
    if (!(next instanceof Inode) || !next.isDirectory)
      throw new ImageError("damaged", `not a directory: ${toText(name)}`);
    directory = next;
  }
  return directory;
}

function namesOf(path: string): string[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new ImageError("hostile", `the archive leads outside: ${path}`);
  return names.map(fromText);
}

function check(result: number, entry: TarEntry): void {
  if (result < 0) throw new ImageError("no-space", `no room for ${entry.path}`);
}
