// A machine's writable layer, kept: the tree of a tmpfs (an overlay's upper one) goes into a journal, what has changed
// since the last time only, and comes back from it. What is kept is the tree as it stood between two turns of the
// kernel, as after a power cut; file by file it is at least as new as that file's last fsync(2), which commits.
// Times of access are not kept; sockets and FIFOs are names without what was in them.
import { S_IFDIR, S_IFLNK, S_IFMT } from "../../abi/flags.ts";
import { Inode } from "../../kernel/vfs/inode.ts";
import { fromBytes, toBytes } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import type { Journal, Transaction } from "./journal.ts";

/** An inode as the journal has it. Byte strings stay such: one character a byte. */
interface Kept {
  id: number;
  mode: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  /** mtime and ctime, nanoseconds since 1970. */
  times: [string, string];
  flags: number;
  xattrs?: Record<string, string>;
  target?: string;
  /** A directory's names, and the ids behind them. */
  names?: [string, number][];
}

interface Change {
  /** Ids given out so far. The root is 0. */
  next: number;
  inodes: Kept[];
  gone: number[];
  /** Runs of pages: id, first page, how many; their bytes follow one another. */
  pages: [number, number, number][];
  /** Pages that are holes now. */
  holes: [number, number][];
}

interface Known {
  /** What was written last. */
  text: string;
  pages: Map<number, number>;
}

/** A journal is written anew when it is so many times as large as what it stands for. */
const HISTORY = 3;
const SMALL = 4 << 20;

export class Layer {
  private readonly root: Inode;
  private readonly journal: Journal;
  private readonly ids = new WeakMap<Inode, number>();
  private readonly known = new Map<number, Known>();
  private next = 1;
  /** Files whose pages changed without their times telling: through mappings. */
  private readonly written = new Set<Inode>();
  private readonly watched = new WeakSet<Inode>();

  /** `root`: an empty directory of a tmpfs, which becomes what the journal holds. */
  constructor(root: Inode, journal: Journal) {
    this.root = root;
    this.journal = journal;
    this.ids.set(root, 0);
    this.restore();
  }

  /** Writes what has changed; false when nothing has. An error of the journal's passes, and everything that has changed
   *  is tried again the next time. */
  commit(): boolean {
    const { change, bytes, after } = this.changes(this.known);
    if (change.inodes.length + change.gone.length + change.pages.length + change.holes.length === 0) return false;
    let live = 0;
    for (const { pages } of after.values()) live += pages.size * PAGE_SIZE;
    const size = bytes.reduce((sum, page) => sum + page.length, 0);
    if (this.journal.size + size > SMALL && this.journal.size + size > HISTORY * live) {
      const all = this.changes(new Map());
      this.journal.replace(transactionOf(all.change, all.bytes));
    } else this.journal.append(transactionOf(change, bytes));
    for (const id of change.gone) this.known.delete(id);
    for (const [id, each] of after) this.known.set(id, each);
    this.written.clear();
    return true;
  }

  /** How the tree differs from what is known. */
  private changes(known: ReadonlyMap<number, Known>): {
    change: Change;
    bytes: Uint8Array[];
    after: Map<number, Known>;
  } {
    const change: Change = { next: 0, inodes: [], gone: [], pages: [], holes: [] };
    const bytes: Uint8Array[] = [];
    const after = new Map<number, Known>();
    const visit = (inode: Inode): void => {
      const id = this.idOf(inode);
      if (after.has(id)) return;
      const before = known.get(id);
      const kept = this.describe(inode, id);
      const text = JSON.stringify(kept);
      const now: Known = { text, pages: before?.pages ?? new Map() };
      after.set(id, now);
      const changed = before?.text !== text;
      if (changed) change.inodes.push(kept);
      if (inode.pages && (changed || this.written.has(inode) || inode.pages.sharedWritable)) {
        now.pages = pagesOf(inode, id, before?.pages ?? new Map(), change, bytes);
      }
      if (!inode.isDirectory) return;
      for (const child of childrenOf(inode)) visit(child);
    };
    visit(this.root);
    for (const id of known.keys()) if (!after.has(id)) change.gone.push(id);
    change.next = this.next;
    return { change, bytes, after };
  }

  private idOf(inode: Inode): number {
    let id = this.ids.get(inode);
    if (id === undefined) {
      id = this.next++;
      this.ids.set(inode, id);
    }
    if (inode.pages && !this.watched.has(inode)) {
      this.watched.add(inode);
      inode.pages.onDirty = () => this.written.add(inode);
    }
    return id;
  }

  private describe(inode: Inode, id: number): Kept {
    const { mode, uid, gid, rdev, size, flags } = inode;
    const kept: Kept = { id, mode, uid, gid, rdev, size, times: [String(inode.mtime), String(inode.ctime)], flags };
    const listed = inode.listxattr();
    for (const name of typeof listed === "number" ? [] : listed) {
      const value = inode.getxattr(name);
      if (typeof value !== "number") (kept.xattrs ??= {})[name] = fromBytes(value);
    }
    const kind = mode & S_IFMT;
    if (kind === S_IFDIR) {
      const entries = inode.entries();
      kept.names = [];
      for (const { name } of typeof entries === "number" ? [] : entries) {
        const child = inode.lookup(name);
        if (child instanceof Inode) kept.names.push([name, this.idOf(child)]);
      }
    } else if (kind === S_IFLNK) {
      const target = inode.readlink();
      if (typeof target === "string") kept.target = target;
    }
    return kept;
  }

