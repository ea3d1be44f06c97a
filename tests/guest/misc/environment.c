// build: dynamic
// What a program started by the machine finds: standard descriptors, directory, limits, signals at their defaults.
#include "t.h"
int main(void) {
  for (int i = 0; i < 3; i++) OK(fcntl(i, F_GETFD));
  T(fcntl(3, F_GETFD));
  struct sigaction a;
  int odd = 0;
  for (int s = 1; s < 32; s++)
    if (sigaction(s, 0, &a) == 0 && a.sa_handler != SIG_DFL) odd++;
  say("signals not at their default %d\n", odd);
  sigset_t m;
  sigprocmask(SIG_BLOCK, 0, &m);
  int blocked = 0;
  for (int s = 1; s < 32; s++) blocked += sigismember(&m, s);
  say("blocked %d\n", blocked);
  say("umask %03o\n", umask(022));
  T(getuid());
  T(getpriority(PRIO_PROCESS, 0));
  char cwd[PATH_MAX];
  CHECK(getcwd(cwd, sizeof cwd) != 0);
  say("HOME %s PATH %s\n", getenv("HOME"), getenv("PATH") ? "set" : "unset");
  struct rlimit l;
  getrlimit(RLIMIT_STACK, &l);
  say("stack %ld\n", (long)l.rlim_cur);
  CHECK(getsid(0) == getpid() || getsid(0) > 0);
  T(access(".", W_OK));
  struct stat st;
  fstat(0, &st);
  say("stdin %d\n", S_ISCHR(st.st_mode));
  return 0;
}
