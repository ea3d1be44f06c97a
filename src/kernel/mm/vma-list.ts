// The areas of an address space in ascending order, none overlapping. Look-ups are binary searches.
import type { Vma } from "./vma.ts";

export class VmaList {
  private areas: Vma[] = [];
  private last: Vma | undefined;

  get count(): number {
    return this.areas.length;
  }
  [Symbol.iterator](): Iterator<Vma> {
    return this.areas[Symbol.iterator]();
  }
  /** Index of the first area that ends behind `address`. */
  private search(address: number): number {
    const { areas } = this;
    let low = 0;
    let high = areas.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (areas[middle]!.end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  /** The area that holds `address`. */
  find(address: number): Vma | undefined {
    const { last } = this;
    if (last && last.start <= address && address < last.end) return last;
    const vma = this.areas[this.search(address)];
    if (!vma || vma.start > address) return undefined;
    this.last = vma;
    return vma;
  }
  /** The first area that ends behind `address`: it holds it or lies above. */
  from(address: number): Vma | undefined {
    return this.areas[this.search(address)];
  }
  /** The area just below the one given or below `address`. */
  before(address: number): Vma | undefined {
    return this.areas[this.search(address) - 1];
  }
  /** Areas that touch [start, end). */
  within(start: number, end: number): Vma[] {
    const found: Vma[] = [];
    for (let i = this.search(start); i < this.areas.length && this.areas[i]!.start < end; i++) {
      found.push(this.areas[i]!);
    }
    return found;
  }
  insert(vma: Vma): void {
    const index = this.search(vma.start);
    if (index === this.areas.length) this.areas.push(vma);
    else this.areas.splice(index, 0, vma);
  }
  remove(vma: Vma): void {
    const index = this.search(vma.start);
    if (this.areas[index] === vma) this.areas.splice(index, 1);
    if (this.last === vma) this.last = undefined;
  }
  clear(): void {
    this.areas = [];
    this.last = undefined;
  }
  /** The highest gap of `length` bytes that ends at or below `ceiling` and starts at or above `floor`; mmap goes down. */
  gapBelow(length: number, floor: number, ceiling: number): number | undefined {
    const { areas } = this;
    let end = ceiling;
    for (let i = this.search(ceiling - 1); i >= 0; i--) {
      const vma = areas[i];
      if (!vma) continue;
      if (vma.start >= end) continue;
      const gapStart = Math.max(vma.end, floor);
      if (end - gapStart >= length) return end - length;
      end = vma.start;
      if (end - length < floor) return undefined;
    }
    return end - length >= floor ? end - length : undefined;
  }
  isFree(start: number, end: number): boolean {
    const vma = this.areas[this.search(start)];
    return !vma || vma.start >= end;
  }
}
