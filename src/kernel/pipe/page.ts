// Pages that hold a pipe's data, and the pool they come from: a pipe in steady use allocates nothing.
import type { Sysctl } from "../sysctl.ts";

export const PIPE_PAGE = 4096;
const POOL_LIMIT = 64;

export class PipePage {
  readonly bytes = new Uint8Array(PIPE_PAGE);
  /** Slots that refer to it: tee(2) makes a second one. */
  references = 1;
  private window: Uint8Array = this.bytes;
  private start = 0;

  /** The part from `offset` on. Programs repeat their sizes, so the last view made is kept. */
  view(offset: number, length: number): Uint8Array {
    if (this.start !== offset || this.window.length !== length) {
      this.window = this.bytes.subarray(offset, offset + length);
      this.start = offset;
    }
    return this.window;
  }
}

/** What all pipes of a kernel share: limits (/proc/sys/fs/pipe-*) and spare pages. pipe(7) */
export class Pipes {
  private readonly sysctl: Sysctl;
  /** Pages by user id. */
  private readonly usage = new Map<number, number>();
  private readonly pool: PipePage[] = [];

  constructor(sysctl: Sysctl) {
    this.sysctl = sysctl;
  }
  /** Bytes that a pipe of an unprivileged user may have. */
  get maxSize(): number {
    return this.sysctl.number("fs/pipe-max-size");
  }
  /** Pages a user may have in pipes before new ones get two pages only, and before none can be made (0: no limit). */
  get userPagesSoft(): number {
    return this.sysctl.number("fs/pipe-user-pages-soft");
  }
  get userPagesHard(): number {
    return this.sysctl.number("fs/pipe-user-pages-hard");
  }

  take(): PipePage {
    const page = this.pool.pop();
    if (!page) return new PipePage();
    page.references = 1;
    return page;
  }
  release(page: PipePage): void {
    if (--page.references === 0 && this.pool.length < POOL_LIMIT) this.pool.push(page);
  }
  pagesOf(uid: number): number {
    return this.usage.get(uid) ?? 0;
  }
  account(uid: number, pages: number): void {
    const now = this.pagesOf(uid) + pages;
    if (now === 0) this.usage.delete(uid);
    else this.usage.set(uid, now);
  }
}
