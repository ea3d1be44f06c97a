// The virtual filesystem's state: filesystem types, the mount tree, device numbers of mounts.
import type { Kernel } from "../kernel.ts";
import { anonymousMount } from "./anonymous.ts";
import type { Mount } from "./mount.ts";
import type { FileSystem } from "./superblock.ts";

export class Vfs {
  readonly kernel: Kernel;
  readonly filesystems = new Map<string, FileSystem>();
  private nextDev = 1;
  private nextMountId = 1;
  private internal: Mount | undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  /** The mount on which pipes, sockets and other nameless files live (anonymous.ts). */
  get anonymous(): Mount {
    return (this.internal ??= anonymousMount(this.kernel));
  }
  /** st_dev for a new superblock: major 0, ascending minors. */
  allocateDev(): number {
    return this.nextDev++;
  }
  allocateMountId(): number {
    return this.nextMountId++;
  }
}
