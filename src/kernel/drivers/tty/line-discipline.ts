// The line discipline N_TTY, its input side: what the characters that come in from the line mean. Output processing is
// in output.ts, echoes in echo.ts, line editing in erase.ts, and how programs read and write in read-write.ts. termios(3)
import { POLLIN, POLLRDNORM } from "../../../abi/flags.ts";
import { SIGINT, SIGQUIT, SIGTSTP } from "../../../abi/signal.ts";
import {
  DISABLED,
  ECHO,
  ECHOCTL,
  ECHONL,
  EXTPROC,
  ICANON,
  ICRNL,
  IEXTEN,
  IGNCR,
  INLCR,
  ISIG,
  ISTRIP,
  IUCLC,
  IXANY,
  IXON,
  NOFLSH,
  OPOST,
  PARMRK,
  type Termios,
  TIOCPKT_FLUSHREAD,
  VEOF,
  VEOL,
  VEOL2,
  VERASE,
  VINTR,
  VKILL,
  VLNEXT,
  VMIN,
  VQUIT,
  VREPRINT,
  VSTART,
  VSTOP,
  VSUSP,
  VTIME,
  VWERASE,
} from "../../../abi/termios.ts";
import { EchoQueue } from "./echo.ts";
import { LineEditor } from "./erase.ts";
import { INPUT_SIZE, InputBuffer } from "./input-buffer.ts";
import { OutputProcessor, toLower } from "./output.ts";
import type { Terminal } from "./terminal.ts";

const NEWLINE = 10;
const RETURN = 13;
const CARET = 0x5e;
const BACKSPACE = 8;

