// pthread_atfork's order; fork while another thread holds malloc's lock; threads in the child.
#include "t.h"
#include <pthread.h>
static void before(void) { say("prepare\n"); }
static bool told;
static void parent(void) { told = true; }
static void child(void) { say("child\n"); }
static void before2(void) { say("prepare 2\n"); }
static void child2(void) { say("child 2\n"); }
static volatile int stop;
static void *churn(void *x) {
  while (!stop) free(malloc(100));
  return x;
}
static void *five(void *x) { (void)x; return (void *)5; }
int main(void) {
  pthread_t t;
  pthread_create(&t, 0, churn, 0);
  for (int i = 0; i < 10; i++) {
    pid_t c = CHILD({
      for (int j = 0; j < 50; j++) free(malloc(1000));
      pthread_t u;
      void *r;
      pthread_create(&u, 0, five, 0);
      pthread_join(u, &r);
      _exit((long)r);
    });
    int s = reap(c);
    if (!WIFEXITED(s) || WEXITSTATUS(s) != 5) say("%s\n", status_text(s));
  }
  stop = 1;
  pthread_join(t, 0);
  pthread_atfork(before, parent, child);
  pthread_atfork(before2, 0, child2);
  gate g = gate_new();
  pid_t c = CHILD(gate_open(g));
  gate_wait(g);
  reap(c);
  CHECK(told);
  return 0;
}
