// A parent that ignores SIGCHLD, or says SA_NOCLDWAIT, has no zombies; SA_NOCLDSTOP hides stops.
#include "t.h"
static volatile sig_atomic_t count;
static void handler(int s) { (void)s; count++; }
int main(void) {
  signal(SIGCHLD, SIG_IGN);
  pid_t c = CHILD(_exit(1));
  T(waitpid(c, 0, 0));
  T(kill(c, 0));
  // wait sleeps until the last child has gone, then says ECHILD.
  double t = now();
  CHILD(nap(50));
  T(wait(0));
  CHECK(now() - t > 40);
  // The default disposition is not the same as ignoring.
  signal(SIGCHLD, SIG_DFL);
  c = CHILD(_exit(2));
  REAP(c);
  struct sigaction a = {.sa_handler = handler, .sa_flags = SA_NOCLDWAIT};
  sigaction(SIGCHLD, &a, 0);
  c = CHILD(_exit(3));
  int status;
  while (waitpid(c, &status, 0) == -1 && errno == EINTR) {
  }
  say("errno %s\n", err(errno));
  while (!count) nap(2);
  say("signals %d\n", count);
  // Stops are told to the parent unless it asked not to hear.
  a.sa_flags = 0;
  sigaction(SIGCHLD, &a, 0);
  count = 0;
  c = CHILD(for (;;) pause());
  kill(c, SIGSTOP);
  until(c, 'T');
  nap(10);
  say("after stop %d\n", count);
  kill(c, SIGCONT);
  while (waitpid(c, &status, WCONTINUED) == -1) {
  }
  nap(10);
  say("after cont %d\n", count);
  a.sa_flags = SA_NOCLDSTOP;
  sigaction(SIGCHLD, &a, 0);
  count = 0;
  kill(c, SIGSTOP);
  until(c, 'T');
  kill(c, SIGCONT);
  while (waitpid(c, &status, WCONTINUED) == -1) {
  }
  say("with NOCLDSTOP %d\n", count);
  kill(c, SIGKILL);
  while (waitpid(c, &status, 0) == -1) {
  }
  say("after the end %d\n", count);
  // Ignoring discards what has already ended? No: a zombie made before stays.
  signal(SIGCHLD, SIG_DFL);
  c = CHILD(_exit(4));
  until(c, 'Z');
  signal(SIGCHLD, SIG_IGN);
  T(kill(c, 0));
  CHECK(waitpid(c, &status, 0) == c);
  say("%s\n", status_text(status));
  return 0;
}
