// Keeps a machine's layer: some time after it changed, when a program asks for it (fsync(2) and its kin), and when the
// page goes away. A full disk is the guest's ENOSPC: fsync says so, and the layer takes no more than it holds until
// there is room again.
import { EIO, ENOSPC, type Errno } from "../../abi/errno.ts";
import type { LayerStorage } from "../../hosts/browser/storage.ts";
import type { Layer } from "../../images/layer/layer.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Row } from "../../kernel/syscalls/table.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Superblock } from "../../kernel/vfs/superblock.ts";
import type { KeptState } from "../protocol.ts";

/** Milliseconds between two looks at what has changed. */
const INTERVAL = 2000;
/** Asks for what was written to be on disk. */
const syncs = new Set(["fsync", "fdatasync", "sync", "syncfs", "msync", "sync_file_range"]);

export class Keeper {
  private readonly kernel: Kernel;
  private readonly upper: Superblock;
  private readonly layer: Layer;
  private readonly storage: LayerStorage;
  private readonly tell: (state: KeptState) => void;
  private readonly limit: number;
  private readonly unlisten: () => void;
  private readonly timer: ReturnType<typeof setInterval>;
  private full = false;
  /** System calls at the last look: without any, nothing can have changed. */
  private seen = -1;

  /** `limit`: bytes that the upper filesystem may hold when there is room. */
  constructor(init: {
    kernel: Kernel;
    upper: Superblock;
    layer: Layer;
    storage: LayerStorage;
    limit: number;
    tell: (state: KeptState) => void;
  }) {
    this.kernel = init.kernel;
    this.upper = init.upper;
    this.layer = init.layer;
    this.storage = init.storage;
    this.limit = init.limit;
    this.tell = init.tell;
    this.timer = setInterval(() => this.look(), INTERVAL);
    this.unlisten = init.kernel.trace.listen({
      syscallInject: (_task: Task, row: Row | undefined) =>
        row && syncs.has(row.name) ? this.commit() || undefined : undefined,
    });
  }

  /** Writes what has changed. Errors: ENOSPC; EIO when the browser has taken the files away. */
  commit(): 0 | Errno {
    try {
      this.layer.commit();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      const errno = error.name === "QuotaExceededError" ? ENOSPC : EIO;
      if (!this.full) {
        this.full = true;
        // What it holds is what it may hold: writes beyond get ENOSPC, and removing makes room.
        const { blocks, bfree } = this.upper.statfs() as { blocks: number; bfree: number };
        this.upper.remount?.(`size=${Math.max(1, blocks - bfree) * 4096}`);
        this.tell(errno === ENOSPC ? "full" : "lost");
      }
      return errno;
    }
    if (this.full) {
      this.full = false;
      this.upper.remount?.(`size=${this.limit}`);
      this.tell("kept");
    }
    return 0;
  }

  stop(): void {
    clearInterval(this.timer);
    this.unlisten();
    this.commit();
    this.storage.close();
  }

  private look(): void {
    let calls = 0;
    for (const task of this.kernel.tasks.all) calls += task.syscalls;
    calls += this.kernel.tasks.forks;
    if (calls === this.seen && !this.full) return;
    this.seen = calls;
    this.commit();
  }
}
