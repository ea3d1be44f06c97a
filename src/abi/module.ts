// Files of kernel modules: an ELF relocatable file with the sections that Linux's own tools look into, and a signature
// behind it. docs/modules.md; Linux: include/linux/module_signature.h

import { EM_RISCV } from "./elf.ts";
import { EBADMSG, ENODATA, ENOEXEC, ENOPKG, type Errno } from "./errno.ts";

// finit_module(2)
export const MODULE_INIT_IGNORE_MODVERSIONS = 1;
export const MODULE_INIT_IGNORE_VERMAGIC = 2;
export const MODULE_INIT_COMPRESSED_FILE = 4;

/** "name=value" strings, each with its NUL. */
export const MODINFO = ".modinfo";
/** struct module, as far as tools look: the name at byte 24. */
export const THIS_MODULE = ".gnu.linkonce.this_module";
/** The names of exported symbols, each with its NUL. */
export const EXPORTS = "__ksymtab_strings";
/** The code: JavaScript, the body of a function of `module` and `exports`. */
export const CODE = ".airside.js";

const HEADER = 64;
const SECTION = 64;
const SYMBOL = 24;
const ET_REL = 1;
const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const NAME_AT = 24;
const NAME_MAX = 56;

/** A module's name: its tools take "-" for "_". */
export const MODULE_NAME = /^[a-z0-9_]{1,55}$/i;

export interface ModuleFile {
  readonly name: string;
  /** Keys and values of .modinfo, in order: "parm" and "alias" may come more than once. */
  readonly info: readonly (readonly [key: string, value: string])[];
  readonly exports: readonly string[];
  /** Symbols of other modules that it needs. */
  readonly imports: readonly string[];
  readonly code: string;
}

const encoder = new TextEncoder();

interface Section {
  readonly name: string;
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly link?: number;
  readonly info?: number;
  readonly entry?: number;
}

/** The file, not signed. */
export function writeModule({ name, info, exports, imports, code }: ModuleFile): Uint8Array<ArrayBuffer> {
  const thisModule = new Uint8Array(NAME_AT + NAME_MAX);
  thisModule.set(encoder.encode(name), NAME_AT);
  const strings = stringTable(imports);
  const symbols = new Uint8Array((imports.length + 1) * SYMBOL);
  const symbolView = new DataView(symbols.buffer);
  imports.forEach((symbol, i) => {
    const at = (i + 1) * SYMBOL;
    symbolView.setUint32(at, strings.offsets.get(symbol)!, true);
    symbols[at + 4] = 0x10; // STB_GLOBAL, of no section: somebody else's
  });
  const lines = (texts: readonly string[]): Uint8Array => encoder.encode(texts.map((text) => `${text}\0`).join(""));
  const sections: Section[] = [
    { name: "", type: 0, bytes: new Uint8Array(0) },
    { name: MODINFO, type: SHT_PROGBITS, bytes: lines(info.map(([key, value]) => `${key}=${value}`)) },
    { name: THIS_MODULE, type: SHT_PROGBITS, bytes: thisModule },
    { name: EXPORTS, type: SHT_PROGBITS, bytes: lines(exports) },
    { name: CODE, type: SHT_PROGBITS, bytes: encoder.encode(code) },
    { name: ".symtab", type: SHT_SYMTAB, bytes: symbols, link: 6, info: 1, entry: SYMBOL },
    { name: ".strtab", type: SHT_STRTAB, bytes: strings.bytes },
  ];
  const names = stringTable([...sections.map((section) => section.name), ".shstrtab"]);
  sections.push({ name: ".shstrtab", type: SHT_STRTAB, bytes: names.bytes });
  return layOut(sections, names.offsets);
}

function layOut(sections: readonly Section[], names: ReadonlyMap<string, number>): Uint8Array<ArrayBuffer> {
  const align = (n: number): number => (n + 7) & ~7;
  let end = HEADER;
  const offsets = sections.map(({ bytes }) => {
    const at = align(end);
    end = at + bytes.length;
    return at;
  });
  const table = align(end);
  const file = new Uint8Array(table + sections.length * SECTION);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, ET_REL, true);
  view.setUint16(18, EM_RISCV, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(52, HEADER, true);
  view.setUint16(58, SECTION, true);
  view.setUint16(60, sections.length, true);
  view.setUint16(62, sections.length - 1, true);
  sections.forEach((section, i) => {
    const at = table + i * SECTION;
    file.set(section.bytes, offsets[i]);
    view.setUint32(at, names.get(section.name)!, true);
    view.setUint32(at + 4, section.type, true);
    view.setBigUint64(at + 24, BigInt(section.type === 0 ? 0 : offsets[i]!), true);
    view.setBigUint64(at + 32, BigInt(section.bytes.length), true);
    view.setUint32(at + 40, section.link ?? 0, true);
    view.setUint32(at + 44, section.info ?? 0, true);
    view.setBigUint64(at + 48, section.type === 0 ? 0n : 1n, true);
    view.setBigUint64(at + 56, BigInt(section.entry ?? 0), true);
  });
  return file;
}

function stringTable(texts: readonly string[]): { bytes: Uint8Array; offsets: Map<string, number> } {
  let all = "\0";
  const offsets = new Map([["", 0]]);
  for (const text of texts) {
    if (offsets.has(text)) continue;
    offsets.set(text, all.length);
    all += `${text}\0`;
  }
  return { bytes: encoder.encode(all), offsets };
}

