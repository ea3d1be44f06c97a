// -k: where a call came from, by .eh_frame and .dynsym as they are mapped.
import type { Task } from "../../kernel/task/task.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { callerOf, type Memory, type Registers, rulesAt } from "../unwind/cfi.ts";
import { peek, peekString } from "./call.ts";

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_GNU_EH_FRAME = 0x6474e550;
const DT_HASH = 4;
const DT_STRTAB = 5;
const DT_SYMTAB = 6;
const DT_GNU_HASH = 0x6ffffef5;

interface Module {
  readonly path: string;
  /** What addresses in the file become in memory. */
  readonly bias: number;
  /** .eh_frame_hdr; 0 where there is none. */
  readonly header: number;
  readonly dynamic: number;
  /** Where `pc` lies in the file. */
  readonly offset: number;
}

function moduleOf(task: Task, pc: number): Module | undefined {
  const { areas } = task.mm;
  const area = areas.find(pc);
  if (!area?.file) return undefined;
  let base = area.start;
  for (const other of areas) {
    if (other.file?.inode === area.file.inode && other.offset === 0 && other.start <= pc) base = other.start;
  }
  const head = peek(task, base, 64);
  if (head?.getUint32(0, false) !== 0x7f454c46) return undefined;
  const count = head.getUint16(56, true);
  const table = peek(task, base + Number(head.getBigUint64(32, true)), count * 56);
  if (!table) return undefined;
  let bias: number | undefined;
  let header = 0;
  let dynamic = 0;
  for (let i = 0; i < count; i++) {
    const type = table.getUint32(i * 56, true);
    const address = Number(table.getBigUint64(i * 56 + 16, true));
    if (type === PT_LOAD) bias ??= base - (address - (address % 4096));
    else if (type === PT_GNU_EH_FRAME) header = address;
    else if (type === PT_DYNAMIC) dynamic = address;
  }
  if (bias === undefined) return undefined;
  return {
    path: pathName(area.file.path, task.fs.root),
    bias,
    header: header === 0 ? 0 : header + bias,
    dynamic: dynamic === 0 ? 0 : dynamic + bias,
    offset: pc - area.start + area.offset,
  };
}

/** The symbol that `pc` lies in, "name+0x14". */
function symbol(task: Task, { dynamic, bias }: Module, pc: number): string {
  const entries = new Map<number, number>();
  for (let at = dynamic; dynamic !== 0 && entries.size < 64; at += 16) {
    const entry = peek(task, at, 16);
    const tag = Number(entry?.getBigUint64(0, true) ?? 0n);
    if (!entry || tag === 0) break;
    entries.set(tag, Number(entry.getBigUint64(8, true)));
  }
  // The dynamic linker has made addresses of them; in a file that it has not touched they are relative.
  const absolute = (value: number | undefined): number =>
    value === undefined ? 0 : value < bias ? value + bias : value;
  const symbols = absolute(entries.get(DT_SYMTAB));
  const strings = absolute(entries.get(DT_STRTAB));
  const count = symbolCount(task, absolute(entries.get(DT_HASH)), absolute(entries.get(DT_GNU_HASH)));
  if (symbols === 0 || strings === 0 || count === 0) return "";
  const all = peek(task, symbols, count * 24);
  if (!all) return "";
  let best = -1;
  let bestAddress = -1;
  for (let i = 1; i < count; i++) {
    const kind = all.getUint8(i * 24 + 4) & 15;
    const address = Number(all.getBigUint64(i * 24 + 8, true)) + bias;
    const size = Number(all.getBigUint64(i * 24 + 16, true));
    // Functions that are defined here
    if (kind !== 2 || all.getUint16(i * 24 + 6, true) === 0) continue;
    if (address <= pc && pc < address + size && address > bestAddress) [best, bestAddress] = [i, address];
  }
  if (best < 0) return "";
  const name = peekString(task, strings + all.getUint32(best * 24, true), 256);
  return name ? `${String.fromCharCode(...name.bytes)}+0x${(pc - bestAddress).toString(16)}` : "";
}

function symbolCount(task: Task, hash: number, gnuHash: number): number {
  if (hash !== 0) return peek(task, hash, 8)?.getUint32(4, true) ?? 0;
  const head = gnuHash === 0 ? undefined : peek(task, gnuHash, 16);
  if (!head) return 0;
  const [buckets, first, bloom] = [0, 4, 8].map((at) => head.getUint32(at, true)) as [number, number, number];
  const table = gnuHash + 16 + bloom * 8;
  const starts = peek(task, table, buckets * 4);
  let last = 0;
  for (let i = 0; starts && i < buckets; i++) last = Math.max(last, starts.getUint32(i * 4, true));
  if (last < first) return first;
  for (let at = table + buckets * 4 + (last - first) * 4; ; at += 4, last++) {
    const word = peek(task, at, 4);
    if (!word || word.getUint32(0, true) & 1) return last + 1;
  }
}

/** "/usr/lib/…/libc.so.6(write+0x14) [0xd1e5c]", innermost first. */
export function stackLines(task: Task, limit: number): string[] {
  const lines: string[] = [];
  if (task.exiting) return lines;
  let registers: Registers = Array.from({ length: 32 }, (_, i) => (i === 0 ? 0 : task.context.xn(i)));
  let { pc } = task.context;
  const memory: Memory = (address, length) => peek(task, address, length);
  const word = (address: number): number | undefined => {
    const bytes = peek(task, address, 8);
    return bytes && Number(bytes.getBigUint64(0, true));
  };
  while (lines.length < limit) {
    const found = moduleOf(task, pc);
    if (!found) break;
    lines.push(`${found.path}(${symbol(task, found, pc)}) [0x${found.offset.toString(16)}]`);
    // Behind a call that does not return the next function begins.
    const rules = found.header === 0 ? undefined : rulesAt(memory, found.header, lines.length > 1 ? pc - 1 : pc);
    const caller = rules && callerOf(rules, registers, word);
    const next = caller?.[1];
    if (!caller || !next || next === pc) break;
    registers = caller;
    pc = next;
    // The caller's own return address has to come from its frame.
    registers[1] = undefined;
  }
  return lines;
}
