// Memory under pressure: pages of files that can be read again are given back when RAM has none left. Caches that were
// not touched since the last round go first (the clock algorithm); pages that programs map go only when there are no
// others, and come back when they are touched.
import type { PageCache } from "./page-cache.ts";

/** Pages freed at a time, at least: a round costs more than a page. */
const BATCH = 256;
const MAPPED_BATCH = 64;

export class PageReclaim {
  private readonly caches = new Set<PageCache>();

  /** A cache that holds pages which can be read again. */
  add(cache: PageCache): void {
    this.caches.add(cache);
  }
  /** Pages that are held here, mapped ones included. */
  get count(): number {
    let sum = 0;
    for (const cache of this.caches) sum += cache.count;
    return sum;
  }
  /** Frees pages; true when it found some. */
  shrink(wanted = BATCH): boolean {
    let freed = 0;
    // Once around takes the marks away, twice around finds all there is.
    for (let left = this.caches.size * 2; left > 0 && freed < wanted; left--) {
      const [cache] = this.caches;
      if (!cache) break;
      this.caches.delete(cache);
      if (cache.used) cache.used = false;
      else freed += cache.dropIdle(wanted - freed);
      if (cache.count > 0) this.caches.add(cache);
    }
    for (let left = this.caches.size; left > 0 && freed === 0; left--) {
      const [cache] = this.caches;
      if (!cache) break;
      this.caches.delete(cache);
      freed = cache.dropMapped(MAPPED_BATCH);
      if (cache.count > 0) this.caches.add(cache);
    }
    return freed > 0;
  }
}
