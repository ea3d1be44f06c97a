// /proc/PID and /proc/PID/task/TID: one row for each entry. proc_pid(5)
import { EACCES, EINVAL, ENOENT, EPERM, type Errno } from "../../../../abi/errno.ts";
import {
  RLIM_INFINITY,
  RLIMIT_AS,
  RLIMIT_CORE,
  RLIMIT_CPU,
  RLIMIT_DATA,
  RLIMIT_FSIZE,
  RLIMIT_LOCKS,
  RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE,
  RLIMIT_NICE,
  RLIMIT_NOFILE,
  RLIMIT_NPROC,
  RLIMIT_RSS,
  RLIMIT_RTPRIO,
  RLIMIT_RTTIME,
  RLIMIT_SIGPENDING,
  RLIMIT_STACK,
} from "../../../../abi/flags.ts";
import { showCpuset } from "../../../cgroup/cpuset.ts";
import { showMembership } from "../../../cgroup/namespace.ts";
import { badness } from "../../../mm/oom.ts";
import { CAP_SYS_NICE, CAP_SYS_RESOURCE } from "../../../security/cred.ts";
import { mayRead } from "../../../security/ptrace-access.ts";
import type { Task } from "../../../task/task.ts";
import {
  bind,
  type Directory,
  directory,
  type Link,
  link,
  type Page,
  page,
  type Reader,
  type Row,
} from "../../rows/row.ts";
import { networkDirectory } from "../net.ts";
import { hex, mmOf, shownPath } from "../text.ts";
import { fdDirectory, fdinfoDirectory } from "./descriptors.ts";
import { idMapRows } from "./id-maps.ts";
import { maps, smaps, smapsRollup } from "./maps.ts";
import { auxv, cmdline, environ, memoryFile, pageMapFile } from "./memory.ts";
import { mountinfo, mounts, mountstats } from "./mounts.ts";
import { namespaces } from "./namespaces.ts";
import { stat, statm } from "./stat.ts";
import { status } from "./status.ts";
import { kernelStack, waitChannel } from "./wchan.ts";

const LIMITS: readonly (readonly [number, string, string])[] = [
  [RLIMIT_CPU, "cpu time", "seconds"],
  [RLIMIT_FSIZE, "file size", "bytes"],
  [RLIMIT_DATA, "data size", "bytes"],
  [RLIMIT_STACK, "stack size", "bytes"],
  [RLIMIT_CORE, "core file size", "bytes"],
  [RLIMIT_RSS, "resident set", "bytes"],
  [RLIMIT_NPROC, "processes", "processes"],
  [RLIMIT_NOFILE, "open files", "files"],
  [RLIMIT_MEMLOCK, "locked memory", "bytes"],
  [RLIMIT_AS, "address space", "bytes"],
  [RLIMIT_LOCKS, "file locks", "locks"],
  [RLIMIT_SIGPENDING, "pending signals", "signals"],
  [RLIMIT_MSGQUEUE, "msgqueue size", "bytes"],
  [RLIMIT_NICE, "nice priority", ""],
  [RLIMIT_RTPRIO, "realtime priority", ""],
  [RLIMIT_RTTIME, "realtime timeout", "us"],
];

function limits({ group }: Task): string {
  const show = (value: bigint): string => (value === RLIM_INFINITY ? "unlimited" : String(value)).padEnd(20);
  const head = `${"Limit".padEnd(25)} ${"Soft Limit".padEnd(20)} ${"Hard Limit".padEnd(20)} ${"Units".padEnd(10)}\n`;
  return (
    head +
    LIMITS.map(([resource, name, unit]) => {
      const { soft, hard } = group.rlimits[resource]!;
      return `${`Max ${name}`.padEnd(25)} ${show(soft)} ${show(hard)} ${unit === "" ? "" : unit.padEnd(10)}\n`;
    }).join("")
  );
}

function sched(task: Task, { pids }: Reader): string {
  const { entity, group } = task;
  const milliseconds = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(6);
  const title = `${task.comm} (${pids.of(task.tid)}, #threads: ${group.threads.size})\n`;
  const lines: [string, string][] = [
    ["se.exec_start", milliseconds(task.kernel.clock.monotonic())],
    ["se.vruntime", milliseconds(entity.vruntime)],
    ["se.sum_exec_runtime", milliseconds(task.utime + task.stime)],
    ["se.nr_migrations", "0"],
    ["nr_switches", String(task.voluntarySwitches + task.involuntarySwitches)],
    ["nr_voluntary_switches", String(task.voluntarySwitches)],
    ["nr_involuntary_switches", String(task.involuntarySwitches)],
    ["policy", String(entity.policy)],
    ["prio", String(entity.priority > 0 ? 99 - entity.priority : 120 + entity.nice)],
  ];
  const rule = "-".repeat(67);
  return `${title}${rule}\n${lines.map(([name, value]) => `${name.padEnd(45)}:${value.padStart(21)}\n`).join("")}`;
}

