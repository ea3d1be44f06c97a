// Functions by address: from symbol tables of ELF files, and from what a JIT writes about its code (perf-PID.map).

export interface CodeSymbol {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly name: string;
}

const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
const STB_GLOBAL = 1;
/** Names that say what lies there, not what it is called. ELF psABI 9 */
const MAPPING = /^\$[dx]|^\.L/;

interface Entry extends CodeSymbol {
  /** Of several at one address the greatest is shown. */
  readonly rank: number;
}

export class SymbolTable {
  private entries: Entry[] = [];
  private sorted = true;

  get size(): number {
    this.sort();
    return this.entries.length;
  }

  /** `size` 0: up to the next one. */
  add(start: number, size: number, name: string, rank = 0): void {
    this.entries.push({ start, end: start + size, name, rank });
    this.sorted = false;
  }

  /** The functions among the entries of an ELF symbol table. */
  addElf(symbols: DataView, strings: Uint8Array, isCode: (section: number) => boolean): void {
    const decoder = new TextDecoder();
    for (let at = 24; at + 24 <= symbols.byteLength; at += 24) {
      const info = symbols.getUint8(at + 4);
      const type = info & 15;
      const section = symbols.getUint16(at + 6, true);
      if (section === 0 || section >= 0xff00) continue;
      // Assembler's labels have no type.
      if (type !== STT_FUNC && type !== STT_GNU_IFUNC && (type !== STT_NOTYPE || !isCode(section))) continue;
      const nameAt = symbols.getUint32(at, true);
      const name = decoder.decode(strings.subarray(nameAt, strings.indexOf(0, nameAt)));
      if (name === "" || MAPPING.test(name)) continue;
      const size = Number(symbols.getBigUint64(at + 16, true));
      const rank = (size > 0 ? 8 : 0) + (type !== STT_NOTYPE ? 4 : 0) + (info >> 4 === STB_GLOBAL ? 2 : 0);
      this.add(Number(symbols.getBigUint64(at + 8, true)), size, name, rank + (name.startsWith("_") ? 0 : 1));
    }
  }

  /** The variables among the entries of an ELF symbol table. */
  addElfVariables(symbols: DataView, strings: Uint8Array): void {
    const decoder = new TextDecoder();
    for (let at = 24; at + 24 <= symbols.byteLength; at += 24) {
      const size = Number(symbols.getBigUint64(at + 16, true));
      if ((symbols.getUint8(at + 4) & 15) !== STT_OBJECT || symbols.getUint16(at + 6, true) === 0 || size === 0)
        continue;
      const nameAt = symbols.getUint32(at, true);
      const name = decoder.decode(strings.subarray(nameAt, strings.indexOf(0, nameAt)));
      this.add(Number(symbols.getBigUint64(at + 8, true)), size, name);
    }
  }

  /** Lines of a perf map file, "START SIZE NAME" with hexadecimal numbers. Those that make no sense are passed over. */
  addPerfMap(text: string): void {
    // Code that is made where other code was replaces it: what was written later counts.
    let rank = this.entries.length;
    for (const line of text.split("\n")) {
      const found = /^([0-9a-fA-F]+)\s+([0-9a-fA-F]+)\s+(.+)$/.exec(line);
      if (found) this.add(Number.parseInt(found[1]!, 16), Number.parseInt(found[2]!, 16), found[3]!, rank++);
    }
  }

  /** The function that `address` lies in. */
  find(address: number): CodeSymbol | undefined {
    this.sort();
    const { entries } = this;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle]!.start <= address) low = middle + 1;
      else high = middle;
    }
    // One that lies within another may have ended before.
    for (let i = low - 1; i >= 0 && i >= low - 8; i--) if (address < entries[i]!.end) return entries[i];
    return undefined;
  }

  private sort(): void {
    if (this.sorted) return;
    this.sorted = true;
    const all = this.entries.sort((a, b) => a.start - b.start || b.rank - a.rank);
    const kept: Entry[] = [];
    for (const entry of all) if (entry.start !== kept.at(-1)?.start) kept.push(entry);
    kept.forEach((entry, i) => {
      if (entry.end > entry.start) return;
      kept[i] = { ...entry, end: kept[i + 1]?.start ?? entry.start + 4096 };
    });
    this.entries = kept;
  }
}
