// An image's files as inodes. They are made when they are looked up, and their pages are read when they are touched.
import { EINVAL, EIO, ENODATA, ENOTDIR, EROFS, type Errno } from "../../../abi/errno.ts";
import { fromText, toText } from "../../../lib/byte-string.ts";
import { PAGE_SIZE, type Ram } from "../../../machine/ram.ts";
import type { File, FileOperations } from "../../vfs/file.ts";
import { genericFile } from "../../vfs/generic-file.ts";
import { type DirectoryEntry, Inode } from "../../vfs/inode.ts";
import { PageCache } from "../../vfs/page-cache.ts";
import type { PageReclaim } from "../../vfs/page-reclaim.ts";
import type { Superblock } from "../../vfs/superblock.ts";
import type { ImageIndex, ImageNode, ImageSource } from "./format.ts";

/** What the inodes of one image share. */
export interface ImageLayer {
  readonly superblock: Superblock;
  readonly ram: Ram;
  readonly reclaim: PageReclaim;
  readonly index: ImageIndex;
  readonly source: ImageSource;
  /** The inode of a number, made at its first use. */
  inode(ino: number): ImageInode;
}

export class ImageInode extends Inode {
  private readonly layer: ImageLayer;
  private readonly dataOffset: number;

  constructor(layer: ImageLayer, node: ImageNode) {
    super(layer.superblock, node.ino, node.mode);
    this.layer = layer;
    this.uid = node.uid;
    this.gid = node.gid;
    this.nlink = node.nlink;
    this.size = node.size;
    this.rdev = node.rdev;
    this.dataOffset = node.dataOffset;
    const time = BigInt(node.mtimeSec) * 1_000_000_000n + BigInt(node.mtimeNsec);
    this.atime = this.mtime = this.ctime = this.btime = time;
    if (this.isRegular) {
      this.pages = new PageCache(layer.ram, (index, page) => this.fill(index, page));
      this.pages.reclaim = layer.reclaim;
    }
  }
  private fill(index: number, page: Uint8Array): 0 | Errno {
    const start = index * PAGE_SIZE;
    const want = Math.min(PAGE_SIZE, this.size - start);
    if (want <= 0) return 0;
    return this.layer.source.read(this.dataOffset + start, page.subarray(0, want)) === want ? 0 : EIO;
  }

  override lookup(name: string): Inode | Errno | undefined {
    if (!this.isDirectory) return ENOTDIR;
    const ino = this.layer.index.lookup(this.ino, toText(name));
    return ino === 0 ? undefined : this.layer.inode(ino);
  }
  override entries(): readonly DirectoryEntry[] | Errno {
    if (!this.isDirectory) return ENOTDIR;
    const entries: DirectoryEntry[] = [];
    for (const { name, ino, mode } of this.layer.index.children(this.ino)) {
      entries.push({ name: fromText(name), ino, type: mode >>> 12 });
    }
    return entries;
  }
  override readlink(): string | Errno {
    return this.isSymlink ? fromText(this.layer.index.target(this.ino)) : EINVAL;
  }

  override setattr(): Errno {
    return EROFS;
  }
  override getxattr(name: string): Uint8Array | Errno {
    return this.layer.index.xattrs(this.ino).get(toText(name)) ?? ENODATA;
  }
  override setxattr(): Errno {
    return EROFS;
  }
  override removexattr(): Errno {
    return EROFS;
  }
  override listxattr(): readonly string[] {
    return [...this.layer.index.xattrs(this.ino).keys()].map(fromText);
  }
  override open(_file: File): FileOperations | Errno {
    return this.isRegular ? genericFile : EINVAL;
  }
}
