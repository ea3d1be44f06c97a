// System calls of code that is not trusted: what ordinary programs use. What is left out would change the machine, look
// into other processes, make namespaces or reach parts of the kernel that such code has no business with; those calls
// fail with EPERM, calls that nobody knows with ENOSYS.
import type { CallRule, SeccompProfile } from "./profile.ts";

const ALLOW = 0x7fff0000;
const EPERM = 0x00050000 + 1;
const ENOSYS = 0x00050000 + 38;

const list = (text: string): string[] => text.trim().split(/\s+/);

const forbidden = list(`
  acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init fanotify_mark finit_module
  fsconfig fsmount fsopen fspick init_module io_uring_enter io_uring_register io_uring_setup kcmp kexec_file_load
  kexec_load keyctl lookup_dcookie lsm_set_self_attr mbind memfd_secret migrate_pages mount mount_setattr move_mount
  move_pages name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root
  process_madvise process_vm_readv process_vm_writev ptrace quotactl quotactl_fd reboot request_key set_mempolicy
  set_mempolicy_home_node setdomainname sethostname setns settimeofday swapoff swapon syslog umount2 unshare
  userfaultfd vhangup`);

const allowed = list(`
  accept accept4 bind brk capget capset chdir clock_getres clock_gettime clock_nanosleep close close_range connect
  copy_file_range dup dup3 epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 eventfd2 execve execveat exit exit_group
  faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr
  flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv
  futex_wake get_mempolicy get_robust_list getcpu getcwd getdents64 getegid geteuid getgid getgroups getitimer
  getpeername getpgid getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname
  getsockopt gettid gettimeofday getuid getxattr inotify_add_watch inotify_init1 inotify_rm_watch io_cancel io_destroy
  io_getevents io_pgetevents io_setup io_submit ioctl ioprio_get ioprio_set kill landlock_add_rule
  landlock_create_ruleset landlock_restrict_self lgetxattr linkat listen listxattr llistxattr lremovexattr lseek
  lsetxattr lsm_get_self_attr lsm_list_modules madvise membarrier memfd_create mincore mkdirat mknodat mlock mlock2
  mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl
  msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat openat openat2 pidfd_open
  pidfd_send_signal pipe2 pkey_alloc pkey_free pkey_mprotect ppoll prctl pread64 preadv preadv2 prlimit64
  process_mrelease pselect6 pwrite64 pwritev pwritev2 read readahead readlinkat readv recvfrom recvmmsg recvmsg
  remap_file_pages removexattr renameat renameat2 restart_syscall riscv_flush_icache riscv_hwprobe rseq rt_sigaction
  rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp semctl
  semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list set_tid_address setfsgid setfsuid setgid
  setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid
  setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd4 socketpair splice statfs statx symlinkat sync
  sync_file_range syncfs sysinfo tee tgkill timer_create timer_delete timer_getoverrun timer_gettime timer_settime
  timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname unlinkat utimensat vmsplice wait4
  waitid write writev`);

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACES = 0x7e020000n;
/** PER_LINUX, UNAME26, PER_LINUX32 and both, and the question what it is. */
const PERSONALITIES = [0n, 0x20000n, 8n, 0x20008n, 0xffffffffn];
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. */
const FAMILIES = [1n, 2n, 10n, 16n];

const equals = (name: string, values: readonly bigint[]): CallRule[] =>
  values.map((value) => ({
    names: [name],
    answer: ALLOW,
    arguments: [{ index: 0, op: "EQ", value, valueTwo: 0n }],
  }));

export const untrustedProfile: SeccompProfile = {
  defaultAnswer: ENOSYS,
  rules: [
    { names: allowed, answer: ALLOW, arguments: [] },
    { names: ["clone"], answer: ALLOW, arguments: [{ index: 0, op: "MASKED_EQ", value: NAMESPACES, valueTwo: 0n }] },
    ...equals("personality", PERSONALITIES),
    ...equals("socket", FAMILIES),
    { names: [...forbidden, "clone", "personality", "socket"], answer: EPERM, arguments: [] },
  ],
};
