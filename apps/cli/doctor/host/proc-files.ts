// /proc and /sys/fs/cgroup of this machine. What is gone or may not be read is undefined: processes end while they are
// looked at, and much belongs to others.
import * as fs from "node:fs";
import { join } from "node:path";
import type { GroupFacts } from "../../../../src/observe/doctor/facts.ts";
import { type ProcessFigures, parseCgroups, parseLines, parseStat } from "../../../../src/observe/doctor/host/proc.ts";

const expected = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM", "ENOTDIR", "EINVAL", "EOPNOTSUPP"]);

export function readText(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "latin1");
  } catch (error) {
    if (expected.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
export function readNames(path: string): string[] | undefined {
  try {
    return fs.readdirSync(path);
  } catch (error) {
    if (expected.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
export function readTarget(path: string): string | undefined {
  try {
    return fs.readlinkSync(path);
  } catch (error) {
    if (expected.has((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** `pids`, and all that comes of them. */
export function family(pids: Iterable<number>): ProcessFigures[] {
  const all = (readNames("/proc") ?? [])
    .filter((name) => /^\d+$/.test(name))
    .map((name) => parseStat(readText(`/proc/${name}/stat`) ?? ""))
    .filter((each) => each !== undefined);
  const known = new Set(pids);
  // Parents come before children in most cases, not in all.
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of all) {
      if (known.has(pid) || !known.has(parent)) continue;
      known.add(pid);
      grown = true;
    }
  }
  return all.filter(({ pid }) => known.has(pid));
}

const ROOT = "/sys/fs/cgroup";

/** Where a process's group lies, for v2 or for one of v1's controllers; the whole folder in a container that sees no
 *  more than its own. */
function groupFolders(pid: number): { cpu: string | undefined; memory: string | undefined; unified: boolean } {
  const groups = parseCgroups(readText(`/proc/${pid}/cgroup`) ?? "");
  const there = (...candidates: string[]): string | undefined => candidates.find((path) => fs.existsSync(path));
  const v2 = groups.get("");
  if (v2 !== undefined && fs.existsSync(join(ROOT, "cgroup.controllers"))) {
    const folder = there(join(ROOT, v2)) ?? ROOT;
    return { cpu: folder, memory: folder, unified: true };
  }
  const of = (controller: string): string | undefined =>
    there(join(ROOT, controller, groups.get(controller) ?? ""), join(ROOT, controller));
  return { cpu: of("cpu"), memory: of("memory"), unified: false };
}

/** Limits of the group and what it has used of them. */
export function groupOf(pid: number): GroupFacts | undefined {
  const { cpu, memory, unified } = groupFolders(pid);
  if (cpu === undefined && memory === undefined) return undefined;
  const file = (folder: string | undefined, name: string): string | undefined =>
    folder === undefined ? undefined : readText(join(folder, name))?.trim();
  const stat = parseLines(file(cpu, "cpu.stat") ?? "");
  const figure = (name: string): number => Number(stat.get(name) ?? 0);
  const quota = Number(file(cpu, "cpu.cfs_quota_us") ?? -1);
  const cpuMax = unified
    ? file(cpu, "cpu.max")
    : quota > 0
      ? `${quota} ${file(cpu, "cpu.cfs_period_us") ?? ""}`
      : undefined;
  const most = Number(file(memory, unified ? "memory.max" : "memory.limit_in_bytes") ?? Number.NaN);
  const peak = file(memory, unified ? "memory.peak" : "memory.max_usage_in_bytes");
  const current = file(memory, unified ? "memory.current" : "memory.usage_in_bytes");
  const events = parseLines(file(memory, unified ? "memory.events" : "memory.oom_control") ?? "");
  const memoryStat = parseLines(file(memory, "memory.stat") ?? "");
  const paged = ["pswpin", "pswpout", "zswpin", "zswpout"].reduce(
    (sum, key) => sum + Number(memoryStat.get(key) ?? 0),
    0,
  );
  return {
    cpuMax: cpuMax?.startsWith("max") ? undefined : cpuMax,
    periods: figure("nr_periods"),
    throttledPeriods: figure("nr_throttled"),
    throttledTime: unified ? figure("throttled_usec") * 1000 : figure("throttled_time"),
    memoryLimitName: unified ? "memory.max" : "memory.limit_in_bytes",
    // v1's way to say "no limit" is a number beyond any memory.
    memoryMax: Number.isFinite(most) && most < 2 ** 50 ? most : undefined,
    memoryPeak: Number(peak ?? current ?? 0),
    swapped: paged * 4096,
    oomKills: Number(events.get("oom_kill") ?? 0),
  };
}

/** What happened between two looks. */
export const groupSince = (before: GroupFacts | undefined, now: GroupFacts | undefined): GroupFacts | undefined =>
  now && {
    ...now,
    periods: now.periods - (before?.periods ?? 0),
    throttledPeriods: now.throttledPeriods - (before?.throttledPeriods ?? 0),
    throttledTime: now.throttledTime - (before?.throttledTime ?? 0),
    swapped: now.swapped - (before?.swapped ?? 0),
    oomKills: now.oomKills - (before?.oomKills ?? 0),
  };

/** Kinds of namespaces in which `pid` is apart from process `from`; undefined where that can't be told. */
export function apartFrom(pid: number, from: number | "self"): string[] | undefined {
  const kinds = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];
  const apart: string[] = [];
  for (const kind of kinds) {
    const [own, other] = [readTarget(`/proc/${pid}/ns/${kind}`), readTarget(`/proc/${from}/ns/${kind}`)];
    if (own === undefined || other === undefined) return undefined;
    if (own !== other) apart.push(kind);
  }
  return apart;
}
