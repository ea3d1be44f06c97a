// The two ends of a process's standard streams: what the kernel sees as a source or a sink is here a queue that the
// embedder writes to or reads from, with back-pressure both ways.
import type { ByteSink, ByteSource } from "../host/host.ts";

const HIGH_WATER = 256 * 1024;

/** What a process writes: read it as an async iterable of chunks. A process whose output nobody reads is held up once
 *  256 KiB wait, as at a pipe. */
export class OutputStream implements ByteSink, AsyncIterable<Uint8Array> {
  onDrain: (() => void) | undefined;
  onClose: (() => void) | undefined;
  private chunks: Uint8Array[] = [];
  private waiting = 0;
  private ended = false;
  private wake: (() => void) | undefined;

  write(bytes: Uint8Array): boolean {
    this.chunks.push(bytes.slice());
    this.waiting += bytes.length;
    this.wake?.();
    return this.waiting < HIGH_WATER;
  }
  end(): void {
    this.ended = true;
    this.wake?.();
  }
  /** Nobody will read any more: the process gets SIGPIPE when it writes. */
  close(): void {
    this.chunks = [];
    this.waiting = 0;
    this.onClose?.();
  }
  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.chunks.shift();
        if (chunk) {
          const full = this.waiting >= HIGH_WATER;
          this.waiting -= chunk.length;
          if (full && this.waiting < HIGH_WATER) this.onDrain?.();
          yield chunk;
        } else if (this.ended) return;
        else {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
          this.wake = undefined;
        }
      }
    } finally {
      if (!this.ended) this.close();
    }
  }
  /** All of it, up to its end. */
  async bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const chunk of this) parts.push(chunk);
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  /** All of it as UTF-8. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }
}

/** What a process reads. */
export class InputStream implements ByteSource {
  onData: ((bytes: Uint8Array) => boolean) | undefined;
  private chunks: Uint8Array[] = [];
  private ended = false;
  private wanted = false;
  private closed = false;
  private drained: (() => void)[] = [];

  /** Sends bytes or UTF-8 text; resolves when the process has room for more. */
  write(data: Uint8Array | string): Promise<void> {
    if (this.ended) throw new Error("the process's input has been ended");
    if (this.closed) return Promise.resolve();
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (bytes.length > 0) this.chunks.push(bytes);
    this.push();
    if (this.chunks.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.drained.push(resolve));
  }
  /** End of input. */
  end(data?: Uint8Array | string): void {
    if (data !== undefined) void this.write(data);
    this.ended = true;
    this.push();
  }
  resume(): void {
    this.wanted = true;
    this.push();
  }
  close(): void {
    this.closed = true;
    this.chunks = [];
    for (const resolve of this.drained.splice(0)) resolve();
  }
  private push(): void {
    while (this.wanted && this.onData && this.chunks.length > 0) this.wanted = this.onData(this.chunks.shift()!);
    if (this.chunks.length > 0) return;
    for (const resolve of this.drained.splice(0)) resolve();
    if (this.ended && this.onData && this.wanted) {
      this.wanted = false;
      this.onData(new Uint8Array(0));
    }
  }
}
