// Lines under construction, as bytes: what a traced program waits for is mostly this, so that nothing is concatenated.
const short = new Uint8Array(128);
for (const [code, letter] of [
  [9, "t"],
  [10, "n"],
  [11, "v"],
  [12, "f"],
  [13, "r"],
  [34, '"'],
  [92, "\\"],
] as const)
  short[code] = letter.charCodeAt(0);

const DIGITS = "0123456789abcdef";
const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

const SLACK = 256;

export class Line {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 17);
  length = 0;
  /** Arguments: one stands there already. */
  began = false;

  /** Room for `more` bytes, and SLACK behind them: a few numbers and commas need not ask. */
  room(more: number): void {
    if (this.length + more + SLACK <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more + SLACK));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** A byte string. */
  text(text: string): void {
    const { length } = text;
    this.room(length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  copy(from: Uint8Array): void {
    const { length } = from;
    this.room(length);
    const { bytes } = this;
    let at = this.length;
    if (length > 48) bytes.set(from, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = from[i]!;
    at += length;
    this.length = at;
  }

  /** An argument that is a small number, with a comma before it. There has to be room. */
  digit(comma: boolean, digit: number): void {
    const { bytes } = this;
    let at = this.length;
    if (comma) {
      bytes[at] = 44;
      bytes[at + 1] = 32;
      at += 2;
    }
    bytes[at] = 48 + digit;
    this.length = at + 1;
  }

  byte(code: number): void {
    this.room(1);
    this.bytes[this.length++] = code;
  }

  comma(): void {
    const { bytes, length } = this;
    bytes[length] = 44;
    bytes[length + 1] = 32;
    this.length = length + 2;
  }

  /** ")" and the equals sign, which stands `columns` from here where there is room. */
  closing(columns: number): void {
    const spaces = columns > 2 ? columns - 1 : 1;
    this.room(spaces + 16);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = 41;
    const end = at + spaces;
    while (at < end) bytes[at++] = 32;
    bytes[at] = 61;
    bytes[at + 1] = 32;
    this.length = at + 2;
  }

  /** The same, with a small number behind it and the line's end. */
  closingDigit(columns: number, digit: number): void {
    this.closing(columns);
    const { bytes, length } = this;
    bytes[length] = 48 + digit;
    bytes[length + 1] = 10;
    this.length = length + 2;
  }

  /** A whole number. */
  decimal(value: number): void {
    if (!(value >= 0 && value <= 0xffffffff)) {
      this.text(String(value));
      return;
    }
    const { bytes } = this;
    const start = this.length;
    if (value < 10) {
      bytes[start] = 48 + value;
      this.length = start + 1;
      return;
    }
    let digits = 2;
    while (digits < 10 && value >= POWERS[digits]!) digits++;
    let rest = value;
    for (let at = start + digits - 1; at >= start; at--) {
      const next = Math.floor(rest / 10);
      bytes[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.length = start + digits;
  }

  /** `count` bytes of `from` as strace(1) quotes them: octal escapes as short as the next character allows. `hex`: all
   *  of them in hexadecimal. */
  quoted(from: Uint8Array, start: number, count: number, hex: boolean): void {
    this.room(count * 4 + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = 34;
    const end = start + count;
    for (let i = start; i < end; i++) {
      const byte = from[i]!;
      if (hex) {
        bytes[at++] = 92;
        bytes[at++] = 120;
        bytes[at++] = DIGITS.charCodeAt(byte >> 4);
        bytes[at++] = DIGITS.charCodeAt(byte & 15);
      } else if (byte >= 32 && byte < 127 && byte !== 34 && byte !== 92) bytes[at++] = byte;
      else if (byte < 128 && short[byte] !== 0) {
        bytes[at++] = 92;
        bytes[at++] = short[byte]!;
      } else {
        bytes[at++] = 92;
        const next = i + 1 < end ? from[i + 1]! : 0;
        const whole = next >= 48 && next <= 57;
        if (whole || byte >= 64) bytes[at++] = 48 + (byte >> 6);
        if (whole || byte >= 8) bytes[at++] = 48 + ((byte >> 3) & 7);
        bytes[at++] = 48 + (byte & 7);
      }
    }
    bytes[at++] = 34;
    this.length = at;
  }

  /** What it holds, as a byte string. */
  toString(): string {
    let text = "";
    for (let i = 0; i < this.length; i++) text += String.fromCharCode(this.bytes[i]!);
    return text;
  }

  clear(): void {
    this.length = 0;
  }
}

/** Whether -x shows them in hexadecimal: something is neither printable nor white space. */
export function isBinary(from: Uint8Array, start: number, count: number): boolean {
  for (let i = start; i < start + count; i++) {
    const byte = from[i]!;
    if (byte > 126 || (byte < 32 && (byte < 9 || byte > 13))) return true;
  }
  return false;
}
