// From an address of a program to the line of its source: the line number programs that compilers write with -g.
// DWARF 5, section 6.2; versions 2 to 5. What is damaged leads to no line, never to an exception.

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** Sections of an ELF file; those that are not there are empty. */
export interface LineSections {
  /** .debug_line */
  readonly programs: Uint8Array;
  /** .debug_line_str */
  readonly lineStrings: Uint8Array;
  /** .debug_str */
  readonly strings: Uint8Array;
}

/** Reads forward; past the end there are zeros, and `ended`. */
class Reader {
  at: number;
  readonly end: number;
  /** Bytes of an offset: 4, or 8 in the 64-bit format. */
  offsetSize = 4;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(end, bytes.length);
  }
  get ended(): boolean {
    return this.at >= this.end;
  }
  u8(): number {
    const byte = this.ended ? 0 : this.bytes[this.at]!;
    this.at++;
    return byte;
  }
  /** Little-endian; exact below 2^53. */
  unsigned(size: number): number {
    let value = 0;
    for (let i = 0, unit = 1; i < size; i++, unit *= 256) value += this.u8() * unit;
    return value;
  }
  s8(): number {
    return (this.u8() << 24) >> 24;
  }
  offset(): number {
    return this.unsigned(this.offsetSize);
  }
  uleb(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80 || this.ended) return value;
    }
  }
  sleb(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80 || this.ended) return byte & 0x40 ? value - unit * 128 : value;
    }
  }
  text(): string {
    const zero = this.bytes.indexOf(0, this.at);
    const end = zero < 0 || zero > this.end ? this.end : zero;
    const value = new TextDecoder().decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return value;
  }
}

interface Unit {
  readonly directories: readonly string[];
  readonly files: readonly { name: string; directory: number }[];
  /** The first file's number. */
  readonly firstFile: number;
  readonly instructionLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly lengths: readonly number[];
}

/** The line that made the instruction at `address`. */
export function sourceLine(sections: LineSections, address: number): SourceLine | undefined {
  const all = new Reader(sections.programs);
  while (!all.ended) {
    const reader = new Reader(sections.programs, all.at);
    let length = reader.unsigned(4);
    if (length === 0xffffffff) {
      reader.offsetSize = 8;
      length = reader.unsigned(8);
    }
    const end = reader.at + length;
    if (length === 0 || end > sections.programs.length) return undefined;
    const body = new Reader(sections.programs, reader.at, end);
    body.offsetSize = reader.offsetSize;
    const unit = readUnit(body, sections);
    const row = unit && run(body, unit, address);
    if (row) return { file: nameOf(unit, row.file), line: row.line };
    all.at = end;
  }
  return undefined;
}

/** Reads a header; the reader stands before the program then. */
function readUnit(reader: Reader, sections: LineSections): Unit | undefined {
  const version = reader.unsigned(2);
  if (version < 2 || version > 5) return undefined;
  if (version === 5) reader.at += 2; // sizes of an address and of a segment's number
  const headerLength = reader.offset();
  const program = reader.at + headerLength;
  const instructionLength = reader.u8();
  if (version >= 4) reader.u8(); // operations in an instruction: one
  reader.u8(); // whether rows are statements
  const lineBase = reader.s8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  const lengths = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8());
  if (lineRange === 0) return undefined;
  let directories: string[];
  let files: { name: string; directory: number }[];
  if (version === 5) {
    directories = entries(reader, sections).map(({ name }) => name);
    files = entries(reader, sections);
  } else {
    directories = [""];
    for (let name = reader.text(); name !== "" && !reader.ended; name = reader.text()) directories.push(name);
    files = [];
    for (let name = reader.text(); name !== "" && !reader.ended; name = reader.text()) {
      files.push({ name, directory: reader.uleb() });
      reader.uleb(); // its time
      reader.uleb(); // its length
    }
  }
  reader.at = program;
  const firstFile = version === 5 ? 0 : 1;
  return { directories, files, firstFile, instructionLength, lineBase, lineRange, opcodeBase, lengths };
}

// Forms and contents of version 5's tables. DWARF 5, 7.5.6 and 7.22
const PATH = 1;
const DIRECTORY_INDEX = 2;

function entries(reader: Reader, sections: LineSections): { name: string; directory: number }[] {
  const formats = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }));
  const count = reader.uleb();
  const list: { name: string; directory: number }[] = [];
  for (let i = 0; i < count && !reader.ended; i++) {
    const entry = { name: "", directory: 0 };
    for (const { content, form } of formats) {
      const value = read(reader, form, sections);
      if (content === PATH) entry.name = String(value);
      else if (content === DIRECTORY_INDEX) entry.directory = Number(value);
    }
    list.push(entry);
  }
  return list;
}

function read(reader: Reader, form: number, { lineStrings, strings }: LineSections): string | number {
  switch (form) {
    case 0x08: // string
      return reader.text();
    case 0x1f: // line_strp
      return new Reader(lineStrings, reader.offset()).text();
    case 0x0e: // strp
      return new Reader(strings, reader.offset()).text();
    case 0x0b: // data1
      return reader.u8();
    case 0x05: // data2
      return reader.unsigned(2);
    case 0x06: // data4
      return reader.unsigned(4);
    case 0x07: // data8
      return reader.unsigned(8);
    case 0x0f: // udata
      return reader.uleb();
    case 0x1e: // data16
      reader.at += 16;
      return 0;
    case 0x09: // block
      reader.at += reader.uleb();
      return 0;
    default:
      // Not of a known length: nothing behind it can be read.
      reader.at = reader.end;
      return 0;
  }
}

function nameOf({ files, directories, firstFile }: Unit, number: number): string {
  const file = files[number - firstFile];
  if (!file) return "?";
  const directory = directories[file.directory] ?? "";
  return file.name.startsWith("/") || directory === "" ? file.name : `${directory}/${file.name}`;
}

/** Runs the program until a row covers `address`: each holds up to the next of its sequence. */
function run(reader: Reader, unit: Unit, address: number): { file: number; line: number } | undefined {
  const { lineBase, lineRange, opcodeBase, instructionLength, lengths } = unit;
  let at = 0;
  let file = 1;
  let line = 1;
  let before: { at: number; file: number; line: number } | undefined;
  let found: { file: number; line: number } | undefined;
  const row = (): void => {
    if (before && before.at <= address && address < at) found = before;
    before = { at, file, line };
  };
  while (!reader.ended && !found) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const special = opcode - opcodeBase;
      at += Math.floor(special / lineRange) * instructionLength;
      line += lineBase + (special % lineRange);
      row();
    } else if (opcode === 0) {
      const length = reader.uleb();
      const next = reader.at + length;
      const extended = reader.u8();
      if (extended === 1) {
        row();
        at = 0;
        file = line = 1;
        before = undefined;
      } else if (extended === 2) at = reader.unsigned(Math.min(8, length - 1));
      reader.at = next;
    } else if (opcode === 1) row();
    else if (opcode === 2) at += reader.uleb() * instructionLength;
    else if (opcode === 3) line += reader.sleb();
    else if (opcode === 4) file = reader.uleb();
    else if (opcode === 8) at += Math.floor((255 - opcodeBase) / lineRange) * instructionLength;
    else if (opcode === 9) at += reader.unsigned(2);
    else for (let i = lengths[opcode - 1] ?? 0; i > 0; i--) reader.uleb();
  }
  return found;
}
