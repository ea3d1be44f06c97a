// Where a blocked task waits, under the names that Linux's own functions have: ps -o wchan and /proc/PID/stack show them.
// proc_pid_wchan(5), proc_pid_stack(5)
import { S_IFCHR, S_IFIFO, S_IFMT, S_IFSOCK } from "../../../../abi/flags.ts";
import type { Task } from "../../../task/task.ts";

/** By system call: the function that gives the processor away, as Linux 6.12 has it. */
const channels: Readonly<Record<string, string>> = {
  accept: "inet_csk_accept",
  accept4: "inet_csk_accept",
  clock_nanosleep: "hrtimer_nanosleep",
  epoll_pwait: "do_epoll_wait",
  epoll_pwait2: "do_epoll_wait",
  fcntl: "fcntl_setlk",
  flock: "locks_lock_inode_wait",
  futex: "futex_wait_queue",
  futex_wait: "futex_wait_queue",
  futex_waitv: "futex_wait_multiple",
  mq_timedreceive: "do_mq_timedreceive",
  mq_timedsend: "do_mq_timedsend",
  msgrcv: "do_msgrcv",
  msgsnd: "do_msgsnd",
  nanosleep: "hrtimer_nanosleep",
  ppoll: "do_sys_poll",
  pselect6: "do_select",
  restart_syscall: "hrtimer_nanosleep",
  rt_sigsuspend: "sigsuspend",
  rt_sigtimedwait: "do_sigtimedwait",
  semop: "__do_semtimedop",
  semtimedop: "__do_semtimedop",
  splice: "pipe_wait_readable",
  tee: "pipe_wait_readable",
  wait4: "do_wait",
  waitid: "do_wait",
};
const reads = new Set(["read", "readv", "preadv2", "recvfrom", "recvmsg"]);
const writes = new Set(["write", "writev", "pwritev2", "sendto", "sendmsg"]);

/** The function that a task waits in; undefined for one that does not wait. */
export function waitChannel(task: Task): string | undefined {
  if (task.state === "T") return "do_signal_stop";
  if (task.state === "t") return "ptrace_stop";
  if (!task.wait || (task.state !== "S" && task.state !== "D")) return undefined;
  if (task.faulting) return "folio_wait_bit_common";
  const name = task.kernel.syscalls[task.syscall]?.name ?? "";
  const known = channels[name];
  if (known !== undefined) return known;
  const kind = (task.callFiles[0]?.inode.mode ?? 0) & S_IFMT;
  if (reads.has(name)) {
    if (kind === S_IFIFO) return "pipe_read";
    if (kind === S_IFCHR) return "n_tty_read";
    if (kind === S_IFSOCK) return "unix_stream_read_generic";
  } else if (writes.has(name)) {
    if (kind === S_IFIFO) return "pipe_write";
    if (kind === S_IFCHR) return "n_tty_write";
    if (kind === S_IFSOCK) return "sock_alloc_send_pskb";
  }
  return `__riscv_sys_${name}`;
}

/** A line for each function, the innermost first; without the places in them, which Linux's functions alone have. */
export function kernelStack(task: Task): string {
  const channel = waitChannel(task);
  if (channel === undefined) return "";
  const name = task.kernel.syscalls[task.syscall]?.name;
  const entry = task.faulting
    ? ["handle_page_fault", "do_page_fault"]
    : name
      ? [`__riscv_sys_${name}`, "do_trap_ecall_u"]
      : [];
  return [channel, ...entry.filter((each) => each !== channel)].map((each) => `[<0>] ${each}\n`).join("");
}
