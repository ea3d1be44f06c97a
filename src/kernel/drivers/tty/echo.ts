// Echoes on their way out. They are kept apart from the output because they may have to wait for it (^S, a full line),
// and because an interrupt drops those that have not left yet.
import { ECHOCTL, OPOST } from "../../../abi/termios.ts";
import { isControl, OutputBuffer, type OutputProcessor } from "./output.ts";
import type { Terminal } from "./terminal.ts";

// A queue entry is a byte to process as output, or one of these.
/** Plus a control character: shown as ^X. */
const CONTROL = 0x100;
const SET_CANON_COLUMN = 0x200;
const MOVE_BACK = 0x201;
/** Plus the columns before the tab, and AFTER_TAB when they are counted from another tab. */
const ERASE_TAB = 0x400;
const AFTER_TAB = 0x80;
const LIMIT = 4096;
/** So many waiting echoes are written without waiting for the end of the input at hand. */
const COMMIT = 256;

const BACKSPACE = 8;
const CARET = 0x5e;

export class EchoQueue {
  private readonly terminal: Terminal;
  private readonly output: OutputProcessor;
  private queue: number[] = [];
  private readonly out = new OutputBuffer();

  constructor(terminal: Terminal, output: OutputProcessor) {
    this.terminal = terminal;
    this.output = output;
  }
  private add(entry: number): void {
    this.queue.push(entry);
    if (this.queue.length > LIMIT) this.queue.shift();
  }
  raw(byte: number): void {
    this.add(byte);
  }
  /** A character that was typed: with ECHOCTL control characters other than tab show as ^X. */
  character(byte: number): void {
    const visible = (this.terminal.termios.lflag & ECHOCTL) !== 0 && isControl(byte) && byte !== 9;
    this.add(visible ? CONTROL + byte : byte);
  }
  setCanonColumn(): void {
    this.add(SET_CANON_COLUMN);
  }
  moveBack(): void {
    this.add(MOVE_BACK);
  }
  /** `columns` used since the line's start, or since the tab before. */
  eraseTab(columns: number, afterTab: boolean): void {
    this.add(ERASE_TAB + (columns & 7) + (afterTab ? AFTER_TAB : 0));
  }
  commit(): void {
    if (this.queue.length >= COMMIT) this.process();
  }
  clear(): void {
    this.queue = [];
  }
  /** Writes what there is room for. */
  process(): void {
    const { queue } = this;
    if (queue.length === 0) return;
    const { terminal } = this;
    const { termios } = terminal;
    const room = Math.min(terminal.sendRoom, OutputBuffer.SIZE);
    const processed = (termios.oflag & OPOST) !== 0;
    const { out } = this;
    let done = 0;
    for (; done < queue.length; done++) if (!this.one(queue[done]!, room - out.length, processed, out)) break;
    queue.splice(0, done);
    if (out.length > 0) terminal.send(out.take());
  }
  private one(entry: number, room: number, processed: boolean, out: OutputBuffer): boolean {
    const { output } = this;
    if (entry === 0xff) {
      // Linux takes the byte for its own marker, and so past output processing.
      if (room < 1) return false;
      out.push(entry);
      output.column++;
    } else if (entry < CONTROL) {
      if (processed) return output.process(entry, room, out);
      if (room < 1) return false;
      out.push(entry);
    } else if (entry < SET_CANON_COLUMN) {
      if (room < 2) return false;
      out.push(CARET);
      out.push((entry - CONTROL) ^ 0x40);
      output.column += 2;
    } else if (entry === SET_CANON_COLUMN) {
      output.canonColumn = output.column;
    } else if (entry === MOVE_BACK) {
      if (output.column > 0) output.column--;
    } else {
      let columns = entry & 7;
      if ((entry & AFTER_TAB) === 0) columns += output.canonColumn;
      const back = 8 - (columns & 7);
      if (room < back) return false;
      for (let i = 0; i < back; i++) {
        out.push(BACKSPACE);
        if (output.column > 0) output.column--;
      }
    }
    return true;
  }
}
