// Bytes on their way, in the chunks they came in.

export class ByteFifo {
  private readonly limit: number;
  private chunks: Uint8Array[] = [];
  length = 0;

  constructor(limit: number) {
    this.limit = limit;
  }
  get room(): number {
    return this.limit - this.length;
  }
  /** Copies what there is room for; returns how many bytes that is. */
  push(bytes: Uint8Array): number {
    const n = Math.min(bytes.length, this.room);
    if (n === 0) return 0;
    this.chunks.push(bytes.slice(0, n));
    this.length += n;
    return n;
  }
  /** The oldest chunk; only when there is one. */
  first(): Uint8Array {
    return this.chunks[0]!;
  }
  /** Drops `count` bytes of the oldest chunk. */
  drop(count: number): void {
    const first = this.chunks[0];
    // A flush may have come in between.
    if (!first) return;
    this.length -= count;
    if (count === first.length) this.chunks.shift();
    else this.chunks[0] = first.subarray(count);
  }
  clear(): void {
    this.chunks = [];
    this.length = 0;
  }
}
