// A terminal of the page as the machine's: bytes go by message, gathered for as long as the kernel's turn lasts, and no
// more than the page has room for.
import type { Console } from "../../host/host.ts";

/** Bytes that may be on their way to the page, or wait there to be shown. */
const WINDOW = 256 * 1024;

export class PageConsole implements Console {
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onResize: ((columns: number, rows: number) => void) | undefined;
  onDrain: (() => void) | undefined;
  columns: number;
  rows: number;
  private readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  private gathered: Uint8Array[] = [];
  private size = 0;
  private underway = 0;

  /** `send` gets bytes of its own, to be given back to `taken` by their count. */
  constructor(columns: number, rows: number, send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.columns = columns;
    this.rows = rows;
    this.send = send;
  }
  write(bytes: Uint8Array): boolean {
    if (this.gathered.length === 0) queueMicrotask(() => this.flush());
    this.gathered.push(bytes.slice());
    this.size += bytes.length;
    return this.underway + this.size < WINDOW;
  }
  /** The page has shown so many bytes. */
  taken(count: number): void {
    const full = this.underway >= WINDOW;
    this.underway -= count;
    if (full && this.underway < WINDOW) this.onDrain?.();
  }
  input(bytes: Uint8Array): void {
    this.onInput?.(bytes);
  }
  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.onResize?.(columns, rows);
  }
  /** What has been gathered goes now. */
  flush(): void {
    if (this.size === 0) return;
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.gathered) {
      whole.set(part, at);
      at += part.length;
    }
    this.gathered = [];
    this.underway += this.size;
    this.size = 0;
    this.send(whole);
  }
}
