// Turns a finished tree into an image's index. The layout and why it is so: src/kernel/fs/imagefs/layout.ts.
import {
  CHUNK_SIZE,
  COLUMNS,
  columnOffsets,
  HASH_SIZE,
  HEADER_SIZE,
  MAGIC,
  ROW_KINDS,
  type RowKind,
  TYPE_MASK,
  TYPE_SYMLINK,
} from "../kernel/fs/imagefs/layout.ts";
import type { ImageTree, TreeNode } from "./tree.ts";

const encoder = new TextEncoder();

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
};

/** Bytes that grow. */
class Bytes {
  bytes = new Uint8Array(1 << 16);
  length = 0;
  append(more: Uint8Array): number {
    while (this.length + more.length > this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    const at = this.length;
    this.bytes.set(more, at);
    this.length += more.length;
    return at;
  }
  taken(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

const encodeXattrs = (xattrs: ReadonlyMap<string, Uint8Array>): Uint8Array => {
  const out = new Bytes();
  const number = (value: number, size: 2 | 4) => {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    if (size === 2) view.setUint16(0, value, true);
    else view.setUint32(0, value, true);
    out.append(bytes);
  };
  number(xattrs.size, 2);
  for (const [name, value] of [...xattrs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const nameBytes = encoder.encode(name);
    number(nameBytes.length, 2);
    out.append(nameBytes);
    number(value.length, 4);
    out.append(value);
  }
  return out.taken().slice();
};

interface Entry {
  readonly name: Uint8Array;
  readonly node: TreeNode;
}

/** `about` is any JSON value that says where the image comes from; the same tree and `about` give the same bytes. */
export const writeIndex = (
  tree: ImageTree,
  data: { size: number; chunkHashes: readonly string[] },
  about: unknown,
): Uint8Array => {
  // Breadth first: a directory's entries lie together, and a directory's number is above its parent's.
  const inodes: TreeNode[] = [tree.root];
  const numbers = new Map<TreeNode, number>([[tree.root, 1]]);
  const entries: Entry[] = [];
  const firstEntry = new Map<TreeNode, number>();
  for (let at = 0; at < inodes.length; at++) {
    const node = inodes[at]!;
    if (!node.children) continue;
    const own = [...node.children].map(([name, child]) => ({ name: encoder.encode(name), node: child }));
    own.sort((a, b) => compareBytes(a.name, b.name));
    firstEntry.set(node, entries.length);
    for (const entry of own) {
      entries.push(entry);
      if (numbers.has(entry.node)) continue;
      inodes.push(entry.node);
      numbers.set(entry.node, inodes.length);
    }
  }

  const text = new Bytes();
  const nameOffsets = entries.map((entry) => text.append(entry.name));
  const targets = new Map<TreeNode, [number, number]>();
  const xattrs = new Bytes();
  const xattrOffsets = new Map<TreeNode, number>();
  for (const node of inodes) {
    if ((node.mode & TYPE_MASK) === TYPE_SYMLINK) {
      const target = encoder.encode(node.target);
      targets.set(node, [text.append(target), target.length]);
    }
    if (node.xattrs && node.xattrs.size > 0) xattrOffsets.set(node, xattrs.append(encodeXattrs(node.xattrs)));
  }
  const aboutBytes = encoder.encode(JSON.stringify(about));

  const rows: Record<RowKind, number> = {
    inode: inodes.length,
    entry: entries.length,
    "hash byte": data.chunkHashes.length * HASH_SIZE,
    "text byte": text.length,
    "xattr byte": xattrs.length,
    "about byte": aboutBytes.length,
  };
  const { offsets, size } = columnOffsets(rows);
  const index = new Uint8Array(size);
  const view = new DataView(index.buffer);
  index.set(MAGIC, 0);
  view.setFloat64(8, data.size, true);
  view.setUint32(16, CHUNK_SIZE, true);
  ROW_KINDS.forEach((kind, i) => {
    view.setUint32(HEADER_SIZE - 4 * ROW_KINDS.length + 4 * i, rows[kind], true);
  });

  const set = (column: keyof typeof offsets, row: number, value: number) => {
    const type = COLUMNS.find(({ name }) => name === column)!.type;
    if (type === "f64") view.setFloat64(offsets[column] + 8 * row, value, true);
    else view.setUint32(offsets[column] + 4 * row, value, true);
  };
  inodes.forEach((node, row) => {
    const children = node.children?.size ?? 0;
    const target = targets.get(node);
    const directories = node.children ? [...node.children.values()].filter((child) => child.children).length : 0;
    set("size", row, node.content?.size ?? target?.[1] ?? (node.children ? 4096 : 0));
    set("mtime", row, node.mtimeSec);
    set("dataOffset", row, node.content?.offset ?? 0);
    set("mode", row, node.mode);
    set("uid", row, node.uid);
    set("gid", row, node.gid);
    // A directory has its name, its own `.` and the `..` of each directory in it.
    set("nlink", row, node.children ? 2 + directories : node.nlink);
    set("rdev", row, node.rdev);
    set("mtimeNsec", row, node.mtimeNsec);
    set("first", row, target?.[0] ?? firstEntry.get(node) ?? 0);
    set("count", row, target?.[1] ?? children);
    set("xattr", row, xattrOffsets.has(node) ? 1 + xattrOffsets.get(node)! : 0);
  });
  entries.forEach((entry, row) => {
    set("entryInode", row, numbers.get(entry.node)!);
    set("entryName", row, nameOffsets[row]!);
    set("entryNameLength", row, entry.name.length);
  });
  data.chunkHashes.forEach((hash, chunk) => {
    for (let i = 0; i < HASH_SIZE; i++)
      index[offsets.chunkHashes + chunk * HASH_SIZE + i] = Number.parseInt(hash.slice(2 * i, 2 * i + 2), 16);
  });
  index.set(text.taken(), offsets.text);
  index.set(xattrs.taken(), offsets.xattrs);
  index.set(aboutBytes, offsets.about);
  return index;
};
