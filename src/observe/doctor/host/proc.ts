// What /proc says of a process on a real machine, as figures. proc(5)

export interface ProcessFigures {
  pid: number;
  parent: number;
  program: string;
  state: string;
  /** Nanoseconds. */
  user: number;
  kernel: number;
  minorFaults: number;
  majorFaults: number;
  threads: number;
}

/** Clock ticks of /proc/PID/stat: 100 a second wherever Linux runs today. */
const TICK = 1e7;

/** /proc/PID/stat. The program's name may hold anything, brackets too. */
export function parseStat(text: string): ProcessFigures | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const fields = text
    .slice(close + 2)
    .trim()
    .split(" ");
  const at = (number: number): number => Number(fields[number - 3] ?? 0);
  return {
    pid: Number(text.slice(0, open)),
    program: text.slice(open + 1, close),
    state: fields[0] ?? "?",
    parent: at(4),
    minorFaults: at(10),
    majorFaults: at(12),
    user: at(14) * TICK,
    kernel: at(15) * TICK,
    threads: at(20),
  };
}

/** "key: value" or "key value" lines. */
export function parseLines(text: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^([^:\s]+):?\s+(.*)$/.exec(line) ?? [];
    if (key !== undefined) lines.set(key, value!.trim());
  }
  return lines;
}

/** Soft limits of /proc/PID/limits by their name there: "Max open files". Infinity for unlimited. */
export function parseLimits(text: string): Map<string, number> {
  const limits = new Map<string, number>();
  for (const line of text.split("\n").slice(1)) {
    const [, name, soft] = /^(Max .*?)\s{2,}(\S+)/.exec(line) ?? [];
    if (name !== undefined) limits.set(name, soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft));
  }
  return limits;
}

/** The folders of a process's groups under /sys/fs/cgroup, by controller; "" is v2's. cgroups(7) */
export function parseCgroups(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== undefined) for (const each of controllers.split(",")) groups.set(each, path!);
  }
  return groups;
}

/** x86-64's numbers of the calls that wait (/proc/PID/syscall). */
const waitingCalls: Readonly<Record<number, string>> = {
  0: "read",
  1: "write",
  7: "ppoll",
  19: "readv",
  20: "writev",
  23: "pselect6",
  34: "pause",
  35: "nanosleep",
  42: "connect",
  43: "accept",
  44: "sendto",
  45: "recvfrom",
  46: "sendmsg",
  47: "recvmsg",
  61: "wait4",
  65: "semop",
  70: "msgrcv",
  72: "fcntl",
  73: "flock",
  74: "fsync",
  75: "fdatasync",
  128: "rt_sigtimedwait",
  130: "rt_sigsuspend",
  202: "futex",
  230: "clock_nanosleep",
  232: "epoll_pwait",
  247: "waitid",
  270: "pselect6",
  271: "ppoll",
  281: "epoll_pwait",
  288: "accept4",
  441: "epoll_pwait2",
};

/** The call that a sleeping task is in; undefined where it can't be told. `generic`: numbers as on ARM and RISC-V. */
export function waitingCall(text: string, generic: ((number: number) => string) | undefined): string | undefined {
  const number = Number.parseInt(text, 10);
  if (!Number.isInteger(number) || number < 0) return undefined;
  return generic ? generic(number) : waitingCalls[number];
}
