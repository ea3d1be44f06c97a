// Priority-inheritance futexes: lock, trylock, unlock, and their errors.
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
static uint32_t w;
static long futex(int op, const void *t) { return syscall(SYS_futex, &w, op, 0, t, 0, 0); }
static void *locker(void *x) {
  (void)x;
  T(futex(FUTEX_TRYLOCK_PI_PRIVATE, 0));
  T(futex(FUTEX_UNLOCK_PI_PRIVATE, 0));
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  T(futex(FUTEX_LOCK_PI_PRIVATE, &t));
  long r = futex(FUTEX_LOCK_PI_PRIVATE, 0);
  say("got it %ld; the word holds the tid: %d\n", r, (w & FUTEX_TID_MASK) == (uint32_t)syscall(SYS_gettid));
  T(futex(FUTEX_UNLOCK_PI_PRIVATE, 0));
  return 0;
}
int main(void) {
  uint32_t me = syscall(SYS_gettid);
  T(futex(FUTEX_LOCK_PI_PRIVATE, 0));
  CHECK(w == me);
  T(futex(FUTEX_LOCK_PI_PRIVATE, 0));
  T(futex(FUTEX_TRYLOCK_PI_PRIVATE, 0));
  pthread_t t;
  pthread_create(&t, 0, locker, 0);
  nap(60);
  CHECK(w == (me | FUTEX_WAITERS));
  long unlocked = futex(FUTEX_UNLOCK_PI_PRIVATE, 0);
  pthread_join(t, 0);
  say("unlocked %ld\n", unlocked);
  say("word %u\n", w);
  T(futex(FUTEX_UNLOCK_PI_PRIVATE, 0));
  w = 0x1ffffff0;
  T(futex(FUTEX_LOCK_PI_PRIVATE, 0));
  w = 0;
  T(futex(FUTEX_TRYLOCK_PI_PRIVATE, 0));
  CHECK(w == me);
  T(futex(FUTEX_UNLOCK_PI_PRIVATE, 0));
  CHECK(w == 0);
  return 0;
}
