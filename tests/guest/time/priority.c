// nice, getpriority, setpriority: ranges, rights, groups and users.
#include "t.h"
int main(void) {
  T(getpriority(PRIO_PROCESS, 0));
  T(nice(5));
  T(getpriority(PRIO_PROCESS, 0));
  T(nice(100));
  T(nice(-100));
  T(setpriority(PRIO_PROCESS, 0, 7));
  T(getpriority(PRIO_PROCESS, getpid()));
  T(setpriority(PRIO_PROCESS, 0, 50));
  T(getpriority(PRIO_PROCESS, 0));
  T(setpriority(PRIO_PROCESS, 0, -50));
  T(getpriority(PRIO_PROCESS, 0));
  T(syscall(SYS_getpriority, PRIO_PROCESS, 0)); // the bare call says 20 minus it
  T(setpriority(9, 0, 0));
  T(getpriority(9, 0));
  T(setpriority(PRIO_PROCESS, 999999, 0));
  T(getpriority(PRIO_PROCESS, 999999));
  T(getpriority(PRIO_PGRP, 999999));
  T(getpriority(PRIO_USER, 31350));
  T(setpriority(PRIO_PROCESS, 0, 3));
  pid_t c = CHILD(T(getpriority(PRIO_PROCESS, 0)); setpgid(0, 0); T(setpriority(PRIO_PGRP, 0, 9)); T(getpriority(PRIO_PGRP, 0)));
  REAP(c);
  T(getpriority(PRIO_PROCESS, 0));
  APART({
    MUST(setresuid(31351, 31351, 31351));
    T(setpriority(PRIO_PROCESS, 0, 2));
    T(setpriority(PRIO_PROCESS, 0, 4));
    T(nice(-1));
    T(setpriority(PRIO_PROCESS, getppid(), 10));
    T(setpriority(PRIO_USER, 0, 12));
    T(getpriority(PRIO_USER, 0));
    T(setpriority(PRIO_PROCESS, 1, 10));
  });
  return 0;
}
