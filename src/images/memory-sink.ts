// An image's data in memory: for hosts without files, and for tests.
import type { DataSink } from "./content.ts";

export class MemorySink implements DataSink {
  private room = new Uint8Array(1 << 16);
  private size = 0;

  get bytes(): Uint8Array {
    return this.room.subarray(0, this.size);
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.room.length) {
      const larger = new Uint8Array(Math.max(end, this.room.length * 2));
      larger.set(this.bytes);
      this.room = larger;
    }
    this.room.set(bytes, position);
    this.size = Math.max(this.size, end);
  }

  read(position: number, into: Uint8Array): number {
    const part = this.bytes.subarray(position, position + into.length);
    into.set(part);
    return part.length;
  }

  truncate(size: number): void {
    this.room.fill(0, size, this.size);
    this.size = Math.min(this.size, size);
  }
}
