// ELF as far as loading needs it. elf(5)
import { ELIBBAD, ENOEXEC, type Errno } from "./errno.ts";

export const EM_RISCV = 243;
export const ET_EXEC = 2;
export const ET_DYN = 3;
export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PT_PHDR = 6;
export const PT_GNU_STACK = 0x6474e551;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

// Auxiliary vector. getauxval(3)
export const AT_NULL = 0;
export const AT_PHDR = 3;
export const AT_PHENT = 4;
export const AT_PHNUM = 5;
export const AT_PAGESZ = 6;
export const AT_BASE = 7;
export const AT_FLAGS = 8;
export const AT_ENTRY = 9;
export const AT_UID = 11;
export const AT_EUID = 12;
export const AT_GID = 13;
export const AT_EGID = 14;
export const AT_HWCAP = 16;
export const AT_CLKTCK = 17;
export const AT_SECURE = 23;
export const AT_RANDOM = 25;
export const AT_EXECFN = 31;
export const AT_SYSINFO_EHDR = 33;
export const AT_MINSIGSTKSZ = 51;

export interface Segment {
  type: number;
  flags: number;
  offset: number;
  vaddr: number;
  filesz: number;
  memsz: number;
  align: number;
}

export interface Elf {
  type: number;
  machine: number;
  entry: number;
  phoff: number;
  phnum: number;
  segments: Segment[];
}

const machines: Record<number, string> = {
  3: "i386",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86-64",
  183: "aarch64",
  243: "riscv",
  258: "loongarch",
};

/** "x86-64" for an ELF file of another machine or word size; undefined for riscv64 and for what is no ELF. */
export function foreignMachine(head: Uint8Array): string | undefined {
  if (head.length < 20 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46)
    return undefined;
  const machine = head[5] === 2 ? (head[18]! << 8) | head[19]! : head[18]! | (head[19]! << 8);
  const name = machines[machine] ?? `machine ${machine}`;
  if (machine === EM_RISCV) return head[4] === 2 ? undefined : "riscv32";
  return name;
}

/** Reads the headers of a riscv64 file. `head` holds the file's start, up to the end of its program headers at least.
 *  Errors: ENOEXEC; ELIBBAD for program headers that make no sense. */
export function readElf(head: Uint8Array): Elf | Errno {
  if (head.length < 64 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) return ENOEXEC;
  if (head[4] !== 2 || head[5] !== 1) return ENOEXEC;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const type = view.getUint16(16, true);
  const machine = view.getUint16(18, true);
  if (machine !== EM_RISCV || (type !== ET_EXEC && type !== ET_DYN)) return ENOEXEC;
  const phoff = Number(view.getBigUint64(32, true));
  const phentsize = view.getUint16(54, true);
  const phnum = view.getUint16(56, true);
  if (phentsize !== 56 || phnum === 0 || phnum > 1024) return ENOEXEC;
  if (phoff + phnum * 56 > head.length) return ELIBBAD;
  const segments: Segment[] = [];
  for (let i = 0; i < phnum; i++) {
    const at = phoff + i * 56;
    const number = (offset: number) => Number(view.getBigUint64(at + offset, true));
    segments.push({
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: number(8),
      vaddr: number(16),
      filesz: number(32),
      memsz: number(40),
      align: number(48),
    });
  }
  return { type, machine, entry: Number(view.getBigUint64(24, true)), phoff, phnum, segments };
}
