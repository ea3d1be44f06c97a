// Atomic operations of every width, and misaligned accesses within and across pages.
#include "t.h"
#include <pthread.h>
static long counter;
static int word;
static short half;
static void *add(void *x) {
  for (int i = 0; i < 20000; i++) {
    __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&word, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&half, 1, __ATOMIC_SEQ_CST);
  }
  return x;
}
int main(void) {
  pthread_t t[4];
  for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, add, 0);
  for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
  say("%ld %d %d\n", counter, word, half);
  long v = 0xf0;
  say("%lx\n", __atomic_fetch_or(&v, 0x0f, 5));
  say("%lx\n", __atomic_fetch_and(&v, 0x3c, 5));
  say("%lx\n", __atomic_fetch_xor(&v, 0xff, 5));
  say("%lx\n", v);
  long expected = 1;
  bool same = __atomic_compare_exchange_n(&v, &expected, 9, 0, 5, 5);
  say("%d %lx\n", same, expected);
  same = __atomic_compare_exchange_n(&v, &expected, 9, 0, 5, 5);
  say("%d %lx\n", same, v);
  signed char c = -5;
  int was = __atomic_exchange_n(&c, 7, 5);
  say("%d %d\n", was, c);
  char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int at = 4080; at < 4100; at++) {
    memset(m, 0, 8192);
    volatile uint64_t *q = (volatile uint64_t *)(m + at);
    *q = 0x0123456789abcdef;
    volatile uint32_t *w = (volatile uint32_t *)(m + at + 3);
    volatile uint16_t *h = (volatile uint16_t *)(m + at + 5);
    volatile double *d = (volatile double *)(m + at + 100);
    *d = 1.25;
    say("%lx %x %x %.2f %d\n", (long)*q, *w, *h, *d, m[at] & 255);
  }
  return 0;
}
