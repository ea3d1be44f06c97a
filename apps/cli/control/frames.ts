// What goes over a control socket: frames of a type, a number (a thread's id, or nothing) and bytes.
import type { Socket } from "node:net";

export const frameTypes = {
  /** The first frame from the client: what it wants, as JSON. */
  request: 1,
  /** An answer as JSON. */
  reply: 2,
  /** One plain line: the request can't be met. */
  error: 3,
  /** Standard input; empty at its end. */
  input: 4,
  output: 5,
  /** Standard error, or strace's own messages. */
  diagnostics: 6,
  /** The client's terminal has another size, as JSON. */
  resize: 7,
  /** A signal by number, as JSON. */
  signal: 8,
  /** Bytes of a trace; the number is the thread's id. */
  trace: 9,
  /** The client wants no more. */
  stop: 10,
  /** It is over; an exit code as JSON. */
  end: 11,
} as const;

export type FrameType = keyof typeof frameTypes;
const byNumber = new Map(Object.entries(frameTypes).map(([name, type]) => [type as number, name as FrameType]));

const HEADER = 9;
const LARGEST = 1 << 26;

export class Channel {
  readonly socket: Socket;
  onFrame: ((type: FrameType, bytes: Buffer, number: number) => void) | undefined;
  onClose: (() => void) | undefined;
  onDrain: (() => void) | undefined;
  private waiting: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => this.take(bytes));
    socket.on("drain", () => this.onDrain?.());
    // What was in flight when the other side went is of no use to anybody.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.onClose?.());
  }

  /** False: no more for now; `onDrain` tells. */
  send(type: FrameType, bytes: Uint8Array = Buffer.alloc(0), number = 0): boolean {
    const frame = Buffer.allocUnsafe(HEADER + bytes.length);
    frame.writeUInt8(frameTypes[type], 0);
    frame.writeUInt32LE(number, 1);
    frame.writeUInt32LE(bytes.length, 5);
    frame.set(bytes, HEADER);
    return this.socket.writable ? this.socket.write(frame) : true;
  }
  sendJson(type: FrameType, value: unknown): void {
    this.send(type, Buffer.from(JSON.stringify(value)));
  }
  sendText(type: FrameType, text: string): void {
    this.send(type, Buffer.from(text));
  }
  /** Closes when all is sent. */
  end(): void {
    this.socket.end();
  }

  private take(bytes: Buffer): void {
    this.waiting = this.waiting.length === 0 ? bytes : Buffer.concat([this.waiting, bytes]);
    while (this.waiting.length >= HEADER) {
      const length = this.waiting.readUInt32LE(5);
      const type = byNumber.get(this.waiting.readUInt8(0));
      if (type === undefined || length > LARGEST) {
        this.socket.destroy();
        return;
      }
      if (this.waiting.length < HEADER + length) return;
      const body = this.waiting.subarray(HEADER, HEADER + length);
      const number = this.waiting.readUInt32LE(1);
      this.waiting = this.waiting.subarray(HEADER + length);
      this.onFrame?.(type, body, number);
    }
  }
}

export const parsed = (bytes: Buffer): unknown => JSON.parse(bytes.toString());
