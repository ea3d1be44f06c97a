// An ELF file as a profiler reads it: where its segments lie, its symbols, where its debug file may be, its build ID. elf(5)
import { PT_LOAD, readElf, type Segment } from "../../abi/elf.ts";
import type { LineSections } from "./line-table.ts";
import type { SymbolTable } from "./symbol-table.ts";

/** Bytes of a file; fewer at its end, undefined where it can't be read. */
export type ReadAt = (offset: number, length: number) => Uint8Array | undefined;

const PF_X = 1;
const PT_GNU_EH_FRAME = 0x6474e550;
const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_NOTE = 7;
const SHT_DYNSYM = 11;
const SHF_COMPRESSED = 0x800;
const NT_GNU_BUILD_ID = 3;
/** riscv64's PLT: a header, then an entry for each function. ELF psABI 8.4 */
const PLT_HEADER = 32;
const PLT_ENTRY = 16;

interface Section {
  name: string;
  nameAt: number;
  type: number;
  flags: number;
  address: number;
  offset: number;
  size: number;
  link: number;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
/** The string that begins at `at`. */
const text = (bytes: Uint8Array, at: number): string => {
  const end = bytes.indexOf(0, at);
  return new TextDecoder().decode(bytes.subarray(at, end < 0 ? undefined : end));
};

export class ElfFile {
  readonly segments: readonly Segment[];
  /** Address of .eh_frame_hdr; 0 where there is none. */
  readonly ehFrameHeader: number;
  private readonly read: ReadAt;
  private readonly sections: readonly Section[];

  private constructor(read: ReadAt, segments: readonly Segment[], sections: readonly Section[]) {
    this.read = read;
    this.segments = segments;
    this.sections = sections;
    this.ehFrameHeader = segments.find(({ type }) => type === PT_GNU_EH_FRAME)?.vaddr ?? 0;
  }

  /** Undefined for what is no ELF file of riscv64. */
  static open(read: ReadAt): ElfFile | undefined {
    const head = read(0, 4096);
    const elf = head && readElf(head);
    if (!head || !elf || typeof elf === "number") return undefined;
    return new ElfFile(read, elf.segments, sectionsOf(view(head), read));
  }

  /** The address at which the byte at `offset` of the file is linked. Code's own segment comes first: two may share a page. */
  addressOf(offset: number): number {
    const { last } = this;
    if (last && last.offset <= offset && offset < last.offset + last.filesz) return last.vaddr + (offset - last.offset);
    const holds = ({ type, offset: start, filesz }: Segment): boolean =>
      type === PT_LOAD && start <= offset && offset < start + filesz;
    const code = this.segments.find((each) => (each.flags & PF_X) !== 0 && holds(each));
    this.last = code;
    const segment = code ?? this.segments.find(holds);
    return segment ? segment.vaddr + (offset - segment.offset) : offset;
  }
  /** The segment of code that was met last. */
  private last: Segment | undefined;

  /** Bytes at an address, as the file has them. */
  bytes(address: number, length: number): Uint8Array | undefined {
    for (const { type, vaddr, offset, filesz } of this.segments) {
      if (type !== PT_LOAD || address < vaddr || address + length > vaddr + filesz) continue;
      const bytes = this.read(offset + (address - vaddr), length);
      return bytes?.length === length ? bytes : undefined;
    }
    return undefined;
  }

  private content(section: Section | undefined): Uint8Array | undefined {
    const bytes = section && this.read(section.offset, section.size);
    return bytes?.length === section?.size ? bytes : undefined;
  }
  private section(name: string): Section | undefined {
    return this.sections.find((section) => section.name === name);
  }

  /** What says which line is where; undefined for a file built without -g, or with what is compressed. */
  get lineSections(): LineSections | undefined {
    const of = (name: string): Uint8Array | undefined => {
      const section = this.section(name);
      return section && (section.flags & SHF_COMPRESSED) === 0 ? this.content(section) : undefined;
    };
    const programs = of(".debug_line");
    const none = new Uint8Array(0);
    return programs && { programs, lineStrings: of(".debug_line_str") ?? none, strings: of(".debug_str") ?? none };
  }

  /** Where .eh_frame is; undefined where there is none. */
  get ehFrame(): { address: number; size: number } | undefined {
    return this.section(".eh_frame");
  }

