// The pages at the top of /proc: the machine as a whole. proc(5)
import { EIO, ENOENT } from "../../../abi/errno.ts";
import { MACHINE, RELEASE, SYSNAME, VERSION } from "../../../abi/version.ts";
import { extensions } from "../../../machine/isa/index.ts";
import { taintReasons } from "../../crash/taint.ts";
import type { Kernel } from "../../kernel.ts";
import { memoryState } from "../../mm/memory-state.ts";
import { systemPressure } from "../../psi/files.ts";
import type { Resource } from "../../psi/pressure.ts";
import { writeSysrqTrigger } from "../../sysrq.ts";
import { noUsage } from "../../task/thread-group.ts";
import { addTask, addUsage } from "../../task/usage.ts";
import { directory, link, page, type Reader, type Row } from "../rows/row.ts";
import { kmsgFile } from "./kmsg.ts";
import { allLocks } from "./locks.ts";
import { sysctlRows } from "./sysctl.ts";
import { interprocessRows } from "./sysvipc.ts";
import { kB, ticks } from "./text.ts";

const lines = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${`${name}:`.padEnd(16)}${value}\n`).join("");

function meminfo(kernel: Kernel): string {
  const memory = memoryState(kernel);
  const none = kB(0);
  const files = memory.cached - memory.shared;
  return (
    lines([
      ["MemTotal", kB(memory.total)],
      ["MemFree", kB(memory.free)],
      ["MemAvailable", kB(memory.available)],
      ["Buffers", none],
      ["Cached", kB(memory.cached)],
      ["SwapCached", kB(memory.swapCached)],
      ["Active", kB(files)],
      ["Inactive", kB(memory.anonymous + memory.shared)],
      ["Active(anon)", none],
      ["Inactive(anon)", kB(memory.anonymous + memory.shared)],
      ["Active(file)", kB(files)],
      ["Inactive(file)", none],
      ["Unevictable", kB(memory.locked)],
      ["Mlocked", kB(memory.locked)],
      ["SwapTotal", kB(memory.swapTotal)],
      ["SwapFree", kB(memory.swapFree)],
      ["Dirty", none],
      ["Writeback", none],
      ["AnonPages", kB(memory.anonymous)],
      ["Mapped", kB(memory.mapped)],
      ["Shmem", kB(memory.shared)],
      ["KReclaimable", none],
      ["Slab", none],
      ["SReclaimable", none],
      ["SUnreclaim", none],
      ["KernelStack", none],
      ["PageTables", kB(memory.tables)],
      ["SecPageTables", none],
      ["NFS_Unstable", none],
      ["Bounce", none],
      ["WritebackTmp", none],
      ["CommitLimit", kB(kernel.memory.overcommit.limit)],
      ["Committed_AS", kB(memory.committed)],
    ]) +
    `VmallocTotal:   67108864 kB\nVmallocUsed:           0 kB\nVmallocChunk:          0 kB\nPercpu:         ${none}\n` +
    `HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\n` +
    `Hugepagesize:       2048 kB\nHugetlb:        ${none}\n`
  );
}

/** "rv64imafdc_zicntr_zicsr_zifencei": single letters first, then the others. */
export function isaString(): string {
  const names: readonly string[] = extensions;
  const single = names.filter((name) => name.length === 1).join("");
  return [`rv64${single}`, ...names.filter((name) => name.length > 1)].join("_");
}

function cpuinfo(): string {
  const isa = isaString();
  const fields = [
    "processor\t: 0",
    "hart\t\t: 0",
    `isa\t\t: ${isa}`,
    "mmu\t\t: sv39",
    "mvendorid\t: 0x0",
    "marchid\t\t: 0x0",
    "mimpid\t\t: 0x0",
    `hart isa\t: ${isa}`,
  ];
  return `${fields.join("\n")}\n\n`;
}

function loadavg(kernel: Kernel): string {
  let running = 0;
  for (const { state } of kernel.tasks.all) if (state === "R") running++;
  const load = kernel.scheduler.load.map((average) => average.toFixed(2)).join(" ");
  return `${load} ${running}/${kernel.tasks.taskCount} ${kernel.tasks.lastPid}\n`;
}

const seconds = (nanoseconds: number): string => (Math.floor(nanoseconds / 1e7) / 100).toFixed(2);

/** What the reader's time namespace adds to the time since boot, in nanoseconds. */
const boottimeOffset = ({ task }: Reader): number => Number(task?.nsproxy.time.boottime ?? 0n);

function stat(kernel: Kernel, reader: Reader): string {
  const { clock, scheduler, tasks } = kernel;
  const used = noUsage();
  let running = 0;
  let blocked = 0;
  for (const task of tasks.all) {
    addTask(used, task);
    if (task.state === "R") running++;
    else if (task.state === "D") blocked++;
  }
  for (const group of tasks.allGroups) {
    addUsage(used, group.usage);
    addUsage(used, group.childUsage);
  }
  const up = BigInt(clock.monotonic() + boottimeOffset(reader));
  const booted = (clock.realtime() - up) / 1_000_000_000n;
  const times = `${ticks(used.utime)} 0 ${ticks(used.stime)} ${ticks(scheduler.idleTime)} 0 0 0 0 0 0`;
  return (
    `cpu  ${times}\ncpu0 ${times}\nintr 0\nctxt ${scheduler.switches}\nbtime ${booted}\nprocesses ${tasks.forks}\n` +
    `procs_running ${running}\nprocs_blocked ${blocked}\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`
  );
}

/** Hierarchy 0 is that of cgroup v2; a controller counts the groups that have it, the root among them. */
function controllerTable({ cgroups }: Kernel): string {
  const lines = cgroups.controllers.map(({ name }) => {
    let count = 0;
    for (const cgroup of cgroups.root.subtree()) if (cgroup.own[name]) count++;
    return `${name}\t0\t${count}\t1\n`;
  });
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${lines.join("")}`;
}

