// futex(2), by hand: wait, wake, bitsets, requeue, wake-op, time-outs and errors.
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
static uint32_t a, b;
static long futex(uint32_t *u, int op, uint32_t v, const void *t, uint32_t *u2, uint32_t v3) {
  return syscall(SYS_futex, u, op, v, t, u2, v3);
}
static struct timespec in(int ms, clockid_t clock) {
  struct timespec t = {0, 0};
  if (clock >= 0) clock_gettime(clock, &t);
  t.tv_nsec += ms % 1000 * 1000000L;
  t.tv_sec += ms / 1000 + t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}
static void *waiter(void *x) {
  long r = futex(&a, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
  __atomic_add_fetch((int *)x, r == 0, __ATOMIC_SEQ_CST);
  return 0;
}
static void *bits(void *x) {
  long r = futex(&a, FUTEX_WAIT_BITSET_PRIVATE, 0, 0, 0, (uint32_t)(long)x);
  return (void *)r;
}
int main(void) {
  struct timespec t;
  T(futex(&a, FUTEX_WAIT, 1, 0, 0, 0));
  T(futex(&a, FUTEX_WAKE, 1, 0, 0, 0));
  t = in(30, -1);
  double s = now();
  T(futex(&a, FUTEX_WAIT, 0, &t, 0, 0));
  CHECK(now() - s >= 29 && now() - s < 5000);
  t = in(30, CLOCK_MONOTONIC);
  s = now();
  T(futex(&a, FUTEX_WAIT_BITSET, 0, &t, 0, ~0));
  CHECK(now() - s >= 25);
  t = in(30, CLOCK_REALTIME);
  T(futex(&a, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &t, 0, ~0));
  t = in(-10000, CLOCK_MONOTONIC);
  t.tv_sec = 1, t.tv_nsec = 0;
  T(futex(&a, FUTEX_WAIT_BITSET, 0, &t, 0, ~0));
  t = (struct timespec){0, 1000000000};
  T(futex(&a, FUTEX_WAIT, 0, &t, 0, 0));
  t = (struct timespec){-1, 0};
  T(futex(&a, FUTEX_WAIT, 0, &t, 0, 0));
  T(futex(&a, FUTEX_WAIT_BITSET, 0, 0, 0, 0));
  T(futex(&a, FUTEX_WAKE_BITSET, 1, 0, 0, 0));
  T(futex((uint32_t *)((char *)&a + 1), FUTEX_WAIT, 0, 0, 0, 0));
  T(futex((uint32_t *)((char *)&a + 2), FUTEX_WAKE, 1, 0, 0, 0));
  T(futex((uint32_t *)16, FUTEX_WAIT, 0, 0, 0, 0));
  T(futex((uint32_t *)16, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0));
  T(futex((uint32_t *)16, FUTEX_WAKE, 1, 0, 0, 0));
  T(futex(&a, 77, 0, 0, 0, 0));
  T(futex(&a, FUTEX_FD, 0, 0, 0, 0));
  T(futex(&a, FUTEX_WAIT, 0, (void *)16, 0, 0));
  // Wakes count those that slept.
  pthread_t w[5];
  int woken = 0;
  for (int i = 0; i < 5; i++) pthread_create(&w[i], 0, waiter, &woken);
  nap(50);
  T(futex(&a, FUTEX_WAKE_PRIVATE, 2, 0, 0, 0));
  T(futex(&a, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0));
  for (int i = 0; i < 5; i++) pthread_join(w[i], 0);
  say("woken %d\n", woken);
  T(futex(&a, FUTEX_WAKE_PRIVATE, INT_MAX, 0, 0, 0));
  // Private and shared of one address are different queues.
  pthread_create(&w[0], 0, waiter, &woken);
  nap(30);
  T(futex(&a, FUTEX_WAKE, 1, 0, 0, 0));
  T(futex(&a, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0));
  pthread_join(w[0], 0);
  // Bitsets choose.
  for (long i = 0; i < 2; i++) pthread_create(&w[i], 0, bits, (void *)(i + 1));
  nap(50);
  T(futex(&a, FUTEX_WAKE_BITSET_PRIVATE, 9, 0, 0, 4));
  T(futex(&a, FUTEX_WAKE_BITSET_PRIVATE, 9, 0, 0, 2));
  void *got[2];
  pthread_join(w[1], &got[1]);
  T(futex(&a, FUTEX_WAKE_BITSET_PRIVATE, 9, 0, 0, 3));
  pthread_join(w[0], &got[0]);
  say("waits gave %ld %ld\n", (long)got[0], (long)got[1]);
  // Requeue: one woken, the others moved.
  woken = 0;
  for (int i = 0; i < 4; i++) pthread_create(&w[i], 0, waiter, &woken);
  nap(50);
  T(futex(&a, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2L, &b, 5));
  T(futex(&a, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2L, &b, 0));
  T(futex(&b, FUTEX_WAKE_PRIVATE, 9, 0, 0, 0));
  T(futex(&a, FUTEX_REQUEUE_PRIVATE, 0, (void *)9L, &b, 0));
  T(futex(&b, FUTEX_WAKE_PRIVATE, 9, 0, 0, 0));
  for (int i = 0; i < 4; i++) pthread_join(w[i], 0);
  say("woken %d\n", woken);
  T(futex(&a, FUTEX_REQUEUE_PRIVATE, -1, (void *)1L, &b, 0));
  // Wake-op: changes the second word, wakes on both by its old value.
  woken = 0;
  for (int i = 0; i < 2; i++) pthread_create(&w[i], 0, waiter, &woken);
  nap(50);
  b = 5;
  T(futex(&b, FUTEX_WAKE_OP_PRIVATE, 1, (void *)2L, &a, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 1)));
  say("a %u\n", a);
  a = 0;
  T(futex(&b, FUTEX_WAKE_OP_PRIVATE, 1, (void *)2L, &a, FUTEX_OP(FUTEX_OP_OR, 6, FUTEX_OP_CMP_EQ, 0)));
  say("a %u\n", a);
  for (int i = 0; i < 2; i++) pthread_join(w[i], 0);
  a = 12;
  T(futex(&b, FUTEX_WAKE_OP, 1, (void *)1L, &a, FUTEX_OP(FUTEX_OP_ANDN, 4, FUTEX_OP_CMP_GT, 3)));
  T(futex(&b, FUTEX_WAKE_OP, 1, (void *)1L, &a, FUTEX_OP(FUTEX_OP_XOR, 1, FUTEX_OP_CMP_GT, 3)));
  T(futex(&b, FUTEX_WAKE_OP, 1, (void *)1L, &a, FUTEX_OP(FUTEX_OP_SET, 2, FUTEX_OP_CMP_GT, 3)));
  say("a %u\n", a);
  return 0;
}
