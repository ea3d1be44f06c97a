// Which parts of memory go into a core file, and how much of each. core(5), /proc/PID/coredump_filter
import { EM_RISCV, PF_R, PF_W, PF_X, PT_LOAD } from "../../abi/elf.ts";
import { MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../../abi/flags.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";
import { type AddressSpace, PTE_CACHE } from "../mm/address-space.ts";
import { readForced } from "../mm/foreign.ts";
import type { Vma } from "../mm/vma.ts";
import { join } from "./notes.ts";

// Bits of coredump_filter.
const ANON_PRIVATE = 1;
const ANON_SHARED = 2;
const MAPPED_PRIVATE = 4;
const MAPPED_SHARED = 8;
const ELF_HEADERS = 16;

const ET_CORE = 4;
const PT_NOTE = 4;
const EHDR_SIZE = 64;
const PHDR_SIZE = 56;
const ELF_MAGIC = 0x464c457f;

export interface Part {
  readonly vma: Vma;
  /** Bytes of it that the file holds. */
  readonly size: number;
  /** Where in the file. */
  readonly offset: number;
}

/** Has the process written to its private copy of the file? */
function hasOwnPages(mm: AddressSpace, vma: Vma): boolean {
  let own = false;
  mm.table.forEach(vma.start, vma.end, (_va, pte) => {
    if ((pte & PTE_CACHE) === 0) own = true;
  });
  return own;
}

function dumped(mm: AddressSpace, vma: Vma, filter: number): number {
  const whole = vma.end - vma.start;
  if (vma.name === "[vdso]") return whole;
  if (vma.dontDump || vma.name === "[vvar]" || vma.frame) return 0;
  const { inode } = vma.file ?? {};
  if ((vma.flags & MAP_SHARED) !== 0) {
    const anonymous = !inode || inode.nlink === 0;
    return (filter & (anonymous ? ANON_SHARED : MAPPED_SHARED)) !== 0 ? whole : 0;
  }
  if ((filter & ANON_PRIVATE) !== 0 && (!vma.file || hasOwnPages(mm, vma))) return whole;
  if (!vma.file) return 0;
  if ((filter & MAPPED_PRIVATE) !== 0) return whole;
  if ((filter & ELF_HEADERS) === 0 || vma.offset !== 0 || (vma.prot & PROT_READ) === 0) return 0;
  if ((inode!.mode & 0o111) !== 0) return PAGE_SIZE;
  const head = new Uint8Array(4);
  readForced(mm, vma.start, head);
  return new DataView(head.buffer).getUint32(0, true) === ELF_MAGIC ? PAGE_SIZE : 0;
}

/** The headers of the file and the parts that follow them. */
export function layOut(mm: AddressSpace, notes: Uint8Array, filter: number): { headers: Uint8Array; parts: Part[] } {
  const areas = [...mm.vmas()];
  const notesAt = EHDR_SIZE + (areas.length + 1) * PHDR_SIZE;
  let offset = Math.ceil((notesAt + notes.length) / PAGE_SIZE) * PAGE_SIZE;
  const header = new Uint8Array(notesAt);
  const view = new DataView(header.buffer);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
  view.setUint16(16, ET_CORE, true);
  view.setUint16(18, EM_RISCV, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(32, BigInt(EHDR_SIZE), true);
  view.setUint16(52, EHDR_SIZE, true);
  view.setUint16(54, PHDR_SIZE, true);
  view.setUint16(56, areas.length + 1, true);
  const program = (i: number, type: number, flags: number, words: readonly number[]): void => {
    const at = EHDR_SIZE + i * PHDR_SIZE;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, flags, true);
    for (const [k, word] of words.entries()) view.setBigUint64(at + 8 + k * 8, BigInt(word), true);
  };
  program(0, PT_NOTE, 0, [notesAt, 0, 0, notes.length, 0, 4]);
  const parts: Part[] = [];
  for (const [i, vma] of areas.entries()) {
    const size = dumped(mm, vma, filter);
    const { prot } = vma;
    const flags =
      ((prot & PROT_READ) !== 0 ? PF_R : 0) |
      ((prot & PROT_WRITE) !== 0 ? PF_W : 0) |
      ((prot & PROT_EXEC) !== 0 ? PF_X : 0);
    program(i + 1, PT_LOAD, flags, [offset, vma.start, 0, size, vma.end - vma.start, PAGE_SIZE]);
    if (size > 0) parts.push({ vma, size, offset });
    offset += size;
  }
  return { headers: join([header, notes]), parts };
}

/** Takes bytes for a place in the file. False: no more. */
export type Sink = (at: number, bytes: Uint8Array) => boolean;

/** The pages of a part that hold anything; what was never touched stays a hole in the file. False when the sink is full. */
export function contents(mm: AddressSpace, { vma, size, offset }: Part, sink: Sink): boolean {
  const present: number[] = [];
  if (vma.pages) for (let page = vma.start; page < vma.start + size; page += PAGE_SIZE) present.push(page);
  else {
    mm.table.forEach(vma.start, vma.start + size, (va) => {
      present.push(va);
    });
  }
  for (const page of present) {
    const bytes = new Uint8Array(PAGE_SIZE);
    if (readForced(mm, page, bytes) === PAGE_SIZE && !sink(offset + page - vma.start, bytes)) return false;
  }
  return true;
}