function io({ io: { readBytes, writtenBytes, reads, writes } }: Task): string {
  return `rchar: ${readBytes}\nwchar: ${writtenBytes}\nsyscr: ${reads}\nsyscw: ${writes}\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n`;
}

function syscall(task: Task): string {
  if (!mmOf(task)) return "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n";
  if (task.state === "R" && task !== task.kernel.current) return "running\n";
  const { context } = task;
  const place = `0x${hex(context.x(2), 1)} 0x${hex(context.pc, 1)}`;
  if (task.syscall < 0) return `-1 ${place}\n`;
  const original = (BigInt(task.originalHigh) << 32n) | BigInt(task.originalLow >>> 0);
  const values = [original, ...[11, 12, 13, 14, 15].map((register) => context.x(register))];
  return `${task.syscall} ${values.map((value) => `0x${hex(BigInt.asUintN(64, value), 1)}`).join(" ")} ${place}\n`;
}

/** A number as the kernel reads it: decimal, octal or hexadecimal, white space around it. undefined: none, or outside. */
function number(text: string, low: number, high: number): number | undefined {
  const [, sign = "", digits] = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)[\s\0]*$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const size = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  const value = sign === "-" ? -size : size;
  return value < low || value > high ? undefined : value;
}

/** Badness as Linux scales it: two thirds of a thousand for a process that uses next to nothing, 0 for one that is
 *  spared. */
function oomScore({ kernel, group }: Task): string {
  const total = kernel.ram.totalFrames + kernel.swap.total;
  const points = badness(group, total);
  if (points === undefined) return "0\n";
  return `${Math.max(0, Math.trunc(((1000 + Math.trunc((points * 1000) / total)) * 2) / 3))}\n`;
}

function setOomAdjust(task: Task, value: number | undefined, reader: Reader): 0 | Errno {
  if (value === undefined) return EINVAL;
  const raises = value < task.group.oomScoreAdj;
  if (raises && reader.task && !reader.task.cred.can(CAP_SYS_RESOURCE)) return EACCES;
  task.group.oomScoreAdj = value;
  return 0;
}

const comm: Page<Task> = page("comm", 0o644, (task) => `${task.comm}\n`, {
  write(task, text, reader) {
    if (reader.task?.group !== task.group) return EINVAL;
    task.comm = text.replace(/\n$/, "").slice(0, 15);
    return 0;
  },
});

const read = EACCES;

/** Where a task's program and directories are: links that lead there even when no path does. */
const place = (
  name: string,
  of: (task: Task) => ReturnType<NonNullable<Link<Task>["follow"]>> | undefined,
): Link<Task> =>
  link(
    name,
    (task, reader) => {
      const path = of(task) ?? ENOENT;
      return typeof path === "number" ? path : shownPath(path, reader);
    },
    { guarded: read, follow: (task) => of(task) ?? ENOENT },
  );

