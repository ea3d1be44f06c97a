// A stream's bytes in transit: a ring that grows by doubling and gives a large buffer back once it is empty. Bytes are
// copied once in and once out, from and to user memory.
import type { IoBuffer } from "../mm/user.ts";

const SMALLEST = 4096;
/** A ring of at most this many bytes is kept when it runs empty. */
const KEPT = 16384;
/** The pool holds on to as many bytes of rings. */
const POOLED = 16 << 20;
const nothing = new Uint8Array(0);

/** Large rings that no queue needs at the moment: to make one anew would cost more than to copy what goes through it. */
export class RingPool {
  private readonly rings = new Map<number, Uint8Array<ArrayBuffer>[]>();
  private held = 0;

  /** A ring of `size` bytes, with whatever is in it. */
  take(size: number): Uint8Array<ArrayBuffer> {
    const ring = this.rings.get(size)?.pop();
    if (!ring) return new Uint8Array(size);
    this.held -= size;
    return ring;
  }
  give(ring: Uint8Array<ArrayBuffer>): void {
    if (ring.length <= KEPT || this.held + ring.length > POOLED) return;
    this.held += ring.length;
    const rings = this.rings.get(ring.length);
    if (rings) rings.push(ring);
    else this.rings.set(ring.length, [ring]);
  }
}

export class ByteQueue {
  private readonly pool: RingPool;
  /** Its length is a power of two, or 0. */
  private ring: Uint8Array<ArrayBuffer> = nothing;
  private head = 0;
  length = 0;

  constructor(pool: RingPool) {
    this.pool = pool;
  }
  /** Takes up to `count` bytes out of `from`; fewer when user memory faults. */
  fill(from: IoBuffer, count: number): number {
    this.reserve(count);
    const { ring } = this;
    const tail = (this.head + this.length) & (ring.length - 1);
    const first = Math.min(count, ring.length - tail);
    let done = from.take(ring.subarray(tail, tail + first));
    if (done === first && first < count) done += from.take(ring.subarray(0, count - first));
    this.length += done;
    return done;
  }
  /** Appends kernel bytes. */
  push(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    const { ring } = this;
    const tail = (this.head + this.length) & (ring.length - 1);
    const first = Math.min(bytes.length, ring.length - tail);
    ring.set(bytes.subarray(0, first), tail);
    ring.set(bytes.subarray(first), 0);
    this.length += bytes.length;
  }
  /** Copies up to `count` bytes from `offset` on to `into`, and leaves them; fewer at a fault or the buffer's end. */
  peek(into: IoBuffer, count: number, offset = 0): number {
    const { ring } = this;
    const want = Math.min(count, this.length - offset);
    if (want <= 0) return 0;
    const start = (this.head + offset) & (ring.length - 1);
    const first = Math.min(want, ring.length - start);
    let done = into.put(ring.subarray(start, start + first));
    if (done === first && first < want) done += into.put(ring.subarray(0, want - first));
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
    if (this.length > 0) {
      this.head = (this.head + count) & (this.ring.length - 1);
      return;
    }
    this.head = 0;
    if (this.ring.length > KEPT) this.letGo();
  }
  private letGo(): void {
    this.pool.give(this.ring);
    this.ring = nothing;
  }
  /** Takes back the last bytes. */
  trim(count: number): void {
    this.length -= count;
  }
  clear(): void {
    this.skip(this.length);
    this.letGo();
  }
  private reserve(count: number): void {
    const need = this.length + count;
    if (need <= this.ring.length) return;
    let size = Math.max(SMALLEST, this.ring.length);
    while (size < need) size *= 2;
    const grown = this.pool.take(size);
    const first = Math.min(this.length, this.ring.length - this.head);
    grown.set(this.ring.subarray(this.head, this.head + first));
    grown.set(this.ring.subarray(0, this.length - first), first);
    this.pool.give(this.ring);
    this.ring = grown;
    this.head = 0;
  }
}
