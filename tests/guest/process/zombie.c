// A zombie: what can still be asked of it.
#include "t.h"
int main(void) {
  pid_t c = CHILD(_exit(9));
  CHECK(until(c, 'Z'));
  T(kill(c, 0));
  T(kill(c, SIGKILL));
  CHECK(getpgid(c) == getpgrp());
  CHECK(getsid(c) == getsid(0));
  T(getpriority(PRIO_PROCESS, c));
  T(sched_getscheduler(c));
  char path[64], text[64];
  sprintf(path, "/proc/%d/exe", c);
  T(readlink(path, text, sizeof text));
  sprintf(path, "/proc/%d/cwd", c);
  T(readlink(path, text, sizeof text));
  sprintf(path, "/proc/%d/cmdline", c);
  int fd = open(path, O_RDONLY);
  T(read(fd, text, sizeof text));
  close(fd);
  sprintf(path, "/proc/%d/fd", c);
  T(access(path, R_OK));
  sprintf(path, "/proc/%d/status", c);
  FILE *f = fopen(path, "r");
  char line[256];
  while (f && fgets(line, sizeof line, f))
    if (!strncmp(line, "State:", 6) || !strncmp(line, "Threads:", 8)) say("%s", line);
  if (f) fclose(f);
  sprintf(path, "/proc/%d", c);
  T(access(path, F_OK));
  REAP(c);
  T(access(path, F_OK));
  T(kill(c, 0));
  T(getpgid(c));
  T(getpriority(PRIO_PROCESS, c));
  return 0;
}
