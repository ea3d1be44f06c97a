// wait4(2): which children, which events, and what is left unreported.
#include "t.h"
int main(void) {
  int status = 77;
  T(wait4(-1, &status, 0, 0));
  T(wait4(-1, &status, WNOHANG, 0));
  T(wait4(getpid(), 0, 0, 0));
  T(wait4(-1, 0, 0x40, 0));
  T(wait4(INT_MIN, 0, 0, 0));
  say("status left alone %d\n", status);
  pid_t c = CHILD(for (;;) pause());
  T(wait4(c, &status, WNOHANG, 0));
  T(wait4(c, &status, WNOHANG | WUNTRACED | WCONTINUED, 0));
  kill(c, SIGSTOP);
  until(c, 'T');
  // A stop is seen only when asked for, and once.
  T(wait4(c, &status, WNOHANG, 0));
  CHECK(wait4(c, &status, WUNTRACED, 0) == c);
  say("%s\n", status_text(status));
  T(wait4(c, &status, WNOHANG | WUNTRACED, 0));
  kill(c, SIGCONT);
  CHECK(wait4(c, &status, WCONTINUED, 0) == c);
  say("%s\n", status_text(status));
  T(wait4(c, &status, WNOHANG | WCONTINUED | WUNTRACED, 0));
  // Each of the stop signals is told apart.
  int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
  for (int i = 0; i < 3; i++) {
    // An orphaned process group ignores these three: give the child a group whose parent is in the session.
    pid_t s = CHILD({
      setpgid(0, 0);
      raise(stops[i]);
      _exit(i);
    });
    MUST(waitpid(s, &status, WUNTRACED));
    say("%s\n", status_text(status));
    if (WIFSTOPPED(status)) {
      kill(s, SIGCONT);
      MUST(waitpid(s, &status, 0));
      say("%s\n", status_text(status));
    }
  }
  kill(c, SIGKILL);
  CHECK(wait4(c, &status, 0, 0) == c);
  say("%s\n", status_text(status));
  T(wait4(c, 0, 0, 0));
  // By process group.
  pid_t a = CHILD(setpgid(0, 0); nap(20); _exit(1)), b = CHILD(nap(1); _exit(2));
  setpgid(a, a);
  CHECK(waitpid(0, &status, 0) == b);
  say("%s\n", status_text(status));
  T(waitpid(0, 0, 0));
  T(waitpid(-b, 0, 0));
  CHECK(waitpid(-a, &status, 0) == a);
  say("%s\n", status_text(status));
  // Any child, in the order of their ends.
  gate g = gate_new();
  a = CHILD(gate_wait(g); _exit(1));
  b = CHILD(_exit(2));
  CHECK(waitpid(-1, &status, 0) == b);
  gate_open(g);
  CHECK(waitpid(-1, &status, 0) == a);
  // A status pointer that leads nowhere: the child is reaped all the same.
  a = CHILD(_exit(1));
  T(wait4(a, (int *)8, 0, 0));
  T(wait4(a, 0, 0, 0));
  // The resources a child used.
  struct rusage u;
  a = CHILD(burn(5));
  MUST(wait4(a, 0, 0, &u));
  CHECK(u.ru_utime.tv_sec * 1000000 + u.ru_utime.tv_usec > 2000);
  struct rusage all;
  getrusage(RUSAGE_CHILDREN, &all);
  CHECK(all.ru_utime.tv_sec * 1000000 + all.ru_utime.tv_usec >= u.ru_utime.tv_sec * 1000000 + u.ru_utime.tv_usec);
  return 0;
}
