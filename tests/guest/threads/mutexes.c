// Mutex kinds: normal, recursive, error-checking, timed, priority-inheriting, shared between processes.
#include "t.h"
#include <pthread.h>
static pthread_mutex_t m;
static void *other(void *x) {
  (void)x;
  say("trylock %s\n", err(pthread_mutex_trylock(&m)));
  say("unlock of another's %s\n", err(pthread_mutex_unlock(&m)));
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 30000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  say("timedlock %s\n", err(pthread_mutex_timedlock(&m, &t)));
  return 0;
}
static long total;
static void *adder(void *x) {
  pthread_mutex_t *lock = x;
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(lock);
    long v = total;
    if (i % 100 == 0) sched_yield();
    total = v + 1;
    pthread_mutex_unlock(lock);
  }
  return 0;
}
int main(void) {
  pthread_mutexattr_t a;
  pthread_t t[4];
  int kinds[] = {PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_RECURSIVE};
  for (int i = 0; i < 2; i++) {
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, kinds[i]);
    pthread_mutex_init(&m, &a);
    say("lock %s\n", err(pthread_mutex_lock(&m)));
    say("again %s\n", err(pthread_mutex_lock(&m)));
    pthread_create(t, 0, other, 0);
    pthread_join(t[0], 0);
    say("unlock %s\n", err(pthread_mutex_unlock(&m)));
    say("unlock %s\n", err(pthread_mutex_unlock(&m)));
    say("unlock %s\n", err(pthread_mutex_unlock(&m)));
  }
  for (int protocol = 0; protocol < 2; protocol++) {
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setprotocol(&a, protocol ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
    pthread_mutex_init(&m, &a);
    total = 0;
    for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, adder, &m);
    for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
    say("%s total %ld\n", protocol ? "inheriting" : "plain", total);
    if (protocol) {
      pthread_mutex_lock(&m);
      say("PI deadlock or trylock: %s\n", err(pthread_mutex_trylock(&m)));
      pthread_create(t, 0, other, 0);
      pthread_join(t[0], 0);
      pthread_mutex_unlock(&m);
    }
  }
  struct { pthread_mutex_t m; long n; } *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_init(&a);
  pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->m, &a);
  pid_t c[3];
  for (int i = 0; i < 3; i++)
    c[i] = CHILD({
      for (int j = 0; j < 300; j++) {
        pthread_mutex_lock(&shared->m);
        long v = shared->n;
        if (j % 50 == 0) sched_yield();
        shared->n = v + 1;
        pthread_mutex_unlock(&shared->m);
      }
    });
  for (int i = 0; i < 3; i++) reap(c[i]);
  say("shared %ld\n", shared->n);
  return 0;
}
