// Limits of a process that is started from outside, as people write them. Those of the process itself, by docker's names,
// are here (getrlimit(2)); those of it and all that it starts together are in cgroup-limits.ts (cgroups(7)).
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
} from "../abi/flags.ts";
import type { Rlimit } from "../kernel/task/thread-group.ts";
import type { GroupLimits } from "./cgroup-limits.ts";
import { parseSeconds } from "./size.ts";

const resources = {
  as: RLIMIT_AS,
  core: RLIMIT_CORE,
  cpu: RLIMIT_CPU,
  data: RLIMIT_DATA,
  fsize: RLIMIT_FSIZE,
  locks: RLIMIT_LOCKS,
  memlock: RLIMIT_MEMLOCK,
  msgqueue: RLIMIT_MSGQUEUE,
  nice: RLIMIT_NICE,
  nofile: RLIMIT_NOFILE,
  nproc: RLIMIT_NPROC,
  rss: RLIMIT_RSS,
  rtprio: RLIMIT_RTPRIO,
  rttime: RLIMIT_RTTIME,
  sigpending: RLIMIT_SIGPENDING,
  stack: RLIMIT_STACK,
} as const;

export type UlimitName = keyof typeof resources;

export interface Limits extends GroupLimits {
  /** Processor time: seconds or "5s". SIGXCPU, then SIGKILL a second later. */
  cpu?: number | string;
  /** From −1000 to 1000: how much sooner or later than others it is killed when memory is out; −1000 is never. */
  oomScoreAdj?: number;
  /** Bytes that may come out of the process's streams, all together, or "16m"; more closes them. SIGPIPE, EPIPE */
  output?: number | string;
  /** Resource limits in the kernel's own units: a number for both, or "soft:hard"; −1 or "unlimited" for none. */
  ulimits?: Partial<Record<UlimitName, number | string>>;
}

function parseAmount(text: string, whole: string): bigint {
  if (text === "-1" || text === "unlimited") return RLIM_INFINITY;
  if (/^\d+$/.test(text)) return BigInt(text);
  throw new RangeError(`not a limit: ${whole} (write it like nofile=64 or nofile=64:128)`);
}

/** "64", "64:128", "-1". Throws a RangeError with one plain line. */
export function parseUlimit(name: string, value: number | string): [number, Rlimit] {
  const whole = `${name}=${value}`;
  if (!Object.hasOwn(resources, name)) {
    throw new RangeError(`no such limit: ${name} (there are ${Object.keys(resources).join(" ")})`);
  }
  const [first, second, ...rest] = String(value).split(":");
  if (rest.length > 0) throw new RangeError(`not a limit: ${whole} (write it like nofile=64 or nofile=64:128)`);
  const soft = parseAmount(first ?? "", whole);
  const hard = second === undefined ? soft : parseAmount(second, whole);
  if (soft > hard) throw new RangeError(`not a limit: ${whole} (the soft limit is above the hard one)`);
  return [resources[name as UlimitName], { soft, hard }];
}

/** "nofile=64:128", as docker's --ulimit has it. */
export function parseUlimitOption(text: string): [UlimitName, string] {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? "" : text.slice(equals + 1);
  parseUlimit(name, value);
  return [name as UlimitName, value];
}

/** Throws a RangeError with one plain line. */
export function checkedScore(adjust: number): number {
  if (Number.isInteger(adjust) && adjust >= -1000 && adjust <= 1000) return adjust;
  throw new RangeError(`not an adjustment: ${adjust} (it is from -1000 to 1000)`);
}

/** The resource limits that differ from the first process's, by number. */
export function rlimitsOf(limits: Limits): Map<number, Rlimit> {
  const rlimits = new Map<number, Rlimit>();
  if (limits.cpu !== undefined) {
    const seconds = BigInt(Math.ceil(parseSeconds(limits.cpu)));
    rlimits.set(RLIMIT_CPU, { soft: seconds, hard: seconds + 1n });
  }
  for (const [name, value] of Object.entries(limits.ulimits ?? {})) {
    const [resource, limit] = parseUlimit(name, value);
    rlimits.set(resource, limit);
  }
  return rlimits;
}
