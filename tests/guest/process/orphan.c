// Orphans go to the nearest subreaper above them; prctl(PR_SET_CHILD_SUBREAPER).
#include "t.h"
int main(void) {
  int on = -1;
  T(prctl(PR_GET_CHILD_SUBREAPER, &on));
  CHECK(on == 0);
  T(prctl(PR_SET_CHILD_SUBREAPER, 1));
  T(prctl(PR_GET_CHILD_SUBREAPER, &on));
  CHECK(on == 1);
  pid_t me = getpid();
  gate g = gate_new();
  pid_t c = CHILD({
    // A subreaper's child is none itself.
    int x = -1;
    prctl(PR_GET_CHILD_SUBREAPER, &x);
    say("inherited %d\n", x);
    pid_t parent = getpid();
    gate told = gate_new();
    CHILD({
      CHECK(getppid() == parent);
      gate_open(told);
      gate_wait(g);
      CHECK(getppid() == me);
      _exit(21);
    });
    gate_wait(told);
    _exit(20);
  });
  REAP(c);
  gate_open(g);
  int status;
  pid_t o = MUST(wait(&status));
  CHECK(o != c);
  say("orphan %s\n", status_text(status));
  // A nearer one wins.
  c = CHILD({
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t near = getpid();
    pid_t m = CHILD({
      pid_t p = getpid();
      CHILD({
        while (getppid() == p) nap(5);
        CHECK(getppid() == near);
        _exit(31);
      });
    });
    reap(m);
    MUST(wait(&status));
    say("%s\n", status_text(status));
  });
  REAP(c);
  // Zombies of a dying parent are reaped by the new one too.
  c = CHILD({
    for (int i = 0; i < 3; i++) CHILD(_exit(40));
    nap(20);
  });
  REAP(c);
  int n = 0;
  while (wait(&status) > 0) n += WEXITSTATUS(status) == 40;
  say("zombies %d\n", n);
  T(prctl(PR_SET_CHILD_SUBREAPER, 0));
  // The parent-death signal.
  T(prctl(PR_SET_PDEATHSIG, 65));
  T(prctl(PR_SET_PDEATHSIG, -1));
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  gate ready = gate_new();
  c = CHILD({
    CHILD({
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      int d = 0;
      prctl(PR_GET_PDEATHSIG, &d);
      say("pdeathsig %s\n", sig(d));
      sigset_t set;
      sigemptyset(&set);
      sigaddset(&set, SIGUSR1);
      sigprocmask(SIG_BLOCK, &set, 0);
      pid_t inner = CHILD({ int e = -1; prctl(PR_GET_PDEATHSIG, &e); say("child's %d\n", e); });
      reap(inner);
      gate_open(ready);
      siginfo_t si;
      int got = sigwaitinfo(&set, &si);
      say("got %s code %d\n", sig(got), si.si_code == SI_USER);
      _exit(50);
    });
    gate_wait(ready);
  });
  reap(c);
  MUST(wait(&status));
  say("%s\n", status_text(status));
  return 0;
}
