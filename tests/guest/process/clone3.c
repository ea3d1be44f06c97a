// clone3(2): its structure, its checks, its own flags.
#include "t.h"
#include <linux/sched.h>
static long c3(struct clone_args *a, size_t size) {
  long r = syscall(SYS_clone3, a, size);
  if (r == 0) _exit(12);
  return r;
}
static void handler(int s) { (void)s; }
#define BAD(...) do { struct clone_args a_ = {__VA_ARGS__}; long r_ = c3(&a_, sizeof a_); \
  if (r_ == -1) say("%s: %s\n", #__VA_ARGS__, err(errno)); \
  else { say("%s: %s", #__VA_ARGS__, ""); int st_; waitpid(r_, &st_, __WALL); say("%s\n", status_text(st_)); } } while (0)
int main(void) {
  struct clone_args a = {.exit_signal = SIGCHLD};
  T(c3(&a, 0));
  T(c3(&a, 63));
  T(c3(0, sizeof a));
  T(c3(&a, 5000));
  pid_t c = MUST(c3(&a, 64));
  REAP(c);
  // A longer structure than the kernel knows must be zero beyond.
  struct { struct clone_args a; long more; } longer = {{.exit_signal = SIGCHLD}, 0};
  c = MUST(c3(&longer.a, sizeof longer));
  REAP(c);
  longer.more = 1;
  T(c3(&longer.a, sizeof longer));
  BAD(.exit_signal = SIGCHLD);
  BAD(.exit_signal = 65);
  BAD(.exit_signal = 0x100 | SIGCHLD);
  BAD(.flags = 17, .exit_signal = SIGCHLD);
  BAD(.flags = 1ull << 40, .exit_signal = SIGCHLD);
  BAD(.flags = CLONE_DETACHED, .exit_signal = SIGCHLD);
  BAD(.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD);
  BAD(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
  BAD(.stack = 4096, .exit_signal = SIGCHLD);
  BAD(.stack_size = 4096, .exit_signal = SIGCHLD);
  BAD(.set_tid_size = 1, .exit_signal = SIGCHLD);
  BAD(.set_tid = (uintptr_t)&a, .exit_signal = SIGCHLD);
  BAD(.set_tid = (uintptr_t)&a, .set_tid_size = 33, .exit_signal = SIGCHLD);
  BAD(.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD);
  BAD(.flags = CLONE_INTO_CGROUP, .cgroup = -1ull, .exit_signal = SIGCHLD);
  // A child without exit signal is found with __WCLONE or __WALL only.
  struct clone_args quiet = {.exit_signal = 0};
  c = MUST(c3(&quiet, sizeof quiet));
  nap(20);
  T(waitpid(c, 0, WNOHANG));
  T(wait(0));
  int status;
  CHECK(waitpid(c, &status, __WALL) == c);
  say("%s\n", status_text(status));
  c = MUST(c3(&quiet, sizeof quiet));
  CHECK(waitpid(-1, &status, __WCLONE) == c);
  // An exit signal of another kind.
  signal(SIGUSR1, handler);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, 0);
  struct clone_args usr = {.exit_signal = SIGUSR1};
  c = MUST(c3(&usr, sizeof usr));
  siginfo_t si;
  CHECK(sigwaitinfo(&set, &si) == SIGUSR1);
  CHECK(si.si_code == CLD_EXITED && si.si_pid == c && si.si_status == 12);
  CHECK(waitpid(c, 0, __WALL) == c);
  // CLONE_CLEAR_SIGHAND: handlers go, ignored stay.
  signal(SIGUSR2, SIG_IGN);
  struct clone_args clear = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
  long r = syscall(SYS_clone3, &clear, sizeof clear);
  if (r == 0) {
    struct sigaction u1;
    struct sigaction u2;
    sigaction(SIGUSR1, 0, &u1);
    sigaction(SIGUSR2, 0, &u2);
    say("handled: %s; ignored: %s\n", u1.sa_handler == SIG_DFL ? "default" : "kept",
        u2.sa_handler == SIG_IGN ? "kept" : "default");
    _exit(0);
  }
  reap(r);
  // Pidfd and tids.
  int pidfd = -1;
  pid_t parent_tid = 0;
  struct clone_args p = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .pidfd = (uintptr_t)&pidfd,
                         .parent_tid = (uintptr_t)&parent_tid, .exit_signal = SIGCHLD};
  c = MUST(c3(&p, sizeof p));
  CHECK(pidfd >= 0 && parent_tid == c);
  T(fcntl(pidfd, F_GETFD));
  REAP(c);
  return 0;
}
