// Robust mutexes and lists: an owner that dies leaves EOWNERDEAD behind, as a thread or as a process.
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
static void *hold(void *x) {
  pthread_mutex_lock(x);
  return 0;
}
static void make(pthread_mutex_t *m, int pi) {
  pthread_mutexattr_t a;
  pthread_mutexattr_init(&a);
  pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
  if (pi) pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(m, &a);
}
static void *waiter(void *x) {
  int r = pthread_mutex_lock(x);
  say("waiter got %s\n", err(r));
  if (r == EOWNERDEAD) {
    pthread_mutex_consistent(x);
    pthread_mutex_unlock(x);
  }
  return 0;
}
int main(void) {
  pthread_mutex_t *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_t t, w;
  for (int pi = 0; pi < 2; pi++) {
    say("%s\n", pi ? "inheriting" : "plain");
    make(m, pi);
    pthread_create(&t, 0, hold, m);
    pthread_join(t, 0);
    say("lock %s\n", err(pthread_mutex_lock(m)));
    say("consistent %s\n", err(pthread_mutex_consistent(m)));
    say("unlock %s\n", err(pthread_mutex_unlock(m)));
    say("lock %s\n", err(pthread_mutex_lock(m)));
    say("unlock %s\n", err(pthread_mutex_unlock(m)));
    // Not made consistent: lost for ever.
    pthread_create(&t, 0, hold, m);
    pthread_join(t, 0);
    say("lock %s\n", err(pthread_mutex_lock(m)));
    say("unlock %s\n", err(pthread_mutex_unlock(m)));
    say("lock %s\n", err(pthread_mutex_lock(m)));
    // A process that is killed while others wait.
    make(m, pi);
    gate g = gate_new();
    pid_t c = CHILD({
      pthread_mutex_lock(m);
      gate_open(g);
      for (;;) pause();
    });
    gate_wait(g);
    pthread_create(&w, 0, waiter, m);
    nap(20);
    kill(c, SIGKILL);
    reap(c);
    pthread_join(w, 0);
    say("after %s\n", err(pthread_mutex_trylock(m)));
  }
  struct robust_list_head *head;
  size_t size;
  T(syscall(SYS_get_robust_list, 0, &head, &size));
  say("size %zu\n", size);
  T(syscall(SYS_set_robust_list, head, 8));
  T(syscall(SYS_get_robust_list, 999999, &head, &size));
  return 0;
}
