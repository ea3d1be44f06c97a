// Cancellation: deferred, asynchronous, disabled; clean-up handlers run.
#include "t.h"
#include <pthread.h>
static gate ready;
static void tidy(void *x) { say("clean-up %s\n", (char *)x); }
static void *blocked(void *x) {
  pthread_cleanup_push(tidy, "one");
  pthread_cleanup_push(tidy, "two");
  gate_open(ready);
  char c;
  read(*(int *)x, &c, 1);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  return 0;
}
static void *disabled(void *x) {
  (void)x;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, 0);
  gate_open(ready);
  nap(50);
  say("still here\n");
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, 0);
  pthread_testcancel();
  say("not reached\n");
  return 0;
}
static void *spinning(void *x) {
  (void)x;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
  gate_open(ready);
  for (;;) {
  }
}
static void *sleeping(void *x) {
  (void)x;
  gate_open(ready);
  sleep(100);
  return 0;
}
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static void let(void *x) { pthread_mutex_unlock(x); }
static void *waiting(void *x) {
  (void)x;
  pthread_mutex_lock(&m);
  pthread_cleanup_push(let, &m);
  gate_open(ready);
  for (;;) pthread_cond_wait(&c, &m);
  pthread_cleanup_pop(1);
  return 0;
}
int main(void) {
  ready = gate_new();
  int p[2];
  MUST(pipe(p));
  struct { const char *name; void *(*run)(void *); } kinds[] = {
      {"blocked", blocked}, {"disabled", disabled}, {"spinning", spinning}, {"sleeping", sleeping}, {"waiting", waiting}};
  for (int i = 0; i < 5; i++) {
    pthread_t t;
    void *r;
    pthread_create(&t, 0, kinds[i].run, &p[0]);
    gate_wait(ready);
    nap(10);
    int e = pthread_cancel(t);
    pthread_join(t, &r);
    say("cancel %s %s\n", kinds[i].name, err(e));
    say("cancelled %d\n", r == PTHREAD_CANCELED);
  }
  say("mutex %s\n", err(pthread_mutex_trylock(&m)));
  return 0;
}
