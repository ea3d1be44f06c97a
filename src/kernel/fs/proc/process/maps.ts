// /proc/PID/maps, smaps and smaps_rollup: an address space, area by area. proc_pid_maps(5), proc_pid_smaps(5)
import type { AddressSpace } from "../../../mm/address-space.ts";
import { type AreaPages, areaPages, noPages } from "../../../mm/area-pages.ts";
import type { Vma } from "../../../mm/vma.ts";
import type { Task } from "../../../task/task.ts";
import type { Reader } from "../../rows/row.ts";
import { hex, mangle, mmOf, shownPath } from "../text.ts";

const READ = 1;
const WRITE = 2;
const EXEC = 4;
const SHARED = 1;
const GROWSDOWN = 0x100;
const LOCKED = 0x2000;
const NORESERVE = 0x4000;

/** Where the name of an area begins in its line. */
const NAME_COLUMN = 73;

function header(
  start: number,
  end: number,
  mode: string,
  offset: number,
  minor: number,
  ino: number,
  name: string,
): string {
  const place = `${hex(start, 8)}-${hex(end, 8)} ${mode} ${hex(offset, 8)} 00:${hex(minor, 2)} ${ino} `;
  return name === "" ? `${place}\n` : `${place.padEnd(NAME_COLUMN)}${name}\n`;
}

function areaName(mm: AddressSpace, vma: Vma, reader: Reader): string {
  if (vma.file) return mangle(shownPath(vma.file.path, reader), "\n");
  if (vma.name !== undefined) return vma.name;
  if (vma.start < mm.brk && vma.end > mm.brkStart) return "[heap]";
  return vma.start <= mm.startStack && vma.end > mm.startStack ? "[stack]" : "";
}

function line(mm: AddressSpace, vma: Vma, reader: Reader): string {
  const bit = (mask: number, letter: string): string => ((vma.prot & mask) !== 0 ? letter : "-");
  const mode = bit(READ, "r") + bit(WRITE, "w") + bit(EXEC, "x") + ((vma.flags & SHARED) !== 0 ? "s" : "p");
  const inode = vma.file?.inode;
  const offset = vma.file ? vma.offset : 0;
  return header(
    vma.start,
    vma.end,
    mode,
    offset,
    inode?.superblock.dev ?? 0,
    inode?.ino ?? 0,
    areaName(mm, vma, reader),
  );
}

export function maps(task: Task, reader: Reader): string {
  const mm = mmOf(task);
  if (!mm) return "";
  let text = "";
  for (const vma of mm.vmas()) text += line(mm, vma, reader);
  return text;
}

const counts = (pages: AreaPages): [string, number][] => [
  ["Pss_Dirty", pages.proportionalDirty],
  ["Shared_Clean", pages.sharedClean],
  ["Shared_Dirty", pages.sharedDirty],
  ["Private_Clean", pages.privateClean],
  ["Private_Dirty", pages.privateDirty],
  ["Referenced", pages.resident],
  ["Anonymous", pages.anonymous],
  ["KSM", 0],
  ["LazyFree", 0],
  ["AnonHugePages", 0],
  ["ShmemPmdMapped", 0],
  ["FilePmdMapped", 0],
  ["Shared_Hugetlb", 0],
  ["Private_Hugetlb", 0],
  ["Swap", pages.swapped],
  ["SwapPss", pages.proportionalSwapped],
  ["Locked", pages.locked],
];

const entry = (name: string, pages: number): string =>
  `${`${name}:`.padEnd(16)}${String(Math.floor(pages * 4)).padStart(8)} kB\n`;

function flags(vma: Vma): string {
  const names: string[] = [];
  const add = (on: boolean, name: string): void => {
    if (on) names.push(name);
  };
  add((vma.prot & READ) !== 0, "rd");
  add((vma.prot & WRITE) !== 0, "wr");
  add((vma.prot & EXEC) !== 0, "ex");
  add((vma.flags & SHARED) !== 0, "sh");
  add((vma.maxProt & READ) !== 0, "mr");
  add((vma.maxProt & WRITE) !== 0, "mw");
  add((vma.maxProt & EXEC) !== 0, "me");
  add((vma.flags & SHARED) !== 0 && (vma.maxProt & WRITE) !== 0, "ms");
  add((vma.flags & GROWSDOWN) !== 0, "gd");
  add(vma.locked === true || (vma.flags & LOCKED) !== 0, "lo");
  add(vma.dontFork === true, "dc");
  add((vma.prot & WRITE) !== 0 && (vma.flags & SHARED) === 0, "ac");
  add((vma.flags & NORESERVE) !== 0, "nr");
  add(vma.wipeOnFork === true, "wf");
  return `VmFlags: ${names.map((name) => `${name} `).join("")}\n`;
}

export function smaps(task: Task, reader: Reader): string {
  const mm = mmOf(task);
  if (!mm) return "";
  let text = "";
  for (const vma of mm.vmas()) {
    const pages = areaPages(mm, vma);
    text += line(mm, vma, reader);
    text += entry("Size", (vma.end - vma.start) / 4096) + entry("KernelPageSize", 1) + entry("MMUPageSize", 1);
    text += entry("Rss", pages.resident) + entry("Pss", pages.proportional);
    for (const [name, count] of counts(pages)) text += entry(name, count);
    text += `THPeligible:           0\n${flags(vma)}`;
  }
  return text;
}

export function smapsRollup(task: Task, _reader: Reader): string {
  const mm = mmOf(task);
  if (!mm) return "";
  const sum = noPages();
  let start: number | undefined;
  let end = 0;
  for (const vma of mm.vmas()) {
    start ??= vma.start;
    end = vma.end;
    const pages = areaPages(mm, vma);
    for (const key of Object.keys(sum) as (keyof AreaPages)[]) sum[key] += pages[key];
  }
  let text = header(start ?? 0, end, "---p", 0, 0, 0, "[rollup]");
  text += entry("Rss", sum.resident) + entry("Pss", sum.proportional);
  const [dirty, ...rest] = counts(sum);
  text += entry(dirty![0], dirty![1]) + entry("Pss_Anon", sum.proportionalAnonymous);
  text += entry("Pss_File", sum.proportionalFile) + entry("Pss_Shmem", sum.proportionalShared);
  for (const [name, count] of rest) text += entry(name, count);
  return text;
}
