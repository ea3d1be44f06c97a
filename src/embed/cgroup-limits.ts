// Limits of a process and all that it starts, together, as people write them in docker's options, and the files of its
// group that they are written to. cgroups(7)
import type { Settings } from "../kernel/cgroup/transient.ts";
import { parseSize } from "./size.ts";

/** A rate for each filesystem: a path in it, and bytes ("1mb") or operations a second. */
export type DeviceRates = Readonly<Record<string, number | string>>;

export interface GroupLimits {
  /** How much of the processor it may use: 0.5 is half of it. cpu.max */
  cpus?: number;
  /** Its share when others want the processor too; 1024 is everybody's. cpu.weight */
  cpuShares?: number;
  /** Processors that it may run on, like "0-1,3". cpuset.cpus */
  cpuset?: string;
  /** Processes and threads at a time. EAGAIN. pids.max */
  pids?: number;
  /** Memory: frames of its own pages, of the files it brought in, of its page tables and stacks. Bytes or "256m". Files go
   *  first, then pages to swap, if the machine has any; when that is not enough its largest process is killed. memory.max */
  memory?: number | string;
  /** Memory and swap together, as docker has it: twice the memory if not given, −1 for as much swap as there is. */
  memorySwap?: number | string;
  /** What of it others' needs do not take away. memory.low */
  memoryReservation?: number | string;
  /** Its share of input and output, 10 to 1000; 500 is everybody's. io.weight */
  blkioWeight?: number;
  /** Bytes and operations a second. io.max */
  readBps?: DeviceRates;
  writeBps?: DeviceRates;
  readIops?: DeviceRates;
  writeIops?: DeviceRates;
}

const PERIOD = 100_000;

function bounded(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new RangeError(`not a value of ${name}: ${value} (it is from ${low} to ${high})`);
}
const whole = (name: string, value: number, low: number, high: number): number =>
  Number.isInteger(value) ? bounded(name, value, low, high) : bounded(name, Number.NaN, low, high);

/** What is to be written where. `device` tells a path's "major:minor". Throws a RangeError with one plain line. */
export function cgroupSettings(limits: GroupLimits, device: (path: string) => string): Settings {
  const settings: [string, string][] = [];
  const set = (file: string, text: number | string): number => settings.push([file, String(text)]);
  const { cpus, cpuShares, cpuset, pids, blkioWeight } = limits;
  if (cpus !== undefined) {
    set("cpu.max", `${Math.round(bounded("cpus", cpus, 0.01, 1024) * PERIOD)} ${PERIOD}`);
  }
  // Docker's 2 to 262144 and 10 to 1000 come from the first version of cgroups; the second has 1 to 10000 for both.
  if (cpuShares) {
    set("cpu.weight", 1 + Math.floor(((whole("cpu shares", cpuShares, 2, 262144) - 2) * 9999) / 262142));
  }
  if (cpuset !== undefined) set("cpuset.cpus", cpuset);
  // Docker: 0 and -1 are no limit.
  if (pids !== undefined && pids !== 0 && pids !== -1) set("pids.max", whole("pids", pids, 1, 4 << 20));
  memorySettings(limits, set);
  if (blkioWeight) {
    set("io.weight", 1 + Math.floor(((whole("blkio weight", blkioWeight, 10, 1000) - 10) * 9999) / 990));
  }
  const rates = (key: string, wanted: DeviceRates = {}, read: (rate: number | string) => number): void => {
    for (const [path, rate] of Object.entries(wanted)) set("io.max", `${device(path)} ${key}=${read(rate)}`);
  };
  const operations = (rate: number | string): number => whole("operations a second", Number(rate), 1, 2 ** 32);
  rates("rbps", limits.readBps, parseSize);
  rates("wbps", limits.writeBps, parseSize);
  rates("riops", limits.readIops, operations);
  rates("wiops", limits.writeIops, operations);
  return settings;
}

function memorySettings(limits: GroupLimits, set: (file: string, text: number | string) => void): void {
  const { memory, memorySwap, memoryReservation } = limits;
  if (memoryReservation !== undefined) set("memory.low", parseSize(memoryReservation));
  if (memory === undefined) {
    if (memorySwap !== undefined) throw new RangeError("a limit of memory and swap together needs one of memory");
    return;
  }
  const bytes = parseSize(memory);
  const swap =
    String(memorySwap) === "-1" ? undefined : memorySwap === undefined ? bytes : parseSize(memorySwap) - bytes;
  if (swap !== undefined && swap < 0) {
    throw new RangeError("memory and swap together can't be less than memory");
  }
  set("memory.swap.max", swap ?? "max");
  set("memory.max", bytes);
}

/** "/data:1mb", as docker's --device-read-bps has it. */
export function parseDeviceRate(text: string): [string, string] {
  const colon = text.lastIndexOf(":");
  if (colon > 0 && colon < text.length - 1) return [text.slice(0, colon), text.slice(colon + 1)];
  throw new RangeError(`not a rate: ${text} (write it like /data:1mb or /data:100)`);
}
