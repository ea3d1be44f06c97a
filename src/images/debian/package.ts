// Unpacks one Debian package into a tree the way dpkg does: its files, its control members under /var/lib/dpkg/info, its
// conffiles and triggers. dpkg(1), deb-control(5), deb-triggers(5). The whole database is written by database.ts.
import { addTar } from "../add-tar.ts";
import type { ContentWriter, Hash } from "../content.ts";
import { ImageError } from "../error.ts";
import { readTar } from "../tar/read.ts";
import type { ImageTree } from "../tree.ts";
import { fieldOf, parseStanzas, type Stanza } from "./deb822.ts";

/** A .deb's two archives, decompressed. */
export interface DebSource {
  readonly file: string;
  control(): AsyncIterable<Uint8Array>;
  data(): AsyncIterable<Uint8Array>;
}

export interface UnpackedPackage {
  readonly name: string;
  readonly version: string;
  /** "name" or, of a Multi-Arch: same package, "name:architecture": how dpkg's database names it. */
  readonly id: string;
  readonly control: Stanza;
  readonly conffiles: readonly { readonly path: string; readonly md5: string }[];
  readonly members: ReadonlyMap<string, Uint8Array>;
}

const MAX_MEMBER = 1 << 24;
const decoder = new TextDecoder();

/** The control archive's members by name, without the "./". */
const readMembers = async (source: DebSource): Promise<Map<string, Uint8Array>> => {
  const members = new Map<string, Uint8Array>();
  await readTar(source.control(), (entry) => {
    if (entry.type !== "file") return undefined;
    if (entry.size > MAX_MEMBER) throw new ImageError("damaged", `${source.file} has a control member of absurd size`);
    const bytes = new Uint8Array(entry.size);
    let at = 0;
    const body = {
      write(piece: Uint8Array) {
        bytes.set(piece, at);
        at += piece.length;
      },
      zerosTo(position: number) {
        at = position;
      },
    };
    return { body, done: () => void members.set(entry.path.replace(/^\.\//, ""), bytes) };
  });
  return members;
};

const SCRIPTS = new Set(["preinst", "postinst", "prerm", "postrm", "config"]);
const INFO = "/var/lib/dpkg/info";

export const unpackPackage = async (
  tree: ImageTree,
  contents: ContentWriter,
  source: DebSource,
  makeMd5: () => Hash,
): Promise<UnpackedPackage> => {
  const members = await readMembers(source);
  const [control] = parseStanzas(decoder.decode(members.get("control") ?? new Uint8Array(0)));
  const name = control && fieldOf(control, "Package");
  const version = control && fieldOf(control, "Version");
  if (!control || !name || !version) throw new ImageError("damaged", `${source.file} is no Debian package`);
  const architecture = fieldOf(control, "Architecture") ?? "";
  const id = fieldOf(control, "Multi-Arch") === "same" ? `${name}:${architecture}` : name;

  const conffiles = decoder
    .decode(members.get("conffiles") ?? new Uint8Array(0))
    .split("\n")
    .filter((line) => line.startsWith("/"));
  const listed: string[] = [];
  const hashes = new Map<string, string>();
  const hashing = new Set(conffiles);
  await addTar(tree, contents, hashConffiles(source.data(), hashing, hashes, makeMd5), (entry) => {
    listed.push(entry.path.replace(/^\.?\//, "/").replace(/\/+$/, "") || "/.");
  });

  const write = (member: string, bytes: Uint8Array, mode: number) =>
    tree.file(`${INFO}/${id}.${member}`, { mode, uid: 0, gid: 0, mtimeSec: 0 }, contents.put(bytes));
  for (const [member, bytes] of members) {
    if (member !== "control") write(member, bytes, SCRIPTS.has(member) ? 0o755 : 0o644);
  }
  write("list", new TextEncoder().encode(listed.map((path) => `${path}\n`).join("")), 0o644);
  const known = conffiles.map((path) => ({ path, md5: hashes.get(path) ?? "newconffile" }));
  return { name, version, id, control, conffiles: known, members };
};

/** Passes the archive on unchanged while a second reader of it takes the conffiles' MD5s, which dpkg's status records. */
async function* hashConffiles(
  data: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<string>,
  hashes: Map<string, string>,
  makeMd5: () => Hash,
): AsyncGenerator<Uint8Array> {
  if (wanted.size === 0) {
    yield* data;
    return;
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of data) pieces.push(piece);
  await readTar(replay(pieces), (entry) => {
    const path = entry.path.replace(/^\.?\//, "/");
    if (entry.type !== "file" || !wanted.has(path)) return undefined;
    const hash = makeMd5();
    const body = { write: (bytes: Uint8Array) => hash.update(bytes), zerosTo: () => undefined };
    return { body, done: () => void hashes.set(path, hash.hex()) };
  });
  yield* pieces;
}

async function* replay(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
