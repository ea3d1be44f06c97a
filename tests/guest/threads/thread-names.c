// pthread_setname_np, per-thread CPU clocks, affinity and scheduling of one thread.
#include "t.h"
#include <pthread.h>
static gate ready, done;
static void *run(void *x) {
  (void)x;
  gate_open(ready);
  gate_wait(done);
  return 0;
}
static void *spin(void *x) {
  (void)x;
  struct timespec t;
  do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  while (t.tv_nsec < 20000000 && t.tv_sec == 0);
  return 0;
}
int main(void) {
  ready = gate_new(), done = gate_new();
  pthread_t t;
  char name[20];
  pthread_create(&t, 0, run, 0);
  gate_wait(ready);
  say("%s\n", err(pthread_setname_np(t, "worker")));
  say("%s\n", err(pthread_setname_np(t, "a name that is too long")));
  say("%s\n", err(pthread_getname_np(t, name, sizeof name)));
  say("%s\n", name);
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(0, &set);
  say("%s\n", err(pthread_setaffinity_np(t, sizeof set, &set)));
  CPU_ZERO(&set);
  say("%s\n", err(pthread_setaffinity_np(t, sizeof set, &set)));
  say("%s\n", err(pthread_getaffinity_np(t, sizeof set, &set)));
  say("cpus %d\n", CPU_COUNT(&set));
  int policy;
  struct sched_param p;
  int e = pthread_getschedparam(t, &policy, &p);
  say("%s policy %d priority %d\n", err(e), policy, p.sched_priority);
  gate_open(done);
  pthread_join(t, 0);
  struct timespec before, after, mine;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  pthread_create(&t, 0, spin, 0);
  pthread_join(t, 0);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine);
  double process = (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6;
  CHECK(process >= 19);
  CHECK(mine.tv_sec == 0 && mine.tv_nsec < 20000000);
  return 0;
}
