// sched_setaffinity, getcpu: masks, sizes, errors; one CPU is enough to ask about.
#include "t.h"
int main(void) {
  unsigned long m[16] = {0};
  CHECK(syscall(SYS_sched_getaffinity, 0, sizeof m, m) >= 8);
  CHECK(m[0] & 1);
  T(syscall(SYS_sched_getaffinity, 0, 1, m));
  T(syscall(SYS_sched_getaffinity, 0, 9, m));
  T(syscall(SYS_sched_getaffinity, 999999, sizeof m, m));
  T(syscall(SYS_sched_getaffinity, 0, sizeof m, 16));
  memset(m, 0, sizeof m);
  T(syscall(SYS_sched_setaffinity, 0, sizeof m, m));
  m[15] = 1ul << 63;
  T(syscall(SYS_sched_setaffinity, 0, sizeof m, m));
  m[15] = 0;
  m[0] = 1;
  T(syscall(SYS_sched_setaffinity, 0, sizeof m, m));
  T(syscall(SYS_sched_setaffinity, 0, 8, m));
  T(syscall(SYS_sched_setaffinity, 999999, 8, m));
  unsigned cpu = 99, node = 99;
  T(syscall(SYS_getcpu, &cpu, &node, 0));
  say("%u %u\n", cpu, node);
  T(syscall(SYS_getcpu, 0, 0, 0));
  T(sched_getcpu());
  REAP(CHILD(unsigned long k[16] = {0}; syscall(SYS_sched_getaffinity, 0, sizeof k, k); say("inherited %lu\n", k[0])));
  APART({
    MUST(setresuid(1000, 1000, 1000));
    T(syscall(SYS_sched_setaffinity, 0, 8, m));
    T(syscall(SYS_sched_setaffinity, getppid(), 8, m));
  });
  CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
  return 0;
}
