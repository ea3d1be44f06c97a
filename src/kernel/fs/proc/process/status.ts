// /proc/PID/status: what stat says, for people. proc_pid_status(5)
import { RLIMIT_SIGPENDING } from "../../../../abi/flags.ts";
import { numbersOf } from "../../../namespace/pid.ts";
import { FIRST_USER_NAMESPACE } from "../../../namespace/user.ts";
import { filterCount } from "../../../seccomp/filter.ts";
import type { Task, TaskState } from "../../../task/task.ts";
import type { Reader } from "../../rows/row.ts";
import { hex, kB, mmOf } from "../text.ts";
import { dispositions, sizes } from "./stat.ts";

const STATES: Readonly<Record<TaskState, string>> = {
  R: "running",
  S: "sleeping",
  D: "disk sleep",
  T: "stopped",
  t: "tracing stop",
  Z: "zombie",
  X: "dead",
};

const escapeComm = (comm: string): string => comm.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

function memory(task: Task): [string, string][] {
  const mm = mmOf(task);
  if (!mm) return [];
  const { anonymous, file, shared } = mm.rss;
  const resident = anonymous + file + shared;
  const { text, library, data, stack } = sizes(mm);
  return [
    ["VmPeak", kB(mm.totalPages)],
    ["VmSize", kB(mm.totalPages)],
    ["VmLck", kB(mm.lockedPages)],
    ["VmPin", kB(0)],
    ["VmHWM", kB(Math.max(mm.peakRss, resident))],
    ["VmRSS", kB(resident)],
    ["RssAnon", kB(anonymous)],
    ["RssFile", kB(file)],
    ["RssShmem", kB(shared)],
    ["VmData", kB(data)],
    ["VmStk", kB(stack)],
    ["VmExe", kB(text)],
    ["VmLib", kB(library)],
    ["VmPTE", kB(mm.table.frames)],
    ["VmSwap", kB(mm.swapped)],
    ["HugetlbPages", kB(0)],
    ["CoreDumping", "0"],
    ["THP_enabled", "0"],
    ["untag_mask", "0xffffffffffffffff"],
  ];
}

function idsFor(reader: Task | undefined): { showUid(uid: number): number; showGid(gid: number): number } {
  const namespace = reader?.cred.userNamespace ?? FIRST_USER_NAMESPACE;
  return { showUid: (uid) => namespace.showUid(uid), showGid: (gid) => namespace.showGid(gid) };
}

export function status(task: Task, { pids, task: reader }: Reader): string {
  const { showUid, showGid } = idsFor(reader);
  const { group, cred } = task;
  const { ignored, caught } = dispositions(task);
  const set = (signals: bigint): string => hex(signals, 16);
  const queued = group.pending.count + [...group.threads].reduce((sum, thread) => sum + thread.pending.count, 0);
  const lines: [string, string][] = [
    ["Name", escapeComm(task.comm)],
    ["Umask", task.fs.umask.toString(8).padStart(4, "0")],
    ["State", `${task.state} (${STATES[task.state]})`],
    ["Tgid", String(pids.of(group.pid))],
    ["Ngid", "0"],
    ["Pid", String(pids.of(task.tid))],
    ["PPid", String(pids.of(group.parent?.pid ?? 0))],
    ["TracerPid", String(pids.of(task.tracee?.tracer.group.pid ?? 0))],
    ["Uid", [cred.uid, cred.euid, cred.suid, cred.fsuid].map(showUid).join("\t")],
    ["Gid", [cred.gid, cred.egid, cred.sgid, cred.fsgid].map(showGid).join("\t")],
    ["FDSize", String(task.files ? Math.max(64, task.files.size) : 0)],
    ["Groups", `${cred.groups.map(showGid).join(" ")} `],
    ["NStgid", numbersOf(group.pidNamespace, group.pid, pids).join("\t")],
    ["NSpid", numbersOf(group.pidNamespace, task.tid, pids).join("\t")],
    ["NSpgid", numbersOf(group.pidNamespace, group.pgid, pids).join("\t")],
    ["NSsid", numbersOf(group.pidNamespace, group.sid, pids).join("\t")],
    ["Kthread", "0"],
    ...memory(task),
    // The leader of a process that has ended is still there.
    ["Threads", String(Math.max(1, group.threads.size))],
    ["SigQ", `${queued}/${group.rlimits[RLIMIT_SIGPENDING]!.soft}`],
    ["SigPnd", set(task.pending.set)],
    ["ShdPnd", set(group.pending.set)],
    ["SigBlk", set(task.blocked)],
    ["SigIgn", set(ignored)],
    ["SigCgt", set(caught)],
    ["CapInh", hex(cred.inheritable, 16)],
    ["CapPrm", hex(cred.permitted, 16)],
    ["CapEff", hex(cred.effective, 16)],
    ["CapBnd", hex(cred.bounding, 16)],
    ["CapAmb", hex(cred.ambient, 16)],
    ["NoNewPrivs", cred.noNewPrivileges ? "1" : "0"],
    ["Seccomp", String(task.seccomp?.mode ?? 0)],
    ["Seccomp_filters", String(filterCount(task.seccomp))],
    ["Speculation_Store_Bypass", "unknown"],
    ["SpeculationIndirectBranch", "unknown"],
    ["Cpus_allowed", hex(task.entity.affinity, 1)],
    ["Cpus_allowed_list", "0"],
    ["Mems_allowed", "1"],
    ["Mems_allowed_list", "0"],
    ["voluntary_ctxt_switches", String(task.voluntarySwitches)],
    ["nonvoluntary_ctxt_switches", String(task.involuntarySwitches)],
  ];
  return lines.map(([name, value]) => `${name}:\t${value}\n`).join("");
}
