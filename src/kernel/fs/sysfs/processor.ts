// /sys/devices/system: the processor and the one node of memory, as lscpu, numactl, glibc and thread pools read them.
import type { Kernel } from "../../kernel.ts";
import { memoryState } from "../../mm/memory-state.ts";
import { directory, link, page, type Row } from "../rows/row.ts";

const fixed = (name: string, value: string, mode = 0o444): Row<Kernel> => page(name, mode, () => `${value}\n`);
const lists = (names: readonly string[], mask: string, list: string): Row<Kernel>[] =>
  names.flatMap((name) => [fixed(name, mask), fixed(`${name}_list`, list)]);

const topology = directory<Kernel>("topology", [
  fixed("cluster_id", "-1"),
  fixed("core_id", "0"),
  fixed("physical_package_id", "0"),
  ...lists(["cluster_cpus", "core_cpus", "core_siblings", "die_cpus", "package_cpus", "thread_siblings"], "1", "0"),
]);

const cpu0 = directory<Kernel>("cpu0", [
  directory("hotplug", [fixed("state", "238")]),
  link("node0", () => "../../node/node0"),
  link("subsystem", () => "../../../../bus/cpu"),
  directory("power", []),
  topology,
  fixed("uevent", "DRIVER=cpu\nOF_NAME=cpu\nOF_COMPATIBLE_0=riscv\nOF_COMPATIBLE_N=1"),
]);

const processors = directory<Kernel>("cpu", [
  cpu0,
  fixed("isolated", ""),
  fixed("kernel_max", "63"),
  fixed("modalias", "cpu:type:riscv:feature:"),
  fixed("offline", ""),
  fixed("online", "0"),
  fixed("possible", "0"),
  directory("power", []),
  fixed("present", "0"),
  directory("smt", [fixed("active", "0"), fixed("control", "notsupported")]),
  fixed("uevent", "", 0o644),
]);

function nodeMemory(kernel: Kernel): string {
  const memory = memoryState(kernel);
  const files = memory.cached - memory.shared;
  const rows: [string, number][] = [
    ["MemTotal", memory.total],
    ["MemFree", memory.free],
    ["MemUsed", memory.total - memory.free],
    ["SwapCached", 0],
    ["Active", files],
    ["Inactive", memory.anonymous + memory.shared],
    ["Unevictable", memory.locked],
    ["Mlocked", memory.locked],
    ["Dirty", 0],
    ["Writeback", 0],
    ["FilePages", memory.cached],
    ["Mapped", memory.mapped],
    ["AnonPages", memory.anonymous],
    ["Shmem", memory.shared],
    ["KernelStack", 0],
    ["PageTables", 0],
    ["Slab", 0],
  ];
  const text = rows
    .map(([name, pages]) => `Node 0 ${`${name}:`.padEnd(15)} ${String(pages * 4).padStart(8)} kB\n`)
    .join("");
  return `${text}Node 0 HugePages_Total:     0\nNode 0 HugePages_Free:      0\nNode 0 HugePages_Surp:      0\n`;
}

const node0 = directory<Kernel>("node0", [
  link("cpu0", () => "../../cpu/cpu0"),
  fixed("cpulist", "0"),
  fixed("cpumap", "1"),
  fixed("distance", "10"),
  directory("hugepages", []),
  page("meminfo", 0o444, nodeMemory),
  page(
    "numastat",
    0o444,
    () => "numa_hit 0\nnuma_miss 0\nnuma_foreign 0\ninterleave_hit 0\nlocal_node 0\nother_node 0\n",
  ),
  directory("power", []),
  link("subsystem", () => "../../../../bus/node"),
  fixed("uevent", "", 0o644),
]);

const nodes = directory<Kernel>("node", [
  ...["has_cpu", "has_memory", "has_normal_memory", "online", "possible"].map((name) => fixed(name, "0")),
  node0,
]);

const clock = directory<Kernel>("clocksource", [
  directory("clocksource0", [
    fixed("available_clocksource", "riscv_clocksource "),
    fixed("current_clocksource", "riscv_clocksource", 0o644),
  ]),
]);

export const systemDevices: Row<Kernel> = directory("system", [clock, processors, directory("memory", []), nodes]);

export const buses: Row<Kernel> = directory("bus", [
  directory("cpu", [
    directory("devices", [link("cpu0", () => "../../../devices/system/cpu/cpu0")]),
    directory("drivers", []),
  ]),
  directory("node", [
    directory("devices", [link("node0", () => "../../../devices/system/node/node0")]),
    directory("drivers", []),
  ]),
  directory("pci", [directory("devices", []), directory("drivers", [])]),
  directory("platform", [directory("devices", []), directory("drivers", [])]),
  directory("usb", [directory("devices", []), directory("drivers", [])]),
]);