function vmstat(kernel: Kernel): string {
  const memory = memoryState(kernel);
  let minor = 0;
  let major = 0;
  for (const task of kernel.tasks.all) {
    minor += task.minorFaults;
    major += task.majorFaults;
  }
  const files = memory.cached - memory.shared;
  const { counts } = kernel.memory.reclaim;
  const rows: [string, number][] = [
    ["nr_free_pages", memory.free],
    ["nr_inactive_anon", memory.anonymous + memory.shared],
    ["nr_active_anon", 0],
    ["nr_inactive_file", 0],
    ["nr_active_file", files],
    ["nr_unevictable", memory.locked],
    ["nr_mlock", memory.locked],
    ["nr_anon_pages", memory.anonymous],
    ["nr_mapped", memory.mapped],
    ["nr_file_pages", memory.cached],
    ["nr_dirty", 0],
    ["nr_writeback", 0],
    ["nr_shmem", memory.shared],
    ["nr_slab_reclaimable", 0],
    ["nr_slab_unreclaimable", 0],
    ["pgpgin", 0],
    ["pgpgout", 0],
    ["pswpin", kernel.swap.in],
    ["pswpout", kernel.swap.out],
    ["pgalloc_normal", memory.total - memory.free],
    ["pgfree", 0],
    ["pgfault", minor + major],
    ["pgmajfault", major],
    ["pglazyfreed", counts.lazyFreed],
    ["pgsteal_direct", counts.takenAnonymous + counts.takenFile],
    ["pgscan_direct", counts.scannedAnonymous + counts.scannedFile],
    ["pgscan_anon", counts.scannedAnonymous],
    ["pgscan_file", counts.scannedFile],
    ["pgsteal_anon", counts.takenAnonymous],
    ["pgsteal_file", counts.takenFile],
    ["allocstall_normal", kernel.memory.stalls],
    ["oom_kill", kernel.memory.oomKills],
  ];
  return rows.map(([name, count]) => `${name} ${count}\n`).join("");
}

function partitions(kernel: Kernel): string {
  let text = "major minor  #blocks  name\n\n";
  for (const device of kernel.devices.all()) {
    if (!("block" in device)) continue;
    const { major, minor, bytes, name } = device;
    const blocks = String(Math.floor(bytes / 1024));
    text += `${String(major).padStart(4)}  ${String(minor).padStart(7)} ${blocks.padStart(10)} ${name}\n`;
  }
  return text;
}

