// /proc/self/status tells the signal sets: SigQ, SigPnd, ShdPnd, SigBlk, SigIgn, SigCgt.
#include "t.h"
static void handler(int s) { (void)s; }
static void show(void) {
  FILE *f = fopen("/proc/self/status", "r");
  char line[256];
  while (fgets(line, sizeof line, f))
    if (!strncmp(line, "SigPnd", 6) || !strncmp(line, "ShdPnd", 6) || !strncmp(line, "SigBlk", 6) ||
        !strncmp(line, "SigIgn", 6) || !strncmp(line, "SigCgt", 6))
      say("%s", line);
  fclose(f);
}
int main(void) {
  for (int s = 1; s < 65; s++) signal(s, SIG_DFL);
  show();
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  signal(SIGRTMAX, SIG_IGN);
  sigset_t s;
  sigemptyset(&s);
  sigaddset(&s, SIGTERM);
  sigaddset(&s, SIGHUP);
  sigaddset(&s, SIGRTMAX - 1);
  sigprocmask(SIG_SETMASK, &s, 0);
  kill(getpid(), SIGTERM);
  raise(SIGHUP);
  show();
  return 0;
}