/** Takes a file without its signature apart. Errors: ENOEXEC for whatever is wrong with it. */
export function readModule(file: Uint8Array): ModuleFile | Errno {
  const sections = readSections(file);
  if (typeof sections === "number") return sections;
  const modinfo = sections.get(MODINFO);
  const self = sections.get(THIS_MODULE);
  const code = sections.get(CODE);
  if (!modinfo || !self || !code || self.length < NAME_AT + NAME_MAX) return ENOEXEC;
  const name = stringsOf(self.subarray(NAME_AT, NAME_AT + NAME_MAX))[0] ?? "";
  const text = decode(code);
  const imports = undefinedSymbols(sections.get(".symtab"), sections.get(".strtab"));
  if (!MODULE_NAME.test(name) || text === undefined || !imports) return ENOEXEC;
  const info = stringsOf(modinfo).flatMap((line): [string, string][] => {
    const equals = line.indexOf("=");
    return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)]] : [];
  });
  return { name, info, exports: stringsOf(sections.get(EXPORTS) ?? new Uint8Array(0)), imports, code: text };
}

function readSections(file: Uint8Array): Map<string, Uint8Array> | Errno {
  if (file.length < HEADER || file[0] !== 0x7f || file[1] !== 0x45 || file[2] !== 0x4c || file[3] !== 0x46)
    return ENOEXEC;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const isOurs = file[4] === 2 && file[5] === 1 && view.getUint16(16, true) === ET_REL;
  if (!isOurs || view.getUint16(18, true) !== EM_RISCV || view.getUint16(58, true) !== SECTION) return ENOEXEC;
  if (table + count * SECTION > file.length) return ENOEXEC;
  const bytesOf = (index: number): Uint8Array | undefined => {
    if (index >= count) return undefined;
    const at = table + index * SECTION;
    const offset = Number(view.getBigUint64(at + 24, true));
    const size = Number(view.getBigUint64(at + 32, true));
    return offset + size <= file.length ? file.subarray(offset, offset + size) : undefined;
  };
  const names = bytesOf(view.getUint16(62, true));
  if (!names) return ENOEXEC;
  const sections = new Map<string, Uint8Array>();
  for (let i = 1; i < count; i++) {
    const bytes = bytesOf(i);
    const name = stringAt(names, view.getUint32(table + i * SECTION, true));
    if (!bytes || name === undefined) return ENOEXEC;
    sections.set(name, bytes);
  }
  return sections;
}

function undefinedSymbols(symbols: Uint8Array | undefined, strings: Uint8Array | undefined): string[] | undefined {
  if (!symbols || !strings) return [];
  const view = new DataView(symbols.buffer, symbols.byteOffset, symbols.length);
  const names: string[] = [];
  for (let at = SYMBOL; at + SYMBOL <= symbols.length; at += SYMBOL) {
    const name = stringAt(strings, view.getUint32(at, true));
    if (name === undefined) return undefined;
    if (view.getUint16(at + 6, true) === 0 && name !== "") names.push(name);
  }
  return names;
}

/** Text in .modinfo is UTF-8; what is not is no text of ours. */
function decode(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes);
  return text.includes("\ufffd") ? undefined : text;
}

const stringsOf = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split("\0")
    .filter((text) => text !== "");

function stringAt(bytes: Uint8Array, offset: number): string | undefined {
  const end = bytes.indexOf(0, offset);
  return offset >= bytes.length || end < 0 ? undefined : new TextDecoder().decode(bytes.subarray(offset, end));
}

// The signature: signer's name, key's identifier, signature, struct module_signature, the magic words.
const MAGIC = "~Module signature appended~\n";
const TRAILER = 12;
/** enum pkey_id_type: the fields lie plainly one after the other (PKCS#7 is 2). */
const ID_X509 = 1;
/** enum hash_algo: Ed25519 hashes with it. */
const HASH_SHA512 = 6;

export interface Signature {
  /** Whose key it was, for people. */
  readonly signer: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** Puts a signature behind the content that it is of. */
export function appendSignature(content: Uint8Array, { signer, keyId, signature }: Signature): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(signer).subarray(0, 255);
  const trailer = new Uint8Array(TRAILER);
  trailer.set([0, HASH_SHA512, ID_X509, name.length, keyId.length]);
  new DataView(trailer.buffer).setUint32(8, signature.length);
  const parts = [content, name, keyId, signature, trailer, encoder.encode(MAGIC)];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Divides a file. Errors: ENODATA: it is not signed; EBADMSG: the signature makes no sense; ENOPKG: it is of a kind that
 *  this kernel can't check. */
export function splitSignature(file: Uint8Array): { content: Uint8Array; signed: Signature | Errno } {
  const magicAt = file.length - MAGIC.length;
  if (magicAt < 0 || new TextDecoder().decode(file.subarray(magicAt)) !== MAGIC)
    return { content: file, signed: ENODATA };
  const end = magicAt - TRAILER;
  if (end < 0) return { content: file.subarray(0, magicAt), signed: EBADMSG };
  const [algorithm = 0, hash = 0, kind = 0, nameLength = 0, keyLength = 0] = file.subarray(end, magicAt);
  const length = new DataView(file.buffer, file.byteOffset + end + 8, 4).getUint32(0);
  const begin = end - length - keyLength - nameLength;
  if (begin < 0) return { content: file.subarray(0, magicAt), signed: EBADMSG };
  const content = file.subarray(0, begin);
  if (kind !== ID_X509 || hash !== HASH_SHA512 || algorithm !== 0 || length !== 64) return { content, signed: ENOPKG };
  const keyAt = begin + nameLength;
  return {
    content,
    signed: {
      signer: new TextDecoder().decode(file.subarray(begin, keyAt)),
      keyId: file.subarray(keyAt, keyAt + keyLength),
      signature: file.subarray(keyAt + keyLength, end),
    },
  };
}
