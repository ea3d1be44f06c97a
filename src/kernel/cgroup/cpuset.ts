// The cpuset controller: which processors and memory nodes the tasks of a group may use. There is one of each here, so
// that a set is either it or, left empty, the parent's; what names another is refused as on a Linux with one. cgroups(7)
import { EINVAL, ERANGE, type Errno } from "../../abi/errno.ts";
import type { Cgroup } from "./cgroup.ts";
import type { Controller, ControllerState } from "./controller.ts";
import { pathIn } from "./namespace.ts";

/** Processors, and the nodes that Linux's riscv64 kernels are built for (CONFIG_NODES_SHIFT=2). */
const PROCESSORS = 1;
const NODES_MAX = 4;

type Partition = "member" | "root" | "isolated";

export class CpusetState implements ControllerState {
  readonly cgroup: Cgroup;
  cpus = new Set<number>();
  mems = new Set<number>();
  exclusive = new Set<number>();
  partition: Partition = "member";

  constructor(cgroup: Cgroup) {
    this.cgroup = cgroup;
  }
  /** Why it can't be the partition that was asked for: a parent that has tasks keeps its only processor. */
  get invalid(): string {
    const none = this.cpus.size === 0 && this.exclusive.size === 0;
    return none ? "cpuset.cpus and cpuset.cpus.exclusive are empty" : "Parent unable to distribute cpu downstream";
  }
}

/** "0-3,5", "0-10:1/2", "all", "" as bitmap_parselist reads it; `bits` exist. Errors: EINVAL, ERANGE. */
export function parseList(text: string, bits: number): Set<number> | Errno {
  const set = new Set<number>();
  for (const part of text.split(/[\s,]+/)) {
    if (part === "") continue;
    const match = /^(?:(all)|(\d+|N)(?:-(\d+|N))?)(?::(\d+)\/(\d+))?$/.exec(part);
    if (!match) return EINVAL;
    const number = (digits: string): number => (digits === "N" ? bits - 1 : Number(digits));
    const first = match[1] ? 0 : number(match[2]!);
    const last = match[1] ? bits - 1 : number(match[3] ?? match[2]!);
    const size = Number(match[5] ?? last - first + 1);
    const used = Number(match[4] ?? size);
    if (first > last || size === 0 || used > size) return EINVAL;
    if (last >= bits) return ERANGE;
    for (let bit = first; bit <= last; bit++) if ((bit - first) % size < used) set.add(bit);
  }
  return set;
}

/** As bitmaps are listed: "0-3,5". */
export function showList(set: ReadonlySet<number>): string {
  const sorted = [...set].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i]!;
    while (sorted[i + 1] === sorted[i]! + 1) i++;
    ranges.push(first === sorted[i] ? `${first}` : `${first}-${sorted[i]}`);
  }
  return `${ranges.join(",")}\n`;
}

function setList(text: string, bits: number, online: number, set: (list: Set<number>) => void): 0 | Errno {
  const list = parseList(text, bits);
  if (typeof list === "number") return list;
  for (const bit of list) if (bit >= online) return EINVAL;
  set(list);
  return 0;
}

/** /proc/PID/cpuset. */
export function showCpuset({ effective, kernel }: Cgroup): string {
  return `${pathIn(effective.cpuset.cgroup, kernel.cgroups.namespace)}\n`;
}

export const cpuset: Controller = {
  name: "cpuset",
  threaded: true,
  create: (cgroup) => new CpusetState(cgroup),
  files: [
    {
      name: "cpuset.cpus",
      show: ({ own }) => showList(own.cpuset!.cpus),
      write: ({ own }, text) => setList(text, PROCESSORS, PROCESSORS, (list) => (own.cpuset!.cpus = list)),
    },
    {
      name: "cpuset.mems",
      show: ({ own }) => showList(own.cpuset!.mems),
      write: ({ own }, text) => setList(text, NODES_MAX, 1, (list) => (own.cpuset!.mems = list)),
    },
    { name: "cpuset.cpus.effective", where: "everywhere", show: () => "0\n" },
    { name: "cpuset.mems.effective", where: "everywhere", show: () => "0\n" },
    {
      name: "cpuset.cpus.exclusive",
      show: ({ own }) => showList(own.cpuset!.exclusive),
      write: ({ own }, text) => setList(text, PROCESSORS, PROCESSORS, (list) => (own.cpuset!.exclusive = list)),
    },
    { name: "cpuset.cpus.exclusive.effective", show: () => "\n" },
    {
      name: "cpuset.cpus.partition",
      show({ own }) {
        const { partition, invalid } = own.cpuset!;
        return partition === "member" ? "member\n" : `${partition} invalid (${invalid})\n`;
      },
      write(cgroup, text) {
        if (text !== "member" && text !== "root" && text !== "isolated") return EINVAL;
        cgroup.own.cpuset!.partition = text;
        cgroup.changed("cpuset.cpus.partition");
        return 0;
      },
    },
    { name: "cpuset.cpus.isolated", where: "only in the root", show: () => "\n" },
  ],
};
