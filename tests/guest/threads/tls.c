// Thread-local storage: initial values, one copy a thread, destructors of keys, errno.
#include "t.h"
#include <pthread.h>
static __thread int initial = 7;
static __thread char zero[3000];
static _Thread_local struct { long a, b; } pair = {1, 2};
static pthread_key_t key, other;
static int rounds;
static void destroy(void *x) {
  say("destroy %s\n", (char *)x);
  // Setting it again asks for another round.
  if (rounds++ < 2) pthread_setspecific(key, "again");
}
static void *run(void *x) {
  int sum = 0;
  for (int i = 0; i < 3000; i++) sum += zero[i];
  say("initial %d zeros %d pair %ld %ld key %s\n", initial, sum, pair.a, pair.b, pthread_getspecific(key) ? "set" : "unset");
  initial = (int)(long)x;
  memset(zero, 1, sizeof zero);
  errno = ENOTTY;
  pthread_setspecific(key, "value");
  CHECK(pthread_getspecific(other) == 0);
  return 0;
}
int main(void) {
  pthread_key_create(&key, destroy);
  pthread_key_create(&other, 0);
  pthread_setspecific(other, &key);
  errno = EDOM;
  initial = 1;
  pair.b = 9;
  for (long i = 0; i < 2; i++) {
    pthread_t t;
    pthread_create(&t, 0, run, (void *)i);
    pthread_join(t, 0);
  }
  say("main initial %d pair %ld errno %s\n", initial, pair.b, err(errno));
  pid_t c = CHILD(say("child initial %d pair %ld\n", initial, pair.b));
  REAP(c);
  pthread_key_delete(key);
  say("deleted %s\n", err(pthread_setspecific(key, "x")));
  return 0;
}
