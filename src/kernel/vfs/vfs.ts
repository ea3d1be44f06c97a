// The virtual filesystem's state: filesystem types, the mount tree, device numbers of mounts.

import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Ownership } from "../namespace/namespace.ts";
import type { Wait } from "../sched/wait-queue.ts";
import type { FsContext } from "../task/fs-context.ts";
import { anonymousMount } from "./anonymous.ts";
import type { Dentry } from "./dentry.ts";
import type { File, FileOperations } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { LockRequest } from "./locks.ts";
import type { Mount, MountNamespace } from "./mount.ts";
import { copyNamespace } from "./mount-tree.ts";
import type { Walk } from "./namei.ts";
import { PageReclaim } from "./page-reclaim.ts";
import { PathTable } from "./path-parts.ts";
import type { FileSystem, Superblock } from "./superblock.ts";

export class Vfs {
  readonly kernel: Kernel;
  readonly filesystems = new Map<string, FileSystem>();
  /** Opens a FIFO: may wait for the other end. Its pipe hangs on inode.special. fifo(7) */
  openFifo: ((file: File) => FileOperations | Errno | Wait<FileOperations>) | undefined;
  /** Has user space load what is missing (module/request.ts), and goes on either way. */
  requestModule: (<T>(alias: string, then: () => T | Errno | Wait<T>) => T | Errno | Wait<T>) | undefined;
  /** Inodes with inotify watches, for unmounting. */
  readonly watched = new Set<Inode>();
  /** Names known to be absent, the oldest first: their number is bounded (dcache.ts). */
  readonly negatives = new Set<Dentry>();
  /** Path names, cut (path-parts.ts), and a walk to be used again (namei.ts). */
  readonly paths = new PathTable();
  spareWalk: Walk | undefined;
  /** Blocked record locks by owner, to find deadlocks (locks.ts). */
  readonly lockWaits = new Map<object, LockRequest>();
  /** The tmpfs that is mounted nowhere: memfds, shared memory (fs/tmpfs/memory.ts). */
  memory: Mount | undefined;
  /** Mounts of each mounted filesystem. */
  readonly superblocks = new Map<Superblock, number>();
  private readonly peerGroups = new Map<number, Set<Mount>>();
  private readonly slaveMounts = new Map<number, Set<Mount>>();
  private lastPeerGroup = 0;
  private nextNamespaceId = 2;
  /** Pages that can be dropped and read again. */
  readonly reclaim: PageReclaim;
  private nextDev = 1;
  private nextMountId = 1;
  private lastCookie = 0;
  private internal: Mount | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.reclaim = new PageReclaim(kernel.swap);
  }
  /** The mount on which pipes, sockets and other nameless files live (anonymous.ts). */
  get anonymous(): Mount {
    return (this.internal ??= anonymousMount(this.kernel));
  }
  /** st_dev for a new superblock: major 0, ascending minors. */
  allocateDev(): number {
    return this.nextDev++;
  }
  copyMountNamespace(from: MountNamespace, fs: FsContext, ownership: Ownership): MountNamespace {
    return copyNamespace(this.kernel, from, fs, ownership);
  }
  allocateMountId(): number {
    return this.nextMountId++;
  }
  /** A mount of the filesystem was made. */
  mounted(superblock: Superblock): void {
    this.superblocks.set(superblock, (this.superblocks.get(superblock) ?? 0) + 1);
  }
  /** One is gone; returns how many are left. */
  unmounted(superblock: Superblock): number {
    const left = (this.superblocks.get(superblock) ?? 1) - 1;
    if (left > 0) this.superblocks.set(superblock, left);
    else this.superblocks.delete(superblock);
    return left;
  }
  /** For mount namespaces: their number in /proc/PID/ns. */
  allocateNamespaceId(): number {
    return this.nextNamespaceId++;
  }
  allocatePeerGroup(): number {
    return ++this.lastPeerGroup;
  }
  /** The shared mounts of a peer group, and those that only receive from it. mount_namespaces(7) */
  peers(group: number): Set<Mount> {
    return setOf(this.peerGroups, group);
  }
  slaves(group: number): Set<Mount> {
    return setOf(this.slaveMounts, group);
  }
  /** Ties the two events of a rename together. inotify(7) */
  nextCookie(): number {
    this.lastCookie = (this.lastCookie + 1) >>> 0;
    return this.lastCookie;
  }
}

function setOf(map: Map<number, Set<Mount>>, key: number): Set<Mount> {
  const found = map.get(key);
  if (found) return found;
  const made = new Set<Mount>();
  map.set(key, made);
  return made;
}
