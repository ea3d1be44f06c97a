// pthread_create and join: results, detached threads, many of them, their stacks.
#include "t.h"
#include <pthread.h>
static void *twice(void *x) { return (void *)(2 * (long)x); }
static void *deep(void *x) {
  char big[200000];
  memset(big, 1, sizeof big);
  return (void *)(long)(big[(long)x] + big[199999]);
}
static int counter;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static void *add(void *x) {
  for (int i = 0; i < (int)(long)x; i++) {
    pthread_mutex_lock(&m);
    counter++;
    pthread_mutex_unlock(&m);
  }
  return 0;
}
static void *detached(void *x) {
  gate_open(*(gate *)x);
  return 0;
}
static void *ids(void *x) {
  pid_t *out = x;
  out[0] = getpid();
  out[1] = syscall(SYS_gettid);
  return 0;
}
int main(void) {
  pthread_t t[50];
  void *r;
  long sum = 0;
  for (long i = 0; i < 50; i++) MUST(-pthread_create(&t[i], 0, twice, (void *)i));
  for (int i = 0; i < 50; i++) {
    pthread_join(t[i], &r);
    sum += (long)r;
  }
  say("sum %ld\n", sum);
  for (int round = 0; round < 20; round++) {
    for (long i = 0; i < 5; i++) pthread_create(&t[i], 0, twice, (void *)i);
    for (int i = 0; i < 5; i++) pthread_join(t[i], 0);
  }
  pthread_attr_t a;
  pthread_attr_init(&a);
  pthread_attr_setstacksize(&a, 512 * 1024);
  pthread_create(&t[0], &a, deep, (void *)5);
  pthread_join(t[0], &r);
  say("deep %ld\n", (long)r);
  for (int i = 0; i < 8; i++) pthread_create(&t[i], 0, add, (void *)500L);
  for (int i = 0; i < 8; i++) pthread_join(t[i], 0);
  say("counter %d\n", counter);
  gate g = gate_new();
  pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
  pthread_create(&t[0], &a, detached, &g);
  gate_wait(g);
  pid_t id[2];
  pthread_create(&t[0], 0, ids, id);
  pthread_join(t[0], 0);
  CHECK(id[0] == getpid() && id[1] != getpid());
  say("self %s\n", err(pthread_join(pthread_self(), 0)));
  pthread_exit(0);
}
