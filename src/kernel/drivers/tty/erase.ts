// Editing the line that is being typed: the erase, word erase, kill and reprint characters. termios(3)
import { ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, ECHOPRT, VERASE, VKILL, VWERASE } from "../../../abi/termios.ts";
import type { EchoQueue } from "./echo.ts";
import type { InputBuffer } from "./input-buffer.ts";
import { isContinuation, isControl } from "./output.ts";
import type { Terminal } from "./terminal.ts";

const NEWLINE = 10;
const TAB = 9;

/** Letters and digits as Linux counts them: Latin-1. */
const isWord = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) ||
  byte === 0x5f ||
  (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7);

export class LineEditor {
  private readonly terminal: Terminal;
  private readonly input: InputBuffer;
  private readonly echo: EchoQueue;
  /** ECHOPRT: within a run of erased characters, shown as \abc/. */
  erasing = false;

  constructor(terminal: Terminal, input: InputBuffer, echo: EchoQueue) {
    this.terminal = terminal;
    this.input = input;
    this.echo = echo;
  }
  finishErasing(): void {
    if (!this.erasing) return;
    this.echo.raw(0x2f);
    this.erasing = false;
  }
  /** Acts on the erase, word erase or kill character. */
  erase(character: number): void {
    const { input, echo } = this;
    const { lflag, cc } = this.terminal.termios;
    if (input.head === input.canon) return;
    const one = character === cc[VERASE];
    const word = !one && character === cc[VWERASE];
    if (!one && !word) {
      if ((lflag & ECHO) === 0) {
        input.head = input.canon;
        return;
      }
      if ((lflag & (ECHOK | ECHOKE | ECHOE)) !== (ECHOK | ECHOKE | ECHOE)) {
        input.head = input.canon;
        this.finishErasing();
        echo.character(cc[VKILL]!);
        if (lflag & ECHOK) echo.raw(NEWLINE);
        return;
      }
    }
    let inWord = false;
    while (input.head > input.canon) {
      const start = this.characterStart();
      if (start === undefined) break;
      const byte = input.at(start);
      if (word) {
        if (isWord(byte)) inWord = true;
        else if (inWord) break;
      }
      const end = input.head;
      input.head = start;
      if (lflag & ECHO) this.show(byte, start, end, one);
      if (one) break;
    }
    if (input.head === input.canon && lflag & ECHO) this.finishErasing();
  }
  /** Where the last character begins; undefined when only continuation bytes are left, which stay. */
  private characterStart(): number | undefined {
    const { input, terminal } = this;
    let at = input.head - 1;
    while (isContinuation(terminal, input.at(at)) && at > input.canon) at--;
    return isContinuation(terminal, input.at(at)) ? undefined : at;
  }
  private show(byte: number, start: number, end: number, one: boolean): void {
    const { echo, input } = this;
    const { lflag, cc } = this.terminal.termios;
    if (lflag & ECHOPRT) {
      if (!this.erasing) echo.raw(0x5c);
      this.erasing = true;
      echo.character(byte);
      for (let i = start + 1; i < end; i++) {
        echo.raw(input.at(i));
        echo.moveBack();
      }
    } else if (one && (lflag & ECHOE) === 0) {
      echo.character(cc[VERASE]!);
    } else if (byte === TAB) {
      this.showTab();
    } else if (!isControl(byte)) {
      this.rubOut();
    } else if (lflag & ECHOCTL) {
      this.rubOut();
      this.rubOut();
    }
  }
  private rubOut(): void {
    this.echo.raw(8);
    this.echo.raw(32);
    this.echo.raw(8);
  }
  /** How far a tab goes back depends on the columns since the line's start or the tab before. */
  private showTab(): void {
    const { input, terminal } = this;
    let columns = 0;
    for (let at = input.head - 1; at >= input.canon; at--) {
      const byte = input.at(at);
      if (byte === TAB) {
        this.echo.eraseTab(columns, true);
        return;
      }
      if (isControl(byte)) columns += terminal.termios.lflag & ECHOCTL ? 2 : 0;
      else if (!isContinuation(terminal, byte)) columns++;
    }
    this.echo.eraseTab(columns, false);
  }
  /** Shows the line anew. */
  reprint(character: number): void {
    this.finishErasing();
    this.echo.character(character);
    this.echo.raw(NEWLINE);
    for (let at = this.input.canon; at < this.input.head; at++) this.echo.character(this.input.at(at));
  }
}
