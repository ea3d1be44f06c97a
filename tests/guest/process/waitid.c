// waitid(2): the events it is asked for, the siginfo it fills, WNOWAIT.
#include "t.h"
static void show(const char *what, int result, siginfo_t *i, pid_t c) {
  if (result == -1) {
    say("%s = -1 %s\n", what, err(errno));
    return;
  }
  const char *codes[] = {"0", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"};
  say("%s: signo %d code %s status %d errno %d pid %s uid %d\n", what, i->si_signo, codes[i->si_code], i->si_status,
      i->si_errno, i->si_pid == c ? "child" : i->si_pid == 0 ? "0" : "?", i->si_uid);
}
#define W(type, id, options) ({ siginfo_t i_; memset(&i_, 0x5a, sizeof i_); int r_ = waitid(type, id, &i_, options); \
  show("waitid(" #type ", " #options ")", r_, &i_, c); })
int main(void) {
  pid_t c = 0;
  W(P_ALL, 0, WEXITED);
  W(P_ALL, 0, WEXITED | WNOHANG);
  c = CHILD(for (;;) pause());
  W(P_PID, c, 0);
  W(P_PID, c, WNOHANG);
  W(P_PID, c, WEXITED | 0x1000);
  W(P_PID, c, WNOHANG | WEXITED | WSTOPPED | WCONTINUED);
  W(9, c, WEXITED);
  W(P_PID, -5, WEXITED);
  W(P_PID, 0, WEXITED);
  W(P_PIDFD, 1, WEXITED);
  W(P_PIDFD, 999, WEXITED);
  kill(c, SIGSTOP);
  W(P_PID, c, WSTOPPED | WNOWAIT);
  W(P_PID, c, WSTOPPED | WNOWAIT);
  W(P_PID, c, WSTOPPED);
  W(P_PID, c, WSTOPPED | WNOHANG);
  kill(c, SIGCONT);
  W(P_ALL, 0, WCONTINUED);
  W(P_ALL, 0, WCONTINUED | WNOHANG);
  kill(c, SIGTERM);
  W(P_ALL, 0, WEXITED | WNOWAIT);
  W(P_ALL, 0, WEXITED);
  W(P_ALL, 0, WEXITED);
  c = CHILD(_exit(300));
  W(P_PGID, getpgrp(), WEXITED);
  c = CHILD(_exit(5));
  W(P_PGID, 0, WEXITED);
  c = CHILD(setuid(1234); _exit(6));
  int fd = syscall(SYS_pidfd_open, c, 0);
  W(P_PIDFD, fd, WEXITED | WNOWAIT);
  W(P_PIDFD, fd, WEXITED);
  W(P_PIDFD, fd, WEXITED);
  // Without a siginfo to fill, and with the fifth argument that glibc hides.
  c = CHILD(_exit(7));
  struct rusage u;
  memset(&u, 0xff, sizeof u);
  T(syscall(SYS_waitid, P_PID, c, 0, WEXITED, &u));
  CHECK(u.ru_stime.tv_sec == 0);
  // The child that stopped and then died reports only its death.
  c = CHILD(raise(SIGSTOP));
  until(c, 'T');
  kill(c, SIGKILL);
  W(P_PID, c, WSTOPPED | WEXITED);
  return 0;
}
