// Resource limits and what was used: getrlimit(2), prlimit(2), getrusage(2), times(2).
import { EFAULT, EINVAL, EPERM, type Errno, ESRCH } from "../../abi/errno.ts";
import { RLIM_NLIMITS, RLIMIT_NOFILE } from "../../abi/flags.ts";
import { NULL, type UserAddress } from "../mm/user.ts";
import { CAP_SYS_RESOURCE } from "../security/cred.ts";
import { sameUser } from "../security/ptrace-access.ts";
import type { Task } from "../task/task.ts";
import { childUsage, groupUsage, taskUsage, type Used } from "../task/usage.ts";
import { In, Int, Out, Pid, type Row, syscall, UInt } from "./table.ts";

function readLimit(task: Task, address: UserAddress): { soft: bigint; hard: bigint } | Errno {
  const raw = task.mm.read(address, 16);
  if (typeof raw === "number") return raw;
  const view = new DataView(raw.buffer, raw.byteOffset);
  return { soft: view.getBigUint64(0, true), hard: view.getBigUint64(8, true) };
}

function writeLimit(task: Task, address: UserAddress, limit: { soft: bigint; hard: bigint }): 0 | Errno {
  return task.mm.write(address, new Uint8Array(BigUint64Array.of(limit.soft, limit.hard).buffer));
}

function prlimit(task: Task, target: Task, resource: number, from: UserAddress, to: UserAddress): 0 | Errno {
  const next = from === NULL ? undefined : readLimit(task, from);
  if (typeof next === "number") return next;
  if (resource >= RLIM_NLIMITS) return EINVAL;
  const { rlimits } = target.group;
  const old = rlimits[resource]!;
  if (next) {
    if (next.soft > next.hard) return EINVAL;
    const { sysctl } = task.kernel;
    if (resource === RLIMIT_NOFILE && next.hard > BigInt(sysctl.number("fs/nr_open"))) return EPERM;
    if (next.hard > old.hard && !task.cred.can(CAP_SYS_RESOURCE)) return EPERM;
    rlimits[resource] = next;
  }
  return to === NULL ? 0 : writeLimit(task, to, old);
}

function prlimit64(task: Task, pid: number, resource: number, from: UserAddress, to: UserAddress): 0 | Errno {
  const target = pid === 0 ? task : task.kernel.tasks.task(pid);
  if (!target) return ESRCH;
  const { uid, gid } = task.cred;
  const own = target.group === task.group || sameUser(uid, gid, target.cred);
  const allowed = own || task.cred.canIn(target.cred.userNamespace, CAP_SYS_RESOURCE);
  return allowed ? prlimit(task, target, resource, from, to) : EPERM;
}

const RUSAGE_SELF = 0;
const RUSAGE_CHILDREN = -1;
const RUSAGE_THREAD = 1;

/** struct rusage from exact counts. */
export function rusageBytes(used: Used): Uint8Array {
  const words = new BigInt64Array(18);
  const time = (at: number, nanoseconds: number): void => {
    words[at] = BigInt(Math.floor(nanoseconds / 1e9));
    words[at + 1] = BigInt(Math.floor((nanoseconds % 1e9) / 1000));
  };
  time(0, used.utime);
  time(2, used.stime);
  words[4] = BigInt(used.maxRss * 4);
  words[8] = BigInt(used.minorFaults);
  words[9] = BigInt(used.majorFaults);
  words[16] = BigInt(used.voluntarySwitches);
  words[17] = BigInt(used.involuntarySwitches);
  return new Uint8Array(words.buffer);
}

function getrusage(task: Task, who: number, usage: UserAddress): 0 | Errno {
  let used: Used;
  if (who === RUSAGE_SELF) used = groupUsage(task.group);
  else if (who === RUSAGE_CHILDREN) used = childUsage(task.group);
  else if (who === RUSAGE_THREAD) used = taskUsage(task);
  else return EINVAL;
  return task.mm.write(usage, rusageBytes(used));
}

/** times(2) counts in ticks of 10 ms. */
const TICK = 1e7;

function times(task: Task, buffer: UserAddress): number | Errno {
  if (buffer !== NULL) {
    const own = groupUsage(task.group);
    const children = childUsage(task.group);
    const ticks = [own.utime, own.stime, children.utime, children.stime].map((time) => BigInt(Math.floor(time / TICK)));
    if (task.mm.write(buffer, new Uint8Array(BigInt64Array.from(ticks).buffer)) < 0) return EFAULT;
  }
  return Math.floor(task.kernel.clock.monotonic() / TICK);
}

export const rows: readonly Row[] = [
  syscall(153, "times", [Out("buf", "tms")], times),
  syscall(163, "getrlimit", [UInt("resource", "RLIMIT"), Out("rlim", "rlimit")], (task, resource, rlim) =>
    resource >= RLIM_NLIMITS ? EINVAL : writeLimit(task, rlim, task.group.rlimits[resource]!),
  ),
  syscall(164, "setrlimit", [UInt("resource", "RLIMIT"), In("rlim", "rlimit")], (task, resource, rlim) => {
    // Unlike prlimit's, its pointer is not optional.
    const next = readLimit(task, rlim);
    return typeof next === "number" ? next : prlimit(task, task, resource, rlim, NULL);
  }),
  syscall(165, "getrusage", [Int("who", "RUSAGE"), Out("usage", "rusage")], getrusage),
  syscall(
    261,
    "prlimit64",
    [Pid("pid"), UInt("resource", "RLIMIT"), In("new_limit", "rlimit64"), Out("old_limit", "rlimit64")],
    prlimit64,
  ),
];
