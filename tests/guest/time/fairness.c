// Processes that compute share the processor; a sleeper gets its turn at once; nobody starves.
#include "t.h"
int main(void) {
  // On one CPU, whatever the machine has.
  unsigned long one = 1;
  syscall(SYS_sched_setaffinity, 0, sizeof one, &one);
  volatile long *n = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t c[4];
  for (int i = 0; i < 4; i++) c[i] = CHILD(for (;;) n[i]++);
  nap(400);
  long least = n[0], most = n[0];
  for (int i = 1; i < 4; i++) {
    if (n[i] < least) least = n[i];
    if (n[i] > most) most = n[i];
  }
  CHECK(least > 0);
  CHECK(least * 3 > most);
  // Among them a sleeper is not late by much.
  int late = 0;
  for (int i = 0; i < 5; i++) {
    double t = now();
    nap(5);
    late += now() - t > 200;
  }
  CHECK(late == 0);
  // A nice one gets less.
  for (int i = 0; i < 4; i++) kill(c[i], SIGKILL), reap(c[i]);
  n[0] = n[1] = 0;
  c[0] = CHILD(for (;;) n[0]++);
  c[1] = CHILD(nice(15); for (;;) n[1]++);
  nap(500);
  CHECK(n[1] > 0);
  CHECK(n[0] > n[1] * 3);
  for (int i = 0; i < 2; i++) kill(c[i], SIGKILL), reap(c[i]);
  // Yielding processes make progress together.
  n[0] = n[1] = 0;
  for (int i = 0; i < 2; i++) c[i] = CHILD(for (int k = 0; k < 300; k++) n[i]++, sched_yield());
  for (int i = 0; i < 2; i++) reap(c[i]);
  say("%ld %ld\n", n[0], n[1]);
  return 0;
}
