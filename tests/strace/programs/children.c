// flags: -f
// mask: si_[us]time=\d+(?: /\* [0-9.]+ s \*/)?|tv_(sec|usec)=\d+|0x[0-9a-f]{6,}|child_tidptr
#include "s.h"
int main(void) {
  int st;
  struct rusage ru;
  siginfo_t info;
  BEGIN();
  for (int i = 0; i < 3; i++) {
    pid_t pid = call(clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
      if (i == 1) call(kill, getpid(), SIGTERM);
      _exit(i);
    }
    if (i < 2) call(wait4, pid, &st, 0, i ? &ru : NULL);
    else call(waitid, P_PID, pid, &info, WEXITED, NULL);
  }
  call(wait4, -1, &st, WNOHANG | WUNTRACED | __WALL, NULL);
  call(wait4, 99999, NULL, 0, NULL);
  call(waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, NULL);
  call(waitid, P_PGID, 5, NULL, WSTOPPED | WCONTINUED, NULL);
  return 0;
}
