// Which address spaces have a TLB. It is a cache that a page table gets when it runs, as large as all that a small
// process has in memory: a machine of a thousand sleepers has no use for a thousand of them. The one that was handed out
// first goes back when there are too many; a process that runs again gets another, empty one.
import { type PageTable, TLB_EXECUTE } from "../../machine/page-table.ts";
import type { Ram } from "../../machine/ram.ts";

/** The last of the TLB's parts ends it. An entry has 16 bytes. */
const TLB_SIZE = TLB_EXECUTE.at + TLB_EXECUTE.entries * 16;

export class TlbPool {
  private readonly ram: Ram;
  private readonly limit: number;
  private readonly holders: PageTable[] = [];
  /** The next to go. */
  private oldest = 0;

  constructor(ram: Ram, limit = 64) {
    this.ram = ram;
    this.limit = limit;
  }
  /** `table`, which has no TLB, is about to run and make itself one. */
  admit(table: PageTable): void {
    if (this.holders.length < this.limit) {
      this.holders.push(table);
      return;
    }
    const { holders, oldest } = this;
    const leaving = holders[oldest]!;
    holders[oldest] = table;
    this.oldest = (oldest + 1) % this.limit;
    // It may have ended meanwhile, and its TLB with it.
    if (leaving.tlb === 0) return;
    this.ram.freeRaw(leaving.tlb, TLB_SIZE);
    leaving.tlb = 0;
  }
}