export class LineDiscipline {
  private readonly terminal: Terminal;
  readonly input = new InputBuffer();
  readonly output: OutputProcessor;
  readonly echo: EchoQueue;
  private readonly editor: LineEditor;
  /** The next character is taken literally. */
  private literal = false;
  /** Characters that need more than to be queued and echoed, under the present attributes. */
  private readonly special = new Uint8Array(256);

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.output = new OutputProcessor(terminal);
    this.echo = new EchoQueue(terminal, this.output);
    this.editor = new LineEditor(terminal, this.input, this.echo);
    this.findSpecial();
  }
  /** Lines at a time? */
  get canonical(): boolean {
    return (this.terminal.termios.lflag & (ICANON | EXTPROC)) === ICANON;
  }
  get unread(): number {
    return this.input.length;
  }
  /** Can a read return? `polling` counts VMIN, as poll(2) does when there is no VTIME. */
  available(polling: boolean): boolean {
    const { input } = this;
    if (this.canonical) return input.canon > input.tail;
    const { cc } = this.terminal.termios;
    const least = polling && cc[VTIME] === 0 && cc[VMIN]! > 0 ? cc[VMIN]! : 1;
    return input.length >= least;
  }
  /** Bytes that reads can return now. FIONREAD */
  get readable(): number {
    const { input } = this;
    if (!this.canonical) return input.length;
    // An end of file takes a place and is no byte.
    let count = input.canon - input.tail;
    for (let at = input.tail; at < input.canon; at++) if (input.isEnd(at) && input.at(at) === DISABLED) count--;
    return count;
  }

  // ---- input from the line

  /** Takes bytes as far as there is room; returns how many. */
  receive(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const { input } = this;
      let room = INPUT_SIZE - input.length;
      if (this.terminal.termios.iflag & PARMRK) room = Math.ceil(room / 3);
      room--;
      if (room <= 0) {
        // A line that is too long must still find its end: what comes last takes the last place over and over.
        if (!(this.terminal.termios.lflag & ICANON) || input.canon !== input.tail) break;
        if (room < 0) input.head--;
        room = 1;
      }
      const part = bytes.subarray(done, done + room);
      this.receivePart(part);
      done += part.length;
    }
    return done;
  }
  private receivePart(bytes: Uint8Array): void {
    const { input, terminal } = this;
    const { iflag, lflag } = terminal.termios;
    const rewrites = ISTRIP | IUCLC | IGNCR | ICRNL | INLCR | IXON | PARMRK;
    if ((iflag & rewrites) === 0 && (lflag & (ICANON | ISIG | ECHO)) === 0) {
      input.pushAll(bytes);
    } else {
      for (const byte of bytes) this.receiveByte(byte);
      this.echo.process();
    }
    if (!this.canonical && input.length > 0) terminal.readers.wakeAll(POLLIN | POLLRDNORM);
  }
  private receiveByte(byte: number): void {
    const { iflag, lflag } = this.terminal.termios;
    if (iflag & ISTRIP) byte &= 0x7f;
    if (iflag & IUCLC && lflag & IEXTEN) byte = toLower(byte);
    if (lflag & EXTPROC) {
      this.input.push(byte);
    } else if (this.literal) {
      this.literal = false;
      this.ordinary(byte);
    } else if (this.special[byte] === 1) {
      this.receiveSpecial(byte);
    } else {
      this.ordinary(byte);
    }
  }
  /** Queues and echoes. */
  private ordinary(byte: number): void {
    const { terminal } = this;
    const { iflag, lflag } = terminal.termios;
    if (terminal.stopped && (iflag & (IXON | IXANY)) === (IXON | IXANY)) this.restart();
    if (lflag & ECHO) {
      this.editor.finishErasing();
      if (this.input.canon === this.input.head) this.echo.setCanonColumn();
      this.echo.character(byte);
      this.echo.commit();
    }
    this.queue(byte);
  }
  private queue(byte: number): void {
    // So that a program can tell a literal 255 from the marker of an error. termios(3), PARMRK
    if (byte === 0xff && this.terminal.termios.iflag & PARMRK) this.input.push(byte);
    this.input.push(byte);
  }
  private restart(): void {
    this.terminal.start();
    this.echo.process();
  }
  private receiveSpecial(byte: number): void {
    const { terminal } = this;
    const { iflag, lflag, cc } = terminal.termios;
    if (iflag & IXON) {
      if (byte === cc[VSTART]) {
        this.restart();
        return;
      }
      if (byte === cc[VSTOP]) {
        terminal.stop();
        return;
      }
    }
    if (lflag & ISIG) {
      const signal = byte === cc[VINTR] ? SIGINT : byte === cc[VQUIT] ? SIGQUIT : byte === cc[VSUSP] ? SIGTSTP : 0;
      if (signal !== 0) {
        this.signal(signal, byte);
        return;
      }
    }
    if (terminal.stopped && (iflag & (IXON | IXANY)) === (IXON | IXANY)) this.restart();
    if (byte === RETURN) {
      if (iflag & IGNCR) return;
      if (iflag & ICRNL) byte = NEWLINE;
    } else if (byte === NEWLINE && iflag & INLCR) {
      byte = RETURN;
    }
    if (lflag & ICANON && this.receiveCanonical(byte)) return;
    if (lflag & ECHO) {
      this.editor.finishErasing();
      if (byte === NEWLINE) {
        this.echo.raw(NEWLINE);
      } else {
        if (this.input.canon === this.input.head) this.echo.setCanonColumn();
        this.echo.character(byte);
      }
      this.echo.commit();
    }
    this.queue(byte);
  }
  private signal(signal: number, byte: number): void {
    const { terminal } = this;
    const { iflag, lflag } = terminal.termios;
    terminal.signalForeground(signal);
    if ((lflag & NOFLSH) === 0) {
      this.echo.clear();
      terminal.flushOutput();
      this.flushInput();
      terminal.reportPacket(TIOCPKT_FLUSHREAD);
    }
    if (iflag & IXON) terminal.start();
    if (lflag & ECHO) {
      this.echo.character(byte);
      this.echo.commit();
    } else {
      this.echo.process();
    }
  }
  /** Line editing and line ends; false for a character that is only part of the line. */
  private receiveCanonical(byte: number): boolean {
    const { editor, echo, input } = this;
    const { lflag, cc } = this.terminal.termios;
    const extended = (lflag & IEXTEN) !== 0;
    if (byte === cc[VERASE] || byte === cc[VKILL] || (extended && byte === cc[VWERASE])) {
      editor.erase(byte);
      echo.commit();
      return true;
    }
    if (extended && byte === cc[VLNEXT]) {
      this.literal = true;
      if (lflag & ECHO) {
        editor.finishErasing();
        if (lflag & ECHOCTL) {
          echo.raw(CARET);
          echo.raw(BACKSPACE);
          echo.commit();
        }
      }
      return true;
    }
    if (extended && byte === cc[VREPRINT] && lflag & ECHO) {
      editor.reprint(byte);
      echo.commit();
      return true;
    }
    if (byte === NEWLINE) {
      if (lflag & (ECHO | ECHONL)) {
        echo.raw(NEWLINE);
        echo.commit();
      }
      this.endLine(byte);
      return true;
    }
    if (byte === cc[VEOF]) {
      this.endLine(DISABLED);
      return true;
    }
    if (byte === cc[VEOL] || (extended && byte === cc[VEOL2])) {
      if (lflag & ECHO) {
        if (input.canon === input.head) echo.setCanonColumn();
        echo.character(byte);
        echo.commit();
      }
      if (byte === 0xff && this.terminal.termios.iflag & PARMRK) input.push(byte);
      this.endLine(byte);
      return true;
    }
    return false;
  }
  private endLine(byte: number): void {
    this.input.pushEnd(byte);
    this.terminal.readers.wakeAll(POLLIN | POLLRDNORM);
  }

  // ---- output and echoes

  /** Writes a program's bytes; returns how many the line took. */
  write(bytes: Uint8Array): number {
    if (this.terminal.termios.oflag & OPOST) return this.output.write(bytes);
    return this.terminal.send(bytes);
  }
  processEchoes(): void {
    this.echo.process();
  }

  // ---- input to programs: what a read takes

  /** Up to a line end: at most `limit` bytes to `put`, which answers how many it took. True when a line ended. */
  takeLine(limit: number, put: (bytes: Uint8Array) => number): { taken: number; ended: boolean; fault: boolean } {
    const { input } = this;
    const within = Math.min(limit, input.canon - input.tail);
    const end = input.findEnd(within);
    const ended = end >= 0;
    const isEof = ended && input.at(end) === DISABLED;
    const count = ended ? end - input.tail + (isEof ? 0 : 1) : within;
    const taken = this.take(count, put);
    if (isEof && taken === count) input.tail++;
    return { taken, ended, fault: taken < count };
  }
  /** A read that is full just before an end of file takes that too. */
  skipEof(): void {
    const { input } = this;
    if (input.tail < input.canon && input.isEnd(input.tail) && input.at(input.tail) === DISABLED) input.tail++;
  }
  take(limit: number, put: (bytes: Uint8Array) => number): number {
    const { input } = this;
    let taken = 0;
    while (taken < limit && input.length > 0) {
      const run = input.run(Math.min(limit - taken, input.length));
      const n = put(run);
      input.tail += n;
      taken += n;
      if (n < run.length) break;
    }
    if (input.canon < input.tail) input.canon = input.tail;
    return taken;
  }

  // ---- changes from above

  flushInput(): void {
    this.input.reset();
    this.editor.erasing = false;
    this.literal = false;
  }
  reset(): void {
    this.flushInput();
    this.echo.clear();
    this.output.column = this.output.canonColumn = 0;
    this.findSpecial();
  }
  attributesChanged(old: Termios): void {
    const { terminal, input } = this;
    const { termios } = terminal;
    if ((old.lflag ^ termios.lflag) & (ICANON | EXTPROC)) {
      input.clearEnds();
      if (this.canonical && input.length > 0) {
        // What was typed before counts as a line.
        input.markEnd();
      } else {
        input.canon = input.tail;
      }
      this.editor.erasing = false;
      this.literal = false;
    }
    this.findSpecial();
    if ((termios.iflag & IXON) === 0 && old.iflag & IXON && !terminal.held) this.restart();
    terminal.writers.wakeAll();
    terminal.readers.wakeAll();
  }
  private findSpecial(): void {
    const { special } = this;
    const { iflag, lflag, cc } = this.terminal.termios;
    special.fill(0);
    const mark = (...indices: number[]) => {
      for (const index of indices) special[cc[index]!] = 1;
    };
    if (lflag & ICANON) {
      mark(VERASE, VKILL, VEOF, VEOL);
      special[NEWLINE] = 1;
      if (lflag & IEXTEN) mark(VWERASE, VLNEXT, VEOL2);
      if (lflag & IEXTEN && lflag & ECHO) mark(VREPRINT);
    }
    if (iflag & IXON) mark(VSTART, VSTOP);
    if (lflag & ISIG) mark(VINTR, VQUIT, VSUSP);
    if (iflag & (IGNCR | ICRNL)) special[RETURN] = 1;
    if (iflag & INLCR) special[NEWLINE] = 1;
    special[DISABLED] = 0;
  }
}
