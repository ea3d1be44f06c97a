// What things cost on native Linux: a stated model, so that the answer is about the program and not about this machine.
// The figures are estimates for an x86-64 server, not calibrated measurements: the shares are rough.
import type { Account } from "../account.ts";

/** Nanoseconds. */
export const MODEL = {
  name: "x86-64 server, Linux 6.x",
  /** An instruction of user space. */
  instruction: 0.4,
  /** A crossing that does nothing: getpid. */
  call: 250,
  pageFault: 1000,
  /** From one task to another, caches included. */
  switch: 2000,
  /** Copying a byte across the gate. */
  byte: 0.1,
} as const;

/** Calls that cost more than a bare crossing; nanoseconds, the crossing included. */
const costs: Readonly<Record<string, number>> = {
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
  mprotect: 1200,
  brk: 700,
  madvise: 900,
  clone: 60_000,
  clone3: 60_000,
  execve: 250_000,
  exit_group: 50_000,
  wait4: 900,
  waitid: 900,
  futex: 450,
  ppoll: 600,
  pselect6: 700,
  epoll_pwait: 500,
  clock_nanosleep: 1500,
  nanosleep: 1500,
  fsync: 1_000_000,
  fdatasync: 800_000,
  sync: 2_000_000,
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
  rt_sigreturn: 400,
};

export const callCost = (name: string): number => costs[name] ?? MODEL.call;

export interface Shares {
  user: number;
  kernel: number;
  waiting: number;
}

export interface Estimate {
  /** Nanoseconds. */
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

/** The run on native Linux. `bytes` crossed the gate by reads and writes. */
export function native(account: Account, bytes: number): Estimate {
  let kernel = account.faults * MODEL.pageFault + bytes * MODEL.byte;
  kernel += (account.voluntary + account.involuntary) * MODEL.switch;
  for (const call of account.calls.values()) kernel += call.calls * callCost(call.name);
  // Pages come from the host here and from memory there: that waiting is not the program's.
  const pages = account.calls.get("page fault")?.idle ?? 0;
  return estimateOf(account.instructions * MODEL.instruction, kernel, Math.max(0, account.idle - pages));
}

/** The run as it was measured here. */
export const measured = (account: Account): Estimate => estimateOf(account.user, account.kernelTime, account.idle);
