#include "start.h"
static uint32_t a[1000000];
static void sort(uint32_t *lo, uint32_t *hi) {
  while (lo < hi) {
    uint32_t p = lo[(hi - lo) >> 1], *i = lo, *j = hi;
    while (i <= j) {
      while (*i < p) i++;
      while (*j > p) j--;
      if (i <= j) {
        uint32_t t = *i;
        *i++ = *j;
        *j-- = t;
      }
    }
    sort(lo, j);
    lo = i;
  }
}
long run(void) {
  uint32_t x = 12345;
  for (int i = 0; i < 1000000; i++) a[i] = x = x * 1664525 + 1013904223;
  sort(a, a + 999999);
  for (int i = 1; i < 1000000; i++)
    if (a[i - 1] > a[i]) return 1;
  return 0;
}