  // restoring

  private restore(): void {
    const inodes = new Map<number, Kept>();
    const pages = new Map<number, Map<number, Uint8Array>>();
    for (const { text, bytes } of this.journal.read()) {
      const change = JSON.parse(text) as Change;
      this.next = Math.max(this.next, change.next);
      for (const kept of change.inodes) inodes.set(kept.id, kept);
      for (const id of change.gone) {
        inodes.delete(id);
        pages.delete(id);
      }
      for (const [id, page] of change.holes) pages.get(id)?.delete(page);
      let at = 0;
      for (const [id, first, count] of change.pages) {
        let of = pages.get(id);
        if (!of) pages.set(id, (of = new Map()));
        for (let page = first; page < first + count; page++, at += PAGE_SIZE) {
          of.set(page, bytes.subarray(at, at + PAGE_SIZE));
        }
      }
    }
    const made = new Map<number, Inode>([[0, this.root]]);
    const root = inodes.get(0);
    if (root) this.fill(this.root, root, inodes, pages, made);
  }

  /** Makes an inode be what was kept of it, and what is below. */
  private fill(
    inode: Inode,
    kept: Kept,
    inodes: ReadonlyMap<number, Kept>,
    pages: ReadonlyMap<number, Map<number, Uint8Array>>,
    made: Map<number, Inode>,
  ): void {
    this.ids.set(inode, kept.id);
    const hashes = new Map<number, number>();
    for (const [name, id] of kept.names ?? []) {
      const twin = made.get(id);
      if (twin) {
        inode.link(name, twin);
        continue;
      }
      const child = inodes.get(id);
      const created = child && make(inode, name, child);
      if (!(created instanceof Inode)) continue;
      made.set(id, created);
      this.fill(created, child!, inodes, pages, made);
    }
    for (const [name, value] of Object.entries(kept.xattrs ?? {})) inode.setxattr(name, toBytes(value), 0);
    if (inode.pages) {
      const { ram } = inode.pages;
      for (const [index, bytes] of pages.get(kept.id) ?? []) {
        const frame = inode.pages.get(index);
        if (typeof frame !== "number" || frame < 0) break;
        ram.u8.set(bytes, frame);
        hashes.set(index, hashOf(ram.u32, frame));
      }
      inode.size = kept.size;
    }
    inode.mode = kept.mode;
    inode.uid = kept.uid;
    inode.gid = kept.gid;
    inode.flags = kept.flags;
    inode.mtime = inode.atime = BigInt(kept.times[0]);
    inode.ctime = BigInt(kept.times[1]);
    this.idOf(inode);
    this.known.set(kept.id, { text: JSON.stringify(kept), pages: hashes });
  }
}

function make(directory: Inode, name: string, kept: Kept): Inode | number {
  const { mode, uid, gid, rdev, target } = kept;
  const creation = { mode, uid, gid, rdev };
  const kind = mode & S_IFMT;
  if (kind === S_IFDIR) return directory.mkdir(name, creation);
  if (kind === S_IFLNK) return directory.symlink(name, target ?? "", creation);
  return directory.create(name, creation);
}

function childrenOf(directory: Inode): Inode[] {
  const entries = directory.entries();
  return (typeof entries === "number" ? [] : entries)
    .map(({ name }) => directory.lookup(name))
    .filter((child) => child instanceof Inode);
}

/** Adds the pages that differ from `before`; the hash of each there is. */
function pagesOf(
  inode: Inode,
  id: number,
  before: ReadonlyMap<number, number>,
  change: Change,
  bytes: Uint8Array[],
): Map<number, number> {
  const pages = inode.pages!;
  const now = new Map<number, number>();
  const last = Math.ceil(inode.size / PAGE_SIZE);
  for (let index = pages.next(0); index !== undefined && index < last; ) {
    const frame = pages.peek(index)!;
    const hash = hashOf(pages.ram.u32, frame);
    now.set(index, hash);
    if (before.get(index) !== hash) {
      const run = change.pages.at(-1);
      if (run && run[0] === id && run[1] + run[2] === index) run[2]++;
      else change.pages.push([id, index, 1]);
      bytes.push(pages.ram.u8.slice(frame, frame + PAGE_SIZE));
    }
    index = pages.peek(index + 1) === undefined ? pages.next(index + 1) : index + 1;
  }
  for (const index of before.keys()) if (!now.has(index)) change.holes.push([id, index]);
  return now;
}

function transactionOf(change: Change, pages: readonly Uint8Array[]): Transaction {
  const bytes = new Uint8Array(pages.length * PAGE_SIZE);
  pages.forEach((page, at) => {
    bytes.set(page, at * PAGE_SIZE);
  });
  return { text: JSON.stringify(change), bytes };
}

/** 53 bits that tell a page from what it was. */
function hashOf(words: Uint32Array, frame: number): number {
  let low = 0x811c9dc5;
  let high = 0x2545f491;
  for (let at = frame >>> 2, end = at + PAGE_SIZE / 4; at < end; at++) {
    const word = words[at]!;
    low = Math.imul(low ^ word, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ word, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (low >>> 0) + (high & 0x1fffff) * 2 ** 32;
}