function swaps({ swap }: Kernel): string {
  let text = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
  for (const { options, slots, used, priority } of swap.areas) {
    const size = slots * 4;
    const name = options.name();
    // Linux pads with spaces to column 40, and numbers with a tab where they are short.
    const pad = name.length < 40 ? 40 - name.length : 1;
    const tab = (kb: number): string => (kb < 10_000_000 ? "\t" : "");
    text += `${name}${" ".repeat(pad)}${options.type === "file" ? "file\t\t" : "partition\t"}${size}\t${tab(size)}${used * 4}\t${tab(used * 4)}${priority}\n`;
  }
  return text;
}

function devices(kernel: Kernel): string {
  const names = (block: boolean): string => {
    const majors = new Map<number, string>();
    for (const device of kernel.devices.all()) {
      if ("block" in device !== block || majors.has(device.major)) continue;
      majors.set(device.major, MAJORS[device.major] ?? device.name ?? "?");
    }
    return [...majors]
      .sort(([a], [b]) => a - b)
      .map(([number, name]) => `${String(number).padStart(3)} ${name}\n`)
      .join("");
  };
  return `Character devices:\n${names(false)}\nBlock devices:\n${names(true)}`;
}

/** Linux's names for the majors that occur: Documentation/admin-guide/devices.txt */
const MAJORS: Readonly<Record<number, string>> = {
  1: "mem",
  4: "tty",
  5: "/dev/tty",
  10: "misc",
  128: "ptm",
  136: "pts",
  254: "rtc",
};

const filesystems = (kernel: Kernel): string =>
  [...kernel.vfs.filesystems.values()].map(({ name, nodev }) => `${nodev ? "nodev" : ""}\t${name}\n`).join("");

function interrupts(kernel: Kernel): string {
  const { switches } = kernel.scheduler;
  return `           CPU0       \n 10: ${String(switches).padStart(10)}  RISC-V INTC   5 Edge      riscv-timer\n`;
}

const pressure = (resource: Resource): Row<Kernel> => ({
  kind: "device",
  name: resource,
  mode: 0o666,
  ops: (kernel, { task }) => systemPressure(kernel, resource, (task ?? kernel.tasks.init!.leader).cred),
});

const MODULE_STATES = { live: "Live", coming: "Loading", going: "Unloading" } as const;

/** "rot13 4096 0 - Live 0x0000000000000000 (OE)". */
function modulesPage({ modules }: Kernel): string {
  return modules.all
    .map((module) => {
      const { name, size, referenceCount, users, state, taints } = module;
      const who = `${[...users].map((user) => `${user.name},`).join("")}${module.permanent ? "[permanent]," : ""}`;
      const sign = state === "going" ? "-" : state === "coming" ? "+" : "";
      const letters = taintReasons(taints).map(({ letter }) => letter);
      const flags = letters.length > 0 || sign !== "" ? ` (${letters.join("")}${sign})` : "";
      return `${name} ${size} ${referenceCount} ${who || "-"} ${MODULE_STATES[state]} 0x${"0".repeat(16)}${flags}\n`;
    })
    .join("");
}

const empty = (name: string, mode = 0o444): Row<Kernel> => page(name, mode, () => "");

const self = link<Kernel>("self", ({ current }, { pids }) => {
  const pid = current ? pids.of(current.pid) : 0;
  return pid === 0 ? ENOENT : String(pid);
});
const threadSelf = link<Kernel>("thread-self", ({ current }, { pids }) => {
  const [pid, tid] = current ? [pids.of(current.pid), pids.of(current.tid)] : [0, 0];
  return pid === 0 ? ENOENT : `${pid}/task/${tid}`;
});
/** What is there even where only processes are shown. */
export const selfRows: readonly Row<Kernel>[] = [self, threadSelf];

