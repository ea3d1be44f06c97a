// What the inodes of one overlay share: its layers, how the upper one marks what it hides, and the overlay inode of each
// real one (one inode for each file, whatever name leads to it: that is what makes hard links hold after a copy up).
import type { Kernel } from "../../kernel.ts";
import type { Inode } from "../../vfs/inode.ts";
import type { Superblock } from "../../vfs/superblock.ts";
import { OverlayInode } from "./inode.ts";
import type { Marks } from "./marks.ts";

/** What boot code or mount(2) hands over: MountSource.host. */
export interface OverlayLayers {
  /** Root directories of the read-only layers, the topmost first. */
  readonly lower: readonly Inode[];
  /** Root directory of the writable layer; without it the overlay is read-only. */
  readonly upper: Inode | undefined;
  readonly marks?: Marks;
  /** As /proc/mounts shows them: "lowerdir=/a,upperdir=/b,workdir=/c". */
  readonly options?: string;
}

/** Inode numbers of a layer are moved by its place times this, so that st_ino is unique and stays when a file is copied up. */
const NUMBERS = 2 ** 32;

export class Overlay {
  readonly kernel: Kernel;
  readonly superblock: Superblock;
  readonly marks: Marks;
  readonly writable: boolean;
  /** Layers by their superblocks, the lowest is 0. Layers of one superblock share its numbers. */
  private readonly places = new Map<Superblock, number>();
  private readonly inodes = new Map<Inode, OverlayInode>();

  constructor(kernel: Kernel, superblock: Superblock, layers: OverlayLayers, marks: Marks) {
    this.kernel = kernel;
    this.superblock = superblock;
    this.marks = marks;
    this.writable = layers.upper !== undefined;
    for (const { superblock } of [...layers.lower].reverse()) this.place(superblock);
    if (layers.upper) this.place(layers.upper.superblock);
  }
  private place(superblock: Superblock): void {
    if (!this.places.has(superblock)) this.places.set(superblock, this.places.size);
  }
  /** st_ino for a file that comes from `real`. */
  number(real: Inode): number {
    return (this.places.get(real.superblock) ?? 0) * NUMBERS + real.ino;
  }
  /** The overlay inode of a real one, if there is one yet. */
  known(real: Inode): OverlayInode | undefined {
    return this.inodes.get(real);
  }
  /** The overlay inode of a file: its upper part if it has one, and what lies below (several for merged directories). */
  inode(upper: Inode | undefined, lower: readonly Inode[]): OverlayInode {
    const first = upper ?? lower[0]!;
    const known = this.inodes.get(first);
    if (known) return known;
    const inode = new OverlayInode(this, upper, lower);
    this.inodes.set(first, inode);
    return inode;
  }
  /** `real` is from now on a part of `inode`. */
  enter(real: Inode, inode: OverlayInode): void {
    this.inodes.set(real, inode);
  }
  forget(real: Inode | undefined): void {
    if (real) this.inodes.delete(real);
  }
}
