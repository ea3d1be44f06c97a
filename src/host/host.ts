// The host interface: all that the kernel gets from outside. Time, entropy and the console enter here and nowhere else,
// so that a run with the same inputs is the same run.

export interface Host {
  /** Nanoseconds since an arbitrary start, monotonic; a double is exact for 104 days. */
  monotonic(): number;
  /** Nanoseconds since 1970-01-01 UTC. */
  realtime(): bigint;
  /** Fills with random bytes from the host's cryptographic source. */
  random(into: Uint8Array): void;
  /** Calls back soon, after other work of the host had its turn. */
  soon(callback: () => void): void;
  /** Calls back after `nanoseconds`; the result cancels it. */
  after(nanoseconds: number, callback: () => void): () => void;
  /** What it is, for a crash report: "Node.js 24.1 on linux x64". */
  readonly description?: string;
  /** Makes a function of a kernel module's code (docs/modules.md): run, it answers what the code exports. Nothing of the
   *  host's own is in the code's reach by name. undefined: it is no JavaScript. */
  compile?(code: string, name: string): (() => unknown) | undefined;
  /** An exception's stack with the places of the source in place of those of a bundle, a frame a line. */
  sourceStack?(stack: string): string;
}

/** A terminal outside: bytes in, bytes out, a size. */
export interface Console {
  /** Output from the guest. Returns false when the console wants no more for now; `onDrain` tells when it does again. */
  write(bytes: Uint8Array): boolean;
  /** Set by the kernel: input from outside; an empty array is end of input. */
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onResize: ((columns: number, rows: number) => void) | undefined;
  onDrain: (() => void) | undefined;
  readonly columns: number;
  readonly rows: number;
}

/** Bytes from outside that are no terminal: a process's standard input. */
export interface ByteSource {
  /** Set by the kernel: bytes from outside; an empty array is the end. False: no more until `resume`. */
  onData: ((bytes: Uint8Array) => boolean) | undefined;
  /** The kernel wants (more) bytes: called once at the start and after each `false`. */
  resume(): void;
  /** Nobody can read it any more. */
  close(): void;
}

/** Bytes that leave the machine: standard output and error. */
export interface ByteSink {
  /** Returns false when the sink wants no more for now; `onDrain` tells when it does again. */
  write(bytes: Uint8Array): boolean;
  onDrain: (() => void) | undefined;
  /** Set by the kernel: told when nobody outside reads any more; writers then get EPIPE. */
  onClose: (() => void) | undefined;
  /** The last writer has closed. */
  end(): void;
}
