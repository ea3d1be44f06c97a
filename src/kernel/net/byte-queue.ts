// A stream's bytes in transit, in pages of RAM: copied once in and once out, from and to user memory.
import { PAGE_SIZE, type Ram } from "../../machine/ram.ts";
import type { FramePool } from "../mm/frame-pool.ts";
import { type IoBuffer, KernelBuffer } from "../mm/user.ts";

const WITHIN = PAGE_SIZE - 1;
/** A queue forgets its emptied places once there are so many. */
const PLACES = 256;

export class ByteQueue {
  private readonly ram: Ram;
  private readonly pool: FramePool;
  /** Frames in use are those from `first` on. */
  private readonly frames: number[] = [];
  private first = 0;
  /** Where the bytes begin in the first frame. */
  private start = 0;
  length = 0;
  /** The last `fill` ended because RAM was used up. */
  starved = false;

  constructor(ram: Ram, pool: FramePool) {
    this.ram = ram;
    this.pool = pool;
  }
  /** Takes up to `count` bytes out of `from`; fewer when user memory faults, or RAM is used up. */
  fill(from: IoBuffer, count: number): number {
    const { ram, frames } = this;
    let done = 0;
    this.starved = false;
    while (done < count) {
      const end = this.start + this.length;
      const index = this.first + (end >>> 12);
      if (index === frames.length) {
        const fresh = this.pool.take();
        if (fresh === 0) {
          this.starved = true;
          break;
        }
        frames.push(fresh);
      }
      const within = end & WITHIN;
      const n = Math.min(PAGE_SIZE - within, count - done);
      const got = from.takeRam(ram, frames[index]! + within, n);
      this.length += got;
      done += got;
      if (got === n) continue;
      this.cut();
      break;
    }
    return done;
  }
  /** Appends kernel bytes. */
  push(bytes: Uint8Array): void {
    this.fill(new KernelBuffer(bytes), bytes.length);
  }
  /** Copies up to `count` bytes from `offset` on to `into`, and leaves them; fewer at a fault or the buffer's end. */
  peek(into: IoBuffer, count: number, offset = 0): number {
    const { ram, frames } = this;
    const want = Math.min(count, this.length - offset);
    let done = 0;
    while (done < want) {
      const at = this.start + offset + done;
      const within = at & WITHIN;
      const n = Math.min(PAGE_SIZE - within, want - done);
      const put = into.putRam(ram, frames[this.first + (at >>> 12)]! + within, n);
      done += put;
      if (put < n) break;
    }
    return done;
  }
  /** As `peek`, and removes what was copied. */
  drain(into: IoBuffer, count: number): number {
    const done = this.peek(into, count);
    this.skip(done);
    return done;
  }
  /** Removes bytes unread. */
  skip(count: number): void {
    this.length -= count;
    if (this.length === 0) {
      this.cut();
      return;
    }
    const { frames, pool } = this;
    let start = this.start + count;
    for (; start >= PAGE_SIZE; start -= PAGE_SIZE) pool.give(frames[this.first++]!);
    this.start = start;
    if (this.first < PLACES) return;
    frames.splice(0, this.first);
    this.first = 0;
  }
  /** Takes back the last bytes. */
  trim(count: number): void {
    this.length -= count;
    this.cut();
  }
  clear(): void {
    this.length = 0;
    this.cut();
  }
  /** Gives back the frames behind the last byte. */
  private cut(): void {
    const { frames, pool } = this;
    const last = this.length === 0 ? this.first : this.first + ((this.start + this.length + WITHIN) >>> 12);
    while (frames.length > last) pool.give(frames.pop()!);
    if (this.length > 0) return;
    // An array that is cut to nothing loses its room.
    if (this.first > 0) frames.length = 0;
    this.first = 0;
    this.start = 0;
  }
}
