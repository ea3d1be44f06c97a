// getpriority(2), nice(2), ioprio_set(2): of a process, a group, a user; who may lower a nice value.
#include "t.h"
static long get(int which, int who) { return syscall(SYS_getpriority, which, who); }
static long ioset(int which, int who, int value) { return syscall(SYS_ioprio_set, which, who, value); }
static long ioget(int which, int who) { return syscall(SYS_ioprio_get, which, who); }
int main(void) {
  T(get(PRIO_PROCESS, 0));
  T(setpriority(PRIO_PROCESS, 0, 5));
  T(get(PRIO_PROCESS, 0));
  T(get(PRIO_PROCESS, getpid()));
  T(nice(3));
  T(setpriority(PRIO_PROCESS, 0, 100));
  T(get(PRIO_PROCESS, 0));
  T(setpriority(PRIO_PROCESS, 0, -100));
  T(get(PRIO_PROCESS, 0));
  T(get(3, 0));
  T(get(-1, 0));
  T(setpriority(9, 0, 0));
  T(get(PRIO_PROCESS, 999999));
  T(setpriority(PRIO_PROCESS, 999999, 0));
  T(get(PRIO_PGRP, 999999));
  T(get(PRIO_USER, 54321));
  T(setpriority(PRIO_USER, 54321, 0));
  gate done = gate_new();
  pid_t child = CHILD(setpgid(0, 0); gate_wait(done));
  setpgid(child, child);
  T(setpriority(PRIO_PROCESS, child, 11));
  T(get(PRIO_PGRP, child));
  T(setpriority(PRIO_PGRP, child, 4));
  T(get(PRIO_PROCESS, child));
  T(get(PRIO_PGRP, 0));
  gate_open(done);
  REAP(child);
  T(setpriority(PRIO_PROCESS, 0, 4));
  pid_t root = getpid();
  APART({
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_NICE, &none);
    MUST(setresuid(1000, 1000, 1000));
    T(setpriority(PRIO_PROCESS, 0, 3));
    T(setpriority(PRIO_PROCESS, 0, 4));
    T(setpriority(PRIO_PROCESS, 0, 10));
    T(setpriority(PRIO_PROCESS, 0, 9));
    T(setpriority(PRIO_PROCESS, root, 19));
    T(get(PRIO_PROCESS, root));
    T(nice(-1));
    T(nice(2));
    T(ioset(1, 0, 1 << 13 | 4));
    T(ioset(1, root, 2 << 13 | 4));
  });
  T(ioget(1, 0));
  T(ioset(1, 0, 2 << 13 | 3));
  T(ioget(1, 0));
  APART(T(ioget(1, 0)));
  T(ioset(1, 0, 1 << 13 | 7));
  T(ioset(1, 0, 3 << 13));
  T(ioget(1, 0));
  T(ioset(1, 0, 4 << 13));
  T(ioset(1, 0, 0 << 13 | 3));
  T(ioset(1, 0, 0));
  T(ioset(0, 0, 0));
  T(ioset(4, 0, 0));
  T(ioset(1, 999999, 2 << 13));
  T(ioget(1, 999999));
  T(ioget(9, 0));
  return 0;
}
