// What has been typed and not been read: a ring in which line ends are marked. Positions only grow; the ring's index is
// their low bits. `canon` is where the line being edited begins: in canonical mode all before it is complete lines.
export const INPUT_SIZE = 4096;
const MASK = INPUT_SIZE - 1;

export class InputBuffer {
  private readonly bytes = new Uint8Array(INPUT_SIZE);
  private readonly ends = new Uint8Array(INPUT_SIZE);
  head = 0;
  canon = 0;
  tail = 0;

  get length(): number {
    return this.head - this.tail;
  }
  at(position: number): number {
    return this.bytes[position & MASK]!;
  }
  push(byte: number): void {
    this.bytes[this.head & MASK] = byte;
    this.ends[this.head & MASK] = 0;
    this.head++;
  }
  /** Adds the byte that completes a line. */
  pushEnd(byte: number): void {
    this.push(byte);
    this.markEnd();
  }
  /** All that is there counts as a line. */
  markEnd(): void {
    this.ends[(this.head - 1) & MASK] = 1;
    this.canon = this.head;
  }
  clearEnds(): void {
    this.ends.fill(0);
  }
  isEnd(position: number): boolean {
    return this.ends[position & MASK] === 1;
  }
  /** The position of the first line end in the next `limit` bytes; -1 if there is none. */
  findEnd(limit: number): number {
    const last = this.tail + limit;
    for (let i = this.tail; i < last; i++) if (this.ends[i & MASK] === 1) return i;
    return -1;
  }
  /** A view of the unread bytes from `tail` on, at most `limit` and up to the ring's end. */
  run(limit: number): Uint8Array {
    const start = this.tail & MASK;
    return this.bytes.subarray(start, Math.min(start + limit, INPUT_SIZE));
  }
  /** Adds many at once; the caller knows that there is room. */
  pushAll(from: Uint8Array): void {
    const start = this.head & MASK;
    const first = Math.min(from.length, INPUT_SIZE - start);
    this.bytes.set(from.subarray(0, first), start);
    this.bytes.set(from.subarray(first), 0);
    this.head += from.length;
  }
  reset(): void {
    this.head = this.canon = this.tail = 0;
    this.ends.fill(0);
  }
}
