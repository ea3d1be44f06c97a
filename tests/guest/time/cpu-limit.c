// RLIMIT_CPU: SIGXCPU can be handled, then SIGKILL comes; sleeping does not count.
#include "t.h"
static volatile int hits;
static void handler(int s) { (void)s; hits++; }
int main(void) {
  pid_t c = CHILD({
    struct rlimit l = {1, 3};
    setrlimit(RLIMIT_CPU, &l);
    signal(SIGXCPU, handler);
    while (!hits) {
    }
    say("told at the soft limit\n");
    l.rlim_cur = l.rlim_max;
    setrlimit(RLIMIT_CPU, &l);
    _exit(4);
  });
  REAP(c);
  struct rlimit l = {RLIM_INFINITY, RLIM_INFINITY};
  getrlimit(RLIMIT_CPU, &l);
  CHECK(l.rlim_cur == RLIM_INFINITY);
  return 0;
}
