// What things cost on native Linux: a stated model, so that the answer is about the program and not about the machine
// that it was watched in. The figures are published ones, or measured on the host (calibration.ts); a report says which.
import type { Facts } from "./facts.ts";

/** All costs in nanoseconds. */
export interface Model {
  /** What it describes, for people. */
  name: string;
  source: "published" | "measured";
  /** An instruction of user space. */
  instruction: number;
  /** A crossing that does nothing: getpid. */
  call: number;
  pageFault: number;
  /** From one task to another, caches included. */
  switch: number;
  /** Copying a byte across the gate. */
  byte: number;
  /** A signal: its frame, its handler's entry, the way back. */
  signal: number;
  /** A process, a thread, a program, an end: what they cost altogether. */
  fork: number;
  thread: number;
  exec: number;
  exit: number;
  /** Calls that cost more than a bare crossing, the crossing included. */
  calls: Readonly<Record<string, number>>;
  /** Calls that wait for a device although none of it shows here: the wait alone. */
  waits: Readonly<Record<string, number>>;
}

/** Order of magnitude of an x86-64 server with the usual mitigations. Sources: the crossings that lmbench measures,
 *  LWN's and the kernel's own benchmarks of them (perf bench syscall, perf bench sched pipe), fsync on a datacenter SSD. */
export const published: Model = {
  name: "an x86-64 server, Linux 6.x",
  source: "published",
  instruction: 0.2,
  call: 250,
  pageFault: 1000,
  switch: 2000,
  byte: 0.1,
  signal: 1500,
  fork: 60_000,
  thread: 20_000,
  exec: 250_000,
  exit: 50_000,
  calls: {
    read: 400,
    write: 410,
    readv: 450,
    writev: 460,
    pread64: 420,
    pwrite64: 450,
    openat: 1500,
    close: 350,
    newfstatat: 900,
    fstat: 400,
    statx: 950,
    faccessat: 900,
    faccessat2: 900,
    readlinkat: 1000,
    getdents64: 3000,
    unlinkat: 4000,
    mkdirat: 5000,
    renameat2: 5000,
    linkat: 5000,
    mmap: 1200,
    munmap: 2000,
    mremap: 2000,
    mprotect: 1200,
    brk: 700,
    madvise: 900,
    wait4: 900,
    waitid: 900,
    futex: 450,
    ppoll: 600,
    pselect6: 700,
    epoll_pwait: 500,
    clock_nanosleep: 1500,
    nanosleep: 1500,
    fsync: 20_000,
    fdatasync: 15_000,
    sync: 50_000,
    socket: 2500,
    connect: 15_000,
    accept4: 3000,
    accept: 3000,
    sendto: 2500,
    recvfrom: 1200,
    sendmsg: 2800,
    recvmsg: 1500,
    pipe2: 2000,
    kill: 700,
    tgkill: 700,
    rt_sigreturn: 400,
  },
  waits: { fsync: 1_000_000, fdatasync: 800_000, sync: 2_000_000, sync_file_range: 500_000, msync: 1_000_000 },
};

/** Counted by what they made instead. */
const byEffect = new Set(["clone", "clone3", "fork", "vfork", "execve", "execveat", "exit_group", "exit"]);

/** Nanoseconds in kernel space of one such call. */
export const callCost = (model: Model, name: string): number =>
  byEffect.has(name) ? 0 : (model.calls[name] ?? model.call);

export interface Shares {
  user: number;
  kernel: number;
  waiting: number;
}

/** Nanoseconds, and what part of all they are. */
export interface Estimate {
  user: number;
  kernel: number;
  waiting: number;
  total: number;
  shares: Shares;
}

const estimateOf = (user: number, kernel: number, waiting: number): Estimate => {
  const total = user + kernel + waiting;
  const share = (part: number): number => (total === 0 ? 0 : part / total);
  return {
    user,
    kernel,
    waiting,
    total,
    shares: { user: share(user), kernel: share(kernel), waiting: share(waiting) },
  };
};

/** The run on native Linux. What was measured on a real machine stays as it was measured. */
export function native(facts: Facts, model: Model): Estimate {
  if (facts.collector === "proc") return measured(facts);
  let kernel = facts.faults * model.pageFault + facts.bytes * model.byte;
  kernel += (facts.voluntary + facts.involuntary) * model.switch + facts.delivered * model.signal;
  kernel += facts.forks * (model.fork + model.exit) + facts.threads * model.thread + facts.execs * model.exec;
  let devices = 0;
  for (const { name, calls } of facts.calls.values()) {
    kernel += calls * callCost(model, name);
    devices += calls * (model.waits[name] ?? 0);
  }
  // What a real machine waited for its disk or its quota is in its waiting already.
  if (facts.collector !== "airside") return estimateOf(facts.user, kernel, facts.idle);
  const user = facts.instructions * model.instruction;
  return estimateOf(user, kernel, facts.idle + devices + throttled(facts, user + kernel));
}

/** How long so much work stands still behind the group's quota: in each period what the quota leaves of it. */
function throttled({ group }: Facts, work: number): number {
  const [quota = 0, period = 0] = (group?.cpuMax ?? "").split(" ").map((text) => Number(text) * 1000);
  return quota > 0 && quota < period ? Math.floor(work / quota) * (period - quota) : 0;
}

/** As `native` has it; as it was measured on a real machine. */
export const throttledTime = (facts: Facts, { user, kernel }: Estimate): number =>
  facts.collector === "airside" ? throttled(facts, user + kernel) : (facts.group?.throttledTime ?? 0);

/** The run as it was measured where it ran. */
export const measured = (facts: Facts): Estimate => estimateOf(facts.user, facts.kernelTime, facts.idle);
