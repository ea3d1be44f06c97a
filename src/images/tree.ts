// The root filesystem that is being made: names and inodes in memory, contents already in the image's data
// (content.ts). Packages and archives are laid into it in order; write-index.ts turns it into an index.
//
// Every path is resolved inside the tree, symlinks included, as openat2(2) does with RESOLVE_IN_ROOT. So an archive may
// name whatever it likes: it never names anything of the host's.
import { TYPE_DIRECTORY, TYPE_MASK, TYPE_REGULAR, TYPE_SYMLINK } from "../kernel/fs/imagefs/layout.ts";
import { ImageError } from "./error.ts";

/** Where a file's bytes lie in the image's data. */
export interface Content {
  readonly offset: number;
  readonly size: number;
}

export interface Attributes {
  /** Permission bits, with set-user-ID, set-group-ID and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSec: number;
  readonly mtimeNsec?: number;
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

export interface TreeNode {
  /** Type and permissions, as st_mode. */
  mode: number;
  uid: number;
  gid: number;
  mtimeSec: number;
  mtimeNsec: number;
  xattrs: ReadonlyMap<string, Uint8Array> | undefined;
  nlink: number;
  rdev: number;
  content: Content | undefined;
  target: string;
  children: Map<string, TreeNode> | undefined;
}

export const EMPTY: Content = { offset: 0, size: 0 };
export const ROOT_OWNED = { uid: 0, gid: 0, mtimeSec: 0 } as const;

// path_resolution(7): at most 40 symlinks in one path.
const MAX_SYMLINKS = 40;

const makeNode = (mode: number, attributes: Omit<Attributes, "mode">): TreeNode => ({
  mode,
  uid: attributes.uid,
  gid: attributes.gid,
  mtimeSec: attributes.mtimeSec,
  mtimeNsec: attributes.mtimeNsec ?? 0,
  xattrs: attributes.xattrs,
  nlink: 1,
  rdev: 0,
  content: undefined,
  target: "",
  children: (mode & TYPE_MASK) === TYPE_DIRECTORY ? new Map() : undefined,
});

/** A path's names, without empty ones and `.`; refuses `..`, which no honest archive holds. */
export const splitPath = (path: string): string[] => {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new ImageError("hostile", `it holds a path that climbs out of its root: ${path}`);
  if (path.includes("\0")) throw new ImageError("damaged", `it holds a name with a zero byte: ${JSON.stringify(path)}`);
  return names;
};

export class ImageTree {
  readonly root = makeNode(TYPE_DIRECTORY | 0o755, ROOT_OWNED);

  /** The node at a path, the last symlink followed or not; undefined where there is none. */
  find(path: string, follow = true): TreeNode | undefined {
    return this.walk(splitPath(path), follow, false);
  }

  private walk(names: string[], follow: boolean, create: boolean): TreeNode | undefined {
    const trail: TreeNode[] = [this.root];
    const left = names.slice().reverse();
    let links = 0;
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      const here: TreeNode = trail[trail.length - 1]!;
      if (name === "..") {
        if (trail.length > 1) trail.pop();
        continue;
      }
      if (!here.children) return undefined;
      let next = here.children.get(name);
      if (!next) {
        if (!create) return undefined;
        next = makeNode(TYPE_DIRECTORY | 0o755, ROOT_OWNED);
        here.children.set(name, next);
      }
      if ((next.mode & TYPE_MASK) === TYPE_SYMLINK && (left.length > 0 || follow)) {
        if (++links > MAX_SYMLINKS) return undefined;
        if (next.target.startsWith("/")) trail.length = 1;
        for (const part of next.target.split("/").reverse()) if (part !== "" && part !== ".") left.push(part);
        continue;
      }
      trail.push(next);
    }
    return trail[trail.length - 1];
  }

  /** The directory that is to hold `path`, made where it is missing, and the name in it. */
  private parent(path: string): [Map<string, TreeNode>, string] {
    const names = splitPath(path);
    const name = names.pop();
    if (name === undefined) throw new ImageError("damaged", "it puts something other than a directory at its root");
    const directory = this.walk(names, true, true);
    if (!directory?.children) throw new ImageError("damaged", `it puts ${path} below something that is no directory`);
    return [directory.children, name];
  }

  private place(path: string, node: TreeNode): TreeNode {
    const [children, name] = this.parent(path);
    const old = children.get(name);
    if (old?.children && old.children.size > 0)
      throw new ImageError("damaged", `it replaces the directory ${path}, which is not empty`);
    if (old) old.nlink--;
    children.set(name, node);
    return node;
  }

  /** Makes a directory, or gives one that is there these attributes. Follows a symlink to a directory, as dpkg does. */
  directory(path: string, attributes: Attributes): TreeNode {
    const there = this.find(path);
    if (there?.children) {
      there.mode = TYPE_DIRECTORY | (attributes.mode & 0o7777);
      there.uid = attributes.uid;
      there.gid = attributes.gid;
      there.mtimeSec = attributes.mtimeSec;
      there.mtimeNsec = attributes.mtimeNsec ?? 0;
      if (attributes.xattrs) there.xattrs = attributes.xattrs;
      return there;
    }
    return this.place(path, makeNode(TYPE_DIRECTORY | (attributes.mode & 0o7777), attributes));
  }

  file(path: string, attributes: Attributes, content: Content): TreeNode {
    const node = makeNode(TYPE_REGULAR | (attributes.mode & 0o7777), attributes);
    node.content = content;
    return this.place(path, node);
  }

  symlink(path: string, target: string, attributes: Omit<Attributes, "mode"> = ROOT_OWNED): TreeNode {
    if (target === "" || target.includes("\0"))
      throw new ImageError("damaged", `it holds a symlink to nothing: ${path}`);
    const node = makeNode(TYPE_SYMLINK | 0o777, attributes);
    node.target = target;
    return this.place(path, node);
  }

  /** A second name for what is at `existing`, symlinks on the way to it followed but not itself. link(2) */
  hardLink(path: string, existing: string): TreeNode {
    const node = this.find(existing, false);
    if (!node || node.children) throw new ImageError("damaged", `it links ${path} to ${existing}, which it lacks`);
    const [children, name] = this.parent(path);
    if (children.get(name) === node) return node;
    this.place(path, node);
    node.nlink++;
    return node;
  }

  /** A device, fifo or socket: `type` is one of TYPE_CHAR, TYPE_BLOCK, TYPE_FIFO, TYPE_SOCKET. */
  special(path: string, type: number, attributes: Attributes, rdev: number): TreeNode {
    const node = makeNode(type | (attributes.mode & 0o7777), attributes);
    node.rdev = rdev;
    return this.place(path, node);
  }

  /** Removes a name and, of a directory, all below it. Nothing happens where there is none. */
  remove(path: string): void {
    const names = splitPath(path);
    const name = names.pop();
    const directory = name === undefined ? undefined : this.walk(names, true, false);
    const node = name === undefined ? undefined : directory?.children?.get(name);
    if (!node || name === undefined) return;
    node.nlink--;
    directory?.children?.delete(name);
  }
}

/** makedev(3) in the 32 bits that Linux's own stat structures use. */
export const makeDevice = (major: number, minor: number): number =>
  ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;
