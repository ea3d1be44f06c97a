// Calls that don't exist, bad pointers everywhere, enormous and negative arguments.
#include "t.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#define BAD ((void *)16)
int main(void) {
  T(syscall(9999));
  T(syscall(-1));
  T(syscall(1 << 20));
  T(read(-1, BAD, 1));
  T(write(-1, BAD, 1));
  T(syscall(SYS_openat, AT_FDCWD, BAD, 0, 0));
  T(syscall(SYS_execve, BAD, BAD, BAD));
  T(syscall(SYS_pipe2, BAD, 0));
  T(syscall(SYS_getcwd, BAD, 100));
  T(syscall(SYS_uname, BAD));
  T(syscall(SYS_nanosleep, BAD, BAD));
  T(syscall(SYS_clock_gettime, 0, BAD));
  T(syscall(SYS_gettimeofday, BAD, 0));
  T(syscall(SYS_getitimer, 0, BAD));
  T(syscall(SYS_setitimer, 0, BAD, 0));
  T(syscall(SYS_rt_sigaction, 10, BAD, 0, 8));
  T(syscall(SYS_rt_sigprocmask, 0, BAD, 0, 8));
  T(syscall(SYS_sigaltstack, BAD, 0));
  T(syscall(SYS_getrlimit, 0, BAD));
  T(syscall(SYS_getrusage, 0, BAD));
  T(syscall(SYS_times, BAD));
  T(syscall(SYS_sysinfo, BAD));
  T(syscall(SYS_statfs, BAD, BAD));
  T(syscall(SYS_statfs, "/", BAD));
  T(syscall(SYS_mkdirat, AT_FDCWD, BAD, 0));
  T(syscall(SYS_unlinkat, AT_FDCWD, BAD, 0));
  T(syscall(SYS_renameat2, AT_FDCWD, BAD, AT_FDCWD, BAD, 0));
  T(syscall(SYS_symlinkat, BAD, AT_FDCWD, BAD));
  T(syscall(SYS_linkat, AT_FDCWD, BAD, AT_FDCWD, BAD, 0));
  T(syscall(SYS_readlinkat, AT_FDCWD, BAD, BAD, 1));
  T(syscall(SYS_faccessat, AT_FDCWD, BAD, 0));
  T(syscall(SYS_fchmodat, AT_FDCWD, BAD, 0));
  T(syscall(SYS_fchownat, AT_FDCWD, BAD, 0, 0, 0));
  T(syscall(SYS_utimensat, AT_FDCWD, BAD, 0, 0));
  T(syscall(SYS_chdir, BAD));
  T(syscall(SYS_chroot, BAD));
  T(syscall(SYS_truncate, BAD, 0));
  T(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, BAD));
  int s = socket(AF_INET, SOCK_STREAM, 0);
  T(bind(s, BAD, 16));
  T(connect(s, BAD, 16));
  T(getsockname(s, BAD, BAD));
  T(getsockopt(s, SOL_SOCKET, SO_TYPE, BAD, BAD));
  T(syscall(SYS_ppoll, BAD, 1, 0, 0, 8));
  T(syscall(SYS_epoll_ctl, epoll_create1(0), EPOLL_CTL_ADD, 1, BAD));
  T(syscall(SYS_futex, BAD, 0, 0, 0, 0, 0));
  T(syscall(SYS_set_robust_list, BAD, 24));
  T(syscall(SYS_wait4, -1, BAD, 0, 0));
  T(syscall(SYS_prlimit64, 0, 7, BAD, 0));
  T(syscall(SYS_getrandom, BAD, 5, 0));
  T(syscall(SYS_getcpu, BAD, 0, 0));
  T(syscall(SYS_getresuid, BAD, BAD, BAD));
  T(syscall(SYS_prctl, PR_GET_NAME, BAD, 0, 0, 0));
  T(syscall(SYS_mincore, 0, 4096, BAD));
  T(syscall(SYS_readv, 1, BAD, 2));
  T(syscall(SYS_sendmsg, s, BAD, 0));
  T(syscall(SYS_timer_create, 0, BAD, BAD));
  T(syscall(SYS_sched_getaffinity, 0, 128, BAD));
  T(syscall(SYS_sched_setparam, 0, BAD));
  T(syscall(SYS_clone3, BAD, 88));
  T(syscall(SYS_statx, AT_FDCWD, BAD, 0, 0, BAD));
  T(syscall(SYS_mmap, -4096l, 1, 3, 0x22, -1, 0) == -1);
  T(syscall(SYS_munmap, -4096l, 8192));
  T(syscall(SYS_mprotect, -4096l, 4096, 0));
  // Wide arguments are cut where the kernel takes 32 bits.
  T(syscall(SYS_close, 0x100000000l + 99));
  T(syscall(SYS_dup, 0x100000000l) >= 0);
  T(syscall(SYS_lseek, 0x100000000l | 99, 0, 0));
  return 0;
}
