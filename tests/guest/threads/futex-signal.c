// A signal ends a futex wait with EINTR, or restarts it; a wake is never lost.
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
static uint32_t word;
static volatile int caught;
static void handler(int s) { caught++; (void)s; }
static long futex(int op, uint32_t v, const void *t) { return syscall(SYS_futex, &word, op, v, t, 0, ~0); }
static void *poke(void *x) {
  nap(40);
  pthread_kill(*(pthread_t *)x, SIGUSR1);
  nap(40);
  __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
  futex(FUTEX_WAKE_PRIVATE, 9, 0);
  return 0;
}
static void round_(const char *name, int flags, int op, const struct timespec *t) {
  struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
  sigaction(SIGUSR1, &a, 0);
  pthread_t me = pthread_self(), p;
  word = 0;
  caught = 0;
  pthread_create(&p, 0, poke, &me);
  long r = futex(op, 0, t);
  int e = errno;
  say("%s: %ld %s, handler ran %d, word %u\n", name, r, r ? err(e) : "0", caught, word);
  pthread_join(p, 0);
}
int main(void) {
  struct timespec rel = {10, 0}, abs;
  clock_gettime(CLOCK_MONOTONIC, &abs);
  abs.tv_sec += 10;
  round_("wait", 0, FUTEX_WAIT_PRIVATE, 0);
  round_("wait SA_RESTART", SA_RESTART, FUTEX_WAIT_PRIVATE, 0);
  round_("timed", 0, FUTEX_WAIT_PRIVATE, &rel);
  round_("timed SA_RESTART", SA_RESTART, FUTEX_WAIT_PRIVATE, &rel);
  round_("bitset", 0, FUTEX_WAIT_BITSET_PRIVATE, &abs);
  round_("bitset SA_RESTART", SA_RESTART, FUTEX_WAIT_BITSET_PRIVATE, &abs);
  return 0;
}
