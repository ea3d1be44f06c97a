// What a group does with one device: its counts, its limits (io.max) and its place among others that want the device too
// (io.weight). A device is a filesystem whose files are the host's: hostfs, an image, an overlay of them. cgroups(7)
//
// A rate is kept like blk-throttle's: each transfer takes the time that the rate gives it, and what was not used lately
// (100 ms of it) may be made up for. Shares are kept by virtual time, as iocost does: a transfer costs its bytes by the
// group's weight, and a group that is ahead of a sibling with something to do waits for it.

import { WaitQueue } from "../sched/wait-queue.ts";
import type { Cgroup } from "./cgroup.ts";
import type { IoState } from "./io.ts";

/** Bytes, and transfers, in each direction. */
export interface IoCounts {
  readBytes: number;
  writtenBytes: number;
  reads: number;
  writes: number;
}

const noCounts = (): IoCounts => ({ readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 });

export class IoDevice {
  /** "major:minor", as st_dev has it. */
  readonly number: string;
  readonly counts = noCounts();
  /** Woken when somebody's transfer is done, for those that wait for their turn. */
  readonly progress = new WaitQueue();

  constructor(minor: number) {
    this.number = `0:${minor}`;
  }
}

export function count(counts: IoCounts, writes: boolean, bytes: number): void {
  if (writes) {
    counts.writes++;
    counts.writtenBytes += bytes;
  } else {
    counts.reads++;
    counts.readBytes += bytes;
  }
}

/** Limits a second; Infinity for none. */
export interface IoLimits {
  rbps: number;
  wbps: number;
  riops: number;
  wiops: number;
}
export const NO_LIMITS: IoLimits = { rbps: Infinity, wbps: Infinity, riops: Infinity, wiops: Infinity };

/** Nanoseconds of a rate that may be saved, and for which a group counts as busy after a transfer. */
const SAVED = 100e6;
const BUSY = 10e6;
/** What a transfer costs beside its bytes, and by how much of its own a group may be ahead, in bytes. */
const TRANSFER = 4096;
const AHEAD = 512 * 1024;

export class IoUse {
  readonly counts = noCounts();
  limits: IoLimits = NO_LIMITS;
  /** io.weight for this device; undefined: the group's default. */
  weight: number | undefined;
  /** When each limit is paid for: nanoseconds. */
  private readonly paid: IoLimits = { rbps: 0, wbps: 0, riops: 0, wiops: 0 };
  private virtual = 0;
  private waiting = 0;
  private lastAt = Number.NEGATIVE_INFINITY;

  /** Takes a transfer on account; when it may be made. */
  reserve(now: number, writes: boolean, bytes: number): number {
    const { limits } = this;
    if (limits === NO_LIMITS) return now;
    const first = this.pay(now, writes ? "wbps" : "rbps", bytes);
    return Math.max(first, this.pay(now, writes ? "wiops" : "riops", 1));
  }
  private pay(now: number, limit: keyof IoLimits, amount: number): number {
    const rate = this.limits[limit];
    if (rate === Number.POSITIVE_INFINITY) return now;
    const done = Math.max(this.paid[limit], now - SAVED) + (amount * 1e9) / rate;
    this.paid[limit] = done;
    return Math.max(now, done);
  }
  private busy(now: number): boolean {
    return this.waiting > 0 || now - this.lastAt < BUSY;
  }
  /** A task begins, or ends, to wait for its turn. */
  waits(step: 1 | -1): void {
    this.waiting += step;
  }
  /** Is it ahead of a sibling that is busy too? Until when that is so at most. */
  ahead(now: number, weight: number, siblings: Iterable<IoUse>): number | undefined {
    let least = Number.POSITIVE_INFINITY;
    let until = now;
    for (const sibling of siblings) {
      if (sibling === this || !sibling.busy(now)) continue;
      least = Math.min(least, sibling.virtual);
      until = Math.max(until, sibling.waiting > 0 ? now + BUSY : sibling.lastAt + BUSY);
    }
    if (least === Number.POSITIVE_INFINITY) return undefined;
    // Whoever was away does not come back with a credit.
    if (!this.busy(now)) this.virtual = Math.max(this.virtual, least);
    return this.virtual - least > AHEAD / weight ? until : undefined;
  }
  charge(now: number, weight: number, bytes: number): void {
    this.virtual += (bytes + TRANSFER) / weight;
    this.lastAt = now;
  }
}

/** The states that a group's transfer is charged to, the root's left out. */
export function* chain(cgroup: Cgroup): Generator<IoState> {
  for (let at: IoState | undefined = cgroup.effective.io; at.cgroup.parent; at = at.cgroup.parent.effective.io)
    yield at;
}
