// -e trace=LIST: names, %classes, /regular expressions/ and ! for all but these.
import { systemCallNames } from "../../abi/system-call-names.ts";
import type { Row } from "../../kernel/syscalls/table.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What can't be told from a row's arguments. */
const named: Readonly<Record<string, ReadonlySet<string>>> = {
  process: words(
    "clone clone3 execve execveat exit exit_group wait4 waitid kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo",
  ),
  signal: words(`kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigqueueinfo rt_sigreturn rt_sigsuspend
    rt_sigtimedwait rt_tgsigqueueinfo sigaltstack signalfd4 pidfd_send_signal pause`),
  ipc: words("msgget msgctl msgrcv msgsnd semget semctl semop semtimedop shmget shmctl shmat shmdt"),
  memory: words(`brk mmap munmap mprotect mremap madvise mlock mlock2 mlockall munlock munlockall mincore msync mbind
    get_mempolicy set_mempolicy migrate_pages move_pages remap_file_pages pkey_mprotect process_madvise shmat shmdt
    set_mempolicy_home_node membarrier`),
  creds: words(`capget capset getegid geteuid getgid getgroups getresgid getresuid getuid prctl setfsgid setfsuid setgid
    setgroups setregid setresgid setresuid setreuid setuid`),
  clock: words("adjtimex clock_adjtime clock_getres clock_gettime clock_settime gettimeofday settimeofday times"),
  pure: words("getegid geteuid getgid getpgid getpid getppid getsid gettid getuid"),
  network:
    words(`accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendfile
    sendmmsg sendmsg sendto setsockopt shutdown socket socketpair`),
  stat: words(""),
  lstat: words(""),
  fstat: words("fstat newfstatat statx"),
  "%stat": words("newfstatat fstat statx"),
  statfs: words("statfs"),
  fstatfs: words("fstatfs"),
  "%%stat": words("newfstatat fstat statx"),
  "%%statfs": words("statfs fstatfs"),
};
const aliases: Readonly<Record<string, string>> = { cred: "creds", net: "network", mem: "memory" };

export type RowFilter = (row: Row | undefined, number: number) => boolean;

/** True for rows of a class: by name, or by what their arguments are. */
function inClass(name: string): RowFilter | undefined {
  const key = aliases[name] ?? name;
  const has = (row: Row | undefined, ...kinds: string[]): boolean =>
    row?.arguments.some((argument) => kinds.includes(argument.kind)) ?? false;
  if (key === "file") {
    return (row) => (has(row, "path") && row?.name !== "mq_open" ? true : ["getcwd", "acct"].includes(row?.name ?? ""));
  }
  if (key === "desc") {
    return (row) =>
      has(row, "fd", "dirfd") ||
      [
        "pipe2",
        "select",
        "pselect6",
        "ppoll",
        "epoll_create1",
        "memfd_create",
        "mmap",
        "inotify_init1",
        "mq_open",
        "socket",
        "socketpair",
        "eventfd2",
        "timerfd_create",
      ].includes(row?.name ?? "");
  }
  const set = named[key] ?? named[`%${key}`];
  return set && ((row) => set.has(row?.name ?? ""));
}

/** Parses -e trace=LIST. Throws a RangeError with one plain line for a name that is none. */
export function parseTrace(text: string, known: readonly (Row | undefined)[]): RowFilter {
  const inverted = text.startsWith("!");
  const parts = (inverted ? text.slice(1) : text).split(",").filter((part) => part !== "");
  const tests = parts.map((part) => one(part, known));
  const any: RowFilter = (row, number) => tests.some((test) => test(row, number));
  return inverted ? (row, number) => !any(row, number) : any;
}

function one(part: string, known: readonly (Row | undefined)[]): RowFilter {
  const optional = part.startsWith("?");
  const name = optional ? part.slice(1) : part;
  if (name === "all") return () => true;
  if (name === "none") return () => false;
  if (name.startsWith("/")) {
    const pattern = new RegExp(name.slice(1).replace(/\/$/, ""));
    return (row, number) => pattern.test(row?.name ?? systemCallNames[number] ?? "");
  }
  if (name.startsWith("%")) {
    const test = inClass(name.slice(1));
    if (test) return test;
  } else if (/^\d+$/.test(name)) return (_row, number) => number === Number(name);
  else {
    if (known.some((row) => row?.name === name)) return (row) => row?.name === name;
    if (Object.values(systemCallNames).includes(name)) return (_row, number) => systemCallNames[number] === name;
    const old = olderNames[name];
    if (old) return (row) => row?.name === old;
    // Classes were once written without the sign.
    const test = inClass(name);
    if (test) return test;
  }
  if (optional || name in olderNames) return () => false;
  throw new RangeError(`invalid system call '${name}'`);
}

/** Calls of other architectures that riscv64 does under another name. */
const olderNames: Readonly<Record<string, string>> = {
  open: "openat",
  creat: "openat",
  stat: "newfstatat",
  lstat: "newfstatat",
  access: "faccessat",
  mkdir: "mkdirat",
  rmdir: "unlinkat",
  unlink: "unlinkat",
  rename: "renameat2",
  link: "linkat",
  symlink: "symlinkat",
  readlink: "readlinkat",
  chmod: "fchmodat",
  chown: "fchownat",
  lchown: "fchownat",
  mknod: "mknodat",
  pipe: "pipe2",
  dup2: "dup3",
  poll: "ppoll",
  select: "pselect6",
  epoll_wait: "epoll_pwait",
  epoll_create: "epoll_create1",
  fork: "clone",
  vfork: "clone",
  getdents: "getdents64",
  eventfd: "eventfd2",
  signalfd: "signalfd4",
  inotify_init: "inotify_init1",
  time: "clock_gettime",
  alarm: "setitimer",
  pause: "ppoll",
  utime: "utimensat",
  utimes: "utimensat",
};