  /** The address of a symbol of any kind; 0 where there is none of that name. */
  addressOfSymbol(name: string): number {
    const wanted = new TextEncoder().encode(`${name}\0`);
    for (const section of this.sections) {
      if (section.type !== SHT_SYMTAB && section.type !== SHT_DYNSYM) continue;
      const symbols = this.content(section);
      const strings = this.content(this.sections[section.link]);
      if (!symbols || !strings) continue;
      const entries = view(symbols);
      for (let at = 24; at + 24 <= symbols.length; at += 24) {
        const nameAt = entries.getUint32(at, true);
        if (entries.getUint16(at + 6, true) === 0 || !wanted.every((byte, i) => strings[nameAt + i] === byte)) continue;
        return Number(entries.getBigUint64(at + 8, true));
      }
    }
    return 0;
  }

  /** Hexadecimal; undefined where the linker made none. */
  get buildId(): string | undefined {
    for (const section of this.sections) {
      const bytes = section.type === SHT_NOTE ? this.content(section) : undefined;
      if (!bytes || bytes.length < 16) continue;
      const note = view(bytes);
      const [nameSize, size, type] = [0, 4, 8].map((at) => note.getUint32(at, true)) as [number, number, number];
      if (type !== NT_GNU_BUILD_ID || text(bytes, 12) !== "GNU") continue;
      const at = 12 + ((nameSize + 3) & ~3);
      return [...bytes.subarray(at, at + size)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    return undefined;
  }

  /** The debug file's name, of .gnu_debuglink. */
  get debugLink(): string | undefined {
    const bytes = this.content(this.section(".gnu_debuglink"));
    return bytes && text(bytes, 0);
  }

  /** Whether it has the whole symbol table, not only what the dynamic linker needs. */
  get stripped(): boolean {
    return !this.sections.some(({ type }) => type === SHT_SYMTAB);
  }

  /** Puts the file's functions into `table`; those of its PLT as perf names them, "write@plt". */
  addSymbols(table: SymbolTable): void {
    for (const section of this.sections) {
      if (section.type !== SHT_SYMTAB && section.type !== SHT_DYNSYM) continue;
      const symbols = this.content(section);
      const strings = this.content(this.sections[section.link]);
      if (symbols && strings) table.addElf(view(symbols), strings, (index) => this.isCode(index));
    }
    this.addPlt(table);
  }
  /** Puts the file's variables into `table`. */
  addVariables(table: SymbolTable): void {
    for (const section of this.sections) {
      if (section.type !== SHT_SYMTAB && section.type !== SHT_DYNSYM) continue;
      const symbols = this.content(section);
      const strings = this.content(this.sections[section.link]);
      if (symbols && strings) table.addElfVariables(view(symbols), strings);
    }
  }
  private isCode(index: number): boolean {
    const section = this.sections[index];
    return section !== undefined && this.segments.some((each) => (each.flags & PF_X) !== 0 && covers(each, section));
  }
  private addPlt(table: SymbolTable): void {
    const plt = this.section(".plt");
    const relocations = this.sections.find(({ name, type }) => name === ".rela.plt" && type === SHT_RELA);
    const symbolSection = relocations && this.sections[relocations.link];
    const entries = this.content(relocations);
    const symbols = this.content(symbolSection);
    const strings = symbolSection && this.content(this.sections[symbolSection.link]);
    if (!plt || !entries || !symbols || !strings) return;
    const [rela, symbol] = [view(entries), view(symbols)];
    for (let i = 0; (i + 1) * 24 <= entries.length; i++) {
      const index = rela.getUint32(i * 24 + 12, true);
      if ((index + 1) * 24 > symbols.length) continue;
      const name = text(strings, symbol.getUint32(index * 24, true));
      if (name !== "") table.add(plt.address + PLT_HEADER + i * PLT_ENTRY, PLT_ENTRY, `${name}@plt`);
    }
  }
}

const covers = (segment: Segment, section: Section): boolean =>
  segment.vaddr <= section.address && section.address < segment.vaddr + segment.memsz;

function sectionsOf(head: DataView, read: ReadAt): Section[] {
  const number = (from: DataView, at: number): number => Number(from.getBigUint64(at, true));
  const table = read(number(head, 40), head.getUint16(60, true) * 64);
  if (!table || head.getUint16(58, true) !== 64) return [];
  const entries = view(table);
  const sections: Section[] = [];
  for (let at = 0; at + 64 <= table.length; at += 64) {
    sections.push({
      name: "",
      nameAt: entries.getUint32(at, true),
      type: entries.getUint32(at + 4, true),
      flags: number(entries, at + 8),
      address: number(entries, at + 16),
      offset: number(entries, at + 24),
      size: number(entries, at + 32),
      link: entries.getUint32(at + 40, true),
    });
  }
  const names = sections[head.getUint16(62, true)];
  const strings = names && read(names.offset, names.size);
  if (strings) for (const section of sections) section.name = text(strings, section.nameAt);
  return sections;
}
