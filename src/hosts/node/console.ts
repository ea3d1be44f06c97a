// The terminal that Node runs in, as the machine's console: raw while it is in use, so that every key reaches the guest's
// own line discipline.
import type { ReadStream, WriteStream } from "node:tty";
import type { ByteSink, ByteSource, Console } from "../../host/host.ts";

export class NodeConsole implements Console {
  onInput: ((bytes: Uint8Array) => void) | undefined;
  onResize: ((columns: number, rows: number) => void) | undefined;
  onDrain: (() => void) | undefined;
  private readonly input: ReadStream;
  private readonly output: WriteStream;
  private readonly data = (bytes: Uint8Array): void => this.onInput?.(bytes);
  private readonly end = (): void => this.onInput?.(new Uint8Array(0));
  private readonly resize = (): void => this.onResize?.(this.columns, this.rows);
  private readonly drain = (): void => this.onDrain?.();

  constructor(input: ReadStream, output: WriteStream) {
    this.input = input;
    this.output = output;
    input.setRawMode(true);
    input.on("data", this.data);
    input.on("end", this.end);
    input.resume();
    output.on("resize", this.resize);
    output.on("drain", this.drain);
  }
  get columns(): number {
    return this.output.columns;
  }
  get rows(): number {
    return this.output.rows;
  }
  write(bytes: Uint8Array): boolean {
    return this.output.write(bytes.slice());
  }
  /** Gives the terminal back as it was. */
  close(): void {
    this.input.setRawMode(false);
    this.input.pause();
    this.input.off("data", this.data);
    this.input.off("end", this.end);
    this.output.off("resize", this.resize);
    this.output.off("drain", this.drain);
  }
}

/** A stream that is no terminal, as a process's input. */
export function nodeSource(stream: NodeJS.ReadStream): ByteSource {
  const source: ByteSource = {
    onData: undefined,
    resume: () => {
      stream.resume();
    },
    close: () => {
      stream.pause();
      stream.destroy();
    },
  };
  stream.pause();
  stream.on("data", (bytes: Uint8Array) => {
    if (source.onData?.(bytes) === false) stream.pause();
  });
  stream.on("end", () => source.onData?.(new Uint8Array(0)));
  stream.on("error", () => source.onData?.(new Uint8Array(0)));
  return source;
}

/** A stream that takes a process's output, asked for with the first byte: Node makes its standard streams when they are
 *  first touched. It is not ended: it is the embedding program's own. */
export function nodeSink(open: () => NodeJS.WriteStream): ByteSink {
  let stream: NodeJS.WriteStream | undefined;
  const opened = (): NodeJS.WriteStream => {
    const made = open();
    made.on("drain", () => sink.onDrain?.());
    made.on("error", () => sink.onClose?.());
    return made;
  };
  const sink: ByteSink = {
    onDrain: undefined,
    onClose: undefined,
    write: (bytes) => (stream ??= opened()).write(bytes.slice()),
    end: () => undefined,
  };
  return sink;
}
