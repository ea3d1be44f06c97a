// A crash report: all that is worth knowing of a machine whose kernel has failed, as one object for a file. A part that
// can't be told, as the state that it comes from is torn, says so instead. docs/crash.md; `airside crash` explains it.
import { MACHINE, RELEASE, VERSION } from "../../abi/version.ts";
import { toText } from "../../lib/byte-string.ts";
import type { Kernel } from "../kernel.ts";
import type { LogRecord } from "../log.ts";
import { type MemoryState, memoryState } from "../mm/memory-state.ts";
import type { Task } from "../task/task.ts";
import type { Crossing } from "./crossings.ts";
import { callText, crossingText, hex16, registerLines } from "./show.ts";

export const CRASH_FORMAT = "airside-crash";
export const CRASH_VERSION = 1;

export type CrashKind = "panic" | "oops" | "request";

/** What a part is when its making threw. */
export interface Untold {
  readonly untold: string;
}

export interface CrashTask {
  tid: number;
  pid: number;
  ppid: number;
  name: string;
  state: string;
  uid: number;
  /** The call it is in, by name with its arguments; undefined in user space. */
  call: string | undefined;
  /** Where it is, and where it would return to: a file and an offset in it where one is mapped there. */
  pc: string;
  ra: string;
  /** Nanoseconds in user and in kernel space. */
  utime: number;
  stime: number;
  /** Pages. */
  resident: number;
}

export interface CrashReport {
  format: typeof CRASH_FORMAT;
  version: typeof CRASH_VERSION;
  kind: CrashKind;
  /** What a panic says, or the exception. */
  text: string;
  /** The exception that a panic is about. */
  exception: string | undefined;
  /** ISO 8601. */
  time: string;
  /** Seconds since boot. */
  uptime: number;
  kernel: { release: string; version: string; machine: string; commandLine: string };
  /** What the machine ran on. */
  host: string;
  taints: number;
  oopses: number;
  warnings: number;
  modules: { name: string; state: string; taints: number }[] | Untold;
  /** The kernel's stack, innermost first: "function (file:line:column)". */
  stack: string[];
  /** The task in whose name the kernel worked; undefined in timers and between tasks. */
  current: number | undefined;
  registers: string[] | Untold;
  /** The current task's memory: /proc/PID/maps in short. */
  maps: string[] | Untold;
  tasks: CrashTask[] | Untold;
  memory: MemoryState | Untold;
  counters: { switches: number; forks: number; load: readonly number[]; missing: [number, number][] } | Untold;
  crossings: (Crossing & { text: string })[] | Untold;
  mounts: string[] | Untold;
  log: LogRecord[];
}

export function crashReport(kernel: Kernel, kind: CrashKind, text: string, stack: readonly string[] = []): CrashReport {
  const { clock, current, host, oopsing } = kernel;
  return {
    format: CRASH_FORMAT,
    version: CRASH_VERSION,
    kind,
    text,
    exception: oopsing?.text,
    time: new Date(Number(clock.realtime() / 1_000_000n)).toISOString(),
    uptime: clock.monotonic() / 1e9,
    kernel: { release: RELEASE, version: VERSION, machine: MACHINE, commandLine: kernel.commandLine.text },
    host: host.description ?? "",
    taints: kernel.taints.mask,
    oopses: kernel.oopses,
    warnings: kernel.warnings,
    modules: told(() => [...kernel.modules.all].map(({ name, state, taints }) => ({ name, state, taints }))),
    stack: (oopsing?.stack ?? stack).map((line) => line.trim()),
    current: current?.tid,
    registers: told(() => (current ? registerLines(current) : [])),
    maps: told(() => (current ? mapLines(current) : [])),
    tasks: told(() => [...kernel.tasks.all].map(describeTask)),
    memory: told(() => memoryState(kernel)),
    counters: told(() => ({
      switches: kernel.scheduler.switches,
      forks: kernel.tasks.forks,
      load: [...kernel.scheduler.load],
      missing: [...kernel.missing],
    })),
    crossings: told(() => kernel.crossings.last().map((each) => ({ ...each, text: crossingText(each) }))),
    mounts: told(() =>
      [...kernel.tasks.init!.leader.mounts.mounts].map(
        ({ superblock }) => `${superblock.source} ${superblock.filesystem.name}`,
      ),
    ),
    log: [...kernel.log.records],
  };
}

/** The one other place that catches: what is shown of a broken kernel may itself be broken. */
function told<T>(make: () => T): T | Untold {
  try {
    return make();
  } catch (error) {
    return { untold: String(error) };
  }
}

function describeTask(task: Task): CrashTask {
  const { group, context, mm } = task;
  return {
    tid: task.tid,
    pid: group.pid,
    ppid: group.parent?.pid ?? 0,
    name: toText(task.comm),
    state: task.state,
    uid: task.cred.uid,
    call: task.syscall >= 0 ? callText(task, task.syscall) : undefined,
    pc: placeOf(task, context.pc),
    ra: placeOf(task, context.xn(1)),
    utime: task.utime,
    stime: task.stime,
    resident: mm?.resident ?? 0,
  };
}

/** "libc.so.6+0x1a2b", or the address alone. */
export function placeOf(task: Task, address: number): string {
  const vma = task.mm?.areas.find(address);
  const name = vma?.file?.path.dentry.name ?? vma?.name;
  return vma && name !== undefined
    ? `${toText(name)}+0x${(address - vma.start + vma.offset).toString(16)}`
    : `0x${address.toString(16)}`;
}

function mapLines({ mm }: Task): string[] {
  return [...mm.areas].map(({ start, end, prot, flags, offset, file, name }) => {
    const rights = `${prot & 1 ? "r" : "-"}${prot & 2 ? "w" : "-"}${prot & 4 ? "x" : "-"}${flags & 1 ? "s" : "p"}`;
    const what = file?.path.dentry.name ?? name ?? "";
    return `${hex16(start).slice(4)}-${hex16(end).slice(4)} ${rights} ${offset.toString(16).padStart(8, "0")} ${toText(what)}`;
  });
}
