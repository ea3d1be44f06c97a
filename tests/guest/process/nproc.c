// RLIMIT_NPROC stops a user's fork with EAGAIN, never root's.
#include "t.h"
int main(void) {
  struct rlimit l = {1, 1};
  prctl(PR_SET_CHILD_SUBREAPER, 1); // so that none lingers as a zombie and is counted in the next run
  APART({
    MUST(setrlimit(RLIMIT_NPROC, &l));
    pid_t c = CHILD(_exit(0));
    say("root: %s\n", status_text(reap(c)));
    // 31337 owns nothing else.
    MUST(setresuid(31337, 31337, 31337));
    pid_t f = fork();
    if (f == 0) _exit(0);
    say("user: %s\n", f == -1 ? err(errno) : "forked");
  });
  APART({
    l.rlim_cur = l.rlim_max = 3;
    MUST(setrlimit(RLIMIT_NPROC, &l));
    MUST(setresuid(31338, 31338, 31338));
    int n = 0;
    while (fork() > 0) n++;
    if (errno != EAGAIN) pause();
    say("then %s\n", err(errno));
    if (n == 2) say("after two\n");
    signal(SIGTERM, SIG_IGN);
    kill(-1, SIGTERM);
    _exit(n == 2 ? 0 : 1);
  });
  while (wait(0) > 0) {
  }
  return 0;
}
