// Output processing: what OPOST makes of the bytes that programs write and of echoes, and the column that tabs, ONOCR
// and the erasing of tabs need. termios(3)
import { IUTF8, OCRNL, OLCUC, ONLCR, ONLRET, ONOCR, TABDLY, XTABS } from "../../../abi/termios.ts";
import type { Terminal } from "./terminal.ts";

const NEWLINE = 10;
const RETURN = 13;
const TAB = 9;
const BACKSPACE = 8;

export const isControl = (byte: number): boolean => byte < 32 || byte === 127;
// Letters are Latin-1's, as in Linux.
export const toUpper = (byte: number): number =>
  (byte >= 0x61 && byte <= 0x7a) || (byte >= 0xdf && byte !== 0xf7) ? byte - 32 : byte;
export const toLower = (byte: number): number =>
  (byte >= 0x41 && byte <= 0x5a) || (byte >= 0xc0 && byte <= 0xde && byte !== 0xd7) ? byte + 32 : byte;
/** A later byte of a UTF-8 character, when the terminal is told that its input is UTF-8. */
export const isContinuation = (terminal: Terminal, byte: number): boolean =>
  (terminal.termios.iflag & IUTF8) !== 0 && (byte & 0xc0) === 0x80;

/** Bytes on their way out, at most so many as any line has room for. */
export class OutputBuffer {
  static readonly SIZE = 8192;
  private readonly bytes = new Uint8Array(OutputBuffer.SIZE);
  length = 0;
  push(byte: number): void {
    this.bytes[this.length++] = byte;
  }
  /** What is there; the memory is used again. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }
}

export class OutputProcessor {
  private readonly terminal: Terminal;
  private readonly out = new OutputBuffer();
  column = 0;
  /** The column at which the line being typed begins. */
  canonColumn = 0;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }
  /** Appends what `byte` becomes to `out`, if it is at most `room` bytes. Returns false when it is more. */
  process(byte: number, room: number, out: OutputBuffer): boolean {
    if (room < 1) return false;
    const { oflag } = this.terminal.termios;
    switch (byte) {
      case NEWLINE:
        if (oflag & ONLRET) this.column = 0;
        if (oflag & ONLCR) {
          if (room < 2) return false;
          this.canonColumn = this.column = 0;
          out.push(RETURN);
          out.push(NEWLINE);
          return true;
        }
        this.canonColumn = this.column;
        break;
      case RETURN:
        if (oflag & ONOCR && this.column === 0) return true;
        if (oflag & OCRNL) {
          byte = NEWLINE;
          if (oflag & ONLRET) this.canonColumn = this.column = 0;
          break;
        }
        this.canonColumn = this.column = 0;
        break;
      case TAB: {
        const spaces = 8 - (this.column & 7);
        if ((oflag & TABDLY) === XTABS) {
          if (room < spaces) return false;
          this.column += spaces;
          for (let i = 0; i < spaces; i++) out.push(32);
          return true;
        }
        this.column += spaces;
        break;
      }
      case BACKSPACE:
        if (this.column > 0) this.column--;
        break;
      default:
        if (isControl(byte)) break;
        if (oflag & OLCUC) byte = toUpper(byte);
        if (!isContinuation(this.terminal, byte)) this.column++;
    }
    out.push(byte);
    return true;
  }
  /** Writes a program's bytes through output processing; returns how many went. */
  write(bytes: Uint8Array): number {
    const { terminal, out } = this;
    const room = Math.min(terminal.sendRoom, OutputBuffer.SIZE);
    let done = 0;
    while (done < bytes.length && this.process(bytes[done]!, room - out.length, out)) done++;
    if (out.length > 0) terminal.send(out.take());
    return done;
  }
}
