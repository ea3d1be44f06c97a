// One process in detail, at the moment of asking: its memory, area by area, and its open descriptors.
import { cmdline } from "../../kernel/fs/proc/process/memory.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { areaPages } from "../../kernel/mm/area-pages.ts";
import type { Task } from "../../kernel/task/task.ts";
import { pathName } from "../../kernel/vfs/path-name.ts";
import { toText } from "../../lib/byte-string.ts";
import { PAGE_SIZE } from "../../machine/ram.ts";

const MAP_SHARED = 1;

export interface Area {
  start: number;
  end: number;
  /** "rw-p", as in /proc/PID/maps. */
  mode: string;
  name: string;
  /** Pages that are in RAM: its own; shared until one of those who share writes; of a file, clean; shared for good. */
  private: number;
  copyOnWrite: number;
  file: number;
  shared: number;
  /** Pages of address space. */
  size: number;
}

export interface Descriptor {
  fd: number;
  path: string;
  access: "read" | "write" | "both";
  position: number;
}

export interface ProcessDetails {
  pid: number;
  name: string;
  command: string[];
  directory: string;
  areas: Area[];
  descriptors: Descriptor[];
  children: number[];
}

/** Undefined when there is no such process, or it has ended. */
export function processDetails(kernel: Kernel, pid: number): ProcessDetails | undefined {
  const group = kernel.tasks.group(pid);
  if (!group || group.zombie) return undefined;
  const task = group.leader;
  return {
    pid,
    name: toText(task.comm),
    command: toText(cmdline(task)).split("\0").slice(0, -1),
    directory: toText(pathName(task.fs.cwd, task.fs.root)),
    areas: areasOf(task),
    descriptors: descriptorsOf(task),
    children: [...group.children].map((child) => child.pid),
  };
}

function areasOf(task: Task): Area[] {
  const { mm } = task;
  const areas: Area[] = [];
  for (const vma of mm.vmas()) {
    const pages = areaPages(mm, vma);
    const forGood = (vma.flags & MAP_SHARED) !== 0;
    const bit = (mask: number, letter: string): string => ((vma.prot & mask) !== 0 ? letter : "-");
    areas.push({
      start: vma.start,
      end: vma.end,
      mode: bit(1, "r") + bit(2, "w") + bit(4, "x") + (forGood ? "s" : "p"),
      name: vma.file
        ? toText(pathName(vma.file.path, task.fs.root))
        : (vma.name ?? (vma.start < mm.brk && vma.end > mm.brkStart ? "[heap]" : stackName(mm.startStack, vma))),
      private: forGood ? 0 : pages.privateDirty,
      copyOnWrite: forGood ? 0 : pages.sharedDirty,
      file: forGood ? 0 : pages.sharedClean + pages.privateClean,
      shared: forGood ? pages.resident : 0,
      size: (vma.end - vma.start) / PAGE_SIZE,
    });
  }
  return areas;
}

const stackName = (stack: number, vma: { start: number; end: number }): string =>
  vma.start <= stack && vma.end > stack ? "[stack]" : "";

function descriptorsOf(task: Task): Descriptor[] {
  const found: Descriptor[] = [];
  for (let fd = 0; fd < task.files.capacity; fd++) {
    const file = task.files.get(fd);
    if (!file) continue;
    const access = (["read", "write", "both"] as const)[file.flags & 3] ?? "both";
    found.push({ fd, path: toText(pathName(file.path, task.fs.root)), access, position: file.position });
  }
  return found;
}
