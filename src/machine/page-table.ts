// The page table that the MMU walks.
import type { Ram } from "./ram.ts";
export declare class PageTable {
  static create(ram: Ram): PageTable | undefined;
  get(va: number): number;
  set(va: number, pte: number): boolean;
  clearRange(start: number, end: number, onPte: (va: number, pte: number) => void): void;
  forEach(start: number, end: number, fn: (va: number, pte: number) => number | undefined): void;
  flush(): void;
  destroy(): void;
}
