// Pages that hold a pipe's data, and the pool they come from: a pipe in steady use allocates nothing.
import type { Ram } from "../../machine/ram.ts";
import type { Sysctl } from "../sysctl.ts";

export const PIPE_PAGE = 4096;
const POOL_LIMIT = 64;

export class PipePage {
  /** Its frame's physical address. */
  readonly frame: number;
  /** Slots that refer to it: tee(2) makes a second one. */
  references = 1;
  constructor(frame: number) {
    this.frame = frame;
  }
}

/** What all pipes of a kernel share: limits (/proc/sys/fs/pipe-*) and spare pages. pipe(7) */
export class Pipes {
  private readonly sysctl: Sysctl;
  private readonly ram: Ram;
  /** Pages by user id. */
  private readonly usage = new Map<number, number>();
  private readonly pool: PipePage[] = [];

  constructor(sysctl: Sysctl, ram: Ram) {
    this.sysctl = sysctl;
    this.ram = ram;
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

  /** A page with whatever is in it; undefined without memory. */
  take(): PipePage | undefined {
    const page = this.pool.pop();
    if (page) {
      page.references = 1;
      return page;
    }
    const frame = this.ram.allocFrame();
    return frame === 0 ? undefined : new PipePage(frame);
  }
  release(page: PipePage): void {
    if (--page.references > 0) return;
    if (this.pool.length < POOL_LIMIT) this.pool.push(page);
    else this.ram.unref(page.frame);
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