export const systemRows: readonly Row<Kernel>[] = [
  page("buddyinfo", 0o444, (kernel) => {
    let { freeFrames: free } = kernel.ram;
    const orders: string[] = [];
    for (let order = 10; order >= 0; order--) {
      const blocks = order === 0 ? free : Math.floor(free / 2 ** order);
      free -= blocks * 2 ** order;
      orders.unshift(String(blocks).padStart(6));
    }
    return `Node 0, zone   Normal ${orders.join(" ")} \n`;
  }),
  directory("bus", [directory("input", [empty("devices")])]),
  page("cgroups", 0o444, controllerTable),
  page("cmdline", 0o444, (kernel) => `${kernel.commandLine.text}\n`),
  page("consoles", 0o444, () => "console              -W- (EC   )    5:1\n"),
  page("cpuinfo", 0o444, cpuinfo),
  empty("crypto"),
  page("devices", 0o444, devices),
  empty("diskstats"),
  empty("dma"),
  directory("driver", []),
  page("execdomains", 0o444, () => "0-0\tLinux           \t[kernel]\n"),
  empty("fb"),
  page("filesystems", 0o444, filesystems),
  directory("fs", []),
  page("interrupts", 0o444, interrupts),
  page(
    "iomem",
    0o400,
    (kernel) => `80000000-${(0x80000000 + kernel.ram.totalFrames * 4096 - 1).toString(16)} : System RAM\n`,
  ),
  empty("ioports", 0o400),
  directory("irq", []),
  empty("key-users"),
  { kind: "device", name: "kmsg", mode: 0o400, ops: kmsgFile },
  page("loadavg", 0o444, loadavg),
  page("locks", 0o444, allLocks),
  page("meminfo", 0o444, meminfo),
  page("misc", 0o444, (kernel) =>
    kernel.devices
      .all()
      .filter((device) => device.major === 10)
      .map(({ minor, name }) => `${String(minor).padStart(3)} ${name}\n`)
      .join(""),
  ),
  page("modules", 0o444, modulesPage),
  link("mounts", () => "self/mounts"),
  link("net", () => "self/net"),
  page("partitions", 0o444, partitions),
  directory("pressure", [pressure("cpu"), pressure("io"), pressure("memory")]),
  page(
    "schedstat",
    0o444,
    (kernel) => `version 17\ntimestamp ${ticks(kernel.clock.monotonic())}\ncpu0 0 0 0 0 0 0 0 0 0\n`,
  ),
  self,
  page(
    "slabinfo",
    0o400,
    () =>
      "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n",
  ),
  page("softirqs", 0o444, () =>
    ["                    CPU0       ", ...SOFTIRQS.map((name) => `${`${name}:`.padStart(12)} ${"0".padStart(10)}`)]
      .map((line) => `${line}\n`)
      .join(""),
  ),
  page("stat", 0o444, stat),
  page("swaps", 0o444, swaps),
  directory("sys", sysctlRows),
  page("sysrq-trigger", 0o200, () => EIO, { write: writeSysrqTrigger }),
  directory("sysvipc", interprocessRows),
  threadSelf,
  directory("tty", [
    page("drivers", 0o444, () =>
      [
        ["/dev/tty", "/dev/tty", "5", "0", "system:/dev/tty"],
        ["/dev/console", "/dev/console", "5", "1", "system:console"],
        ["/dev/ptmx", "/dev/ptmx", "5", "2", "system"],
        ["pty_slave", "/dev/pts", "136", "0-1048575", "pty:slave"],
        ["pty_master", "/dev/ptm", "128", "0-1048575", "pty:master"],
      ]
        .map(([driver, name, number, range, type]) => {
          return `${driver!.padEnd(20)} ${name!.padEnd(13)} ${number!.padStart(3)} ${range!.padStart(7)} ${type}\n`;
        })
        .join(""),
    ),
    page("ldiscs", 0o444, () => "n_tty       0\n"),
  ]),
  page("uptime", 0o444, ({ clock, scheduler }, reader) => {
    const up = clock.monotonic() + boottimeOffset(reader);
    return `${seconds(up)} ${seconds(scheduler.idleTime)}\n`;
  }),
  page("version", 0o444, () => `${SYSNAME} version ${RELEASE} (airside@${MACHINE}) (tsc, erased by node) ${VERSION}\n`),
  page("vmstat", 0o444, vmstat),
  page("zoneinfo", 0o444, ({ ram }) => {
    const managed = ram.totalFrames;
    return `Node 0, zone   Normal\n  pages free     ${ram.freeFrames}\n        boost    0\n        min      0\n        low      0\n        high     0\n        spanned  ${managed}\n        present  ${managed}\n        managed  ${managed}\n`;
  }),
];

const SOFTIRQS = ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"];