/** What a process and each of its threads have alike. */
function common(wholeGroup: boolean): readonly Row<Task>[] {
  return [
    { kind: "page", name: "arch_status", mode: 0o444, text: () => "" },
    page("auxv", 0o400, auxv, { guarded: read }),
    page("cgroup", 0o444, (task, reader) => showMembership(task, reader.task)),
    page("cmdline", 0o444, cmdline),
    comm,
    page("cpuset", 0o444, ({ cgroup }) => showCpuset(cgroup)),
    place("cwd", (task) => (mmOf(task) ? task.fs.cwd : undefined)),
    page("environ", 0o400, environ, { guarded: read }),
    place("exe", (task) => (mmOf(task) ? task.group.executable : undefined)),
    fdDirectory,
    fdinfoDirectory,
    page("io", 0o400, io, { guarded: read }),
    page("limits", 0o644, limits),
    page("loginuid", 0o644, () => "4294967295", { write: () => 0 }),
    page("maps", 0o444, maps, { guarded: read }),
    { kind: "device", name: "mem", mode: 0o600, guarded: read, attaching: true, ops: memoryFile },
    page("mountinfo", 0o444, mountinfo),
    page("mounts", 0o444, mounts),
    networkDirectory,
    namespaces,
    ...idMapRows,
    page("oom_adj", 0o644, ({ group }) => `${Math.trunc((group.oomScoreAdj * 17) / 1000)}\n`, {
      write(task, text, reader) {
        const value = number(text, -17, 15);
        const adjust = value === undefined || value !== 15 ? value && Math.trunc((value * 1000) / 17) : 1000;
        return setOomAdjust(task, adjust, reader);
      },
    }),
    page("oom_score", 0o444, oomScore),
    page("oom_score_adj", 0o644, ({ group }) => `${group.oomScoreAdj}\n`, {
      write: (task, text, reader) => setOomAdjust(task, number(text, -1000, 1000), reader),
    }),
    { kind: "device", name: "pagemap", mode: 0o400, guarded: read, ops: pageMapFile },
    page("personality", 0o400, ({ group }) => `${hex(group.personality, 8)}\n`, { guarded: read }),
    place("root", (task) => task.fs.root),
    page("sched", 0o644, sched),
    page("schedstat", 0o444, ({ entity, utime, stime }) => {
      const run = Math.floor(Math.max(entity.runTime, utime + stime));
      return `${run} ${Math.floor(entity.waitTime)} ${entity.timeslices}\n`;
    }),
    page("sessionid", 0o444, () => "4294967295"),
    page("smaps", 0o444, smaps, { guarded: read }),
    page("smaps_rollup", 0o444, smapsRollup, { guarded: read }),
    page("stack", 0o400, kernelStack, { guarded: EPERM }),
    page("stat", 0o444, (task, reader) => stat(task, reader, wholeGroup)),
    page("statm", 0o444, statm),
    page("status", 0o444, status),
    page("syscall", 0o400, syscall, { guarded: EPERM }),
    page("wchan", 0o444, (task, reader) => (mayRead(reader.task, task) ? (waitChannel(task) ?? "0") : "0")),
  ];
}

const timeOffsets: Page<Task> = page("timens_offsets", 0o644, ({ nsproxy }) => nsproxy.timeForChildren.show(), {
  write({ nsproxy, kernel }, text, { task: writer }) {
    return writer ? nsproxy.timeForChildren.set(text, writer.cred, BigInt(kernel.clock.monotonic())) : EPERM;
  },
});

const processOnly: readonly Row<Task>[] = [
  page("autogroup", 0o644, () => "/autogroup-1 nice 0\n", { write: () => 0 }),
  page("clear_refs", 0o200, () => EINVAL, { write: (_task, text) => (/^[1-5]\s*$/.test(text) ? 0 : EINVAL) }),
  page("coredump_filter", 0o644, ({ group }) => `${hex(group.coredumpFilter, 8)}\n`, {
    write({ group }, text) {
      const value = number(text, 0, 0xffffffff);
      if (value === undefined) return EINVAL;
      group.coredumpFilter = value;
      return 0;
    },
  }),
  page("mountstats", 0o400, mountstats),
  timeOffsets,
  page("timers", 0o444, () => ""),
  page("timerslack_ns", 0o666, (task, reader) => (slackDenied(task, reader) ? EPERM : `${task.timerSlack}\n`), {
    write(task, text, reader) {
      if (slackDenied(task, reader)) return EPERM;
      const value = number(text, 0, Number.MAX_SAFE_INTEGER);
      if (value === undefined) return EINVAL;
      task.timerSlack = value === 0 ? task.defaultTimerSlack : value;
      return 0;
    },
  }),
];

const slackDenied = (task: Task, { task: reader }: Reader): boolean =>
  reader !== undefined && reader !== task && !reader.cred.canIn(task.cred.userNamespace, CAP_SYS_NICE);

const children: Page<Task> = page("children", 0o444, (task, { pids }) =>
  task.isLeader ? [...task.group.children].map(({ pid }) => `${pids.of(pid)} `).join("") : "",
);

const DT_DIR = 4;

const thread: Directory<Task> = directory("thread", [...common(false), children]);
const threads: Directory<Task> = directory("task", [], {
  dynamic: {
    list: ({ group }, { pids }) =>
      [...group.threads, ...group.deadThreads].map(({ tid }) => ({ name: String(pids.of(tid)), type: DT_DIR })),
    find({ group, kernel }, name, { pids }) {
      const found = /^[1-9]\d*$/.test(name) ? kernel.tasks.task(pids.find(Number(name))) : undefined;
      return found?.group === group ? { show: bind(thread, found, found), key: found } : undefined;
    },
  },
});

export const processDirectory: Directory<Task> = directory("process", [...common(true), ...processOnly, threads]);
