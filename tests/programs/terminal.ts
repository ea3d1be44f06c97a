// A terminal outside the machine, for tests: keys go in as bytes, what comes out is kept as text and as a screen.
import type { Console } from "../../src/index.ts";

export class TestTerminal implements Console {
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onResize: ((columns: number, rows: number) => void) | undefined;
  onDrain: (() => void) | undefined;
  columns = 80;
  rows = 24;
  /** Everything that was written. */
  text = "";
  private readonly decoder = new TextDecoder();
  private waiting: (() => void) | undefined;

  write(bytes: Uint8Array): boolean {
    this.text += this.decoder.decode(bytes.slice(), { stream: true });
    this.waiting?.();
    return true;
  }
  type(keys: string): void {
    this.onInput?.(new TextEncoder().encode(keys));
  }
  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.onResize?.(columns, rows);
  }
  /** Waits until what is written from now on (or since `from`) matches. */
  async expect(pattern: RegExp, seconds = 30, from = this.mark): Promise<RegExpExecArray> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const match = pattern.exec(this.text.slice(from));
      if (match) {
        this.mark = from + match.index + match[0].length;
        return match;
      }
      const left = end - Date.now();
      if (left <= 0)
        throw new Error(`${pattern} did not come; the terminal shows:\n${JSON.stringify(this.text.slice(from))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  private mark = 0;
  /** Types a line and waits for what it brings. */
  async send(keys: string, pattern: RegExp): Promise<RegExpExecArray> {
    this.type(keys);
    return this.expect(pattern);
  }
}
