// A small ELF shared object, assembled in memory: one page with its dynamic section, a symbol for each function, and one
// version that all of them have. elf(5), gABI chapter 5; glibc and Go read it through the dynamic section alone.

export interface SharedObject {
  readonly bytes: Uint8Array;
  /** Offset of each function. */
  readonly symbols: ReadonlyMap<string, number>;
}

const DT_HASH = 4;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_STRSZ = 10;
const DT_SYMENT = 11;
const DT_SONAME = 14;
const DT_VERSYM = 0x6ffffff0;
const DT_VERDEF = 0x6ffffffc;
const DT_VERDEFNUM = 0x6ffffffd;
const EHDR = 64;
const PHDR = 56;
const SYMBOL = 24;

/** The hash of names in DT_HASH and in version definitions. */
function elfHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = (hash << 4) + name.charCodeAt(i);
    const high = hash & 0xf0000000;
    if (high !== 0) hash ^= high >>> 24;
    hash &= ~high;
  }
  return hash >>> 0;
}

/** Builds it. `functions` give their instructions for the offset at which they will lie. */
export function sharedObject(
  soname: string,
  version: string,
  functions: readonly (readonly [name: string, code: (at: number) => number[]])[],
): SharedObject {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number) => view.setUint16(at, value, true);
  const u32 = (at: number, value: number) => view.setUint32(at, value, true);
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);

  let strings = "\0";
  const string = (text: string): number => {
    const at = strings.length;
    strings += `${text}\0`;
    return at;
  };
  const sonameAt = string(soname);
  const versionAt = string(version);
  const names = functions.map(([name]) => string(name));
  const count = functions.length + 1;

  const align = (at: number): number => Math.ceil(at / 8) * 8;
  const hash = EHDR + 2 * PHDR;
  const symtab = align(hash + 4 * (2 + 1 + count));
  const versym = symtab + SYMBOL * count;
  const verdef = align(versym + 2 * count);
  const strtab = verdef + 2 * 28;
  const dynamic = align(strtab + strings.length);
  const dynamicEntries: [number, number][] = [
    [DT_SONAME, sonameAt],
    [DT_HASH, hash],
    [DT_STRTAB, strtab],
    [DT_SYMTAB, symtab],
    [DT_STRSZ, strings.length],
    [DT_SYMENT, SYMBOL],
    [DT_VERSYM, versym],
    [DT_VERDEF, verdef],
    [DT_VERDEFNUM, 2],
    [0, 0],
  ];
  let text = Math.ceil((dynamic + dynamicEntries.length * 16) / 16) * 16;

  // One bucket: every symbol is in one chain.
  u32(hash, 1);
  u32(hash + 4, count);
  u32(hash + 8, count - 1);
  for (let i = 0; i < count; i++) u32(hash + 12 + 4 * i, i === 0 ? 0 : i - 1);

  const symbols = new Map<string, number>();
  for (const [i, [name, code]] of functions.entries()) {
    const words = code(text);
    const at = symtab + SYMBOL * (i + 1);
    u32(at, names[i]!);
    bytes[at + 4] = (1 << 4) | 2; // STB_GLOBAL, STT_FUNC
    u16(at + 6, 1);
    u64(at + 8, text);
    u64(at + 16, words.length * 4);
    u16(versym + 2 * (i + 1), 2);
    symbols.set(name, text);
    for (const word of words) {
      u32(text, word >>> 0);
      text += 4;
    }
  }
  // Two definitions: the object itself (VER_FLG_BASE) and the version.
  const define = (at: number, flags: number, index: number, nameAt: number, name: string, next: number): void => {
    u16(at, 1);
    u16(at + 2, flags);
    u16(at + 4, index);
    u16(at + 6, 1);
    u32(at + 8, elfHash(name));
    u32(at + 12, 20);
    u32(at + 16, next);
    u32(at + 20, nameAt);
  };
  define(verdef, 1, 1, sonameAt, soname, 28);
  define(verdef + 28, 0, 2, versionAt, version, 0);
  for (let i = 0; i < strings.length; i++) bytes[strtab + i] = strings.charCodeAt(i);
  for (const [i, [tag, value]] of dynamicEntries.entries()) {
    u64(dynamic + 16 * i, tag);
    u64(dynamic + 16 * i + 8, value);
  }

  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  u16(16, 3); // ET_DYN
  u16(18, 243); // EM_RISCV
  u32(20, 1);
  u64(32, EHDR);
  u32(48, 5); // EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE
  u16(52, EHDR);
  u16(54, PHDR);
  u16(56, 2);
  const header = (at: number, type: number, flags: number, offset: number, size: number, alignment: number): void => {
    u32(at, type);
    u32(at + 4, flags);
    for (const place of [8, 16, 24]) u64(at + place, offset);
    u64(at + 32, size);
    u64(at + 40, size);
    u64(at + 48, alignment);
  };
  header(EHDR, 1, 5, 0, text, 4096);
  header(EHDR + PHDR, 2, 4, dynamic, dynamicEntries.length * 16, 8);
  return { bytes: bytes.slice(0, 4096), symbols };
}
