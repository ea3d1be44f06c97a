// The areas of an address space in ascending order, none overlapping. They lie in chunks of at most CHUNK, so that with
// tens of thousands of areas neither an insertion nor the search for a gap touches them all. Look-ups are binary searches.
import type { Vma } from "./vma.ts";

const CHUNK = 128;

interface Chunk {
  /** Never empty. */
  areas: Vma[];
  /** No gap between two of the areas is larger; -1 until somebody needs to know. Areas may grow into gaps unseen. */
  widest: number;
}

export class VmaList {
  private chunks: Chunk[] = [];
  private last: Vma | undefined;
  private total = 0;
  /** What `search` found: an index into the chunks, and one into that chunk's areas. */
  private chunk = 0;
  private index = 0;

  get count(): number {
    return this.total;
  }
  [Symbol.iterator](): Iterator<Vma> {
    return this.chunks.flatMap(({ areas }) => areas)[Symbol.iterator]();
  }
  /** Finds the first area that ends behind `address`, and leaves its place in `chunk` and `index`. */
  private search(address: number): Vma | undefined {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chunks[middle]!.areas.at(-1)!.end > address) high = middle;
      else low = middle + 1;
    }
    this.chunk = low;
    this.index = 0;
    if (low === chunks.length) return undefined;
    const { areas } = chunks[low]!;
    low = 0;
    high = areas.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (areas[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    this.index = low;
    return areas[low];
  }
  /** The area that holds `address`. */
  find(address: number): Vma | undefined {
    const { last } = this;
    if (last && last.start <= address && address < last.end) return last;
    const vma = this.search(address);
    if (!vma || vma.start > address) return undefined;
    this.last = vma;
    return vma;
  }
  /** The first area that ends behind `address`: it holds it or lies above. */
  from(address: number): Vma | undefined {
    return this.search(address);
  }
  /** The area just below the one given or below `address`. */
  before(address: number): Vma | undefined {
    this.search(address);
    return this.index > 0 ? this.chunks[this.chunk]!.areas[this.index - 1] : this.chunks[this.chunk - 1]?.areas.at(-1);
  }
  /** Areas that touch [start, end). */
  within(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    this.search(start);
    for (let { chunk, index } = this; chunk < this.chunks.length; chunk++, index = 0) {
      const { areas } = this.chunks[chunk]!;
      for (; index < areas.length; index++) {
        if (areas[index]!.start >= end) return found;
        found.push(areas[index]!);
      }
    }
    return found;
  }
  insert(vma: Vma): void {
    const { chunks } = this;
    this.total++;
    if (!this.search(vma.start)) {
      if (chunks.length === 0) chunks.push({ areas: [], widest: -1 });
      this.chunk = chunks.length - 1;
      this.index = chunks[this.chunk]!.areas.length;
    }
    const chunk = chunks[this.chunk]!;
    const { areas } = chunk;
    areas.splice(this.index, 0, vma);
    // At an end it brings a gap with it; in the middle it only makes one smaller.
    if (this.index === 0 || this.index === areas.length - 1) chunk.widest = -1;
    if (areas.length > CHUNK) {
      chunk.widest = -1;
      chunks.splice(this.chunk + 1, 0, { areas: areas.splice(CHUNK >> 1), widest: -1 });
    }
  }
  remove(vma: Vma): void {
    if (this.search(vma.start) === vma) {
      const chunk = this.chunks[this.chunk]!;
      this.total--;
      chunk.areas.splice(this.index, 1);
      chunk.widest = -1;
      if (chunk.areas.length === 0) this.chunks.splice(this.chunk, 1);
    }
    if (this.last === vma) this.last = undefined;
  }
  clear(): void {
    this.chunks = [];
    this.total = 0;
    this.last = undefined;
  }
  /** The highest gap of `length` bytes that ends at or below `ceiling` and starts at or above `floor`; mmap goes down. */
  gapBelow(length: number, floor: number, ceiling: number): number | undefined {
    let end = ceiling;
    // Areas from there on end at the ceiling or above: the first may begin below it.
    const first = this.search(ceiling - 1);
    if (first && first.start < end) end = first.start;
    let index = this.index - 1;
    for (let i = Math.min(this.chunk, this.chunks.length - 1); i >= 0; i--) {
      const chunk = this.chunks[i]!;
      const { areas } = chunk;
      if (i < this.chunk) index = areas.length - 1;
      // Only the gap above it can be wide enough.
      const narrow = index === areas.length - 1 && widest(chunk) < length;
      for (; index >= 0; index = narrow ? -1 : index - 1) {
        const vma = areas[index]!;
        if (end - Math.max(vma.end, floor) >= length) return end - length;
        end = narrow ? areas[0]!.start : vma.start;
        if (end - length < floor) return undefined;
      }
    }
    return end - length >= floor ? end - length : undefined;
  }
  isFree(start: number, end: number): boolean {
    const vma = this.search(start);
    return !vma || vma.start >= end;
  }
}

function widest(chunk: Chunk): number {
  if (chunk.widest >= 0) return chunk.widest;
  const { areas } = chunk;
  let most = 0;
  for (let i = 1; i < areas.length; i++) most = Math.max(most, areas[i]!.start - areas[i - 1]!.end);
  return (chunk.widest = most);
}
