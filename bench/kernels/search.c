#include "start.h"
/* Bytes compared one by one: the longest common subsequence of two texts, and a naive search. */
enum { N = 2000 };
static char a[N], b[N];
static short best[2][N + 1];
long run(void) {
  uint32_t x = 3;
  for (int i = 0; i < N; i++) {
    x = x * 1664525 + 1013904223, a[i] = 'a' + (x >> 28);
    x = x * 1664525 + 1013904223, b[i] = 'a' + (x >> 28);
  }
  for (int i = 0; i <= N; i++) best[0][i] = 0;
  for (int i = 1; i <= N; i++) {
    short *now = best[i & 1], *before = best[~i & 1];
    now[0] = 0;
    for (int j = 1; j <= N; j++)
      now[j] = a[i - 1] == b[j - 1] ? before[j - 1] + 1 : before[j] > now[j - 1] ? before[j] : now[j - 1];
  }
  long found = 0;
  for (int i = 0; i + 3 < N; i++)
    for (int j = 0; j + 3 < N; j++) {
      int k = 0;
      while (k < 3 && a[i + k] == b[j + k]) k++;
      found += k == 3;
    }
  return (best[N & 1][N] + found) % 251;
}
