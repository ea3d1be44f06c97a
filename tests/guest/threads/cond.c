// Condition variables: a bounded queue, broadcast, timed waits.
#include "t.h"
#include <pthread.h>
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t room = PTHREAD_COND_INITIALIZER, item = PTHREAD_COND_INITIALIZER, start = PTHREAD_COND_INITIALIZER;
static int queue[4], head, used, started, woken;
static void *producer(void *x) {
  for (int i = 1; i <= 200; i++) {
    pthread_mutex_lock(&m);
    while (used == 4) pthread_cond_wait(&room, &m);
    queue[(head + used++) % 4] = i;
    pthread_cond_signal(&item);
    pthread_mutex_unlock(&m);
  }
  return x;
}
static void *consumer(void *x) {
  long sum = 0;
  for (int i = 0; i < 200; i++) {
    pthread_mutex_lock(&m);
    while (used == 0) pthread_cond_wait(&item, &m);
    sum += queue[head];
    head = (head + 1) % 4;
    used--;
    pthread_cond_signal(&room);
    pthread_mutex_unlock(&m);
  }
  (void)x;
  return (void *)sum;
}
static void *waiter(void *x) {
  pthread_mutex_lock(&m);
  while (!started) pthread_cond_wait(&start, &m);
  woken++;
  pthread_mutex_unlock(&m);
  return x;
}
int main(void) {
  pthread_t p[3], c[3], w[10];
  for (int i = 0; i < 3; i++) pthread_create(&p[i], 0, producer, 0), pthread_create(&c[i], 0, consumer, 0);
  long sum = 0;
  for (int i = 0; i < 3; i++) {
    void *r;
    pthread_join(p[i], 0);
    pthread_join(c[i], &r);
    sum += (long)r;
  }
  say("sum %ld left %d\n", sum, used);
  for (int i = 0; i < 10; i++) pthread_create(&w[i], 0, waiter, 0);
  nap(20);
  pthread_mutex_lock(&m);
  started = 1;
  pthread_cond_broadcast(&start);
  pthread_mutex_unlock(&m);
  for (int i = 0; i < 10; i++) pthread_join(w[i], 0);
  say("woken %d\n", woken);
  struct timespec t;
  pthread_mutex_lock(&m);
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += 50000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  double began = now();
  say("timed wait %s\n", err(pthread_cond_timedwait(&item, &m, &t)));
  CHECK(now() - began >= 45);
  t.tv_sec -= 10;
  say("past %s\n", err(pthread_cond_timedwait(&item, &m, &t)));
  pthread_condattr_t a;
  pthread_condattr_init(&a);
  pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
  pthread_cond_t mono;
  pthread_cond_init(&mono, &a);
  clock_gettime(CLOCK_MONOTONIC, &t);
  t.tv_nsec += 30000000;
  if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
  began = now();
  say("monotonic %s\n", err(pthread_cond_timedwait(&mono, &m, &t)));
  CHECK(now() - began >= 25);
  return 0;
}
