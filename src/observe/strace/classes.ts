// Sets of calls, signals and the like, as -e takes them: names, %classes, /regular expressions, and ! for all but these.
import { systemCallNames } from "../../abi/system-call-names.ts";
import type { Row } from "../../kernel/syscalls/table.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** strace(1)'s classes, by the names that riscv64 has for the calls. */
const classes: Readonly<Record<string, ReadonlySet<string>>> = {
  desc: words(`bpf cachestat close copy_file_range dup dup3 epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 eventfd2 execveat
    faccessat faccessat2 fadvise64 fallocate fanotify_init fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown
    fchownat fcntl fdatasync fgetxattr finit_module flistxattr flock fremovexattr fsconfig fsetxattr fsmount fsopen
    fspick fstat fstatfs fsync ftruncate getdents64 getxattrat inotify_add_watch inotify_init1 inotify_rm_watch
    io_uring_enter io_uring_register io_uring_setup ioctl kexec_file_load landlock_add_rule landlock_create_ruleset
    landlock_restrict_self linkat listxattrat lseek memfd_create memfd_secret mkdirat mknodat mmap mount_setattr
    move_mount mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend name_to_handle_at newfstatat
    open_by_handle_at open_tree openat openat2 perf_event_open pidfd_getfd pidfd_open pidfd_send_signal pipe2 ppoll
    pread64 preadv preadv2 process_madvise process_mrelease pselect6 pwrite64 pwritev pwritev2 quotactl_fd read
    readahead readlinkat readv removexattrat renameat renameat2 sendfile setns setxattrat signalfd4 splice statx
    symlinkat sync_file_range syncfs tee timerfd_create timerfd_gettime timerfd_settime unlinkat userfaultfd
    utimensat vmsplice write writev`),
  file: words(`acct chdir chroot execve execveat faccessat faccessat2 fanotify_mark fchmodat fchmodat2 fchownat fsconfig fspick
    getcwd getxattr getxattrat inotify_add_watch lgetxattr linkat listxattr listxattrat llistxattr lremovexattr
    lsetxattr mkdirat mknodat mount mount_setattr move_mount name_to_handle_at newfstatat open_tree openat openat2
    pivot_root quotactl readlinkat removexattr removexattrat renameat renameat2 setxattr setxattrat statfs statx
    swapoff swapon symlinkat truncate umount2 unlinkat utimensat`),
  memory:
    words(`brk get_mempolicy io_destroy io_setup io_uring_register madvise map_shadow_stack mbind migrate_pages mincore
    mlock mlock2 mlockall mmap move_pages mprotect mremap mseal msync munlock munlockall munmap pkey_mprotect
    remap_file_pages riscv_flush_icache set_mempolicy set_mempolicy_home_node shmat shmdt`),
  process:
    words(`clone clone3 execve execveat exit exit_group kill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo tgkill
    tkill wait4 waitid`),
  creds: words(`capget capset getegid geteuid getgid getgroups getresgid getresuid getuid prctl setfsgid setfsuid setgid
    setgroups setregid setresgid setresuid setreuid setuid`),
  signal:
    words(`io_uring_enter kill pidfd_send_signal rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack signalfd4 tgkill tkill`),
  ipc: words("msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget"),
  network:
    words(`accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendfile
    sendmmsg sendmsg sendto setsockopt shutdown socket socketpair`),
  stat: words(""),
  lstat: words(""),
  fstat: words("fstat newfstatat statx"),
  "%stat": words("fstat newfstatat statx"),
  statfs: words("statfs"),
  fstatfs: words("fstatfs"),
  "%statfs": words("fstatfs statfs"),
  pure: words("getegid geteuid getgid getpid getppid gettid getuid"),
  clock: words("adjtimex clock_adjtime clock_getres clock_gettime clock_settime gettimeofday settimeofday"),
};
/** Classes that may be written without the sign, as they once were. */
const UNSIGNED = words("desc file memory process signal ipc network");

/** Calls of other architectures that riscv64 does under another name: people have them in their fingers. */
const older: Readonly<Record<string, string>> = {
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

export type RowFilter = (row: Row | undefined, number: number) => boolean;

/** A set of calls. Throws a RangeError with one plain line for a name that is none. */
export function parseSet(text: string, known: readonly (Row | undefined)[]): RowFilter {
  const signs = /^!*/.exec(text)![0].length;
  const rest = text.slice(signs);
  const inverted = signs % 2 === 1;
  const numbers = new Set<number>();
  if (rest === "all") return () => !inverted;
  if (rest !== "none") {
    const parts = rest.split(",").filter((part) => part !== "");
    if (parts.length === 0) throw new RangeError(`invalid system call '${text}'`);
    for (const part of parts) for (const number of calls(part, known)) numbers.add(number);
  }
  return (_row, number) => numbers.has(number) !== inverted;
}

function calls(part: string, known: readonly (Row | undefined)[]): number[] {
  const token = part.replace(/^\?+/, "").replace(/@64$/, "");
  const all = new Map<number, string>(Object.entries(systemCallNames).map(([number, name]) => [Number(number), name]));
  for (const row of known) if (row) all.set(row.number, row.name);
  const chosen = (test: (name: string) => boolean): number[] =>
    [...all].filter(([, name]) => test(name)).map(([number]) => number);
  let found: number[] = [];
  if (/^\d+$/.test(token)) found = all.has(Number(token)) ? [Number(token)] : [];
  else if (token.startsWith("/")) {
    const pattern = regularExpression(token.slice(1).replace(/(?<=.)\/$/, ""));
    found = chosen((name) => pattern.test(name));
  } else if (token === "all") return [...all.keys()];
  else {
    const name = token.toLowerCase();
    const sign = name.startsWith("%");
    const key = sign ? name.slice(1) : name;
    const members = sign || UNSIGNED.has(key) ? classes[key === "net" ? "network" : key] : undefined;
    if (members) return chosen((each) => members.has(each));
    found = chosen((each) => each === token || each === older[token]);
  }
  if (found.length === 0 && part === token) throw new RangeError(`invalid system call '${part}'`);
  return found;
}

function regularExpression(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RangeError(`regcomp: ${text}: Invalid regular expression`);
  }
}

/** A set of anything that has numbers or names. `lookup` answers undefined for a name that is none. */
export function parseMembers<T extends string | number>(
  text: string,
  what: string,
  lookup: (name: string) => T | undefined,
): (member: T) => boolean {
  const signs = /^!*/.exec(text)![0].length;
  const rest = text.slice(signs);
  const inverted = signs % 2 === 1;
  if (rest === "all") return () => !inverted;
  if (rest === "none") return () => inverted;
  const names = rest.split(",").filter((name) => name !== "");
  if (names.length === 0) throw new RangeError(`invalid ${what} '${text}'`);
  const members = new Set(
    names.map((name) => {
      const member = lookup(name);
      if (member === undefined) throw new RangeError(`invalid ${what} '${name}'`);
      return member;
    }),
  );
  return (member) => members.has(member) !== inverted;
}
