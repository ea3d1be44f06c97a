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

export class Line {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1 << 17);
  length = 0;

  /** Room for `more` bytes. */
  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
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

  byte(code: number): void {
    this.room(1);
    this.bytes[this.length++] = code;
  }

  spaces(count: number): void {
    if (count <= 0) return;
    this.room(count);
    const { bytes } = this;
    const end = this.length + count;
    for (let at = this.length; at < end; at++) bytes[at] = 32;
    this.length = end;
  }

  /** A whole number. */
  decimal(value: number): void {
    if (!(value >= 0 && value <= 0xffffffff)) {
      this.text(String(value));
      return;
    }
    this.room(10);
    let digits = 1;
    while (digits < 10 && value >= POWERS[digits]!) digits++;
    const { bytes } = this;
    const start = this.length;
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
